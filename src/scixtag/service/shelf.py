"""The taggers that are served, by name; each can be replaced while requests are answered."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from scixtag.corpus.record import Record
from scixtag.errors import InputError, ScixtagError, nearest
from scixtag.formats.jsonl import PaperLines
from scixtag.formats.utf8 import encoded
from scixtag.vocabulary.hierarchy import Hierarchy
from scixtag.vocabulary.search import ConceptIndex
from scixtag.workflows.explain import Explainer
from scixtag.workflows.manifest import MANIFEST
from scixtag.workflows.tagger import Tagger

_LOG = logging.getLogger("scixtag.service")
# So that nothing is compiled or mapped while a client waits.
_FIRST = Record("", "Solar flares", "Observations of flares, galaxies and exoplanets in several bands.", None)

Stamp = tuple[int, int, int]


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
        self._refused: dict[str, Stamp | None] = {}
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
            try:
                served.prepare()
            except Exception:  # noqa: BLE001 (nobody asked yet)
                _LOG.exception("explanations not prepared", extra={"told": {"model": served.name}})

    def refresh(self) -> list[str]:
        """Load again what was replaced on disk; names of those. What cannot be loaded leaves the old one in place.

        Requests keep the tagger that they began with: its files stay mapped although they have no name any more.
        """
        replaced = []
        with self._refreshing:
            for name, folder in self._folders.items():
                now = stamp_of(folder)
                if now is None or now in (self._served[name].stamp, self._refused.get(name)):
                    continue
                try:
                    self._served[name] = Served(name, folder)
                except ScixtagError as error:
                    self._refused[name] = now
                    _LOG.error("model not replaced", extra={"told": {"model": name, "reason": str(error)}})
                    continue
                replaced.append(name)
                _LOG.info("model replaced", extra={"told": {"model": name}})
        return replaced


def stamp_of(folder: Path) -> Stamp | None:
    """Changes when a folder is replaced: of its manifest, which is written last; None while there is none."""
    try:
        status = (folder / MANIFEST).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
