"""Text to scores: each model one file, none knows another."""
