"""`scixtag tag`."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scixtag.cli import options

if TYPE_CHECKING:
    from scixtag.predictions.closure import SetForm
    from scixtag.workflows.tagging.target import FileFormat, Rows


@click.command("tag")
@options.model_argument
@click.argument("source", metavar="INPUT")
@click.option(
    "--output",
    required=True,
    metavar="OUT",
    help="A file (.jsonl, .jsonl.gz), or a folder for one file a shard; - for standard output.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["jsonl", "parquet"]),
    default=None,
    help="Of the files in a folder.  [default: parquet]",
)
@click.option(
    "--rows", type=click.Choice(["paper", "suggestion"]), default="paper", show_default=True, help="What a row is."
)
@options.limit_option()
@options.threshold_option
@options.hierarchy_option
@options.explain_option
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Processes that tag.  [default: 1]")
@click.option("--shard", type=click.IntRange(min=1), default=2000, show_default=True, help="Papers in a shard.")
@click.option("--engine", default="local", show_default=True, help="Who does the work; see docs/tagging.md.")
@click.option("--address", default=None, metavar="A", help="Of the engine's cluster.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="For records that cannot be tagged.  [default: beside OUT]",
)
@click.option("--overwrite", is_flag=True, help="Replace an output folder, and unfinished work of another command.")
@options.same_vocabulary_option
@options.fields_options
@options.quiet_option
def command(
    model: Path,
    source: str,
    output: str,
    file_format: "FileFormat | None",
    rows: "Rows",
    limit: int,
    threshold: float | None,
    hierarchy: "SetForm | None",
    explain: bool,
    workers: int | None,
    shard: int,
    engine: str,
    address: str | None,
    rejects: Path | None,
    overwrite: bool,
    vocabulary_name: str | None,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Tag the papers of INPUT (any SOURCE) with the tagger in folder MODEL.

    Writes one JSON object a paper, in input order: its id, and its best concepts with probabilities; `selected` marks
    those that the model's decision rule takes, which are all listed. After an interruption the same command goes on
    where it was. A record that cannot be read goes to the rejects file with the reason.
    """
    from scixtag.cli.console import console
    from scixtag.workflows.tagging.order import Order
    from scixtag.workflows.tagging.run import tag
    from scixtag.workflows.tagging.stream import is_stream, tag_onto
    from scixtag.workflows.tagging.target import target_of
    from scixtag.workflows.wanted import Wanted

    streamed = is_stream(output)
    target = target_of("-.jsonl" if streamed else output, file_format, rows, rejects)
    wanted = Wanted(limit, threshold, hierarchy, explain)
    fields = options.fields_of(columns)
    order = Order(model, source, target, wanted, fields, shard, engine, workers, address, overwrite)
    with console(quiet=quiet):
        if vocabulary_name is not None:
            _check_vocabulary(model, vocabulary_name)
        if streamed:
            with nullcontext(sys.stdout) if output == "-" else Path(output).open("w", encoding="utf-8") as stream:
                tag_onto(stream, order, rejects)
            return
        told = tag(order)
    if not quiet:
        click.echo(f"{told.papers:,} paper{'s' * (told.papers != 1)}: {output}")


def _check_vocabulary(model: Path, name: str) -> None:
    from scixtag.workflows.tagger import stored_vocabulary
    from scixtag.workflows.vocabularies import check_same_vocabulary

    check_same_vocabulary(stored_vocabulary(model), name)
