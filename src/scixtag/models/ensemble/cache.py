"""Fitted members and their held-out scores, kept by what they were made from."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from scixtag import __version__, processes
from scixtag.files import cache_folder, make_room, writing_folder
from scixtag.models.base import Model
from scixtag.models.code_digest import code_digest
from scixtag.predictions.scores import Scores

MOST_BYTES = 4_000_000_000
"""Beyond this size the entries that were not used for longest are removed."""

_VERSIONS = ("numpy", "scipy", "scikit-learn", "PyStemmer", "numba")
_OTHER_ROOMS = ("cli", "workflows", "engines", "formats", "pages", "ensemble")
"""What members do not run."""


class MemberCache:
    """A folder of entries, each named by a hash of all that went into it.

    An entry that cannot be read counts as absent, and one that cannot be written is left out: whatever goes wrong, a
    cache costs time and nothing else.

    Args:
        folder: Where entries lie; None: nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_user(cls) -> "MemberCache":
        """In the user's cache folder, which `SCIXTAG_CACHE` moves.

        Off where several processes train together: they must fit the same members at the same time.
        """
        return cls(cache_folder("members") if processes.count() == 1 else None)

    @classmethod
    def off(cls) -> "MemberCache":
        """Keeps nothing."""
        return cls(None)

    def scores(self, key: str) -> Scores | None:
        """The scores kept under a key, or None."""
        with suppress(Exception):
            if entry := self._entry(key):
                columns, values = (np.load(entry / f"{name}.npy", allow_pickle=False) for name in ("columns", "values"))
                return Scores(columns, values)
        return None

    def keep_scores(self, key: str, scores: Scores) -> None:
        """Keep scores under a key."""

        def write(draft: Path) -> None:
            np.save(draft / "columns.npy", scores.columns, allow_pickle=False)
            np.save(draft / "values.npy", scores.values, allow_pickle=False)

        self._keep(key, write)

    def model(self, key: str, kind: type[Model]) -> Model | None:
        """The fitted model kept under a key, or None."""
        with suppress(Exception):
            if entry := self._entry(key):
                return kind.load(entry / "model")
        return None

    def keep_model(self, key: str, model: Model) -> None:
        """Keep a fitted model under a key."""
        self._keep(key, lambda draft: model.save(draft / "model"))

    def _entry(self, key: str) -> Path | None:
        if self._folder is None or not (self._folder / key).is_dir():
            return None
        with suppress(OSError):
            # A cache that may only be read is read.
            (self._folder / key).touch()
        return self._folder / key

    def _keep(self, key: str, write: Callable[[Path], None]) -> None:
        if self._folder is None:
            return
        with suppress(Exception), writing_folder(self._folder / key, foreign=lambda _: "", overwrite=True) as draft:
            write(draft)

    def make_room(self) -> None:
        """Remove the entries that were not used for longest until the others fit into `MOST_BYTES`."""
        if self._folder is not None:
            with suppress(Exception):
                make_room(self._folder, MOST_BYTES)


def content_key(model: Model, *content: str) -> str:
    """The name of an entry: what the model is, how it is told to work, the code and libraries, and the content."""
    about: dict[str, Any] = {
        "model": f"{type(model).__module__}:{type(model).__qualname__}",
        "settings": asdict(model.settings),
        "seed": model.seed,
        "code": code_digest(type(model).__module__, _OTHER_ROOMS),
        "versions": [__version__, *map(version, _VERSIONS)],
        "content": content,
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]
