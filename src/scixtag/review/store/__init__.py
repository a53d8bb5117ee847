"""The database of decisions: SQLite or PostgreSQL (the only imports of SQLAlchemy, Alembic and psycopg)."""

from importlib.util import find_spec

from scixtag.errors import ConfigError

# Every module of this room imports SQLAlchemy, so the first to be imported would fail without a word of what to do.
if missing := [package for package in ("sqlalchemy", "alembic") if find_spec(package) is None]:
    raise ConfigError(
        f"the database of decisions needs {', '.join(missing)}, which the base installation leaves out; "
        "install the extra: pip install 'scixtag[serve]'"
    )
