"""`scixtag recipes`."""

import json

import click

from scixtag.cli import options


@click.command("recipes")
@click.argument("name", required=False)
@options.json_option
def command(name: str | None, as_json: bool) -> None:
    """List the recipes for `train --recipe`; with NAME, its complete configuration file (TOML)."""
    from scixtag.cli.console import show_table
    from scixtag.config import to_toml
    from scixtag.workflows.recipes import recipe_comment, recipe_document, recipe_names
    from scixtag.workflows.settings import training_settings

    names = recipe_names() if name is None else [name]
    complete = {n: training_settings(recipe_document(n), f"recipe {n}").to_document() for n in names}
    if as_json:
        listing = [{"name": n, "summary": recipe_comment(n)[0], "settings": complete[n]} for n in names]
        click.echo(json.dumps(listing if name is None else listing[0], ensure_ascii=False))
    elif name is None:
        show_table("Recipes", ("name", "what it is"), [(n, recipe_comment(n)[0]) for n in names])
    else:
        click.echo("\n".join(f"# {line}" for line in recipe_comment(name)))
        click.echo(to_toml(complete[name]), nl=False)
