"""The application: routes behind the gate."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scixtag import __version__
from scixtag.errors import ConfigError, InputError, OutputError
from scixtag.review.errors import (
    DamagedError,
    NoTokenError,
    StaleError,
    TakenNameError,
    UnavailableError,
    UnknownPaperError,
)
from scixtag.service.contract import review_documents
from scixtag.service.contract.openapi import document_of
from scixtag.service.contract.paths import nothing_here, wrong_method
from scixtag.service.contract.problems import Problem, failed, of_places, places_of
from scixtag.service.core import Core
from scixtag.service.gate import Gate
from scixtag.service.listening.workers import end_with_parent, started
from scixtag.service.logs import LOGGER, log_as_json
from scixtag.service.options import GRACE, ServiceOptions
from scixtag.service.routes import concepts, health, keywords, page, papers, review, suggest, tokens

OPTIONS = "SCIXTAG_SERVICE"
"""The variable that tells a process what to serve."""

_DESCRIPTION = "Controlled keywords for scientific papers: suggestions with reasons, concepts, and the curators' desk."


def application() -> ASGIApp:
    """Of a process that the environment tells what to serve."""
    log_as_json()
    end_with_parent(GRACE + 5)
    options = ServiceOptions.from_json(os.environ[OPTIONS])
    return application_of(started(lambda: Core(options)))


def application_of(core: Core) -> ASGIApp:
    """All routes, behind the gate."""
    app = FastAPI(
        title="scixtag",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,  # both would be fetched from another host
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # a body would be lost on the way
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.core = core
    own = APIRouter()
    own.add_api_route("/openapi.json", _openapi, include_in_schema=False)
    routers = [*(room.router for room in (suggest, concepts, keywords, papers, review, tokens, health, page)), own]
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in (StaleError, UnknownPaperError, InputError, UnavailableError, ConfigError, OutputError):
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _failed)
    routes = [route for router in routers for route in router.routes if isinstance(route, Route)]
    return Gate(app, routes, core.options, core.metrics)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    core: Core = app.state.core
    watching = asyncio.create_task(core.watch())
    told = {"models": [name for name, _ in core.options.models], "scixtag": __version__}
    LOGGER.info("ready", extra={"told": told})
    try:
        yield
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        core.close()
        LOGGER.info("stopped")


async def _openapi(request: Request) -> Response:
    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = document_of(app, app.state.core.options)
    return JSONResponse(app.openapi_schema)


def _answer(request: Request, problem: Problem) -> Response:
    """The gate tells the log what was answered, and why."""
    request.state.problem = problem
    return problem.response(_id(request))


def _id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 (for the type checker)
    return _answer(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code in (404, 405):
        return _answer(request, (nothing_here if error.status_code == 404 else wrong_method)(request))
    return _answer(request, Problem(error.status_code, "refused", str(error.detail), headers=error.headers))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    places = places_of((one["loc"][1:], one["msg"]) for one in error.errors())
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in places)
    return _answer(request, Problem(422, "invalid", detail, {"errors": places}))


async def _refused(request: Request, error: Exception) -> Response:
    problem = _problem_of(error)
    problem.__cause__ = error
    return _answer(request, problem)


def _problem_of(error: Exception) -> Problem:
    """What routes let pass; of the database, nobody outside needs to know where it is."""
    if isinstance(error, StaleError):
        since = [review_documents.event(event) for event in error.events]
        return Problem(409, "stale", str(error), {"seq": error.seq, "events": since})
    if isinstance(error, UnknownPaperError):
        return Problem(404, "unknown-paper", str(error))
    if isinstance(error, NoTokenError):
        return Problem(404, "unknown-name", str(error))
    if isinstance(error, TakenNameError):
        return Problem(409, "taken-name", str(error))
    if isinstance(error, UnavailableError | DamagedError | ConfigError | OutputError):
        told = "the database of decisions does not answer or cannot be written; nothing was saved, so try again"
        return Problem(503, "no-database", told, headers={"Retry-After": "2"})
    return of_places("invalid", str(error))


async def _left(request: Request, error: Exception) -> Response:
    """Nobody reads this, but the log tells that the client has left before all of its body had come."""
    return Response(status_code=499)


async def _failed(request: Request, error: Exception) -> Response:
    """The gate sees the error, too, and logs it."""
    problem = failed(_id(request))
    problem.__cause__ = error
    return _answer(request, problem)
