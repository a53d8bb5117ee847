"""Engines by name: a module of this package that has a class `Engine` is one."""

import pkgutil
from importlib import import_module
from typing import Any

import scixtag.engines
from scixtag.engines.base import Engine
from scixtag.errors import ConfigError, nearest

_NO_ENGINES = {"base", "local_worker", "registry"}


def known_engines() -> list[str]:
    """Their names, without importing any."""
    return sorted(one.name for one in pkgutil.iter_modules(scixtag.engines.__path__) if one.name not in _NO_ENGINES)


def engine_named(name: str, **settings: Any) -> Engine:
    """An engine by its name.

    Args:
        name: One of `known_engines`.
        settings: What the command line was told: `workers` and `address`, either None where nothing was said.

    Raises:
        ConfigError: There is no such engine, or it cannot be used with these settings.
    """
    if name not in known_engines():
        raise ConfigError(f"--engine {name}: no such engine; {nearest(name, known_engines())}")
    engine: Engine = import_module(f"scixtag.engines.{name}").Engine(**settings)
    return engine
