"""Processes that listen."""

import os
import signal
import socket
import tempfile
from pathlib import Path

import uvicorn

from scixtag.errors import ConfigError
from scixtag.service import metrics
from scixtag.service.app import OPTIONS, application_of
from scixtag.service.core import Core, open_database
from scixtag.service.listening.protocol import ServerConfig
from scixtag.service.listening.workers import Workers
from scixtag.service.logs import LOGGER, log_as_json
from scixtag.service.options import GRACE, ServiceOptions
from scixtag.workflows.tagger import Tagger

_BACKLOG = 2048
"""Connections that wait to be accepted; as uvicorn's."""


def serve(options: ServiceOptions) -> None:
    """Listen until SIGTERM or Ctrl-C; what was begun by then is answered.

    Raises:
        ConfigError: The address cannot be used.
        ScixtagError: A model cannot be loaded, or the database not be opened.
        WorkerError: The processes cannot start.
    """
    log_as_json()
    listening = _socket(options)
    config = ServerConfig(
        "scixtag.service.app:application",
        patience=options.limits.seconds,
        factory=True,
        workers=options.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    with listening:
        if options.workers == 1:
            config.app, config.factory = application_of(Core(options)), False
            _listen(listening)
            _obey_once()
            uvicorn.Server(config).run([listening])
            return
        # What cannot be loaded shall be told here, and not again and again by each process.
        for _, folder in options.models:
            Tagger.load(Path(folder))
        if options.database is not None:
            open_database(options.database).close()
        with tempfile.TemporaryDirectory(prefix="scixtag-metrics-") as numbers:
            os.environ |= {OPTIONS: options.to_json(), metrics.FOLDER: numbers}
            _listen(listening)
            Workers(config, [listening]).run()


def _socket(options: ServiceOptions) -> socket.socket:
    """Bound, so that a taken port is told at once and in our words."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.host, options.port))
    except (OSError, UnicodeError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"--host {options.host} --port {options.port}: cannot listen there ({reason}); "
            "choose another port, or 0 for any that is free"
        ) from error
    listening.set_inheritable(True)
    return listening


def _listen(listening: socket.socket) -> None:
    """Now, so that whoever reads that we listen, or that we are ready, is not refused."""
    listening.listen(_BACKLOG)
    host, port = listening.getsockname()[:2]
    LOGGER.info("listening", extra={"told": {"url": f"http://{f'[{host}]' if ':' in host else host}:{port}"}})


def _obey_once() -> None:
    """Uvicorn raises a signal again when it has done what it asks for; then there is nothing left but to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
