"""How the tables came about, step by step; applied when a database is opened."""
