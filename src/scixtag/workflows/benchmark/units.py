"""One training and its judgement: the piece of a benchmark that is run, kept and taken again."""

import hashlib
import json
import os
import platform
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scixtag import __version__, progress
from scixtag.corpus.examples import Examples, fingerprint
from scixtag.errors import OutputError
from scixtag.evaluation.judgement_files import load_judgements, save_judgements
from scixtag.evaluation.judgements import Judgements
from scixtag.files import CACHE_VARIABLE, cache_folder, make_room, writing_folder
from scixtag.models.code_digest import code_digest
from scixtag.models.registry import model_class
from scixtag.predictions.calibration import Identity
from scixtag.workflows.evaluate import judge_tagger, threshold_source
from scixtag.workflows.evidence import concepts_to_explain, evidence_for
from scixtag.workflows.preparation import Corpus
from scixtag.workflows.settings import TrainingSettings
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.train import peak_memory_mb, train_on

FORMAT = 4
"""Of what is kept; it changes with what this room does to a training and its judgement."""
_WITHOUT_A_SAY = ("cli", "engines", "formats", "pages", "benchmark", "tagging")
MOST_BYTES = 2_000_000_000
"""Of all that is kept."""
_JUDGEMENTS = "judgements.npz"
_FACTS = "facts.json"
_SINGLE_PAPERS = 20
_PACKAGES = ("numpy", "scipy", "scikit-learn", "lightgbm", "PyStemmer", "numba")


@dataclass(frozen=True, eq=False)
class Unit:
    """One system, trained once.

    Attributes:
        system: Its name.
        settings: With the seed of this repeat.
        split: The name of the split.
        repeat: From 0.
        share: Of the training papers that are used; below 1 for a learning curve.
        train: The papers that it learns from.
        test: The papers that it is judged on.
        source: Where the papers come from, for messages.
        reuse: Parts of earlier trainings (members, vectors) may be taken from the user's cache, which shortens times.
    """

    system: str
    settings: TrainingSettings
    split: str
    repeat: int
    share: float
    train: Examples
    test: Examples
    source: str
    reuse: bool = False

    @property
    def title(self) -> str:
        """For progress and messages."""
        return f"{self.system}, {self.which}"

    @property
    def which(self) -> str:
        """Of the system's trainings."""
        part = f", {self.share:.0%} of the papers" if self.share < 1 else ""
        again = f", repeat {self.repeat + 1}" if self.repeat else ""
        return f"{self.split}{part}{again}"

    def key(self) -> str:
        """A hash of all that decides about the result: papers, vocabulary, settings, code and libraries."""
        about = {
            "format": FORMAT,
            "train": fingerprint(self.train),
            "test": fingerprint(self.test),
            "unknown": self.test.unknown.tolist(),
            "vocabulary": self.train.vocabulary.fingerprint,
            "settings": self.settings.to_document(),
            "code": code_digest(model_class(self.settings.model).__module__, without=_WITHOUT_A_SAY),
            "versions": [__version__, platform.python_version(), *map(version, _PACKAGES)],
            "reuse": self.reuse,
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a finished unit left behind.

    Attributes:
        judgements: Answers beside the truth.
        facts: What it cost and how it decided; see `run_unit`.
    """

    judgements: Judgements
    facts: dict[str, Any]


def kept_place(unit: Unit) -> Path:
    """Where the result of the unit lies, or will lie, in the user's cache."""
    return cache_folder("benchmark") / unit.key()


def make_kept_folder() -> None:
    """Make the folder of results.

    Raises:
        OutputError: Nothing can be written there.
    """
    folder = cache_folder("benchmark")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise OutputError(f"{folder}: finished trainings cannot be kept there; set SCIXTAG_CACHE to another folder")


def clean_up() -> None:
    """Remove the results that were not used for longest, beyond `MOST_BYTES`."""
    with suppress(OSError):
        make_room(cache_folder("benchmark"), MOST_BYTES)


def read_outcome(place: Path) -> Outcome | None:
    """A finished unit; None if there is none, or none that can be read."""
    with suppress(Exception):
        if place.is_dir():
            with suppress(OSError):
                place.touch()
            facts = json.loads((place / _FACTS).read_text(encoding="utf-8"))
            return Outcome(load_judgements(place / _JUDGEMENTS), facts)
    return None


def run_unit(unit: Unit, place: Path, scratch: Path) -> None:
    """Train, judge, and leave the result at `place`, whole or not at all.

    What is judged and timed is the tagger as it comes back from its folder: one that has just learned may remember
    texts that it read.

    Args:
        unit: What to train.
        place: For the result.
        scratch: An empty folder for what is needed on the way.
    """
    started, used = time.perf_counter(), time.process_time()
    with _collecting_notes() as notes:
        with nullcontext() if unit.reuse else _caching_in(scratch / "parts"):
            train_on(unit.train, unit.settings, Corpus(unit.source), len(unit.train)).save(scratch / "tagger")
        trained, spent = time.perf_counter(), time.process_time()
        tagger = Tagger.load(scratch / "tagger")
        evaluation = judge_tagger(tagger, unit.test)
    facts = {
        "training_papers": len(unit.train),
        "training_labels": int((unit.train.label_counts > 0).sum()),
        "training_seconds": round(trained - started, 3),
        "training_cpu_seconds": round(spent - used, 3),
        "papers_per_second": round(len(unit.test) / max(evaluation.seconds, 1e-9), 2),
        "milliseconds_a_paper": round(_milliseconds(tagger, unit.test), 3),
        "peak_memory_mb": peak_memory_mb(),
        "model_mb": round(_size(scratch / "tagger") / 1e6, 2),
        "decision": unit.settings.decision.rule,
        "threshold": round(float(tagger.decision.threshold), 4),
        "threshold_source": threshold_source(tagger.manifest),
        "probabilities": tagger.calibration != Identity(),
        "overlap": evaluation.overlap,
        "notes": notes,
        "evidence": _evidence(tagger, unit, evaluation.judgements),
    }
    with writing_folder(place, foreign=lambda _: "", overwrite=True) as draft:
        save_judgements(evaluation.judgements, draft / _JUDGEMENTS)
        (draft / _FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _evidence(tagger: Tagger, unit: Unit, judgements: Judgements) -> list[tuple[int, int, str]]:
    """Why concepts were suggested for the papers that a report tells of: row of the judged papers, column, words."""
    if unit.share < 1:
        return []
    wanted = concepts_to_explain(judgements, unit.test, audited=tagger.calibration != Identity())
    return [(*pair, words) for pair, words in evidence_for(tagger, unit.test, wanted).items()]


def _milliseconds(tagger: Tagger, papers: Examples) -> float:
    """The median time for one paper alone."""
    times = []
    for text in papers.texts[:_SINGLE_PAPERS]:
        started = time.perf_counter()
        tagger.answers([text])
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@contextmanager
def _caching_in(folder: Path) -> Iterator[None]:
    """Caches of scixtag in another place: nothing of earlier trainings is in it."""
    before = os.environ.get(CACHE_VARIABLE)
    os.environ[CACHE_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[CACHE_VARIABLE]
        else:
            os.environ[CACHE_VARIABLE] = before


class _Notes(progress.Silent):
    """A reporter that keeps what is worth reading."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, message: str) -> None:
        if message not in self.lines:
            self.lines.append(message)


@contextmanager
def _collecting_notes() -> Iterator[list[str]]:
    notes = _Notes()
    with progress.reporting_to(notes):
        yield notes.lines
