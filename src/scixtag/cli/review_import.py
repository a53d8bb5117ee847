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
    from scixtag.review.incoming import Rejects
    from scixtag.review.queue import Imported, Queue
    from scixtag.review.store.database import Database
    from scixtag.vocabulary.concept import Vocabulary
    from scixtag.workflows.tagger import Tagger

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

    if (source is None) == (query is None):
        raise ConfigError("review import: pass either SOURCE or --query")
    fields = options.fields_of(columns)
    kind = "query" if source is None else kind_of(source, titled=fields.title is not None)
    place = source or str(query)
    if rejects is not None:
        _check_rejects(rejects, kind, place)
    if kind in ("review", "decisions"):
        with options.database_to_fill(database, create=kind == "review", quiet=quiet) as opened:
            if kind == "review":
                told = _restore(opened, Path(place))
            else:
                told = _import_table(opened, Path(place), _vocabulary(place, model, vocabulary_name), who)
    else:
        told = _import_papers(database, _Wanted(kind, place, limit, fields), model, rejects, quiet=quiet)
    if not quiet:
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

    def look(self, rejects: "Rejects") -> "_Coming":
        """See that there are papers, before a database comes into being for them.

        Raises:
            ScixtagError: SOURCE cannot be read, or SciX cannot be asked.
        """
        if self.kind == "papers":
            from scixtag.corpus.size import expected_papers
            from scixtag.review.incoming import Incoming
            from scixtag.workflows.train import source_name

            incoming = Incoming(self.place, self.fields, rejects)
            return _Coming(source_name(self.place), incoming, expected_papers(self.place))
        from scixtag.review.from_scix import found_papers, read_bibcodes

        if self.kind == "bibcodes":
            return _Coming(Path(self.place).name, bibcodes=read_bibcodes(Path(self.place), rejects))
        found = found_papers(self.place, self.limit)
        return _Coming(f"SciX: {self.place}", found, len(found))


class _Coming(NamedTuple):
    """Where papers come from; they and how many (None: nobody knows), or the bibcodes by which SciX has them."""

    source: str
    papers: "Iterable[Record]" = ()
    expected: int | None = None
    bibcodes: "list[str] | None" = None

    def but_known(self, queue: "Queue") -> tuple["_Coming", int]:
        """Without those that are in the queue, for SciX need not be asked for them; and how many these are."""
        if self.bibcodes is None:
            return self, 0
        from scixtag.review.from_scix import listed_papers

        known = queue.known(self.bibcodes)
        wanted = [bibcode for bibcode in self.bibcodes if bibcode not in known]
        return self._replace(papers=listed_papers(wanted), expected=len(wanted)), len(known)


def _import_papers(
    url: str | None, wanted: _Wanted, model: Path | None, rejected: Path | None, *, quiet: bool
) -> Iterator[str]:
    from scixtag.cli.console import console
    from scixtag.files import writing
    from scixtag.review.incoming import TOLD, Rejects
    from scixtag.review.queue import Imported
    from scixtag.workflows.tagger import Tagger

    with console(quiet=quiet), nullcontext() if rejected is None else writing(rejected, binary=True) as stream:
        rejects = Rejects(stream)
        tagger = None if model is None else Tagger.load(model)
        coming = wanted.look(rejects)
        name = None if model is None else model.resolve().name
        with options.database_to_fill(url, quiet=quiet) as database:
            total = _queue(database, wanted.place, coming, tagger, name)
            if total == Imported():
                rejects.refuse_all(wanted.place)
                raise InputError(f"{wanted.place}: no papers; is the file empty?")
    named = f"; {rejected} says why" if rejected else "; --rejects FILE keeps all" if rejects.count > TOLD else ""
    return _told(
        f"{database.name}: {_counted(total.added, 'paper')} added",
        ("there already", total.known),
        ("repeated in the source with the same text", rejects.repeated),
        ("passed over, with neither title nor abstract", total.empty),
        ("rows that could not be imported", rejects.count, named),
    )


def _queue(database: "Database", place: str, coming: _Coming, tagger: "Tagger | None", model: str | None) -> "Imported":
    from scixtag import progress
    from scixtag.review.queue import Imported, Queue

    queue = Queue(database)
    coming, known = coming.but_known(queue)
    total = Imported(known=known)
    with progress.stage(f"importing {place}", coming.expected) as advance:
        for part in queue.import_batches(coming.papers, tagger, coming.source, model):
            total += part
            advance(part.added + part.known + part.empty)
    return total


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
