"""Papers are found by what people see of their title; what was read and which model spoke stays as it was."""

import sqlalchemy as sa
from alembic import op

from scixtag.review.texts import sought_in

revision = "0003"
down_revision = "0002"

_AT_ONCE = 1000
_SOURCE = "title, abstract, source, imported_at"
_REFUSED = "what papers with events were is never changed"


def upgrade() -> None:
    """From titles that were found with their markup, and texts that could be changed behind events."""
    _found()
    if op.get_bind().dialect.name == "sqlite":
        _in_a_file()
    else:
        _on_a_server()


def _found() -> None:
    op.add_column("papers", sa.Column("sought", sa.Text, nullable=False, server_default=""))
    papers = sa.table("papers", *map(sa.column, ("number", "id", "title", "sought")))
    connection = op.get_bind()
    filled = sa.update(papers).where(papers.c.number == sa.bindparam("row")).values(sought=sa.bindparam("found"))
    last = -1
    while True:
        query = sa.select(papers.c.number, papers.c.id, papers.c.title).where(papers.c.number > last)
        rows = connection.execute(query.order_by(papers.c.number).limit(_AT_ONCE)).all()
        if not rows:
            return
        connection.execute(filled, [{"row": n, "found": sought_in(title, paper)} for n, paper, title in rows])
        last = rows[-1].number


def _in_a_file() -> None:
    op.execute(
        f"CREATE TRIGGER papers_no_change BEFORE UPDATE OF {_SOURCE} ON papers "
        "WHEN EXISTS (SELECT 1 FROM events WHERE events.paper = OLD.number) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER origins_no_{verb.lower()} BEFORE {verb} ON origins "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
    op.execute(
        "CREATE TRIGGER origins_no_replace BEFORE INSERT ON origins "
        "WHEN EXISTS (SELECT 1 FROM origins WHERE origins.number = NEW.number) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )


def _on_a_server() -> None:
    op.execute(
        "CREATE FUNCTION scixtag_keep_source() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM events WHERE events.paper = OLD.number) "
        f"THEN RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER papers_never_changed BEFORE UPDATE OF {_SOURCE} ON papers "
        "FOR EACH ROW EXECUTE FUNCTION scixtag_keep_source()"
    )
    op.execute(
        "CREATE FUNCTION scixtag_keep_origins() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER origins_never_changed BEFORE UPDATE OR DELETE ON origins "
        "FOR EACH STATEMENT EXECUTE FUNCTION scixtag_keep_origins()"
    )
    op.execute(
        "CREATE FUNCTION scixtag_keep_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS (SELECT 1 FROM events) THEN RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN NULL; END $$"
    )
    # The other tables cannot be emptied without events, which refuse it.
    op.execute(
        "CREATE TRIGGER suggestions_never_emptied BEFORE TRUNCATE ON suggestions "
        "FOR EACH STATEMENT EXECUTE FUNCTION scixtag_keep_all()"
    )
