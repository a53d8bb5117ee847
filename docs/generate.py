"""Write the pages that are made from the code: docs/cli.md and docs/models.md. `--check` only compares."""

import sys
from dataclasses import fields, is_dataclass
from inspect import getdoc
from pathlib import Path

import click

from scixtag.cli.main import COMMANDS, command
from scixtag.config import to_toml
from scixtag.models.registry import MODELS, model_class
from scixtag.workflows.settings import training_settings

HERE = Path(__file__).parent
NOTE = "<!-- made by docs/generate.py; `make fix` writes it anew -->\n"


def cli_page() -> str:
    """Every command's help."""
    parts = [NOTE, "# The commands\n"]
    root = click.Context(command, info_name="scixtag", terminal_width=100)
    parts.append(_help(command, root))
    for name in COMMANDS:
        sub = command.get_command(root, name)
        context = click.Context(sub, info_name=name, parent=root, terminal_width=100)
        parts.append(f"## scixtag {name}\n\n{_help(sub, context)}")
        for inner_name, inner in getattr(sub, "commands", {}).items():
            inner_context = click.Context(inner, info_name=inner_name, parent=context, terminal_width=100)
            parts.append(f"### scixtag {name} {inner_name}\n\n{_help(inner, inner_context)}")
    return "\n".join(parts)


def _help(sub: click.Command, context: click.Context) -> str:
    return f"```text\n{sub.get_help(context)}\n```\n"


def models_page() -> str:
    """Every model with its settings, their meaning and their defaults."""
    parts = [NOTE, "# The models\n", "`scixtag models NAME` prints a complete configuration file.\n"]
    for name, entry in MODELS.items():
        kind = model_class(name)
        parts.append(f"## {name}\n\n{entry.summary}\n\n{getdoc(kind)}\n")
        for settings in kind.Settings.__mro__:
            if is_dataclass(settings) and fields(settings):
                parts.append(f"```text\n{getdoc(settings)}\n```\n")
        document = training_settings({"model": {"name": name}}, name).to_document()
        parts.append(f"Defaults:\n\n```toml\n{to_toml({'model': document['model']})}```\n")
    return "\n".join(parts)


def main() -> int:
    """Write or check; 1 if a page is out of date."""
    stale = []
    for name, text in {"cli.md": cli_page(), "models.md": models_page()}.items():
        page = HERE / name
        if page.is_file() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            page.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"out of date: {', '.join(stale)}; run `make fix`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
