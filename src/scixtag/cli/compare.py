"""`scixtag compare`."""

import json
from pathlib import Path

import click

from scixtag.cli import options


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...", type=click.Path(path_type=Path))
@click.option("--metrics", metavar="A,B", default="", help="Instead of the usual ones; see docs/metrics.md.")
@options.replicates_option
@click.option(
    "--json", "json_file", metavar="FILE", default=None, help="Write all numbers as JSON; - for standard output."
)
@options.seed_option("Of the bootstrap.")
@options.quiet_option
def command(
    runs: tuple[Path, ...], metrics: str, replicates: int, json_file: str | None, seed: int | None, quiet: bool
) -> None:
    """Compare finished runs with the first one, by a paired bootstrap over the papers that all of them judged.

    A RUN is a folder in `runs` of an --output of `scixtag benchmark`, or such an output for all its runs.
    """
    from scixtag.cli.benchmark_summary import show_comparison
    from scixtag.cli.console import console
    from scixtag.evaluation.metrics.registry import get_metric
    from scixtag.files import JSON_MARK, check_new_file, write_json
    from scixtag.workflows.compare import COMPARED, compare
    from scixtag.workflows.runs import find_runs, load_run

    wanted = options.names_in(metrics) or list(COMPARED)
    for name in wanted:
        get_metric(name)
    folders = find_runs(runs)
    if json_file not in (None, "-"):
        check_new_file(Path(json_file), ".json", inputs=folders, mark=JSON_MARK)
    with console(quiet=quiet):
        found = compare([load_run(folder) for folder in folders], wanted, replicates=replicates, seed=seed or 0)
    if json_file == "-":
        click.echo(json.dumps(found.to_document(), ensure_ascii=False))
        return
    if json_file is not None:
        write_json(Path(json_file), found.to_document())
    if not quiet:
        show_comparison(found)
