"""`scixtag review import`."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from scixtag.cli import options
from scixtag.errors import ConfigError, InputError

if TYPE_CHECKING:
    from scixtag.corpus.fields import Fields
    from scixtag.corpus.record import Record
    from scixtag.review.incoming import Incoming, Rejects
    from scixtag.review.queue import Queue
    from scixtag.review.store.database import Database
    from scixtag.vocabulary.concept import Vocabulary

_SHOWN = 5


@click.command("import")
@click.argument("source", required=False)
@click.option("--query", default=None, help="Instead of SOURCE: what SciX finds, such as 'uat:\"Quasars\" year:2024'.")
@options.limit_option(200, "For --query: the most papers, the newest first.")
@options.database_option
@click.option("--model", type=click.Path(path_type=Path), default=None, help="Suggests concepts, and orders the queue.")
@click.option(
    "--vocabulary", "vocabulary_name", metavar="V", default=None, help="What the ids of a table mean; --model has one."
)
@click.option("--who", metavar="NAME", default="import", show_default=True, help="Who decided what a table says.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="For rows that are no paper with an id.  [default: standard error tells the first ten]",
)
@options.fields_options
@options.quiet_option
def import_(
    source: str | None,
    query: str | None,
    limit: int,
    database: str | None,
    model: Path | None,
    vocabulary_name: str | None,
    who: str,
    rejects: Path | None,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Put the papers of SOURCE into the queue, or the decisions of a file.

    A .txt file is a list of bibcodes, one a line; their papers, and those of --query, come from SciX. Papers that are
    there already stay as they are, so that an interrupted import goes on when it is repeated. A row that cannot be
    imported is told with the reason, and the others are imported.

    A TSV with bibcode, name, id and maybe override holds decisions on papers that are there: its papers are done with
    the labels it says. A JSONL of `scixtag review export` brings papers with all that was decided.
    """
    from scixtag.review.exchange import kind_of
    from scixtag.review.store.database import Database

    if (source is None) == (query is None):
        raise ConfigError("review import: pass either SOURCE or --query")
    fields = options.fields_of(columns)
    kind = "query" if source is None else kind_of(source, titled=fields.title is not None)
    place = source or str(query)
    if rejects is not None:
        _check_rejects(rejects, kind, place)
    with Database.open(database, create=kind != "decisions") as opened:
        if kind == "review":
            told = _restore(opened, Path(place))
        elif kind == "decisions":
            told = _import_table(opened, Path(place), _vocabulary(place, model, vocabulary_name), who)
        else:
            wanted = _Wanted(kind, place, limit, fields)
            told = _import_papers(opened, wanted, model, rejects, quiet=quiet)
    if quiet:
        return
    options.note_created(opened)
    for line in told:
        click.echo(line)


def _check_rejects(rejects: Path, kind: str, place: str) -> None:
    from scixtag.files import check_new_file
    from scixtag.workflows.tagging.target import check_rejects

    if kind in ("review", "decisions"):
        raise ConfigError(f"--rejects: {place} holds decisions, which are imported as a whole; leave it out")
    check_rejects(rejects)
    if kind == "papers" and Path(place).is_dir():
        check_new_file(rejects, ".jsonl", inputs=[Path(place)])


class _Wanted(NamedTuple):
    """Which papers are to be imported: kind of SOURCE, SOURCE or query, and how to read it."""

    kind: str
    place: str
    limit: int
    fields: "Fields"

    def papers(self, queue: "Queue", rejects: "Rejects") -> "_Coming":
        """The papers; those of a list that are in the queue need not be asked for."""
        if self.kind == "papers":
            from scixtag.corpus.size import expected_papers
            from scixtag.review.incoming import Incoming
            from scixtag.workflows.train import source_name

            incoming = Incoming(self.place, self.fields, rejects)
            return _Coming(incoming, source_name(self.place), expected_papers(self.place), incoming=incoming)
        from scixtag.review.from_scix import found_papers, listed_papers, read_bibcodes

        if self.kind == "bibcodes":
            bibcodes = read_bibcodes(Path(self.place), rejects)
            known = queue.known(bibcodes)
            wanted = [bibcode for bibcode in bibcodes if bibcode not in known]
            return _Coming(listed_papers(wanted), Path(self.place).name, len(wanted), len(known))
        found = found_papers(self.place, self.limit)
        return _Coming(found, f"SciX: {self.place}", len(found))


class _Coming(NamedTuple):
    """Papers, where they come from, how many (None: nobody knows), and how many more are in the queue already."""

    papers: "Iterable[Record]"
    source: str
    expected: int | None
    known: int = 0
    incoming: "Incoming | None" = None

    @property
    def repeated(self) -> int:
        """Rows that said once more what an earlier one had said, so far."""
        return 0 if self.incoming is None else self.incoming.repeated


def _import_papers(
    database: "Database", wanted: _Wanted, model: Path | None, rejected: Path | None, *, quiet: bool
) -> Iterator[str]:
    from scixtag import progress
    from scixtag.cli.console import console
    from scixtag.files import writing
    from scixtag.review.incoming import TOLD, Rejects
    from scixtag.review.queue import Imported, Queue
    from scixtag.workflows.tagger import Tagger

    queue = Queue(database)
    with console(quiet=quiet), nullcontext() if rejected is None else writing(rejected, binary=True) as stream:
        rejects = Rejects(stream)
        tagger = None if model is None else Tagger.load(model)
        name = None if model is None else model.resolve().name
        coming = wanted.papers(queue, rejects)
        total = Imported(known=coming.known)
        with progress.stage(f"importing {wanted.place}", coming.expected) as advance:
            for part in queue.import_batches(coming.papers, tagger, coming.source, name):
                total += part
                advance(part.added + part.known + part.empty)
        if total == Imported():
            rejects.refuse_all(wanted.place)
            raise InputError(f"{wanted.place}: no papers; is the file empty?")
    named = f"; {rejected} says why" if rejected else "; --rejects FILE keeps all" if rejects.count > TOLD else ""
    return _told(
        f"{database.name}: {_counted(total.added, 'paper')} added",
        ("there already", total.known),
        ("repeated in the source with the same text", coming.repeated),
        ("passed over, with neither title nor abstract", total.empty),
        ("rows that could not be imported", rejects.count, named),
    )


def _restore(database: "Database", path: Path) -> Iterator[str]:
    from scixtag.review.exchange_jsonl import restore

    came = restore(database, path)
    return _told(
        f"{database.name}: {_counted(came.added, 'paper')} and {_counted(came.events, 'event')} added",
        ("papers there already", came.known),
        ("papers with other events here, which stay as they are", came.conflicting),
    )


def _import_table(database: "Database", path: Path, vocabulary: "Vocabulary", who: str) -> Iterator[str]:
    from scixtag.review.desk import Desk
    from scixtag.review.exchange_tsv import record_table

    came = record_table(Desk(database), path, vocabulary, who)
    absent = ", ".join(came.absent[:_SHOWN])
    return _told(
        f"{database.name}: decisions on {_counted(came.papers, 'paper')}, {_counted(came.events, 'event')} added",
        ("papers that the database does not hold, passed over", len(came.absent), f", such as {absent}"),
    )


def _told(first: str, *rest: tuple[str, int] | tuple[str, int, str]) -> Iterator[str]:
    """A line, then one for each count that is not 0: what, how many, and maybe more about it."""
    yield first
    yield from (f"{what}: {count:,}{''.join(more)}" for what, count, *more in rest if count)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _vocabulary(source: str, model: Path | None, name: str | None) -> "Vocabulary":
    from scixtag.workflows.preparation import named_vocabulary
    from scixtag.workflows.tagger import stored_vocabulary

    if name is not None:
        return named_vocabulary(name)
    if model is not None:
        return stored_vocabulary(model)
    raise ConfigError(f"{source}: a table of decisions; pass --vocabulary (such as uat:5.1.0) or --model for its ids")
