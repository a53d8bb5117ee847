"""The tables as they are now; `migrations` says how they came about."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION_TABLE = "scixtag_review_version"
"""Where Alembic keeps the revision; no other program's table has this name."""
HEAD = "0003"
"""The revision of these tables; revisions are numbers, so that a newer one is known as such."""

metadata = MetaData()
Number = BigInteger().with_variant(Integer(), "sqlite")
Moment = String(27)
"""UTC as text, ISO 8601 with microseconds and Z: the same in every database, and in order when sorted."""

papers = Table(
    "papers",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("abstract", Text),
    Column("source", Text, nullable=False),
    Column("imported_at", Moment, nullable=False),
    Column("uncertainty", Double, nullable=False),
    Column("expected_gain", Double, nullable=False),
    # What follows from the events, so that the queue is a look into an index; written with each event.
    Column("progress", String(8), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("last_event", Number, nullable=False),
    # Title and id as the queue's search compares them; see `texts.sought_in`.
    Column("sought", Text, nullable=False, server_default=""),
)
Index("papers_by_uncertainty", papers.c.progress, papers.c.uncertainty.desc(), papers.c.number)
Index("papers_by_expected_gain", papers.c.progress, papers.c.expected_gain.desc(), papers.c.number)
Index("papers_by_number", papers.c.progress, papers.c.number)
Index("papers_by_last_event", papers.c.progress, papers.c.last_event)

origins = Table(
    "origins",
    metadata,
    Column("number", Number, primary_key=True),
    Column("model", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("vocabulary", Text, nullable=False),
    Column("release", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    UniqueConstraint("model", "digest", "vocabulary", "release", "fingerprint", name="origins_once"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("paper", Number, ForeignKey("papers.number"), primary_key=True),
    Column("origin", Number, ForeignKey("origins.number"), nullable=False),
    Column("listed", JSON, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("number", Number, primary_key=True),
    Column("paper", Number, ForeignKey("papers.number"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("action", String(8), nullable=False),
    Column("concept", JSON(none_as_null=True)),
    Column("other", JSON(none_as_null=True)),
    Column("text", Text, nullable=False),
    Column("undoes", Integer),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("origin", Number, ForeignKey("origins.number")),
    Column("key", Text),
    UniqueConstraint("paper", "seq", name="events_in_order"),
    UniqueConstraint("who", "key", name="events_once"),
)

claims = Table(
    "claims",
    metadata,
    Column("paper", Number, ForeignKey("papers.number"), primary_key=True),
    Column("who", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("number", Number, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
)
_VALID = text("revoked_at IS NULL")
Index("tokens_by_name", tokens.c.name, unique=True, sqlite_where=_VALID, postgresql_where=_VALID)
