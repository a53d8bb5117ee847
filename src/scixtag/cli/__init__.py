"""The commands; the one place that turns errors into exit codes."""
