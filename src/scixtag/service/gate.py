"""What every request goes through: an id, limits, a clock, a log line, numbers, headers that keep browsers strict."""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scixtag.service.contract.paths import route_at
from scixtag.service.contract.problems import Problem, failed
from scixtag.service.inference.turns import CLIENT
from scixtag.service.logs import LOGGER, reason_of
from scixtag.service.metrics import Metrics
from scixtag.service.options import LOOPBACK, ServiceOptions
from scixtag.service.rate import Rate, client_of

_ID = re.compile(rb"[\w.:-]{1,64}", re.ASCII)
_ENDLESS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines that watch; not limited, and not worth a line in the log."""
_PAGES = frozenset({"/", "/desk"})
_FILES = "/static/"

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        b"require-trusted-types-for 'script'; trusted-types 'none'",
    ),
)


class Gate:
    """Stands before the application.

    No answer sets a cookie and none is read: who writes sends a token in a header, which another site's page cannot,
    so there is nothing to forge. Names of this machine are checked where only this machine is served, so that no page
    reaches the service under a name of its own (DNS rebinding).

    Args:
        app: The application.
        routes: Of the application, to tell which one a request would have reached that may not come in.
        options: With the limits.
        metrics: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[Route], options: ServiceOptions, metrics: Metrics) -> None:
        self._app, self._routes, self._limits, self._metrics = app, routes, options.limits, metrics
        names = {name.casefold() for name in options.names}
        self._names = LOOPBACK | names if options.host in LOOPBACK or names else None
        self._rate = Rate(options.limits.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        if scope["method"] == "HEAD":
            # Answered as GET; the server, which keeps its own scope, leaves the body out.
            scope = {**scope, "method": "GET"}
        sender = _Sender(send, _id_of(scope))
        scope.setdefault("state", {})["request_id"] = sender.request_id
        CLIENT.set(client_of(scope))
        try:
            await self._answer(scope, receive, sender)
        finally:
            self._noted(scope, sender, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, sender: "_Sender") -> None:
        counted = _Counted(receive, self._limits.body)
        try:
            self._admit(scope)
        except Problem as problem:
            scope["state"]["route"] = route_at(self._routes, scope)
            sender.is_told = problem.is_told
            await sender.problem(problem, scope, receive)
            return
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._app(scope, counted, sender)
        except Problem as problem:
            await sender.problem(problem, scope, receive)
        except TimeoutError:
            await sender.problem(_too_slow(self._limits.seconds, counted), scope, receive)
        except Exception as error:  # noqa: BLE001 (no client shall see it, and no other request suffer)
            LOGGER.exception("failed", extra={"told": {"request_id": sender.request_id}})
            mistake = failed(sender.request_id)
            mistake.__cause__ = error
            await sender.problem(mistake, scope, receive)

    def _admit(self, scope: Scope) -> None:
        """See that a request may come in at all.

        Raises:
            Problem: It may not.
        """
        headers = dict(scope["headers"])
        if sum(name == b"host" for name, _ in scope["headers"]) > 1:
            raise Problem(400, "no-http", "the request names two hosts; send the header Host once")
        host = headers.get(b"host", b"").decode("latin-1")
        if self._names is not None and _without_port(host) not in self._names:
            raise Problem(421, "wrong-host", "this service does not answer to this name; whoever runs it can: --name")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limits.body:
            raise too_large(self._limits.body)
        if not _is_free(scope):
            self._rate.count(CLIENT.get())

    def _noted(self, scope: Scope, sender: "_Sender", seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or scope["state"].get("route") or "none"
        status = sender.status or 499  # the client has left
        self._metrics.requests.labels(route, scope["method"], str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if (scope["path"] in _ENDLESS and status < 400) or sender.is_told:
            return
        told: dict[str, Any] = {
            "request_id": sender.request_id,
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1e3, 1),
            "client": scope["client"][0] if scope.get("client") else None,
        }
        if who := scope["state"].get("who"):
            told["who"] = who
        problem = scope["state"].get("problem")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and problem is not None:
            # Clients are told what to do; why it happened is for whoever runs the service.
            told |= {"problem": problem.kind, "reason": reason_of(problem)}
        LOGGER.info("request", extra={"told": told})


class _Sender:
    """Sends an answer with the headers that all have, and knows whether one has begun.

    Attributes:
        status: Of the answer that has begun.
        is_told: The log has a line of the same kind already.
    """

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None
        self.is_told = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = (b"x-request-id", self.request_id.encode())
            message["headers"] = [*message.get("headers", ()), own, *HEADERS]
        await self._send(message)

    async def problem(self, problem: Problem, scope: Scope, receive: Receive) -> None:
        """Say what is wrong, unless something else has been begun."""
        if self.status is None:
            scope["state"]["problem"] = problem
            with contextlib.suppress(OSError):
                await problem.response(self.request_id)(scope, receive, self)


class _Counted:
    """Receives a body, up to a limit, whatever its length was said to be; knows whether more of it is waited for."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._bytes = 0
        self.is_waited_for = False

    async def __call__(self) -> Message:
        # Stays so, if the wait is given up.
        self.is_waited_for = True
        message = await self._receive()
        self.is_waited_for = False
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most:
            raise too_large(self._most)
        return message


def too_large(most: int) -> Problem:
    """A body of too many bytes."""
    told = f"the body has more than {most:,} bytes; send title and abstract alone, and of several papers fewer at once"
    return Problem(413, "too-large", told)


def _too_slow(seconds: float, body: _Counted) -> Problem:
    """Who was: the client or we."""
    if body.is_waited_for:
        told = f"the body did not come within {seconds:g} s; send it again, faster or in smaller parts"
        return Problem(408, "too-late", told, headers={"Connection": "close"})
    told = f"not answered within {seconds:g} s; send fewer papers at once, or come again later"
    return Problem(503, "too-slow", told, headers={"Retry-After": "5"})


def _is_free(scope: Scope) -> bool:
    """Whether a request does not count towards the rate.

    A page is one thing to whoever opens it and dozens of requests to us, and its files are in memory: a few people
    behind one address would find it dead.
    """
    path = scope["path"]
    return path in _ENDLESS or (scope["method"] == "GET" and (path in _PAGES or path.startswith(_FILES)))


def _id_of(scope: Scope) -> str:
    """The client's own id of its request, if it can stand in a log; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value.decode())
    return secrets.token_hex(8)


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    bare = name if port.isdigit() and (name.endswith("]") or ":" not in name) else host
    return bare.strip("[]").casefold()
