"""Errors as `application/problem+json` (RFC 9457): what is wrong, and what to do; never where in our code."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from itertools import islice
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

from scixtag.errors import InputError
from scixtag.formats.utf8 import encoded

MEDIA_TYPE = "application/problem+json"
_SHOWN = 10
_LONGEST = 300


class Problem(Exception):  # noqa: N818 (the word of the standard)
    """An answer that is an error.

    Args:
        status: Of HTTP.
        kind: A short name that programs can compare, such as `unknown-model`.
        detail: What is wrong, and what to do.
        more: Further members of the object.
        headers: Of the answer.

    Attributes:
        is_told: The log has told the same a moment ago.
    """

    is_told = False

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.more, self.headers = dict(more or {}), dict(headers or {})

    def document(self, request_id: str) -> dict[str, Any]:
        """What is answered."""
        return {
            "type": f"urn:scixtag:problem:{self.kind}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
            "request_id": request_id,
        }

    def response(self, request_id: str) -> Response:
        """The answer."""
        content = encoded(json.dumps(self.document(request_id), ensure_ascii=False))
        return Response(content, self.status, self.headers, MEDIA_TYPE)


def of_validation(error: ValidationError) -> Problem:
    """What is wrong with a body, place by place."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in errors):
        told = errors[0]["msg"].removeprefix("Invalid JSON: ")
        return Problem(400, "no-json", f"the body is no JSON ({told}); send one JSON object in UTF-8")
    places = places_of((one["loc"], one["msg"]) for one in errors)
    first = places[0]
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    detail = f"{first['where'] or 'the body'}: {first['what']}{more}; /openapi.json says what is expected"
    return Problem(422, "invalid", detail, {"errors": places})


def at_place(where: str, what: str) -> Problem:
    """One place that is not what is expected; somebody's own key may be long."""
    where = where[:_LONGEST]
    return Problem(422, "invalid", f"{where}: {what}", {"errors": [{"where": where, "what": what}]})


def of_places(kind: str, what: str, places: Sequence[str] = ()) -> Problem:
    """What is wrong at some places, in a sentence that need not name them.

    Args:
        kind: See `Problem`.
        what: Is wrong, and what to do.
        places: Steps from the body, or parameters; if there are none, it is the whole.
    """
    return Problem(422, kind, what, {"errors": [{"where": place, "what": what} for place in places or [""]]})


@contextmanager
def checking(where: str) -> Iterator[None]:
    """Check what stands at a place of the body.

    Raises:
        Problem: What was checked raised InputError.
    """
    try:
        yield
    except InputError as error:
        raise of_places("invalid", str(error), [where]) from error


def places_of(errors: Iterable[tuple[Sequence[int | str], str]]) -> list[dict[str, str]]:
    """The first of several errors, each with its place; somebody's own key may be long."""
    return [{"where": ".".join(map(str, steps))[:_LONGEST], "what": what} for steps, what in islice(errors, _SHOWN)]


def failed(request_id: str) -> Problem:
    """A mistake of ours."""
    return Problem(
        500, "failed", f"something failed here, not with you; the log tells it under request_id {request_id}"
    )
