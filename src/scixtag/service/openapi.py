"""What FastAPI cannot see for itself: bodies that routes read on their own, and problems."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from scixtag.service.problems import MEDIA_TYPE

_SCHEMAS = "#/components/schemas/"
_BODIES: list[type[BaseModel]] = []
_TOLD = {
    400: "No JSON.",
    401: "No token, or one that is not valid.",
    403: "The token's role is not enough.",
    404: "Unknown model, concept or paper.",
    409: "Somebody else was faster.",
    413: "Too much at once.",
    415: "Not said to be JSON.",
    422: "Not what is expected.",
    429: "Too many requests; Retry-After says when.",
    502: "SciX did not answer as expected.",
    503: "Busy, or not ready; Retry-After says when.",
}


def body(kind: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a route that reads a body of a kind."""
    if kind not in _BODIES:
        _BODIES.append(kind)
    schema = {"$ref": f"{_SCHEMAS}{kind.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route."""
    schema = {"$ref": f"{_SCHEMAS}ProblemDocument"}
    return {status: {"description": _TOLD[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def document_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    from scixtag.service.schemas import ProblemDocument

    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    kinds = [(kind, "validation") for kind in (*_BODIES, ProblemDocument)]
    _, definitions = models_json_schema(kinds, ref_template=_SCHEMAS + "{model}")  # type: ignore[arg-type]
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= definitions.get("$defs", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document
