"""Several models together: a ranker orders the candidates of all members."""
