"""What can be asked for, by path."""
