"""`scixtag data`."""

import json
from pathlib import Path

import click

from scixtag.cli import options


@click.command("data")
@click.argument("source")
@options.vocabulary_option
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Write an HTML page with plots."
)
@options.json_option
@options.fields_options
@options.quiet_option
def command(
    source: str, vocabulary_name: str | None, report: Path | None, as_json: bool, quiet: bool, **columns: str | None
) -> None:
    """Describe the corpus SOURCE: labels, gaps, duplicates, lengths.

    With a vocabulary, labels get names, and unknown and deprecated ones are counted.
    """
    from scixtag.cli.console import console, show_table
    from scixtag.corpus.sample import is_sample
    from scixtag.files import check_new_file
    from scixtag.pages.page import MARK, shown
    from scixtag.workflows.describe import describe_corpus, facts, write_page
    from scixtag.workflows.preparation import vocabulary_for

    if report is not None:
        check_new_file(report, ".html", mark=MARK)
    with console(quiet=quiet):
        named = vocabulary_name is not None or is_sample(source)
        vocabulary = vocabulary_for(source, vocabulary_name) if named else None
        description = describe_corpus(source, vocabulary, options.fields_of(columns))
    if report is not None:
        write_page(description, source, report)
    if as_json:
        click.echo(json.dumps(description.to_document(), ensure_ascii=False))
        return
    if quiet:
        return
    show_table(source, ("", ""), [(name, shown(value)) for name, value in facts(description)])
    bands = [(name, *sizes) for name, sizes in description.bands.items()]
    show_table("Concepts by number of papers", ("papers", "concepts", "assignments"), bands)
    for title, concepts in (
        ("The most frequent concepts", description.most_frequent[:10]),
        ("Deprecated concepts in use", description.deprecated),
        ("Labels outside the vocabulary", description.unknown),
    ):
        if concepts:
            show_table(title, ("id", "name", "papers"), [(str(c.id), c.name, c.papers) for c in concepts])
    if report is not None:
        click.echo(f"report: {report}")
