"""`scixtag tag`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scixtag.cli import options

if TYPE_CHECKING:
    from scixtag.predictions.closure import SetForm


@click.command("tag")
@options.model_argument
@click.argument("source", metavar="INPUT")
@click.option("--output", required=True, metavar="OUT", help="A JSON Lines file; - for standard output.")
@options.limit_option()
@options.threshold_option
@options.hierarchy_option
@options.explain_option
@options.same_vocabulary_option
@options.fields_options
@options.quiet_option
def command(
    model: Path,
    source: str,
    output: str,
    limit: int,
    threshold: float | None,
    hierarchy: "SetForm | None",
    explain: bool,
    vocabulary_name: str | None,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Tag the papers of INPUT (any SOURCE) with the tagger in folder MODEL.

    Writes one JSON object a paper, in input order: its id, and its best concepts with probabilities; `selected` marks
    those that the model's decision rule takes, which are all listed.
    """
    from scixtag.cli.console import console
    from scixtag.workflows.tag import Wanted, tag_file, tag_stream
    from scixtag.workflows.tagger import Tagger
    from scixtag.workflows.vocabularies import check_same_vocabulary

    fields = options.fields_of(columns)
    with console(quiet=quiet):
        tagger = Tagger.load(model)
        check_same_vocabulary(tagger, vocabulary_name)
        wanted = Wanted(limit, threshold, hierarchy, explain)
        if output == "-":
            tag_stream(tagger, source, sys.stdout, wanted, fields=fields)
            return
        count = tag_file(tagger, source, Path(output), wanted, fields=fields)
    if not quiet:
        click.echo(f"{count:,} papers: {output}")
