"""Bodies of requests: bytes to what is expected, or a problem that names the place."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scixtag.service.contract.problems import Problem, at_place, of_validation

Body = TypeVar("Body", bound=BaseModel)
_MARK = b"\xef\xbb\xbf"


def body_from(content: bytes, kind: type[Body]) -> Body:
    """A body, checked.

    Raises:
        Problem: It is no JSON, not what is expected, or says something twice.
    """
    if content.startswith(_MARK):
        told = "the body begins with a byte order mark, which JSON knows none of; send UTF-8 without it"
        raise Problem(400, "no-json", told)
    try:
        body = kind.model_validate_json(content)
    except ValidationError as error:
        raise of_validation(error) from error
    # What is no JSON, or too deep, has been refused by now.
    json.loads(content, object_pairs_hook=_once)
    return body


def _once(members: list[tuple[str, Any]]) -> None:
    """Parsers differ in which of two members they take, so that nobody can know what was meant."""
    seen: set[str] = set()
    for name, _ in members:
        if name in seen:
            raise at_place(name, "it stands twice in one object; send it once")
        seen.add(name)
