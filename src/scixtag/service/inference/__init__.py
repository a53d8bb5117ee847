"""Models that answer: taggers by name, papers of many requests read together, clients in turn."""
