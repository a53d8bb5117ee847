"""A PostgreSQL server of our own: in a temporary folder, on a free loopback port, gone when the tests are."""

import os
import shutil
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path

USER = "curator"


def programs():
    """The folder of the server's programs, or None."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


class PostgresServer:
    """Runs until `stop`; `fresh` gives the URL of a new empty database."""

    def __init__(self, folder):
        self._programs = programs()
        self._data = folder / "data"
        self._numbers = count(1)
        self._as = []
        if os.getuid() == 0:  # the server refuses to run as root
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")
            for parent in folder.parents:
                if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o077 == 0:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run("initdb", "--pgdata", self._data, "--username", USER, "--auth", "trust", "--no-sync", "-E", "UTF8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        # Whether commits reach the disk is the server's affair; ours is that they were sent.
        told = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", self._data / "log", "-o", told)

    def stop(self):
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", "immediate")

    def fresh(self):
        import psycopg

        name = f"review_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name):
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, program, *arguments):
        # Into a file: the server that pg_ctl leaves behind would keep a pipe open.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [*self._as, str(self._programs / program), *map(str, arguments)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                check=False,
                env=os.environ | {"LC_ALL": "C"},
            )
            said.seek(0)
            assert done.returncode == 0, said.read()
