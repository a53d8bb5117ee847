"""What a benchmark found: plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scixtag import __version__
from scixtag.evaluation.bootstrap import LEVEL, Difference, Interval
from scixtag.evaluation.report import Report
from scixtag.workflows.runs import Run

FORMAT = 1
BENCHMARK = "scixtag benchmark"

Fact = str | int | float | bool | None

RANKING_COLUMNS = ("p@1", "p@3", "p@5", "r@1", "r@3", "r@5", "ndcg@5", "ndcg@10", "psp@5", "sample_f1@5")
SET_COLUMNS = (
    *("micro_f1", "macro_f1", "macro_f1_all", "sample_f1", "micro_precision", "micro_recall"),
    *("subset_accuracy", "mean_set_size"),
)
COST_COLUMNS = (
    *("training_seconds", "training_cpu_seconds", "peak_memory_mb", "model_mb"),
    *("papers_per_second", "milliseconds_a_paper"),
)


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """A system's metrics after so many training papers, on average over the splits."""

    training_papers: float
    metrics: Mapping[str, Interval]


@dataclass(frozen=True)
class SystemResult:
    """One system's row.

    Attributes:
        name: Of the system.
        settings: The whole training run.
        failures: Why it has no numbers; empty if all went well.
        metrics: By name, averaged over repeats, with the interval over papers; those of probabilities only where
            there are any.
        spread: The standard deviation of each metric over repeats; empty for a single one.
        differences: By how much each metric exceeds the reference system's; empty for that one.
        bands: Metrics by training frequency: band, then metric; None where no true label falls in it.
        cost: The mean over trainings, and the most memory.
        decisions: The thresholds of all trainings, lowest and highest, and their source.
        learning: The learning curve; empty unless one was asked for.
        notes: What its trainings had to say.
    """

    name: str
    settings: Mapping[str, Any]
    failures: tuple[str, ...] = ()
    metrics: Mapping[str, Interval] | None = None
    spread: Mapping[str, float] | None = None
    differences: Mapping[str, Difference] | None = None
    bands: Mapping[str, Mapping[str, Interval | None]] | None = None
    cost: Mapping[str, float] | None = None
    decisions: Mapping[str, Fact] | None = None
    learning: tuple[LearningPoint, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Benchmark:
    """All systems, and what they were measured by.

    Attributes:
        protocol: Facts for the head of the report, in order.
        metrics: The names of the metrics, in order.
        against: The system that differences are taken against.
        systems: In the order in which they were named.
        reports: The whole evaluation of each system that has one, by name (of the first repeat).
        runs: What can be compared later, by name.
        official: Published rows belong beside these.
        replicates: Bootstrap resamples.
        seed: Of these, and of the first repeat.
        remarks: What a reader must know before believing the tables.
        level: Confidence level of the intervals.
    """

    protocol: Mapping[str, Fact]
    metrics: tuple[str, ...]
    against: str
    systems: tuple[SystemResult, ...]
    reports: Mapping[str, Report]
    runs: Mapping[str, Run]
    official: bool
    replicates: int
    seed: int
    remarks: tuple[str, ...] = ()
    level: float = LEVEL

    @property
    def finished(self) -> list[SystemResult]:
        """The systems that have numbers."""
        return [one for one in self.systems if one.metrics is not None]

    def to_document(self) -> dict[str, Any]:
        """As plain lists and dictionaries for JSON; reports and runs have files of their own."""
        return {
            "format": BENCHMARK,
            "version": FORMAT,
            "scixtag": __version__,
            "protocol": dict(self.protocol),
            "metrics": list(self.metrics),
            "against": self.against,
            "official_split": self.official,
            "replicates": self.replicates,
            "seed": self.seed,
            "level": self.level,
            "remarks": list(self.remarks),
            "systems": [asdict(one) for one in self.systems],
        }
