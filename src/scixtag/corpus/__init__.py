"""Papers, from wherever they are, to training examples."""
