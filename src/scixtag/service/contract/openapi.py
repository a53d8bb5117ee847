"""The OpenAPI document: what FastAPI sees of the routes, and what it cannot see for itself.

Routes read bodies on their own, who may do what is seen by none of their signatures, and neither are problems.
"""

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from scixtag.review.tokens import Role
from scixtag.service.contract import problem_kinds, review_schemas, schemas
from scixtag.service.options import ServiceOptions

_SCHEMAS = "#/components/schemas/"
_NOTED = "x-scixtag"
_ABOUT = """

Whatever goes wrong is told as `application/problem+json`: `type` is for programs, `detail` says what to do, and the log
tells more under `request_id`. Each operation names its own problems; beside those, a path that is none is answered with
404 (`unknown-path`), a method that a path does not take with 405 (`wrong-method`), and what is no request of HTTP/1.1
with 400 (`no-http`, `no-upgrade`). HEAD is answered as GET."""
_TAGS = {
    "suggestions": "Concepts for papers.",
    "concepts": "The vocabulary of a model: by name, and what is around a concept.",
    "keywords": "Chosen concepts as text to paste.",
    "papers": "Titles and abstracts from SciX.",
    "review": "The curators' desk: a queue of papers, and decisions that are kept.",
    "tokens": "Who may look and decide; for admins.",
    "health": "For whoever watches the service.",
}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of `scixtag token create NAME --role ROLE`. A reader may look where the desk is closed "
    "(`--closed`), a curator also decides and imports, an admin also makes and ends tokens.",
}
_HEADERS = {
    "X-Request-ID": ("The client's own, or a new one; the log tells more under it.", {"type": "string"}),
    "Retry-After": ("Seconds after which to come again.", {"type": "integer", "minimum": 0}),
    "WWW-Authenticate": ("`Bearer`.", {"type": "string"}),
}
# Every request goes through the gate; those of machines that watch are not counted.
_GATE = ("wrong-host", "head-too-large", "too-slow", "failed")
_COUNTED = ("too-many-requests",)
_WITH_BODY = ("no-json", "too-late", "too-large", "wrong-media-type", "invalid")
_DESK = ("no-desk", "no-database")
_TOKENS = ("no-token", "unknown-token", "token-expired", "token-revoked", "not-allowed")


def described(
    *kinds: str, body: type[BaseModel] | None = None, role: Role | None = None, reads_desk: bool = False
) -> dict[str, Any]:
    """`openapi_extra` of a route; the document is made of it by `document_of`.

    Args:
        kinds: Problems of its own, beside those that follow from the rest.
        body: What it reads.
        role: Who may ask.
        reads_desk: Everybody may ask, unless the desk is closed.
    """
    name = None if body is None else body.__name__
    return {_NOTED: {"kinds": list(kinds), "body": name, "role": role, "reads_desk": reads_desk}}


def document_of(app: FastAPI, options: ServiceOptions) -> dict[str, Any]:
    """The OpenAPI document of a service with its own limits.

    Each operation is called like the function that answers it.
    """
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    document["info"]["description"] += _ABOUT
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    document["tags"] = [{"name": name, "description": told} for name, told in _TAGS.items()]
    shown = json.loads((files("scixtag.service.contract") / "examples.json").read_text(encoding="utf-8"))
    bodies = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            noted = operation.pop(_NOTED, {})
            bodies.add(noted.get("body"))
            _complete(operation, noted, options)
            _show(operation, shown.get(operation["operationId"], {}))
    components = document.setdefault("components", {})
    components["schemas"] = _schemas(components.get("schemas", {}), bodies, options)
    components["examples"] = problem_kinds.examples()
    components["securitySchemes"] = {"token": _TOKEN}
    components["headers"] = {name: {"description": told, "schema": schema} for name, (told, schema) in _HEADERS.items()}
    return document


def _complete(operation: dict[str, Any], noted: dict[str, Any], options: ServiceOptions) -> None:
    """Who may ask, what is sent, and all that can come back."""
    operation["summary"] = operation.get("description", "").partition("\n")[0].rstrip(".:;")
    kinds = {*noted.get("kinds", ()), *_GATE, *(() if "health" in operation["tags"] else _COUNTED)}
    if noted.get("body"):
        schema = {"$ref": f"{_SCHEMAS}{noted['body']}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        kinds.update(_WITH_BODY)
    if "health" not in operation["tags"]:
        kinds.add("invalid")  # parameters that it does not know, at least
    role, reads_desk = noted.get("role"), noted.get("reads_desk", False)
    if role or reads_desk:
        kinds.update(_DESK, _TOKENS if role or options.closed else ())
        required = {"token": [role or "reader"]}
        operation["security"] = [required] if role or options.closed else [{}, required]
    if role:
        operation["description"] += f"\n\nNeeds a token whose role is {role}{'' if role == 'admin' else ' or more'}."
    operation["responses"].pop("422", None)  # FastAPI's own, which is not ours
    for response in operation["responses"].values():
        response["description"] = "As asked."
    operation["responses"] |= problem_kinds.responses(kinds, _SCHEMAS)
    for response in operation["responses"].values():
        response.setdefault("headers", {})["X-Request-ID"] = {"$ref": "#/components/headers/X-Request-ID"}


def _show(operation: dict[str, Any], examples: dict[str, Any]) -> None:
    """Put examples of a request and its answer beside their schemas."""
    places = {"answer": next(one for status, one in operation["responses"].items() if status < "300")}
    if "requestBody" in operation:
        places["request"] = operation["requestBody"]
    for name, one in examples.items():
        for part, place in places.items():
            for content in place["content"].values():
                content.setdefault("examples", {})[name] = {"summary": one["summary"], "value": one[part]}


def _schemas(found: dict[str, Any], bodies: Iterable[str | None], options: ServiceOptions) -> dict[str, Any]:
    """FastAPI's schemas, and those of bodies and problems, with the limits of this service."""
    named = {kind.__name__: kind for room in (schemas, review_schemas) for kind in vars(room).values() if _is(kind)}
    kinds = [named[body] for body in sorted(filter(None, bodies))]
    wanted = [(kind, "validation") for kind in (*kinds, schemas.ProblemDocument, review_schemas.StaleDocument)]
    _, definitions = models_json_schema(wanted, ref_template=_SCHEMAS + "{model}")  # type: ignore[arg-type]
    unused = ("HTTPValidationError", "ValidationError")
    told = {name: one for name, one in (found | definitions["$defs"]).items() if name not in unused}
    limits = options.limits
    for name in ("Paper", "SuggestRequest", "NewPaper"):
        for field in ("title", "abstract"):
            told[name]["properties"][field]["maxLength"] = limits.text
    for name, field in (("BatchRequest", "papers"), ("ImportRequest", "papers"), ("ImportRequest", "bibcodes")):
        told[name]["properties"][field]["maxItems"] = limits.batch
    limit = told["ImportRequest"]["properties"]["limit"]
    limit |= {"maximum": limits.batch, "default": min(limit["default"], limits.batch)}
    return told


def _is(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
