"""What a batch of answers looks like in a file: bytes of a part, the same for the same answers."""
