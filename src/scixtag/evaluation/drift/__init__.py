"""How new papers differ from the training papers: statistics of aggregate numbers, and their report."""
