"""`scixtag train`."""

from pathlib import Path
from typing import Any

import click

from scixtag.cli import options
from scixtag.errors import ConfigError


@click.command("train")
@click.argument("source")
@options.vocabulary_option
@click.option("--model", "model_name", metavar="NAME", default=None, help="A model of `scixtag models`.")
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), default=None, help="TOML; see docs/configuration.md."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One setting, such as model.C=2.0.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The model folder to write.")
@click.option("--fold", default=None, metavar="I/N", help="Leave out fold I of N, for `evaluate --fold I/N`.")
@options.seed_option("Of the models and the tuning folds.")
@options.strict_option
@options.overwrite_option
@options.fields_options
@options.quiet_option
def command(
    source: str,
    vocabulary_name: str | None,
    model_name: str | None,
    config: Path | None,
    assignments: tuple[str, ...],
    output: Path,
    fold: str | None,
    seed: int | None,
    strict: bool,
    overwrite: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Train a tagger on the labelled papers of SOURCE.

    Calibration and decision rule are fitted on out-of-fold scores of the training papers. The result is a folder that
    tags without the training papers and without a network.
    """
    from scixtag.cli.console import console, show_table
    from scixtag.files import check_new_folder
    from scixtag.workflows.preparation import Corpus, Fold, vocabulary_for
    from scixtag.workflows.settings import training_settings
    from scixtag.workflows.tagger import foreign_content
    from scixtag.workflows.train import describe_training, train

    settings = training_settings(_document(config, model_name, assignments, seed), str(config or "settings"))
    check_new_folder(output, foreign=foreign_content, overwrite=overwrite)
    parsed_fold = Fold.parse(fold) if fold else None
    with console(quiet=quiet):
        corpus = Corpus(source, options.fields_of(columns), strict, parsed_fold)
        tagger = train(corpus, vocabulary_for(source, vocabulary_name), settings)
        tagger.save(output, overwrite=overwrite)
    if not quiet:
        show_table(f"{settings.model}, trained on {source}", ("", ""), list(describe_training(tagger).items()))
        click.echo(f"model folder: {output}")


def _document(
    config: Path | None, model_name: str | None, assignments: tuple[str, ...], seed: int | None
) -> dict[str, Any]:
    """The configuration: the file, then --model and --seed, then each --set."""
    from scixtag.config import assign, parse_assignment, read_toml

    if config is not None and model_name is not None:
        raise ConfigError("--model and --config were both given; name the model in the file's [model] section")
    document = read_toml(config) if config is not None else {}
    if model_name is not None:
        document["model"] = {"name": model_name}
    if seed is not None:
        document["seed"] = seed
    for text in assignments:
        assign(document, *parse_assignment(text))
    return document
