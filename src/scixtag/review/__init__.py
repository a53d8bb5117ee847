"""What curators decide about suggestions: kept as events, and learned from."""
