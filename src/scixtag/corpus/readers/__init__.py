"""Streaming readers, one a format: from a file to records, with errors that name file and row."""
