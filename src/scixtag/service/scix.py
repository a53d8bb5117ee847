"""What SciX says, and why it says nothing, for clients: in one way, wherever it is asked."""

import asyncio
from collections.abc import Callable
from math import ceil
from typing import TypeVar

from scixtag.corpus.scix import NoBibcodeError, UnknownBibcodesError, checked_bibcode
from scixtag.corpus.scix_access import Access, Patience, find_access
from scixtag.corpus.scix_api import LimitError, ScixError
from scixtag.errors import ConfigError, InputError, RemoteError
from scixtag.service.contract.problems import Problem, of_places
from scixtag.service.core import Core

T = TypeVar("T")
KINDS = ("no-bibcode", "not-understood", "unknown-paper", "scix", "scix-limit", "no-scix-token")
"""The problems that asking can have."""
_MINUTE = 60
_SHARE = 0.8
"""Of the seconds that a request may take; the rest is for what is done with the answer."""


def check_bibcode(bibcode: str, where: str) -> None:
    """See that something can be a bibcode, before anybody is asked.

    Raises:
        Problem: It cannot; it names the place.
    """
    try:
        checked_bibcode(bibcode)
    except NoBibcodeError as error:
        raise of_places("no-bibcode", str(error), [where]) from error


async def from_scix(core: Core, ask: Callable[[Access], T], where: str, instead: str, most: float) -> T:
    """Ask SciX with this service's token; it is given up before the request is.

    Args:
        core: The process's.
        ask: What to ask with it, in another thread.
        where: The place of what is asked for in the request.
        instead: What people can do where SciX does not help, for the end of a sentence.
        most: Seconds that an answer may take, where requests may take long enough.

    Raises:
        UnknownBibcodesError: SciX lacks some papers, but not all.
        Problem: Nothing came of it.
    """
    seconds = _SHARE * core.options.limits.seconds
    try:
        # What is asked in several parts, or comes byte by byte, can take longer than patience for one answer says.
        async with asyncio.timeout(seconds):
            return await core.outside(_asked, ask, patience_of(seconds, most), where, instead)
    except TimeoutError:
        why = RemoteError(f"SciX had not given its whole answer after {seconds:g} s")
        raise Problem(502, "scix", f"SciX did not answer in time; try again later, or {instead}") from why


def patience_of(seconds: float, most: float) -> Patience:
    """Two attempts and the wait between them, which together take no longer than some seconds.

    Args:
        seconds: For all.
        most: Seconds for one answer.
    """
    wait = min(2.0, seconds / 10)
    return Patience(min(most, (seconds - wait) / 2), attempts=2, first_wait=min(0.5, wait), longest_wait=wait)


def _asked(ask: Callable[[Access], T], patience: Patience, where: str, instead: str) -> T:
    try:
        return ask(find_access(patience=patience))
    except UnknownBibcodesError as error:
        if error.found:
            raise
        raise Problem(404, "unknown-paper", str(error)) from error
    except InputError as error:
        raise of_places("not-understood", str(error), [where]) from error
    except ConfigError as error:
        # Where a token belongs is for whoever runs the service.
        told = f"this service has no token for SciX, or SciX refuses it; whoever runs it can mend that, or {instead}"
        raise Problem(503, "no-scix-token", told) from error
    except LimitError as error:
        # The error speaks of "your token", which is this service's.
        seconds = _MINUTE if error.wait is None else max(1, ceil(error.wait))
        told = f"SciX allows this service no more requests for now; come again in {seconds:,} s, or {instead}"
        raise Problem(503, "scix-limit", told, headers={"Retry-After": str(seconds)}) from error
    except ScixError as error:
        # So is its address.
        raise Problem(502, "scix", f"{error.brief}; try again later, or {instead}") from error
