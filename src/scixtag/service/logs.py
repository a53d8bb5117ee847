"""What happens, as one JSON object a line on standard error."""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from scixtag.errors import ScixtagError

LOGGER = logging.getLogger("scixtag.service")


class Lines(logging.Formatter):
    """One object a record; `extra={"told": {…}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": record.process,
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            told["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(told, ensure_ascii=False, default=str)


_PASSWORD = re.compile(r"(://[^\s/:@]*):[^\s/]*@")
_MOST_CAUSES, _LONGEST = 6, 300


def reason_of(error: BaseException) -> str:
    """Why something went wrong: what the causes of an error say, the outermost first; what is said once is enough.

    Of each one line: where databases say more, it is statements and rows. No password of an address is repeated.
    """
    said: list[str] = []
    cause = _cause_of(error) or error
    for _ in range(_MOST_CAUSES):
        words = _PASSWORD.sub(r"\1:…@", str(cause).strip().partition("\n")[0])[:_LONGEST]
        if not words or not any(words in before for before in said):
            is_ours = isinstance(cause, ScixtagError) or cause is error
            said.append(words if is_ours else f"{type(cause).__name__}{f': {words}' if words else ''}")
        following = _cause_of(cause)
        if following is None:
            break
        cause = following
    return "; ".join(said)


def _cause_of(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def log_as_json(level: int = logging.INFO) -> None:
    """Send what the service and uvicorn say to standard error; replaces what an earlier call did."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("scixtag.service", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(level if name != "uvicorn" else logging.WARNING)
