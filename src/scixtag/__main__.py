"""``python -m scixtag`` is the command line."""

from scixtag.cli.main import run

run()
