"""Papers that somebody decided on stay, and so does what was suggested for them."""

from alembic import op

revision = "0002"
down_revision = "0001"

_HAS_EVENTS = "EXISTS (SELECT 1 FROM events WHERE events.paper = {number})"
_REFUSED = "papers with events are never removed"


def upgrade() -> None:
    """From tables in which only the events themselves were guarded."""
    if op.get_bind().dialect.name == "sqlite":
        _in_a_file()
    else:
        _on_a_server()


def _in_a_file() -> None:
    for name, what, number in (
        ("papers_no_delete", "DELETE ON papers", "OLD.number"),
        ("papers_no_move", "UPDATE OF number, id ON papers", "OLD.number"),
        ("suggestions_no_delete", "DELETE ON suggestions", "OLD.paper"),
        ("suggestions_no_update", "UPDATE ON suggestions", "OLD.paper"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {what} WHEN {_HAS_EVENTS.format(number=number)} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
    # INSERT OR REPLACE removes rows, and no trigger hears of it. An import inserts what may be there, and wants that to
    # do nothing: so it does here, too.
    op.execute(
        "CREATE TRIGGER papers_no_replace BEFORE INSERT ON papers WHEN EXISTS (SELECT 1 FROM papers JOIN events "
        "ON events.paper = papers.number WHERE papers.number = NEW.number OR papers.id = NEW.id) "
        "BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(
        "CREATE TRIGGER suggestions_no_replace BEFORE INSERT ON suggestions WHEN EXISTS (SELECT 1 FROM suggestions "
        f"WHERE suggestions.paper = NEW.paper) AND {_HAS_EVENTS.format(number='NEW.paper')} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )


def _on_a_server() -> None:
    for table, number, moved in (("papers", "number", "OF number, id"), ("suggestions", "paper", "")):
        op.execute(
            f"CREATE FUNCTION scixtag_keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {_HAS_EVENTS.format(number=f'OLD.{number}')} THEN RAISE EXCEPTION '{_REFUSED}'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_removed BEFORE DELETE OR UPDATE {moved} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION scixtag_keep_{table}()"
        )
