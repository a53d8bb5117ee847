"""The `scixtag` command."""


def run() -> None:
    """Run the command line."""
    raise NotImplementedError
