"""`scixtag benchmark`."""

from pathlib import Path

import click

from scixtag.cli import options
from scixtag.errors import ConfigError


@click.command("benchmark")
@click.argument("source")
@options.vocabulary_option
@click.option("--systems", metavar="A,B,C", default="", help="Models, recipes and TOML files, by name.")
@click.option(
    "--system",
    "described",
    multiple=True,
    metavar="'NAME: BASE KEY=VALUE ...'",
    help="One more: a model, recipe or TOML file (or the default model), with changes.",
)
@click.option("--folds", type=click.IntRange(min=2), default=None, help="Cross-validation.  [default: 5]")
@click.option("--test", "test_source", metavar="SOURCE2", default=None, help="Judge these, no folds; same columns.")
@click.option("--repeats", type=click.IntRange(min=1), default=1, show_default=True, help="Trainings, each a new seed.")
@click.option("--metrics", metavar="A,B", default="", help="More metrics; see docs/metrics.md.")
@click.option("--against", metavar="SYSTEM", default=None, help="What the others are compared with.  [default: first]")
@click.option("--learning-curve", is_flag=True, help="Train on an eighth, a quarter and half of the papers, too.")
@click.option("--allow-overlap", is_flag=True, help="Judge papers that are training papers, too.")
@click.option(
    "--reuse", is_flag=True, help="Use members and vectors of earlier trainings: quicker, but times tell nothing then."
)
@click.option(
    "--processes", type=click.IntRange(min=1), default=None, help="Trainings at a time.  [default: one a core]"
)
@options.replicates_option
@click.option("--revision", metavar="COMMIT", default=None, help="Of the dataset, for SOURCE astroconcepts.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The folder to write.")
@options.seed_option("Of the bootstrap and of the first repeat.")
@options.strict_option
@options.overwrite_option
@options.fields_options
@options.quiet_option
def command(
    source: str,
    vocabulary_name: str | None,
    systems: str,
    described: tuple[str, ...],
    folds: int | None,
    test_source: str | None,
    repeats: int,
    metrics: str,
    against: str | None,
    learning_curve: bool,
    allow_overlap: bool,
    reuse: bool,
    processes: int | None,
    replicates: int,
    revision: str | None,
    output: Path,
    seed: int | None,
    strict: bool,
    overwrite: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Train and judge systems on the same labelled papers of SOURCE, under one protocol.

    Every system is trained on each fold's other papers, or on SOURCE and judged on SOURCE2; whatever it tunes is tuned
    on its training papers. SOURCE `astroconcepts` is the published split, set beside the published numbers. Finished
    trainings are kept by content: after an interruption the same command goes on. OUTPUT gets report.html, report.md
    and benchmark.json, a full report of each system, and runs for `scixtag compare`.
    """
    from scixtag.cli.benchmark_summary import show
    from scixtag.cli.console import console
    from scixtag.evaluation.metrics.registry import get_metric
    from scixtag.files import check_new_folder
    from scixtag.workflows.benchmark.benchmark import benchmark
    from scixtag.workflows.benchmark.files import foreign_content, write_benchmark
    from scixtag.workflows.benchmark.official import resolve
    from scixtag.workflows.benchmark.protocol import Protocol
    from scixtag.workflows.benchmark.systems import parse_systems
    from scixtag.workflows.preparation import Corpus, vocabulary_for

    if folds is not None and test_source is not None:
        raise ConfigError("--folds and --test were both given; judge each paper in its fold, or the papers of --test")
    wanted = options.names_in(metrics)
    for name in wanted:
        get_metric(name)
    chosen = parse_systems(options.names_in(systems), described, seed or 0)
    check_new_folder(output, foreign=foreign_content, overwrite=overwrite)
    fields = options.fields_of(columns)
    with console(quiet=quiet):
        official = resolve(source, test_source, vocabulary_name, revision, folds=folds)
        protocol = Protocol(
            corpus=Corpus(official.train, fields, strict),
            vocabulary=vocabulary_for(official.train, official.vocabulary),
            systems=tuple(chosen),
            test=Corpus(official.test, fields, strict) if official.test else None,
            folds=folds or 5,
            repeats=repeats,
            metrics=tuple(wanted),
            against=against,
            learning_curve=learning_curve,
            allow_overlap=allow_overlap,
            reuse=reuse,
            processes=processes or 0,
            replicates=replicates,
            seed=seed or 0,
            official=official.published,
        )
        result = benchmark(protocol)
        write_benchmark(result, output, overwrite=overwrite)
    if not quiet:
        show(result)
        click.echo(f"report: {output / 'report.html'}")
