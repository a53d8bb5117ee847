"""`scixtag suggest`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scixtag.cli import options
from scixtag.formats.keywords.registry import FORMS, keywords_as

if TYPE_CHECKING:
    from scixtag.predictions.closure import SetForm


@click.command("suggest")
@options.model_argument
@click.option("--title", default="", help="The paper's title.")
@click.option("--abstract", default=None, help="Its abstract.")
@options.limit_option(10)
@options.threshold_option
@options.hierarchy_option
@options.explain_option
@options.same_vocabulary_option
@options.json_option
@click.option(
    "--as",
    "form",
    type=click.Choice(list(FORMS)),
    default=None,
    help="Print the selected concepts alone, ready to be pasted; see docs/keywords.md.",
)
def command(
    model: Path,
    title: str,
    abstract: str | None,
    limit: int,
    threshold: float | None,
    hierarchy: "SetForm | None",
    explain: bool,
    vocabulary_name: str | None,
    as_json: bool,
    form: str | None,
) -> None:
    """Suggest concepts for one paper with the tagger in folder MODEL.

    With neither --title nor --abstract, the first line of standard input is the title and the rest the abstract.
    """
    from scixtag.cli.console import console, show_table
    from scixtag.cli.explanations import named, show_explained
    from scixtag.workflows.tag import selected_concepts, suggest, tagged
    from scixtag.workflows.tagger import Tagger
    from scixtag.workflows.vocabularies import check_same_vocabulary
    from scixtag.workflows.wanted import Wanted

    if form and (as_json or explain):
        raise click.UsageError(
            f"--as {form} prints nothing but keywords; leave {'--json' if as_json else '--explain'} out"
        )
    tagger = Tagger.load(model)
    check_same_vocabulary(tagger.vocabulary, vocabulary_name)
    if not title and abstract is None:
        title, abstract = _split(_standard_input())
    wanted = Wanted(limit, threshold, hierarchy, explain)
    with console(quiet=not explain):
        suggestions = suggest(tagger, title, abstract or "", wanted)
    if form:
        concepts = selected_concepts(suggestions, tagger.vocabulary)
        for one in (one for one in suggestions if one.selected and one.deprecated):
            click.echo(f"left out, for the vocabulary has deprecated it: {one.label} ({one.id})", err=True)
        click.echo(keywords_as(form, concepts, tagger.vocabulary))
        return
    if as_json:
        click.echo(json.dumps(tagged("", suggestions)["suggestions"], ensure_ascii=False))
        return
    heading = "Suggestions (* selected by the decision rule)"
    if any(suggestion.from_prior for suggestion in suggestions):
        heading = "The text holds nothing that the model knows; the most frequent concepts are"
    if explain:
        show_explained(heading, suggestions)
        return
    rows = [("*" if s.selected else "", s.probability, str(s.id), named(s)) for s in suggestions]
    show_table(heading, ("", "probability", "id", "concept"), rows)


def _standard_input() -> str:
    from scixtag.errors import InputError

    if sys.stdin.isatty():
        click.echo("Paste title and abstract, then Ctrl-D:", err=True)
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 text ({error.reason}); pass text, such as a title") from error
    if "\0" in text:
        raise InputError("standard input: binary data where text was expected; pass text, such as a title")
    return text


def _split(text: str) -> tuple[str, str]:
    title, _, abstract = text.strip().partition("\n")
    return title, abstract
