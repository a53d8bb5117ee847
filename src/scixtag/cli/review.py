"""`scixtag review import|export|report`."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scixtag.cli import options
from scixtag.errors import ConfigError, InputError

if TYPE_CHECKING:
    from scixtag.corpus.fields import Fields
    from scixtag.corpus.record import Record
    from scixtag.review.queue import Queue
    from scixtag.review.store.database import Database
    from scixtag.vocabulary.concept import Vocabulary

_SHOWN = 5


@click.group("review")
def command() -> None:
    """Queue papers for curators, move their decisions in and out, and report on them."""


@command.command("import")
@click.argument("source", required=False)
@click.option("--query", default=None, help="Instead of SOURCE: what SciX finds, such as 'uat:\"Quasars\" year:2024'.")
@options.limit_option(200, "For --query: the most papers, the newest first.")
@options.database_option
@click.option("--model", type=click.Path(path_type=Path), default=None, help="Suggests concepts, and orders the queue.")
@click.option(
    "--vocabulary", "vocabulary_name", metavar="V", default=None, help="What the ids of a table mean; --model has one."
)
@click.option("--who", metavar="NAME", default="import", show_default=True, help="Who decided what a table says.")
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
    quiet: bool,
    **columns: str | None,
) -> None:
    """Put the papers of SOURCE into the queue, or the decisions of a file.

    A .txt file is a list of bibcodes, one a line; their papers, and those of --query, come from SciX. Papers that are
    there already stay as they are, so that an interrupted import goes on when it is repeated.

    A TSV with bibcode, name, id and maybe override holds decisions on papers that are there: its papers are done with
    the labels it says. A JSONL of `scixtag review export` brings papers with all that was decided.
    """
    from scixtag.review.exchange import kind_of
    from scixtag.review.store.database import Database

    if (source is None) == (query is None):
        raise ConfigError("review import: pass either SOURCE or --query")
    kind = "query" if source is None else kind_of(source)
    place = source or str(query)
    with Database.open(database, create=kind != "decisions") as opened:
        if kind == "review":
            told = _restore(opened, Path(place))
        elif kind == "decisions":
            told = _import_table(opened, Path(place), _vocabulary(place, model, vocabulary_name), who)
        else:
            wanted = _Wanted(kind, place, limit, options.fields_of(columns))
            told = _import_papers(opened, wanted, model, quiet=quiet)
    for line in told if not quiet else ():
        click.echo(line)


class _Wanted(NamedTuple):
    """Which papers are to be imported: kind of SOURCE, SOURCE or query, and how to read it."""

    kind: str
    place: str
    limit: int
    fields: "Fields"

    def papers(self, queue: "Queue") -> "_Coming":
        """The papers; those of a list that are in the queue need not be asked for."""
        if self.kind == "papers":
            from scixtag.corpus.size import expected_papers
            from scixtag.corpus.sources import read_records
            from scixtag.workflows.train import source_name

            return _Coming(read_records(self.place, self.fields), source_name(self.place), expected_papers(self.place))
        from scixtag.review.from_scix import found_papers, listed_papers, read_bibcodes

        if self.kind == "bibcodes":
            bibcodes = read_bibcodes(Path(self.place))
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


def _import_papers(database: "Database", wanted: _Wanted, model: Path | None, *, quiet: bool) -> Iterator[str]:
    from scixtag import progress
    from scixtag.cli.console import console
    from scixtag.review.queue import Imported, Queue
    from scixtag.workflows.tagger import Tagger

    queue = Queue(database)
    with console(quiet=quiet):
        tagger = None if model is None else Tagger.load(model)
        name = None if model is None else model.resolve().name
        coming = wanted.papers(queue)
        total = Imported(known=coming.known)
        with progress.stage(f"importing {wanted.place}", coming.expected) as advance:
            for part in queue.import_batches(coming.papers, tagger, coming.source, name):
                total += part
                advance(part.added + part.known + part.empty)
    if total == Imported():
        raise InputError(f"{wanted.place}: no papers; is the file empty?")
    return _told(
        f"{database.name}: {total.added:,} papers added",
        (total.known, "were there already"),
        (total.empty, "have neither title nor abstract, and were passed over"),
    )


def _restore(database: "Database", path: Path) -> Iterator[str]:
    from scixtag.review.exchange_jsonl import restore

    came = restore(database, path)
    return _told(
        f"{database.name}: {came.added:,} papers and {came.events:,} events added",
        (came.known, "papers were there already"),
        (came.conflicting, "papers have other events here, and stay as they are"),
    )


def _import_table(database: "Database", path: Path, vocabulary: "Vocabulary", who: str) -> Iterator[str]:
    from scixtag.review.desk import Desk
    from scixtag.review.exchange_tsv import record_table

    came = record_table(Desk(database), path, vocabulary, who)
    absent = ", ".join(came.absent[:_SHOWN])
    return _told(
        f"{database.name}: decisions on {came.papers:,} papers, {came.events:,} events added",
        (len(came.absent), f"papers are not in the database, and were passed over, such as {absent}"),
    )


def _told(first: str, *rest: tuple[int, str]) -> Iterator[str]:
    yield first
    yield from (f"{count:,} {what}" for count, what in rest if count)


def _vocabulary(source: str, model: Path | None, name: str | None) -> "Vocabulary":
    from scixtag.workflows.preparation import named_vocabulary
    from scixtag.workflows.tagger import stored_vocabulary

    if name is not None:
        return named_vocabulary(name)
    if model is not None:
        return stored_vocabulary(model)
    raise ConfigError(f"{source}: a table of decisions; pass --vocabulary (such as uat:5.1.0) or --model for its ids")


@command.command("export")
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="The file to write: .tsv or .jsonl says its form."
)
@options.database_option
@click.option(
    "--final", is_flag=True, help="TSV: only the labels (bibcode, name, id), without a header, as SciX loads."
)
@click.option("--done", is_flag=True, help="JSONL: only papers that are done; a TSV never has others.")
@click.option("--overwrite", is_flag=True, help="Replace a file of an earlier export.")
@options.quiet_option
def export(output: Path, database: str | None, final: bool, done: bool, overwrite: bool, quiet: bool) -> None:
    """Write what was decided.

    TSV, SciX's columns: the concepts of the papers that are done, and an override where a curator decided. JSON Lines:
    all papers with suggestions and events; `scixtag review import` brings it back without a loss.
    """
    from scixtag.files import writing
    from scixtag.review.desk import all_papers
    from scixtag.review.exchange import check_output
    from scixtag.review.store.database import Database

    render = _renderer(output, final=final)
    check_output(output, overwrite=overwrite)
    finished = done or output.suffix == ".tsv"
    with Database.open(database, create=False) as opened, writing(output) as stream:
        stream.writelines(render(all_papers(opened, "done" if finished else None)))
    if not quiet:
        click.echo(f"written: {output}")


def _renderer(output: Path, *, final: bool) -> Callable[..., Iterator[str]]:
    from scixtag.review.exchange_jsonl import lines
    from scixtag.review.exchange_tsv import final_table, table

    if output.suffix == ".tsv":
        return final_table if final else table
    if output.suffix != ".jsonl":
        raise InputError(f"{output}: the name should end in .tsv or .jsonl, which says what is written")
    if final:
        raise ConfigError("--final: a JSONL holds everything; name a .tsv, or leave --final out")
    return lines


@command.command("report")
@options.database_option
@click.option(
    "--model-before", type=click.Path(path_type=Path), default=None, help="With --model-after: the older model."
)
@click.option("--model-after", type=click.Path(path_type=Path), default=None, help="And the one that learned more.")
@options.json_option
@options.quiet_option
def report(
    database: str | None, model_before: Path | None, model_after: Path | None, as_json: bool, quiet: bool
) -> None:
    """Say how far curators agree, how the model fares, and what decisions changed in it."""
    from scixtag.cli.console import console
    from scixtag.review.report import reported
    from scixtag.review.store.database import Database
    from scixtag.workflows.tagger import Tagger

    if (model_before is None) != (model_after is None):
        raise ConfigError("--model-before and --model-after go together; pass both, or neither")
    models = None
    with Database.open(database, create=False) as opened, console(quiet=quiet):
        if model_before is not None and model_after is not None:
            models = (Tagger.load(model_before), Tagger.load(model_after))
        document = reported(opened, models)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    _show(document)


def _show(document: dict[str, Any]) -> None:
    from scixtag.cli.console import show_table

    show_table("papers", ("", ""), list(document["papers"].items()))
    curators = document["curators"]
    show_table("curators, on papers that at least two have finished", ("", ""), _curators(curators))
    pairs = [
        (f"{p['first']}, {p['second']}", p["papers"], p["concepts"], p["observed"], _or_none(p["kappa"]), p["mean_f1"])
        for p in curators["pairs"]
    ]
    if pairs:
        show_table("", ("pair", "papers", "concepts", "alike", "kappa", "mean F1"), pairs)
    weeks = [
        (w["week"], w["model"], w["papers"], w["selected"], _or_none(w["precision"]), w["added_per_paper"])
        for w in document["weeks"]
    ]
    if weeks:
        show_table(
            "the model, by the week in which papers were finished",
            ("week", "model", "papers", "selected", "kept", "added a paper"),
            weeks,
        )
    if document["effect"] is not None:
        _show_effect(document["effect"])


def _curators(curators: dict[str, Any]) -> list[tuple[str, object]]:
    alpha = "nothing to compare" if curators["alpha"] is None else curators["alpha"]
    return [
        ("papers", curators["papers"]),
        ("concepts of papers", curators["concepts"]),
        ("Krippendorff's alpha", alpha),
    ]


def _show_effect(effect: dict[str, Any]) -> None:
    from scixtag.cli.console import show_table

    rows = [
        (name, told["papers"], told["selected"], told["right"], told["labels"], _or_none(told["f1"]))
        for name, told in (
            ("before", effect["before"]),
            ("after", effect["after"]),
            ("before, on papers that neither learned from", effect["before_unseen"]),
            ("after, on papers that neither learned from", effect["after_unseen"]),
        )
    ]
    show_table(
        "two models beside what curators left", ("model", "papers", "selected", "right", "labels", "micro F1"), rows
    )
    learned = f"papers learned from: {effect['learned_before']:,} before, {effect['learned_after']:,} after"
    click.echo(f"{learned}; of those a model only repeats what it was told")
    changes = [(c["label"], c["gained"], c["lost"], c["better"]) for c in effect["changes"]]
    if changes:
        show_table("concepts that changed most", ("concept", "gained", "lost", "as curators want"), changes)


def _or_none(value: float | None) -> object:
    return "–" if value is None else value
