"""Paths that are none, methods that a path does not take, and which route a path is of."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import Scope

from scixtag.service.contract.problems import Problem

_METHODS = ("GET", "POST")
_LONGEST = 300


def nothing_here(request: Request) -> Problem:
    """No such path; a slash at the end leads nowhere, for a body would be lost on the way."""
    path = request.url.path.rstrip("/")
    if path != request.url.path and any(_takes(request, path, method) for method in _METHODS):
        return Problem(404, "unknown-path", f"nothing is here; without the slash at its end it is {path[:_LONGEST]}")
    return Problem(404, "unknown-path", "nothing is here; /openapi.json says what there is")


def wrong_method(request: Request) -> Problem:
    """The path takes others; several routes may stand at one path, each for a method."""
    taken = [method for method in _METHODS if _takes(request, request.url.path, method)]
    # HEAD is answered as GET, before any route is looked for.
    allowed = ", ".join(taken if "GET" not in taken else ["GET", "HEAD", *taken[1:]])
    told = f"this path takes {' and '.join(taken)}; /openapi.json says what for"
    return Problem(405, "wrong-method", told, headers={"Allow": allowed})


def route_at(routes: Iterable[Route], scope: Scope) -> str | None:
    """The path of the route that would answer a request, as it stands in numbers and logs; None: no route would."""
    return next((route.path for route in routes if route.matches(scope)[0] != Match.NONE), None)


def _takes(request: Request, path: str, method: str) -> bool:
    scope = {**request.scope, "path": path, "method": method}
    return any(route.matches(scope)[0] == Match.FULL for route in request.app.routes)
