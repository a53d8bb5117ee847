"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.String(27)


def upgrade() -> None:
    """From nothing."""
    _papers()
    _what_models_said()
    _what_curators_did()
    _never_changed()
    _tokens()


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("abstract", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("imported_at", _MOMENT, nullable=False),
        sa.Column("uncertainty", sa.Double, nullable=False),
        sa.Column("expected_gain", sa.Double, nullable=False),
        sa.Column("progress", sa.String(8), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("last_event", _NUMBER, nullable=False),
    )
    op.create_index("papers_by_uncertainty", "papers", ["progress", sa.text("uncertainty DESC"), "number"])
    op.create_index("papers_by_expected_gain", "papers", ["progress", sa.text("expected_gain DESC"), "number"])
    op.create_index("papers_by_number", "papers", ["progress", "number"])
    op.create_index("papers_by_last_event", "papers", ["progress", "last_event"])


def _what_models_said() -> None:
    facts = ("model", "digest", "vocabulary", "release", "fingerprint")
    op.create_table(
        "origins",
        sa.Column("number", _NUMBER, primary_key=True),
        *(sa.Column(fact, sa.Text, nullable=False) for fact in facts),
        sa.UniqueConstraint(*facts, name="origins_once"),
    )
    op.create_table(
        "suggestions",
        sa.Column("paper", _NUMBER, sa.ForeignKey("papers.number"), primary_key=True),
        sa.Column("origin", _NUMBER, sa.ForeignKey("origins.number"), nullable=False),
        sa.Column("listed", sa.JSON, nullable=False),
    )


def _what_curators_did() -> None:
    op.create_table(
        "events",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("paper", _NUMBER, sa.ForeignKey("papers.number"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("concept", sa.JSON),
        sa.Column("other", sa.JSON),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("origin", _NUMBER, sa.ForeignKey("origins.number")),
        sa.Column("key", sa.Text),
        sa.UniqueConstraint("paper", "seq", name="events_in_order"),
        sa.UniqueConstraint("who", "key", name="events_once"),
    )
    op.create_table(
        "claims",
        sa.Column("paper", _NUMBER, sa.ForeignKey("papers.number"), primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
    )


def _never_changed() -> None:
    """No program, ours included, changes or removes what a curator did."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
            )
        # INSERT OR REPLACE removes rows, and no trigger hears of it.
        op.execute(
            "CREATE TRIGGER events_no_replace BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE "
            "number = NEW.number OR (paper = NEW.paper AND seq = NEW.seq) OR (who = NEW.who AND key = NEW.key)) "
            "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION scixtag_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION scixtag_refuse()"
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
    )
    valid = sa.text("revoked_at IS NULL")
    op.create_index("tokens_by_name", "tokens", ["name"], unique=True, sqlite_where=valid, postgresql_where=valid)
