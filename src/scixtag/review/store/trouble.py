"""What a database says when something is wrong, in words that help."""

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from scixtag.errors import ConfigError, OutputError, ScixtagError
from scixtag.review.errors import DamagedError, UnavailableError
from scixtag.review.store.address import Address

_AWAY = "nothing was written"
_SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_BESIDE = ("SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_RECOVERY")
_FOREIGN_FILE = "the file is no SQLite database; name another one"


def explained(error: DBAPIError, address: Address) -> ScixtagError | None:
    """An error for users, or None for one that only a mistake of ours can cause.

    SQLAlchemy's own text would tell the statement and all that it was given, such as the hash of a token.
    """
    if address.path is not None:
        return _of_file(getattr(error.orig, "sqlite_errorname", ""), str(error.orig), address)
    return _of_server(
        getattr(error.orig, "sqlstate", None), str(error.orig), address, lost=error.connection_invalidated
    )


def _of_file(code: str, reason: str, address: Address) -> ScixtagError | None:
    name = address.name
    if code.startswith(_SQLITE_BUSY):
        return UnavailableError(f"{name}: another program holds the database; {_AWAY}, try again in a moment")
    if code.startswith("SQLITE_CANTOPEN"):
        return gone(address)
    if code in _BESIDE:
        return OutputError(
            f"{name}: SQLite cannot write beside the database ({reason}); {_AWAY}. Change the folder's permissions, or "
            "copy the database to a folder of your own"
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return OutputError(f"{name}: the database may not be written ({reason}); {_AWAY}. Change its permissions")
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return UnavailableError(f"{name}: {reason}; {_AWAY}. Make room, or look after the disk, and try again")
    if code.startswith("SQLITE_NOTADB"):
        return DamagedError(f"{name}: {_FOREIGN_FILE}")
    if code.startswith("SQLITE_CORRUPT"):
        return DamagedError(f"{name}: the database is damaged ({reason}); restore it from a copy")
    if code == "SQLITE_ERROR" and reason.startswith("no such table"):
        return DamagedError(f"{name}: the database was replaced by another one ({reason}); restore it from a copy")
    return None


def gone(address: Address) -> ScixtagError:
    """The file of a database cannot be opened, or is no longer there."""
    if address.path is not None and _may_be_there(address.path):
        return OutputError(f"{address.name}: the database cannot be opened; you may have no permission")
    return UnavailableError(f"{address.name}: the database is gone; {_AWAY}. Put it back, and try again")


def _may_be_there(path: Path) -> bool:
    """Whether a file exists, as far as somebody can tell who may not enter its folder."""
    try:
        path.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _of_server(state: str | None, reason: str, address: Address, *, lost: bool) -> ScixtagError | None:
    first = reason.strip().partition("\n")[0]
    if state is None or lost or state.startswith(("08", "57", "53", "40", "55")):
        return _away(first, address)
    if state.startswith("28"):
        return ConfigError(f"{address.name}: the server lets nobody in ({first}); look at the user and the password")
    if state == "42501":
        return OutputError(f"{address.name}: the user may not do this ({first}); {_AWAY}. Grant it, or take another")
    if state == "42P01":
        return DamagedError(f"{address.name}: the tables are gone ({first}); restore them from a copy")
    if state == "25006":
        return OutputError(f"{address.name}: the server takes no changes ({first}); {_AWAY}")
    return None


def _away(reason: str, address: Address) -> ScixtagError:
    # A server that cannot be entered says why in its message alone.
    if "authentication failed" in reason or "no password supplied" in reason:
        return ConfigError(f"{address.name}: the server lets nobody in ({reason}); look at the user and the password")
    if "does not exist" in reason:
        return DamagedError(f"{address.name}: {reason}; create it on the server (`createdb`), or name another one")
    return UnavailableError(f"{address.name}: the server does not answer as it should ({reason}); {_AWAY}, try again")
