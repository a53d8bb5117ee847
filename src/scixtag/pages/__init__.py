"""Self-contained HTML pages and the vector charts in them."""
