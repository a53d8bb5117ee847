"""What a user can do; the only place that wires parts together."""
