"""One TOML file to frozen dataclasses and back; a misspelt key is an error."""

import dataclasses
import json
import math
import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from scixtag.errors import ConfigError, InputError, nearest

Settings = TypeVar("Settings")


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file.

    Raises:
        InputError: The file is missing or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the configuration cannot be read ({error}); name a TOML file") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from error


def parse_assignment(text: str) -> tuple[list[str], Any]:
    """`model.C=0.5` to (["model", "C"], 0.5); the value is TOML, and a bare word is a string.

    Raises:
        ConfigError: There is no `=`.
    """
    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise ConfigError(f"setting {text}: write it as section.key=value, for example decision.rule=top-k")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    return key.strip().split("."), parsed


def assign(document: dict[str, Any], keys: list[str], value: Any) -> None:
    """Put a value into a nested document, making the sections on the way."""
    for key in keys[:-1]:
        document = document.setdefault(key, {})
        if not isinstance(document, dict):
            raise ConfigError(f"setting {'.'.join(keys)}: {key} is a value and has no keys of its own")
    document[keys[-1]] = value


def structure(document: dict[str, Any], kind: type[Settings], where: str) -> Settings:
    """A document to a (nested) dataclass; absent keys take their defaults.

    Args:
        document: Plain values, as read from TOML or JSON.
        kind: A dataclass.
        where: The file or section, for messages.

    Raises:
        ConfigError: An unknown key (with the nearest known one), a value of the wrong type or out of range.
    """
    _refuse_unknown(document, kind, where)
    if _is_plain(document, kind):
        try:
            return kind(**document)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from error
    from pydantic import TypeAdapter, ValidationError

    try:
        # JSON mode is strict about types, yet takes a list where a tuple is meant, as TOML needs.
        return TypeAdapter(kind).validate_json(json.dumps(document, default=str, allow_nan=False), strict=True)
    except ConfigError as error:  # a dataclass's own check does not know where its values come from
        raise ConfigError(f"{where}: {error}") from error
    except ValidationError as error:  # before ValueError, which it is
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{where}: {key} = {first['input']!r}: {first['msg']}") from error
    except ValueError as error:
        raise ConfigError(f"{where}: nan and inf are no settings; give a number") from error


def _is_plain(document: dict[str, Any], kind: type[Any]) -> bool:
    """Whether every value is just what its field says, as in stored settings: pydantic takes long to load."""
    hints = get_type_hints(kind)
    return all(_fits(value, hints[key]) for key, value in document.items())


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    return hint in (bool, int, str, float) and type(value) is hint and (hint is not float or math.isfinite(value))


def _refuse_unknown(document: dict[str, Any], kind: type[Any], where: str) -> None:
    hints = get_type_hints(kind)
    for key, value in document.items():
        if key not in hints:
            raise ConfigError(f"{where}: unknown setting '{key}'; {nearest(key, hints) if hints else 'it has none'}")
        if isinstance(value, dict) and dataclasses.is_dataclass(hints[key]):
            _refuse_unknown(value, hints[key], f"{where}, [{key}]")


def to_toml(document: dict[str, Any]) -> str:
    """A document as TOML text; keys without a value (None) are left out."""
    import tomli_w

    return tomli_w.dumps({key: value for key, value in document.items() if value is not None})
