"""The embedded corpus: papers and a small vocabulary, written for this project."""
