"""`scixtag drift`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scixtag.cli import options

if TYPE_CHECKING:
    from scixtag.evaluation.drift.report import DriftReport


@click.command("drift")
@options.model_argument
@click.argument("source")
@click.option(
    "--json", "json_file", metavar="FILE", default=None, help="Write all numbers as JSON; - for standard output."
)
@click.option(
    "--report", type=click.Path(path_type=Path, file_okay=False), default=None, help="Write HTML, Markdown, JSON."
)
@click.option("--replicates", type=click.IntRange(min=200), default=1000, show_default=True, help="Of the bootstrap.")
@options.same_vocabulary_option
@options.seed_option("Of bootstrap and permutations.")
@options.fields_options
@options.quiet_option
def command(
    model: Path,
    source: str,
    json_file: str | None,
    report: Path | None,
    replicates: int,
    vocabulary_name: str | None,
    seed: int | None,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Compare the papers of SOURCE, labelled or not, with those that the tagger in folder MODEL learned from.

    Says how words, predicted concepts and confidence differ, with intervals, and whether that calls for a new
    training. Training papers in SOURCE are left out. The exit code is 0 whatever the verdict; docs/drift.md tells how
    to read it.
    """
    from scixtag.cli.console import console
    from scixtag.evaluation.drift.report_files import foreign_content, write_report
    from scixtag.files import JSON_MARK, check_new_file, check_new_folder, write_json
    from scixtag.workflows.drift import drift
    from scixtag.workflows.tagger import Tagger
    from scixtag.workflows.vocabularies import check_same_vocabulary

    fields = options.fields_of(columns)
    if report is not None:
        check_new_folder(report, foreign=foreign_content, overwrite=True)
    if json_file not in (None, "-"):
        check_new_file(Path(json_file), ".json", inputs=[model], mark=JSON_MARK)
    with console(quiet=quiet):
        tagger = Tagger.load(model)
        check_same_vocabulary(tagger.vocabulary, vocabulary_name)
        result = drift(tagger, source, fields, replicates=replicates, seed=seed or 0)
    if json_file == "-":
        click.echo(json.dumps(result.to_document(), ensure_ascii=False))
    elif json_file is not None:
        write_json(Path(json_file), result.to_document())
    if report is not None:
        write_report(result, report)
    if not quiet and json_file != "-":
        _show(result)
        if report is not None:
            click.echo(f"report: {report / 'drift.html'}")


def _show(report: "DriftReport") -> None:
    """Print the tables, and the verdict last, where it is seen."""
    from scixtag.cli.console import show_table
    from scixtag.evaluation.drift import tables
    from scixtag.pages.page import shown

    parts = {
        "Words and concepts as a whole": tables.distributions(report),
        "Paper by paper": tables.quantities(report),
        "Predicted concepts that changed": tables.shares(report.concepts[:10], "concept"),
        "Words that changed": tables.shares(report.words[:10], "word"),
    }
    for title, found in parts.items():
        if found.rows:
            heads = [head for head in found.heads if head != "meaning"]
            rows = [[shown(value) for value in row[: len(heads)]] for row in found.rows]
            show_table(title, heads, rows)
    click.echo(f"new words: {', '.join(f'{word.word} ({word.papers})' for word in report.new_words[:10]) or 'none'}")
    for note in report.notes:
        click.echo(note)
    click.echo(report.verdict)
