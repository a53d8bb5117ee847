"""What is run, and how it is measured."""

from dataclasses import dataclass

from scixtag.errors import ConfigError, nearest
from scixtag.evaluation.bootstrap import REPLICATES
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.predictions.scores import CANDIDATES
from scixtag.vocabulary.concept import Vocabulary
from scixtag.workflows.benchmark.results import RANKING_COLUMNS, SET_COLUMNS
from scixtag.workflows.benchmark.systems import System
from scixtag.workflows.preparation import Corpus

LEARNING_SHARES = (0.125, 0.25, 0.5)
"""Of the training papers, for a learning curve; all of them are there anyway."""


@dataclass(frozen=True)
class Protocol:
    """What is run, and how it is measured.

    Attributes:
        corpus: The papers; with `test`, those that are learned from.
        vocabulary: What the labels mean.
        test: The papers that are judged; None: each paper once, in the fold that holds it.
        folds: How many, without `test`.
        systems: At least one.
        repeats: Trainings of each system on each split, with seeds that rise by one.
        metrics: Names beside those of the protocol.
        against: The system that differences are taken against; None: the first.
        learning_curve: Train on parts of the training papers, too.
        allow_overlap: Measure although judged papers are training papers.
        reuse: Parts of earlier trainings may be taken from the user's cache, which shortens times.
        processes: Trainings at a time; 0: as many as there are cores.
        replicates: Bootstrap resamples.
        seed: Of the resamples, and of the first repeat.
        official: The official split, which published rows belong to.
    """

    corpus: Corpus
    vocabulary: Vocabulary
    systems: tuple[System, ...]
    test: Corpus | None = None
    folds: int = 5
    repeats: int = 1
    metrics: tuple[str, ...] = ()
    against: str | None = None
    learning_curve: bool = False
    allow_overlap: bool = False
    reuse: bool = False
    processes: int = 0
    replicates: int = REPLICATES
    seed: int = 0
    official: bool = False

    def __post_init__(self) -> None:
        names = [system.name for system in self.systems]
        for metric in self.metrics:
            get_metric(metric)
            if (cutoff := metric.partition("@")[2]) and int(cutoff) > CANDIDATES:
                raise ConfigError(f"metric '{metric}': systems answer with {CANDIDATES} candidates at most")
        if self.against is not None and self.against not in names:
            raise ConfigError(f"--against {self.against}: no such system here; {nearest(self.against, names)}")
        if self.repeats < 1 or self.replicates < 1 or self.processes < 0:
            raise ConfigError("repeats and replicates must be at least 1, and processes not negative")

    @property
    def columns(self) -> tuple[str, ...]:
        """All metrics, each once."""
        return tuple(dict.fromkeys((*RANKING_COLUMNS, *SET_COLUMNS, *self.metrics)))
