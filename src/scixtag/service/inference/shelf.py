"""The taggers that are served, by name; each can be replaced while requests are answered."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from scixtag.corpus.record import Record
from scixtag.errors import InputError, nearest
from scixtag.formats.jsonl import PaperLines
from scixtag.formats.utf8 import encoded
from scixtag.service.logs import LOGGER
from scixtag.vocabulary.hierarchy import Hierarchy
from scixtag.vocabulary.search import ConceptIndex
from scixtag.workflows.explain import Explainer
from scixtag.workflows.tagger import Tagger

# So that nothing is compiled or mapped while a client waits.
_FIRST = Record("", "Solar flares", "Observations of flares, galaxies and exoplanets in several bands.", None)

_LONGEST_WAIT = 60.0
"""Seconds until a folder that could not be loaded is tried again, at most; the first time it is one."""

Stamp = frozenset[tuple[str, int, int, int]]


class Served:
    """A loaded tagger, and what is made of it for requests.

    Args:
        name: By which clients call it.
        folder: Where it lies.

    Attributes:
        head: Who answers: what stands in each answer.
        opening: The same as JSON, without its closing brace, for answers that go on from there.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        # Before loading, so that a folder that is replaced in the meantime is loaded again.
        self.stamp = stamp_of(folder)
        self.tagger = Tagger.load(folder)
        self.vocabulary = self.tagger.vocabulary
        self.lines = PaperLines(self.vocabulary)
        self.hierarchy = Hierarchy(self.vocabulary)
        self.head = self._head()
        self.opening = encoded(json.dumps(self.head, ensure_ascii=False))[:-1]
        self.tagger.suggest([_FIRST], 20)

    @cached_property
    def explainer(self) -> Explainer:
        """Says why."""
        return Explainer(self.tagger)

    @cached_property
    def index(self) -> ConceptIndex:
        """Finds concepts by name."""
        return ConceptIndex(self.vocabulary)

    def prepare(self) -> None:
        """Load what only explanations and searches need."""
        self.index.search("stars", 1)
        suggestions = self.tagger.suggest([_FIRST], 1)[0]
        self.explainer.explained(_FIRST, suggestions)

    def _head(self) -> dict[str, Any]:
        return {
            "model": self.name,
            "created": self.tagger.manifest.get("created"),
            "vocabulary": {
                "title": self.vocabulary.title,
                "release": self.vocabulary.release,
                "fingerprint": self.vocabulary.fingerprint,
            },
        }

    def document(self, *, default: bool) -> dict[str, Any]:
        """For clients; nothing of where it lies."""
        manifest = self.tagger.manifest
        training = manifest.get("training", {})
        return {
            "name": self.name,
            "default": default,
            "kind": manifest["model"]["name"],
            "created": manifest.get("created"),
            "scixtag": manifest.get("scixtag"),
            "vocabulary": {**self.head["vocabulary"], "concepts": len(self.vocabulary)},
            "training": {key: training.get(key) for key in ("papers", "labels", "assignments")},
            "decision": {"rule": self.tagger.decision.rule, "hierarchy": self.tagger.decision.hierarchy},
            "metrics": manifest.get("tuning", {}).get("metrics", {}),
        }


class Shelf:
    """The served taggers.

    Args:
        folders: By name; the first one is the default.

    Raises:
        InputError, ModelError: One cannot be loaded.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)
        self._served = {name: Served(name, folder) for name, folder in self._folders.items()}
        self._looks: dict[str, _Look] = {}
        self._refreshing = threading.Lock()
        self.default = next(iter(self._folders))

    def __iter__(self) -> Iterator[Served]:
        return iter(self._served.values())

    def named(self, name: str | None) -> Served:
        """A tagger, or the default one.

        Raises:
            InputError: There is none of that name.
        """
        served = self._served.get(name or self.default)
        if served is None:
            raise InputError(f"no model is named '{name}'; {nearest(name or '', self._served)}")
        return served

    def prepare(self) -> None:
        """Load what only some requests need; what fails will fail again when somebody asks for it, and be told."""
        for served in list(self._served.values()):
            _prepare(served)

    def refresh(self) -> list[str]:
        """Load again what was replaced on disk; names of those. What cannot be loaded leaves the old one in place.

        A folder is loaded when it looks the same twice, so that none is taken while it is still being written, and is
        tried again until it can be loaded. Requests keep the tagger that they began with: its files stay mapped
        although they have no name any more.
        """
        with self._refreshing:
            return [name for name, folder in self._folders.items() if self._replaced(name, folder)]

    def _replaced(self, name: str, folder: Path) -> bool:
        stamp, before = stamp_of(folder), self._looks.get(name)
        if not stamp or stamp == self._served[name].stamp:
            self._looks.pop(name, None)
            return False
        if before is None or stamp != before.stamp:
            self._looks[name] = _Look(stamp, told=before.told if before else "")
            return False
        if time.monotonic() < before.again:
            return False
        try:
            served = Served(name, folder)
        except Exception as error:  # noqa: BLE001 (whatever it is, the old one answers on, and the next look comes)
            self._looks[name] = before.after_failure(_told(name, error, before.told))
            return False
        self._served[name] = served
        del self._looks[name]
        LOGGER.info("model replaced", extra={"told": {"model": name}})
        _prepare(served)
        return True


class _Look(NamedTuple):
    """How a folder was found that is not what is served.

    Attributes:
        stamp: Of its files.
        told: Why it could not be loaded, as the log says already.
        wait: Seconds between the last two tries.
        again: When to try, by the clock that only goes forward.
    """

    stamp: Stamp
    told: str = ""
    wait: float = 0.5
    again: float = 0.0

    def after_failure(self, told: str) -> "_Look":
        """Wait twice as long as before."""
        wait = min(2 * self.wait, _LONGEST_WAIT)
        return _Look(self.stamp, told, wait, time.monotonic() + wait)


def _told(name: str, error: Exception, before: str) -> str:
    """Say why a model is not replaced, unless that was said before."""
    reason = str(error) or type(error).__name__
    if reason != before:
        LOGGER.error("model not replaced", extra={"told": {"model": name, "reason": reason}})
    return reason


def _prepare(served: Served) -> None:
    try:
        served.prepare()
    except Exception:  # noqa: BLE001 (nobody asked yet)
        LOGGER.exception("explanations not prepared", extra={"told": {"model": served.name}})


def stamp_of(folder: Path) -> Stamp:
    """Changes when any file of a folder does; empty while there is none.

    One file would not be enough: where files are copied one by one, the manifest comes before others.
    """
    with suppress(OSError):  # removed while we look
        found = [(str(file.relative_to(folder)), file.stat()) for file in folder.rglob("*") if file.is_file()]
        return frozenset((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in found)
    return frozenset()
