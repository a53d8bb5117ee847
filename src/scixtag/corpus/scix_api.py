"""The API of SciX, which is that of the ADS: asking, and what can go wrong between it and us.

The token goes into one header of requests to one host. It is in no message, no log and no `repr`.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from scixtag import __version__, progress
from scixtag.corpus.scix_access import TOKEN_PAGE, Access
from scixtag.errors import ConfigError, InputError, RemoteError, ScixtagError

_SYNTAX_PAGE = "https://ui.adsabs.harvard.edu/help/search/search-syntax"
_MOST_BYTES = 100_000_000
"""Of an answer; two thousand papers with long abstracts are a tenth of it."""


class ScixError(RemoteError):
    """SciX cannot be reached, is in trouble, or its answer is not what was asked for.

    Attributes:
        brief: What is wrong without the address of SciX, which concerns nobody but whoever has set it.
    """

    def __init__(self, told: str, brief: str) -> None:
        super().__init__(told)
        self.brief = brief


class LimitError(RemoteError):
    """SciX allows no more requests for now.

    Attributes:
        wait: Seconds after which it may be asked again; None: it does not say.
    """

    def __init__(self, told: str, wait: float | None) -> None:
        super().__init__(told)
        self.wait = wait


def ask(access: Access, path: str, parameters: Mapping[str, str | int], body: str | None = None) -> dict[str, Any]:
    """Ask SciX; where it is busy or cannot be reached, again after a while.

    Args:
        access: Where and who.
        path: Of the address, such as `/search/query`.
        parameters: Of the address.
        body: What is posted, in the form `big-query/csv`; None: nothing is.

    Returns:
        The answer, an object.

    Raises:
        ConfigError: The token is refused.
        InputError: SciX does not understand the query.
        RemoteError: It cannot be reached, allows no more requests for now, or its answer is not what was asked for.
    """
    request = _request(access, path, parameters, body)
    patience = access.patience
    for attempt in range(patience.attempts):
        try:
            return _answer(access, request)
        except _PassingError as passing:
            wait = patience.first_wait * 2**attempt if passing.wait is None else passing.wait
            if attempt == patience.attempts - 1 or wait > patience.longest_wait:
                raise passing.trouble from passing.__cause__
        if wait >= 1:
            progress.note(f"SciX is asked again in {wait:.0f} s")
        time.sleep(wait)
    raise RemoteError("SciX was not asked, for no attempt is allowed; set attempts to 1 or more")


class _PassingError(Exception):
    """Something that may be over soon.

    Attributes:
        trouble: What to say if it is not.
        wait: Seconds after which SciX wants to be asked again; None: it does not say.
    """

    def __init__(self, trouble: RemoteError, wait: float | None = None) -> None:
        super().__init__(str(trouble))
        self.trouble, self.wait = trouble, wait


class _Stay(HTTPRedirectHandler):
    """No other host is asked, for it would be given the token."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        """Nothing, so that a redirection is an error."""
        return None


def _request(access: Access, path: str, parameters: Mapping[str, str | int], body: str | None) -> Request:
    request = Request(
        f"{access.url}{path}?{urlencode(parameters)}",
        data=None if body is None else body.encode(),
        headers={"Accept": "application/json", "User-Agent": f"scixtag/{__version__}"},
    )
    if body is not None:
        request.add_header("Content-Type", "big-query/csv")
    request.add_unredirected_header("Authorization", f"Bearer {access.token}")
    return request


def _answer(access: Access, request: Request) -> dict[str, Any]:
    try:
        content = _content(access, request)
    except HTTPError as error:
        with closing(error):
            raise _refusal(access, error) from _without_token(access, error)
    except (OSError, HTTPException, ValueError) as error:
        raise _PassingError(_unreachable(access, error)) from _without_token(access, error)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise malformed(access, "it is not JSON, or was cut off") from error
    if not isinstance(document, dict):
        raise malformed(access, "it is no object")
    if "error" in document:
        raise malformed(access, _reason(access, document))
    return document


def _without_token(access: Access, error: Exception) -> Exception | None:
    """A cause that can be told; servers repeat what they like, also in the first line of an answer."""
    return None if access.token in str(error) else error


def _unreachable(access: Access, error: Exception) -> ScixError:
    reason = error.reason if isinstance(error, URLError) else error
    said = _said(access, str(reason) or type(reason).__name__)
    return ScixError(
        f"SciX cannot be reached at {access.url} ({said}); try again when you are online",
        "SciX did not answer in time" if isinstance(reason, TimeoutError) else "SciX cannot be reached",
    )


def malformed(access: Access, what: str) -> ScixError:
    """What to say of an answer that is not what was asked for."""
    return ScixError(
        f"the answer of SciX at {access.url} is not what was asked for: {what}; try again later, and see that "
        "SCIXTAG_SCIX_URL, if you have set it, is the address of SciX",
        "the answer of SciX is not what was asked for",
    )


def _content(access: Access, request: Request) -> bytes:
    seconds = access.patience.seconds
    deadline = time.monotonic() + seconds
    with build_opener(_Stay()).open(request, timeout=seconds) as answer:
        content = bytearray()
        for piece in _pieces(answer, deadline):
            content += piece
            if len(content) > _MOST_BYTES:
                raise malformed(access, f"it is larger than {_MOST_BYTES:,} bytes")
        return bytes(content)


def _pieces(answer: Any, deadline: float) -> Iterator[bytes]:
    """What has arrived, piece by piece: the socket's own limit of time begins anew with every byte."""
    while piece := answer.read1(1 << 16):
        if time.monotonic() > deadline:
            raise TimeoutError("the answer took too long")
        yield piece


def _refusal(access: Access, error: HTTPError) -> ScixtagError | _PassingError:
    """What an answer other than 200 means."""
    status = error.code
    if status in (401, 403):
        return ConfigError(
            f"SciX refuses the token in {access.origin} ({status}); see whether it is the one at {TOKEN_PAGE}, or "
            "make a new one there"
        )
    if status == 429:
        limit = _limit(error.headers)
        return _PassingError(limit, limit.wait)
    # 499 is what SciX says when it is too busy.
    if status == 499 or status >= 500:
        told = f"SciX is in trouble ({status} at {access.url}); try again in a few minutes"
        trouble = ScixError(told, f"SciX is in trouble ({status})")
        return _PassingError(trouble, _retry_after(error.headers))
    if status == 400:
        return InputError(f"SciX does not understand the query: {_body_reason(access, error)}; see {_SYNTAX_PAGE}")
    return malformed(access, f"its status is {status}")


def _limit(headers: Message) -> LimitError:
    """What to say of too many requests, and how long to wait.

    Too many in one moment are refused as too many a day are. Only in the latter case it takes until the reset.
    """
    wait = _retry_after(headers)
    reset = _number(headers.get("X-RateLimit-Reset"))
    until = reset - time.time() if reset is not None else None
    if wait is None and until is not None and _number(headers.get("X-RateLimit-Remaining")) in (0, None):
        wait = max(until, 0.0)
    when = "wait some minutes and try again"
    if wait is not None or until is not None:
        when = f"try again after {_moment(time.time() + (wait if wait is not None else until or 0.0))}"
    limit = headers.get("X-RateLimit-Limit", "")
    allowed = f" than the {limit} that it allows a day" if limit.isdecimal() else " than it allows"
    return LimitError(f"SciX was asked more often{allowed} with your token (429); {when}", wait)


def _retry_after(headers: Message) -> float | None:
    """Seconds, which the header gives as such or as a date; None if it gives none."""
    told = headers.get("Retry-After")
    seconds = _number(told)
    if seconds is not None or told is None:
        return seconds
    with suppress(ValueError, TypeError, OverflowError):
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 0.0)
    return None


def _number(text: str | None) -> float | None:
    """A number that is not below zero, and no larger than a time can be."""
    return float(text) if text is not None and text.strip().isdecimal() and len(text) < 12 else None


def _moment(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _body_reason(access: Access, error: HTTPError) -> str:
    with suppress(OSError, HTTPException, ValueError, RecursionError):
        document = json.loads(error.read(1 << 16))
        if isinstance(document, dict):
            return _reason(access, document)
    return "it gives no reason"


def _reason(access: Access, document: Mapping[str, Any]) -> str:
    """What Solr, which stands behind SciX, says of an error."""
    error = document.get("error")
    message = error.get("msg") if isinstance(error, dict) else error
    return _said(access, message) if isinstance(message, str) and message.strip() else "it gives no reason"


def _said(access: Access, text: str) -> str:
    """What others say, on one line, cut, and without the token, whoever may repeat it."""
    line = " ".join(text.replace(access.token, "…").split())
    return line if len(line) <= 200 else f"{line[:200]}…"
