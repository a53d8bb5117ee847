"""Metrics by name: each a pure function of judgements and of the weights of papers."""
