"""`scixtag evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scixtag.cli import options

if TYPE_CHECKING:
    from scixtag.predictions.closure import SetForm


@click.command("evaluate")
@options.model_argument
@click.argument("source")
@click.option(
    "--json", "json_file", metavar="FILE", default=None, help="Write all numbers as JSON; - for standard output."
)
@click.option(
    "--report", type=click.Path(path_type=Path, file_okay=False), default=None, help="Write HTML, Markdown, JSON, CSV."
)
@click.option("--fold", default=None, metavar="I/N", help="Only fold I of N, which `train --fold I/N` left out.")
@options.replicates_option
@click.option("--labels", is_flag=True, help="Print the classification report of every label as well.")
@options.hierarchy_option
@options.same_vocabulary_option
@options.seed_option("Of the bootstrap.")
@options.strict_option
@options.fields_options
@options.quiet_option
def command(
    model: Path,
    source: str,
    json_file: str | None,
    report: Path | None,
    fold: str | None,
    replicates: int,
    labels: bool,
    hierarchy: "SetForm | None",
    vocabulary_name: str | None,
    seed: int | None,
    strict: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Evaluate the tagger in folder MODEL on the labelled papers of SOURCE.

    Every number comes with a 95 % bootstrap interval over papers. Nothing is tuned here.
    """
    from scixtag.cli.console import console
    from scixtag.cli.summary import publish
    from scixtag.evaluation.report_files import foreign_content
    from scixtag.files import JSON_MARK, check_new_file, check_new_folder, write_json
    from scixtag.workflows.evaluate import evaluate
    from scixtag.workflows.preparation import Corpus, Fold
    from scixtag.workflows.tagger import Tagger
    from scixtag.workflows.vocabularies import check_same_vocabulary

    parsed_fold = Fold.parse(fold) if fold else None
    if report is not None:
        check_new_folder(report, foreign=foreign_content, overwrite=True)
    if json_file not in (None, "-"):
        check_new_file(Path(json_file), ".json", inputs=[model], mark=JSON_MARK)
    with console(quiet=quiet):
        corpus = Corpus(source, options.fields_of(columns), strict, parsed_fold)
        tagger = Tagger.load(model)
        check_same_vocabulary(tagger.vocabulary, vocabulary_name)
        result = evaluate(
            tagger, corpus, replicates=replicates, seed=seed or 0, hierarchy=hierarchy, explain=report is not None
        )
    if json_file == "-":
        click.echo(json.dumps(result.to_document(), ensure_ascii=False))
    elif json_file is not None:
        write_json(Path(json_file), result.to_document())
    publish(result, report, quiet=quiet or json_file == "-", labels=labels)
