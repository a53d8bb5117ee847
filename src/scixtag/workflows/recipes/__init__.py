"""Settings that come with scixtag, by name: a TOML file each, whose first line says what it is.

A recipe may say `extends = "another"`: it is the other one with the settings that it names itself.
"""

import tomllib
from itertools import takewhile
from pathlib import Path
from typing import Any

from scixtag.errors import ConfigError, nearest

_FOLDER = Path(__file__).parent


def recipe_names() -> list[str]:
    """All recipes, in the order of the alphabet."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def recipe_comment(name: str) -> list[str]:
    """What the recipe says about itself, line by line; the first line is its summary.

    Raises:
        ConfigError: No recipe has this name.
    """
    return [line.removeprefix("#").strip() for line in takewhile(_is_comment, _text(name).splitlines())]


def recipe_document(name: str) -> dict[str, Any]:
    """The configuration, as `training_settings` reads it.

    Raises:
        ConfigError: No recipe has this name.
    """
    document = tomllib.loads(_text(name))
    base = document.pop("extends", None)
    return document if base is None else _changed(recipe_document(base), document)


def _is_comment(line: str) -> bool:
    return line.startswith("#")


def _text(name: str) -> str:
    if name not in recipe_names():
        raise ConfigError(f"no recipe is called '{name}'; {nearest(name, recipe_names())}")
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def _changed(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The base with its own settings in place of those of the same name, section by section."""
    sections = {key: _changed(base.get(key, {}), value) for key, value in own.items() if isinstance(value, dict)}
    return base | own | sections
