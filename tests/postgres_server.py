"""A PostgreSQL server of our own: in a temporary folder, on a free loopback port, gone when the tests are."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

USER = "curator"
_PATIENCE = 60


def programs():
    """The folder of the server's programs, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


class PostgresServer:
    """Runs until `remove`; `fresh` gives the URL of a new empty database."""

    def __init__(self):
        self._programs = programs()
        self._numbers = count(1)
        # Not in pytest's own folder, which other users may not enter.
        self._folder = Path(tempfile.mkdtemp(prefix="scixtag-postgres-"))
        self._data = self._folder / "data"
        self._as = []
        setpriv = shutil.which("setpriv")
        if setpriv:  # if the tests are killed, so is the server
            self._as = [setpriv, "--pdeathsig=QUIT"]
        if os.getuid() == 0:  # it refuses to run as root
            self._as += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self._folder, "postgres")
        made = self._begin("initdb", "--username", USER, "--auth", "trust", "--no-sync", "-E", "UTF8")
        assert made.wait() == 0, self._said()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        # Whether commits reach the disk is the server's affair; ours is that they were sent.
        settings = (f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        self._server = self._begin("postgres", *(word for setting in settings for word in ("-c", setting)))
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            assert self._server.poll() is None, self._said()
            assert time.monotonic() < end, self._said()
            time.sleep(0.02)

    def stop(self):
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fresh(self):
        import psycopg

        name = f"review_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name):
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _answers(self):
        import psycopg

        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _begin(self, program, *arguments):
        with (self._folder / "log").open("a") as log:
            return subprocess.Popen(
                [*self._as, str(self._programs / program), "-D", str(self._data), *arguments],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"LC_ALL": "C"},
            )

    def _said(self):
        return (self._folder / "log").read_text()
