"""`scixtag demo`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scixtag.cli import options

if TYPE_CHECKING:
    from scixtag.corpus.record import Record
    from scixtag.predictions.suggestion import Suggestion


@click.command("demo")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="The folder to write.",
)
@options.quiet_option
def command(output: Path, quiet: bool) -> None:
    """Train on the embedded corpus, evaluate on its held-out part, tag a few papers; no network needed."""
    from scixtag.cli.console import console, show_table
    from scixtag.cli.summary import show_report
    from scixtag.workflows.demo import run_demo

    with console(quiet=quiet):
        demo = run_demo(output)
    if quiet:
        return
    show_report(demo.report)
    for record, suggestions in demo.tagged:
        show_table(record.title, ("*", "given", "probability", "id", "concept"), _rows(record, suggestions))
    click.echo(f"""
*: selected by the model's decision rule. given: among the paper's own labels, which the model never saw.

The model:   {demo.model}
The report:  {demo.page}   (open it in a browser)
The tags:    {demo.tags}

What to try next:
  scixtag suggest {demo.model} --title "White-light flares from fast-rotating red dwarfs"
  scixtag data sample
  scixtag models
  scixtag train PAPERS.parquet --vocabulary UAT.rdf --model linear --output my-model""")


def _rows(record: "Record", suggestions: "list[Suggestion]") -> list[tuple[str, str, float, str, str]]:
    given = record.labels or ()
    return [
        ("*" if s.selected else "", "yes" if s.id in given else "", s.probability, str(s.id), s.label)
        for s in suggestions
    ]
