"""The database of decisions: SQLite or PostgreSQL (the only imports of SQLAlchemy, Alembic and psycopg)."""

from scixtag.extras import require_packages

# Every module of this room imports SQLAlchemy, so the first to be imported would fail without a word of what to do.
require_packages("the database of decisions", ("sqlalchemy", "alembic"), "serve")
