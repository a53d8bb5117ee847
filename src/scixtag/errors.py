"""Every error that a user can cause or meet; each message says what, where, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class ScixtagError(Exception):
    """The root of all errors that scixtag raises on purpose."""


class InputError(ScixtagError):
    """A file, row, or argument is not what was asked for."""


class ConfigError(ScixtagError):
    """A setting is unknown, or has a value outside its range."""


class ModelError(ScixtagError):
    """A model folder cannot be used, or a model was used before it was fitted."""


class OutputError(ScixtagError):
    """A file or folder cannot be written; what stood there before still does."""


class RemoteError(ScixtagError):
    """Something outside this machine did not answer as expected."""


class DivergedError(ScixtagError):
    """A training produced something that is no number; continuing it would do so again."""


class WorkerError(ScixtagError):
    """Processes that should do the work end, again and again."""


class StoppedError(ScixtagError):
    """Work was stopped from outside and can be continued."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The closing words of a message about an unknown name: the nearest known one, then all of them."""
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(word.casefold(), folded, n=1)
    hint = f"did you mean '{folded[close[0]]}'? " if close else ""
    return f"{hint}known: {', '.join(names)}"
