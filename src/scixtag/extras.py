"""Packages that the base installation leaves out."""

from collections.abc import Iterable
from importlib.util import find_spec

from scixtag.errors import ConfigError


def require_packages(who: str, packages: Iterable[str], extra: str) -> None:
    """Say what to install, before an import fails.

    Args:
        who: Needs them, for the message.
        packages: By the names that they are imported by.
        extra: The extra of scixtag that brings them.

    Raises:
        ConfigError: One of them is missing.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ConfigError(
            f"{who} needs {', '.join(missing)}, which the base installation leaves out; "
            f"install the extra: pip install 'scixtag[{extra}]'"
        )
