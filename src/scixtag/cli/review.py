"""`scixtag review import|export|report`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from scixtag.cli import options
from scixtag.cli.review_import import import_
from scixtag.errors import ConfigError, InputError


@click.group("review")
def command() -> None:
    """Queue papers for curators, move their decisions in and out, and report on them."""


command.add_command(import_)


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
    with Database.open(database, writes=False) as opened, writing(output) as stream:
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
    with Database.open(database, writes=False) as opened, console(quiet=quiet):
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
