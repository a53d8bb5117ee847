"""Controlled keywords for scientific papers: train, evaluate and use taggers for any SKOS vocabulary."""

__version__ = "0.1.0"
