"""`scixtag train`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scixtag.cli import options
from scixtag.errors import ConfigError

if TYPE_CHECKING:
    from scixtag.vocabulary.concept import Vocabulary
    from scixtag.workflows.preparation import Corpus
    from scixtag.workflows.settings import TrainingSettings
    from scixtag.workflows.tagger import Tagger


@click.command("train")
@click.argument("source")
@options.vocabulary_option
@click.option("--model", "model_name", metavar="NAME", default=None, help="A model of `scixtag models`.")
@click.option("--recipe", metavar="NAME", default=None, help="Settings that come with scixtag; see `scixtag recipes`.")
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), default=None, help="TOML; see docs/configuration.md."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One setting, such as model.C=2.0.")
@click.option(
    "--encoder", metavar="NAME", default=None, help="Instead of model.encoder: a name on the hub, or a local folder."
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The model folder to write.")
@click.option("--fold", default=None, metavar="I/N", help="Leave out fold I of N, for `evaluate --fold I/N`.")
@click.option(
    "--evaluate",
    "test_source",
    metavar="SOURCE",
    default=None,
    help="Then evaluate on SOURCE; with --fold and the same SOURCE on the fold.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="For --evaluate: write HTML, Markdown, JSON, CSV.",
)
@click.option(
    "--review",
    "database",
    metavar="DATABASE",
    default=None,
    help="Also learn from what curators decided there; see docs/review.md.",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted training from its checkpoints.")
@options.seed_option("Of the models and the tuning folds.")
@options.strict_option
@options.overwrite_option
@options.fields_options
@options.quiet_option
def command(
    source: str,
    vocabulary_name: str | None,
    model_name: str | None,
    recipe: str | None,
    config: Path | None,
    encoder: str | None,
    assignments: tuple[str, ...],
    output: Path,
    fold: str | None,
    test_source: str | None,
    report: Path | None,
    database: str | None,
    resume: bool,
    seed: int | None,
    strict: bool,
    overwrite: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Train a tagger on the labelled papers of SOURCE.

    Calibration and decision rule are fitted on out-of-fold scores of the training papers. The result is a folder that
    tags without the training papers and without a network. A model that trains for long keeps checkpoints in
    OUTPUT.training until it is done.
    """
    from scixtag import processes
    from scixtag.cli.console import console, show_table
    from scixtag.workflows.preparation import Corpus, Fold, vocabulary_for
    from scixtag.workflows.settings import training_settings
    from scixtag.workflows.train import describe_training
    from scixtag.workflows.unfinished import kept_beside

    document = _document(_begun_with(model_name, recipe, config), seed, encoder, assignments)
    settings = training_settings(document, str(config or recipe or "settings"))
    corpus = Corpus(source, options.fields_of(columns), strict, Fold.parse(fold) if fold else None)
    test = _test_corpus(corpus, test_source, report)
    # Of several processes that train together, one speaks and writes.
    main = processes.is_main()
    if main:
        _check_places(output, test, report, overwrite=overwrite)
    with console(quiet=quiet or not main), kept_beside(output, resume=resume, overwrite=overwrite):
        tagger = _train(corpus, vocabulary_for(source, vocabulary_name), settings, database)
        if main:
            tagger.save(output, overwrite=overwrite)
    if not main:
        return
    if not quiet:
        show_table(f"{settings.model}, trained on {source}", ("", ""), list(describe_training(tagger).items()))
        click.echo(f"model folder: {output}")
    if test is not None:
        _evaluate(output, test, report, quiet=quiet)


def _train(corpus: "Corpus", vocabulary: "Vocabulary", settings: "TrainingSettings", database: str | None) -> "Tagger":
    from scixtag.workflows.train import train

    if database is None:
        return train(corpus, vocabulary, settings)
    from scixtag.review.store.database import Database
    from scixtag.review.training import train_with_decisions

    with Database.open(database, writes=False) as opened:
        return train_with_decisions(corpus, vocabulary, settings, opened)


def _begun_with(model_name: str | None, recipe: str | None, config: Path | None) -> dict[str, Any]:
    """The settings that the others change: of a recipe, a file, or a model's defaults."""
    from scixtag.config import read_toml
    from scixtag.workflows.recipes import recipe_document

    choices = {"--model": model_name, "--recipe": recipe, "--config": config}
    given = [flag for flag, choice in choices.items() if choice is not None]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)} were both given; keep one, and change it with --set")
    if config is not None:
        return read_toml(config)
    if recipe is not None:
        return recipe_document(recipe)
    return {} if model_name is None else {"model": {"name": model_name}}


def _document(
    document: dict[str, Any], seed: int | None, encoder: str | None, assignments: tuple[str, ...]
) -> dict[str, Any]:
    """The configuration: what was begun with, then --seed and --encoder, then each --set."""
    from scixtag.config import assign, parse_assignment

    if seed is not None:
        document["seed"] = seed
    if encoder is not None:
        _check_has_encoder(document)
        assign(document, ["model", "encoder"], encoder)
    for text in assignments:
        assign(document, *parse_assignment(text))
    return document


def _check_has_encoder(document: dict[str, Any]) -> None:
    from scixtag.models.registry import model_class
    from scixtag.workflows.settings import model_name_in

    name = model_name_in(document, "--encoder")
    if not hasattr(model_class(name).Settings, "encoder"):
        raise ConfigError(
            f"--encoder: the model '{name}' has no such setting; choose one that reads text with an encoder, "
            "such as --recipe seed-bert or --model encoder; or, for a member of an ensemble, "
            "--set model.members.NAME.encoder=…"
        )


def _test_corpus(corpus: "Corpus", source: str | None, report: Path | None) -> "Corpus | None":
    """What to evaluate on; the fold that training leaves out, if it is of the same source."""
    if source is None:
        if report is not None:
            raise ConfigError("--report goes with --evaluate SOURCE; name the papers to evaluate on")
        return None
    return replace(corpus, source=source, fold=corpus.fold if source == corpus.source else None)


def _check_places(output: Path, test: "Corpus | None", report: Path | None, *, overwrite: bool) -> None:
    """See that what comes after the training can be done."""
    from scixtag.evaluation.report_files import foreign_content as foreign_to_reports
    from scixtag.files import check_new_folder
    from scixtag.workflows.preparation import check_readable
    from scixtag.workflows.tagger import foreign_content

    check_new_folder(output, foreign=foreign_content, overwrite=overwrite)
    if report is not None:
        check_new_folder(report, foreign=foreign_to_reports, overwrite=True)
    if test is not None:
        check_readable(test)


def _evaluate(model: Path, test: "Corpus", report: Path | None, *, quiet: bool) -> None:
    from scixtag.cli.console import console
    from scixtag.cli.summary import publish
    from scixtag.workflows.evaluate import evaluate
    from scixtag.workflows.tagger import Tagger

    with console(quiet=quiet):
        result = evaluate(Tagger.load(model), test, explain=report is not None)
    publish(result, report, quiet=quiet)
