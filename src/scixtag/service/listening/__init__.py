"""Processes that listen, and connections before they are requests."""
