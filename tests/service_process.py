"""The real `scixtag serve`, as another process."""

import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit


class Service:
    """A running service.

    Attributes:
        url: Where it listens.
        process: Its first process.
    """

    def __init__(self, url, process, log):
        self.url, self.process, self._log = url, process, log
        self.is_killed = False

    def kill(self):
        """End its first process without a warning."""
        self.process.kill()
        self.is_killed = True

    @property
    def address(self):
        """For a socket."""
        parts = urlsplit(self.url)
        return parts.hostname, parts.port

    def said(self):
        """The lines of its log."""
        return lines_of(self._log)

    def wait_for(self, event, count=1, seconds=20):
        """Until it has said something so often."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = [line for line in self.said() if line["event"] == event]
            if len(found) >= count:
                return found
            time.sleep(0.01)
        raise AssertionError(self._log.read_text())

    def line_of(self, request_id, seconds=20):
        """The one line of its log on a request, which may be written a moment after the answer."""
        until = time.monotonic() + seconds
        while not (found := [line for line in self.said() if line.get("request_id") == request_id]):
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.01)
        [line] = found
        return line


def lines_of(log):
    whole, _, _ = log.read_text().rpartition("\n")  # the last line may be under way
    return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]


def begun(service, path, document):
    """A request that is being read: its body is yet to end. What is returned sends the rest, and gives the answer."""
    body = json.dumps(document).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    connection = socket.create_connection(service.address, timeout=30)
    connection.sendall(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:5])
    assert b"100 Continue" in connection.recv(1 << 16)

    def end():
        with connection, connection.makefile("rb") as stream:
            connection.sendall(body[5:])
            return stream.read()

    return end


@contextmanager
def serving(logs, *arguments, workers=1, environment=None, folder=None, port=0):
    """A service of some models, started in a folder, until the context ends; if not killed, it has to end well."""
    log = Path(logs) / "service.log"
    command = [sys.executable, "-m", "scixtag", "serve", *map(str, arguments), "--port", str(port)]
    command += ["--workers", str(workers)]
    with log.open("w") as stream, subprocess.Popen(command, stderr=stream, env=environment, cwd=folder) as process:
        service = Service("", process, log)
        try:
            service.wait_for("ready", workers)
            service.url = service.wait_for("listening")[0]["url"]
            yield service
        finally:
            process.terminate()
            code = process.wait(40)
    assert service.is_killed or code == 0, log.read_text()
