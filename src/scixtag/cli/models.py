"""`scixtag models`."""

import json
from dataclasses import MISSING, fields
from typing import Any

import click

from scixtag.cli import options


@click.command("models")
@click.argument("name", required=False)
@options.json_option
def command(name: str | None, as_json: bool) -> None:
    """List the models and their settings; with NAME, a complete configuration file for it (TOML)."""
    from scixtag.cli.console import show_table
    from scixtag.config import to_toml
    from scixtag.models.registry import known_models
    from scixtag.workflows.settings import training_settings

    if name is not None:
        click.echo(to_toml(training_settings({"model": {"name": name}}, "settings").to_document()), nl=False)
        return
    models = known_models()
    if as_json:
        listing = [{"name": n, "summary": entry.summary, "settings": _settings(n)} for n, entry in models.items()]
        click.echo(json.dumps(listing, ensure_ascii=False))
        return
    rows = [(n, e.summary, ", ".join(f"{k}={v}" for k, v in _settings(n).items())) for n, e in models.items()]
    show_table("Models", ("name", "what it does", "settings and defaults"), rows)


def _settings(name: str) -> dict[str, Any]:
    from scixtag.models.registry import model_class

    kind = model_class(name).Settings
    return {f.name: f.default if f.default is not MISSING else None for f in fields(kind)}
