"""What SciX says, and why it says nothing, for clients: in one way, wherever it is asked."""

from collections.abc import Callable
from math import ceil
from typing import TypeVar

from scixtag.corpus.scix import NoBibcodeError, UnknownBibcodesError
from scixtag.corpus.scix_api import Access, LimitError, Patience, find_access
from scixtag.errors import ConfigError, InputError, RemoteError
from scixtag.service.contract.problems import Problem

T = TypeVar("T")
KINDS = ("no-bibcode", "not-understood", "unknown-paper", "scix", "scix-limit", "no-scix-token")
"""The problems that asking can have."""
_MINUTE = 60


def from_scix(ask: Callable[[Access], T], patience: Patience, instead: str) -> T:
    """Ask SciX with this service's token.

    Args:
        ask: What to ask with it.
        patience: How long is waited.
        instead: What people can do where SciX does not help, for the end of a sentence.

    Raises:
        UnknownBibcodesError: SciX lacks some papers, but not all.
        Problem: Nothing came of it.
    """
    try:
        return ask(find_access(patience=patience))
    except UnknownBibcodesError as error:
        if error.found:
            raise
        raise Problem(404, "unknown-paper", str(error)) from error
    except NoBibcodeError as error:
        raise Problem(422, "no-bibcode", str(error)) from error
    except InputError as error:
        raise Problem(422, "not-understood", str(error)) from error
    except ConfigError as error:
        # Where a token belongs is for whoever runs the service.
        told = f"this service has no token for SciX, or SciX refuses it; whoever runs it can mend that, or {instead}"
        raise Problem(503, "no-scix-token", told) from error
    except LimitError as error:
        # The error speaks of "your token", which is this service's.
        seconds = _MINUTE if error.wait is None else max(1, ceil(error.wait))
        told = f"SciX allows this service no more requests for now; come again in {seconds:,} s, or {instead}"
        raise Problem(503, "scix-limit", told, headers={"Retry-After": str(seconds)}) from error
    except RemoteError as error:
        raise Problem(502, "scix", f"{error}; or {instead}") from error
