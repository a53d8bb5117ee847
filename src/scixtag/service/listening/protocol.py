"""HTTP around requests: heads that are too long, connections where nothing comes or is read, bytes that are no HTTP."""

import asyncio
import contextlib
import fcntl
import secrets
import sys
import termios
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from scixtag.service.contract.problems import Problem
from scixtag.service.gate import HEADERS
from scixtag.service.logs import LOGGER

HEAD = 1 << 16
"""Bytes of a request without its body, at most."""
_BODY = frozenset({b"content-length", b"transfer-encoding"})
_LINGER = 2.0
"""Seconds in which what a refused client still sends is thrown away, so that it can read why."""


class ServerConfig(uvicorn.Config):
    """What uvicorn needs to know, and how long a request may take to come.

    Args:
        app: The application, or where to find it.
        patience: Seconds until a request's head has come, or something of an answer was read.
        others: Of `uvicorn.Config`.
    """

    def __init__(self, app: Any, *, patience: float, **others: Any) -> None:
        super().__init__(app, http=Protocol, ws="none", **others)
        self.patience = patience


class Protocol(HttpToolsProtocol):
    """A connection with limits that uvicorn has not, and with problems where uvicorn answers with plain text."""

    # Bytes since anything was understood that has a limit of its own; such as those of a head that does not end.
    _pending = 0
    _head = 0
    _problem: Problem | None = None
    _refused = False
    _clock: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock: a request is to come."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is to come any more."""
        self._stop_clock()
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Understand what came, unless the connection is refused already."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        if self._clock is None and self._is_idle():
            self._start_clock()
        self._pending += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # nothing else is spoken here; the request is answered as any other
        except httptools.HttpParserError:
            self._refuse(self._problem or Problem(400, "no-http", "this is no request of HTTP/1.1; send one"))
        else:
            self._weigh(self._pending)
            if self._problem is not None:
                self._refuse(self._problem)

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        self._head = 0

    def on_url(self, url: bytes) -> None:
        """See httptools."""
        super().on_url(url)
        self._head += len(url)
        self._weigh(self._head)

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools; also of what may stand after a body."""
        super().on_header(name, value)
        self._head += len(name) + len(value)
        self._weigh(self._head)

    def on_headers_complete(self) -> None:
        """A request is there; from here on it has the gate's clock."""
        self._stop_clock()
        self._pending = 0
        if self.parser.should_upgrade() and any(name in _BODY for name, _ in self.headers):
            # The parser would lose the body, and the client be told that it sent none.
            told = "only HTTP/1.1 is spoken here; send the request without the header Upgrade"
            self._problem = Problem(400, "no-upgrade", told)
        if self._problem is not None:
            raise ValueError("no request: the parser ends here")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """See httptools; the gate counts these."""
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """See httptools."""
        self._pending = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written, but what the system has not taken yet waits here, for as long as the client reads."""
        super().on_response_complete()
        self._stop_watching()
        self._watch()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _weigh(self, length: int) -> None:
        if length > HEAD:
            told = f"the address and the headers have more than {HEAD:,} bytes; send fewer, and papers in the body"
            self._problem = Problem(431, "head-too-large", told)

    def _start_clock(self) -> None:
        self._clock = self.loop.call_later(cast(ServerConfig, self.config).patience, self._too_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _watch(self) -> None:
        """See now how much of an answer waits, and later whether it has become less."""
        if self.transport.get_write_buffer_size():
            patience = cast(ServerConfig, self.config).patience
            self._reading = self.loop.call_later(patience, self._see_it_read, _unread(self.transport))

    def _stop_watching(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _see_it_read(self, before: int) -> None:
        self._reading = None
        left = _unread(self.transport)
        if left < before:
            self._watch()
            return
        LOGGER.info("not read", extra={"told": {"client": self.client[0] if self.client else None, "bytes": left}})
        self.transport.abort()

    def _too_late(self) -> None:
        self._clock = None
        if not self._pending:
            self.transport.close()
            return
        seconds = cast(ServerConfig, self.config).patience
        self._refuse(Problem(408, "too-late", f"no whole request came within {seconds:g} s; send it again, and faster"))

    def _refuse(self, problem: Problem) -> None:
        """Say why, in a whole answer or not at all, and end the connection when the client had time to read it."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_clock()
        request_id = secrets.token_hex(8)
        client = self.client[0] if self.client else None
        told = {"request_id": request_id, "route": "none", "status": problem.status, "client": client}
        LOGGER.info("refused", extra={"told": told})
        if self._is_idle() or not (
            self.pipeline or self.cycle.response_started
        ):  # else it would stand in another answer
            self.transport.write(self._answer(problem, request_id))
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.abort)

    def _answer(self, problem: Problem, request_id: str) -> bytes:
        response = problem.response(request_id)
        own = ((b"x-request-id", request_id.encode()), (b"connection", b"close"))
        headers = (*response.raw_headers, *self.server_state.default_headers, *own, *HEADERS)
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        return STATUS_LINE[problem.status] + lines + b"\r\n" + bytes(response.body)


def _unread(transport: asyncio.Transport) -> int:
    """Bytes of answers that have not reached the client: those that wait here, and those that our system keeps.

    A system may take megabytes, and more only when a third of them has gone; that alone would look like standing still.
    """
    kept = bytes(4)
    with contextlib.suppress(OSError):
        kept = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, kept)
    return transport.get_write_buffer_size() + int.from_bytes(kept, sys.byteorder)
