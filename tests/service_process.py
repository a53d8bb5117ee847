"""The real `scixtag serve`, as another process."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path


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


def lines_of(log):
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


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
