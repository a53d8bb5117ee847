"""Where the API of SciX is, who asks, and how long is waited.

The token is in no message, no log and no `repr`.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from scixtag.errors import ConfigError

BASE = "https://api.adsabs.harvard.edu/v1"
TOKEN_PAGE = "https://ui.adsabs.harvard.edu/user/settings/token"
_VARIABLES = ("ADS_API_TOKEN", "ADS_DEV_KEY", "SCIX_API_TOKEN")
_FILE = "~/.ads/dev_key"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Patience:
    """How long is waited for SciX.

    Attributes:
        seconds: For one answer.
        attempts: How often is asked, where asking again may help.
        first_wait: Seconds before the second attempt; then twice as many, and so on.
        longest_wait: Seconds; who is told to come back later than that gives up at once.
    """

    seconds: float = 30.0
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 20.0


@dataclass(frozen=True)
class Access:
    """Where SciX is, and who asks.

    Attributes:
        url: What the API's addresses begin with.
        token: What the user has got from SciX.
        origin: Where the token comes from, for messages.
        patience: How long is waited.
    """

    url: str
    token: str = field(repr=False)
    origin: str
    patience: Patience = field(default_factory=Patience)


def has_token() -> bool:
    """Whether the user has a token, be it good or not."""
    return _found_token() is not None


def find_access(url: str | None = None, patience: Patience | None = None) -> Access:
    """The access that the user has set up.

    The token is in `ADS_API_TOKEN`, `ADS_DEV_KEY` or `SCIX_API_TOKEN`, or in the file `~/.ads/dev_key`; the first wins.

    Args:
        url: What the API's addresses begin with; by default `SCIXTAG_SCIX_URL` or, where that is not set, SciX's own.
        patience: How long is waited.

    Raises:
        ConfigError: No token, or one that cannot be one; or the URL is none to which a token may be sent.
    """
    base = url or os.environ.get("SCIXTAG_SCIX_URL") or BASE
    _check_url(base)
    found = _found_token()
    if found is None:
        raise ConfigError(
            f"no token for SciX; make one at {TOKEN_PAGE} and put it into {_VARIABLES[0]} or the file {_FILE}"
        )
    token, origin = found
    # Anything else cannot stand in a header, and whoever refuses it there would show it.
    if not all("!" <= one <= "~" for one in token):
        raise ConfigError(
            f"what stands in {origin} is no token of SciX: it holds blanks or odd characters; copy it again from "
            f"{TOKEN_PAGE}"
        )
    return Access(base.rstrip("/"), token, origin, patience or Patience())


def _found_token() -> tuple[str, str] | None:
    """The token and where it comes from."""
    for name in _VARIABLES:
        if token := os.environ.get(name, "").strip():
            return token, name
    # Who has no home has no file there, and whose file cannot be read has no token there.
    with suppress(OSError, RuntimeError):
        if token := Path(_FILE).expanduser().read_text(encoding="utf-8", errors="replace").strip():
            return token, _FILE
    return None


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        secret = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    except ValueError:
        secret = False
    if not secret:
        raise ConfigError(
            f"{url}: the address of SciX begins with https:// (http:// on this machine alone), for a token is sent "
            "there; mend or unset SCIXTAG_SCIX_URL"
        )
