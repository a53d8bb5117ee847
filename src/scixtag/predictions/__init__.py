"""What comes out of a model: scores, probabilities, decisions, suggestions."""
