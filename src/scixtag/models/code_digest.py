"""A hash of the code that decides what a model learns, for results that are kept by content."""

import hashlib
import sys
from functools import cache
from pathlib import Path

import scixtag


@cache
def code_digest(module: str, without: tuple[str, ...]) -> str:
    """Changes with scixtag's code and, for a model of another package, with that package's.

    Args:
        module: Of the model's class.
        without: Folders of scixtag that have no say.
    """
    root = Path(scixtag.__path__[0])
    files = [file for file in sorted(root.rglob("*.py")) if not {*without} & {*file.relative_to(root).parts}]
    package = getattr(sys.modules.get(module.partition(".")[0]), "__file__", None)
    if package and not module.startswith("scixtag."):
        files += sorted(Path(package).parent.rglob("*.py")) if package.endswith("__init__.py") else [Path(package)]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
