"""Targets and scores to numbers and pictures."""
