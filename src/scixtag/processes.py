"""Which of several processes this one is, when `accelerate launch` or `torchrun` started several for one training.

And how many cores it may use.
"""

import os

from scixtag.errors import ConfigError

CORES = "SCIXTAG_CORES"
"""The environment variable that tells one of several workers how many cores are its own."""


def count() -> int:
    """How many processes work together; 1 if nobody started several.

    Raises:
        ConfigError: The environment says something else than a number.
    """
    return _number("WORLD_SIZE", 1)


def number() -> int:
    """The number of this process, from 0.

    Raises:
        ConfigError: The environment says something else than a number.
    """
    return _number("RANK", 0) if count() > 1 else 0


def local_number() -> int:
    """The number of this process among those on this machine, from 0: the graphics card that is its own.

    Raises:
        ConfigError: The environment says something else than a number.
    """
    return _number("LOCAL_RANK", 0) if count() > 1 else 0


def is_main() -> bool:
    """Whether this process is the one that speaks and writes."""
    return number() == 0


def cores() -> int:
    """How many cores this process may use: those that the system gives it, and never more than it was told.

    Raises:
        ConfigError: The environment says something else than a number.
    """
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(given, _number(CORES, given)))


def _number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal():
        raise ConfigError(f"the environment variable {name} is '{text}', not a number; unset it")
    return int(text)
