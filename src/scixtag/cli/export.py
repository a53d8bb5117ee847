"""`scixtag export`."""

from pathlib import Path

import click

from scixtag.cli import options


@click.command("export")
@options.model_argument
@click.option("--onnx", is_flag=True, help="For ONNX Runtime, without torch and transformers.")
@click.option("--int8", is_flag=True, help="Matrix products in eight bits: faster, not quite the same scores.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The model folder to write.")
@options.overwrite_option
@options.quiet_option
def command(model: Path, onnx: bool, int8: bool, output: Path, overwrite: bool, quiet: bool) -> None:
    """Write the model in folder MODEL, a network or an ensemble with one, for another runtime.

    The result is a model folder as any other, for `tag`, `suggest` and `evaluate`, with the same calibration and
    decision rule.
    """
    from scixtag.cli.console import console
    from scixtag.errors import InputError
    from scixtag.files import check_new_folder
    from scixtag.workflows.export import to_onnx
    from scixtag.workflows.tagger import Tagger, foreign_content

    if not onnx:
        raise click.UsageError("name the format to export to: --onnx")
    if output.resolve() == model.resolve():
        raise InputError(f"{output}: --output is the model itself, which cannot be trained further from an export")
    check_new_folder(output, foreign=foreign_content, overwrite=overwrite)
    with console(quiet=quiet):
        to_onnx(Tagger.load(model), int8=int8).save(output, overwrite=overwrite)
    if not quiet:
        click.echo(f"model folder: {output}")
