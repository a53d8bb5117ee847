"""Where the database is, as users write it."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from scixtag.errors import ConfigError

DEFAULT = "scixtag-review.sqlite"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_EXAMPLES = "write a path, sqlite:///PATH, or postgresql://USER@HOST/NAME"


@dataclass(frozen=True)
class Address:
    """Of a file, or of a server.

    Attributes:
        name: For messages; never holds a password.
        path: Of the SQLite file; None for a server.
        url: Of the server; None for a file.
    """

    name: str
    path: Path | None = None
    url: URL | None = None


def address_of(text: str | None) -> Address:
    """Read what a user wrote; without anything, it is `scixtag-review.sqlite` in the current folder.

    Raises:
        ConfigError: It is no address, of another kind of database, or the package for PostgreSQL is missing.
    """
    if text is None or not text.strip():
        return _file(DEFAULT)
    if "://" not in text:
        return _file(text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # Not even a part of it is repeated: it may hold a password.
        raise ConfigError(f"--database: this cannot be read as an address; {_EXAMPLES}") from None
    if url.drivername == "sqlite":
        return _file(_path_in(url))
    if url.drivername in _POSTGRESQL:
        return _server(url)
    raise ConfigError(f"--database: '{url.drivername}' is no kind of database that scixtag knows; {_EXAMPLES}")


def _path_in(url: URL) -> str:
    if url.host or not url.database:
        raise ConfigError(f"--database: sqlite:/// with three slashes is followed by the path of a file; {_EXAMPLES}")
    return url.database


def _file(text: str) -> Address:
    if text.startswith(":memory:"):
        raise ConfigError("--database: a database in memory would lose every decision; name a file")
    # Resolved now, so that a later change of folder leads nowhere else.
    return Address(text, path=Path(text).expanduser().absolute())


def _server(url: URL) -> Address:
    if find_spec("psycopg") is None:
        raise ConfigError(
            "--database: PostgreSQL needs psycopg, which is missing; install the extra: pip install 'scixtag[postgres]'"
        )
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return Address(shown.render_as_string(), url=url.set(drivername="postgresql+psycopg"))
