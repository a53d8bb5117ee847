"""The systems of a benchmark: models, recipes and configurations by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scixtag.config import assign, parse_assignment, read_toml
from scixtag.errors import ConfigError, nearest
from scixtag.models.registry import known_models
from scixtag.workflows.recipes import recipe_document, recipe_names
from scixtag.workflows.runs import folder_name
from scixtag.workflows.settings import TrainingSettings, training_settings

_NAME = re.compile(r"\w[\w.@+ -]{0,59}")


@dataclass(frozen=True)
class System:
    """What is trained and judged under a name.

    Attributes:
        name: In tables, and as the name of a folder.
        settings: A whole training run; its seed is that of the first repeat.
    """

    name: str
    settings: TrainingSettings


def parse_systems(names: Sequence[str], described: Sequence[str], seed: int) -> list[System]:
    """The systems that a user names.

    Args:
        names: Models of `scixtag models`, recipes of `scixtag recipes`, or TOML files.
        described: `NAME: [MODEL | RECIPE | FILE.toml] [KEY=VALUE ...]`; without the first, the default model.
        seed: Of all of them.

    Raises:
        ConfigError: An unknown name or setting, two systems of one name, or none at all.
        InputError: A file that cannot be read.
    """
    systems = [_system(_short(name), name, [], seed) for name in names]
    systems += [_described(text, seed) for text in described]
    if not systems:
        raise ConfigError("no system; name some with --systems, such as --systems centroid,ensemble")
    seen: set[str] = set()
    folders: dict[str, str] = {}
    for system in systems:
        if system.name in seen:
            raise ConfigError(f"two systems are called '{system.name}'; name one of them otherwise: --system 'NAME: …'")
        seen.add(system.name)
        if (folder := folder_name(system.name)) in folders:
            raise ConfigError(f"'{system.name}' and '{folders[folder]}' would share the folder {folder}; rename one")
        folders[folder] = system.name
    return systems


def _short(name: str) -> str:
    return Path(name).stem if name.endswith(".toml") else name


def _described(text: str, seed: int) -> System:
    name, separator, rest = text.partition(":")
    name = name.strip()
    if not separator or not _NAME.fullmatch(name):
        raise ConfigError(
            f"--system '{text}': write 'NAME: MODEL KEY=VALUE …', the name of at most 60 letters, digits, blanks and "
            ". @ + - _"
        )
    words = rest.split()
    bases = [word for word in words if "=" not in word]
    if len(bases) > 1:
        raise ConfigError(f"--system '{text}': {' and '.join(bases)} were both given; keep one, and change it")
    return _system(name, bases[0] if bases else None, [word for word in words if "=" in word], seed)


def _system(name: str, base: str | None, changes: Sequence[str], seed: int) -> System:
    document = _document(base)
    document["seed"] = seed
    for change in changes:
        assign(document, *parse_assignment(change))
    return System(name, training_settings(document, f"system '{name}'"))


def _document(base: str | None) -> dict[str, Any]:
    if base is None:
        return {}
    if base.endswith(".toml"):
        return read_toml(Path(base))
    if base in recipe_names():
        return recipe_document(base)
    known = known_models()
    if base not in known:
        raise ConfigError(f"no model or recipe is called '{base}'; {nearest(base, [*known, *recipe_names()])}")
    return {"model": {"name": base}}
