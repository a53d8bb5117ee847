"""All that a service can be told; goes to its processes as JSON."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path

from scixtag.errors import ConfigError, InputError

PACKAGES = ("fastapi", "httptools", "prometheus_client", "uvicorn", "sqlalchemy", "alembic")
"""Those of the extra `serve`."""
GRACE = 30
"""Seconds that requests have to end, once the service was told to."""
_A_CORE, _FEWEST = 4, 8
"""Processes that may be asked for, a core and on any machine."""
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII | re.IGNORECASE)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Limits:
    """What a request may take.

    Attributes:
        body: Bytes.
        batch: Papers.
        text: Characters of a title and an abstract together.
        rate: Requests a second of one client, in bursts of as many as five seconds hold; 0: no limit.
        seconds: Until it is answered, or given up.
        waiting: Papers of all requests that wait for a model; beyond, clients are told to come again.
    """

    body: int = 1 << 20
    batch: int = 200
    text: int = 50_000
    rate: float = 0.0
    seconds: float = 30.0
    waiting: int = 2_000


@dataclass(frozen=True)
class ServiceOptions:
    """What is served, and where.

    Attributes:
        models: Folders by name; the first one answers where no model is named.
        host: An address of this machine.
        port: 0: any that is free.
        names: Of the host, by which others reach it through a proxy.
        workers: Processes.
        database: Of the curators' decisions; None: there is no desk.
        closed: Reading the desk needs a token, too.
        limits: What a request may take.
        watch: Seconds between two looks at the model folders.
    """

    models: tuple[tuple[str, str], ...]
    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    workers: int = 1
    database: str | None = None
    closed: bool = False
    limits: Limits = field(default_factory=Limits)
    watch: float = 1.0

    def to_json(self) -> str:
        """For another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ServiceOptions":
        """The inverse of `to_json`."""
        told = json.loads(text)
        models = tuple((name, folder) for name, folder in told.pop("models"))
        names = tuple(told.pop("names"))
        return cls(models=models, names=names, limits=Limits(**told.pop("limits")), **told)


def models_of(arguments: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """MODEL… as users write them: a folder, or NAME=FOLDER.

    Raises:
        InputError: Two have the same name, or there is none, or no folder.
    """
    models: dict[str, str] = {}
    for argument in arguments:
        name, separator, folder = argument.partition("=")
        if not separator or "/" in name:
            name, folder = Path(argument).resolve().name, argument
        if not name or not folder.strip():
            raise InputError(f"MODEL '{argument}': write a model's folder, or NAME=FOLDER with a name and a folder")
        if name in models:
            raise InputError(f"two models are named '{name}'; give one another name: NAME=FOLDER")
        models[name] = str(Path(folder).resolve())
    return tuple(models.items())


def check_workers(workers: int) -> None:
    """See that there are not so many processes that they only wait for one another, or fill the memory.

    Raises:
        ConfigError: There are.
    """
    most = max(_FEWEST, _A_CORE * (os.cpu_count() or 1))
    if workers > most:
        raise ConfigError(f"--workers {workers:,}: this machine can use {most} at most; one a core is usually best")


def check_hosts(host: str, names: Iterable[str]) -> None:
    """See that there is an address to listen at, and that names are what browsers and proxies write there.

    Raises:
        ConfigError: There is none; or a name is none, or one with more around it.
    """
    if not host.strip():
        raise ConfigError("--host: the address is empty; write 127.0.0.1 for this machine alone, 0.0.0.0 for all")
    for name in names:
        if not _is_host(name):
            raise ConfigError(
                f"--name {name}: not the name of a host; write it as in keywords.example.org, without http://, port "
                "and path, and letters outside of ASCII as browsers send them (xn--…)"
            )


def _is_host(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return len(name) < 254 and all(_LABEL.fullmatch(label) for label in name.split("."))
    return True


def check_desk(database: str | None, *, closed: bool) -> None:
    """See that what is told of the desk makes sense.

    Raises:
        ConfigError: It does not.
    """
    if database is not None and not database.strip():
        told = "write a path or postgresql://USER@HOST/NAME, or leave it out for a service without a desk"
        raise ConfigError(f"--database: the address is empty; {told}")
    if closed and database is None:
        raise ConfigError("--closed: there is no desk that could be; add --database URL, or leave it out")
