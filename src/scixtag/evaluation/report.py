"""The whole evaluation of one system: numbers with their uncertainty and their denominators."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scixtag import __version__
from scixtag.corpus.examples import Examples
from scixtag.errors import InputError
from scixtag.evaluation.audit import Audit, Evidence, audit
from scixtag.evaluation.bands import SCHEMES, BandSize, Scheme, band_metrics, band_size, head_minus_tail
from scixtag.evaluation.bootstrap import LEVEL, REPLICATES, Interval, intervals
from scixtag.evaluation.curves import Bin, CurvePoint, by_size, by_threshold, calibration_error, reliability
from scixtag.evaluation.errors import Errors, find_errors
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.labels import LabelRow, label_rows, label_text
from scixtag.evaluation.metrics.registry import METRICS, RELIABILITY
from scixtag.evaluation.metrics.weighting import Metric
from scixtag.evaluation.relations import Relations
from scixtag.evaluation.selective import AREAS, RiskCoverage, coverage_curve
from scixtag.evaluation.worst import WorstPaper, worst_papers
from scixtag.vocabulary.concept import Vocabulary

Fact = str | int | float | bool | None
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Denominators:
    """What the metrics divide by.

    Attributes:
        papers: Papers judged.
        train_papers: Papers that the system was trained on: the fewest and the most, for folds differ.
        concepts: Concepts of the vocabulary.
        train_concepts: Concepts that a training paper carries.
        scoreable_concepts: Concepts that a judged paper carries; `macro_*` averages over these.
        seen_concepts: Concepts that a training or a judged paper carries; `macro_*_all` averages over these.
        gold: True labels of the judged papers.
        never_seen: Those among them whose concept no training paper carries.
        outside: Those among them that the vocabulary does not hold.
        selected: Concepts selected, over all papers.
    """

    papers: int
    train_papers: tuple[int, int]
    concepts: int
    train_concepts: int
    scoreable_concepts: int
    seen_concepts: int
    gold: int
    never_seen: int
    outside: int
    selected: int


@dataclass(frozen=True, slots=True)
class BandReport:
    """One frequency band: what it holds, and its metrics (None where no true label falls in it)."""

    name: str
    size: BandSize
    metrics: Mapping[str, Interval | None]


@dataclass(frozen=True, slots=True)
class SchemeReport:
    """The bands of one scheme; `delta` is the first band's metric less the last's, where both hold true labels."""

    name: str
    bands: tuple[BandReport, ...]
    delta: Mapping[str, Interval | None]


@dataclass(frozen=True)
class Report:
    """What `evaluate` found: plain data. `report_files.write_report` makes the files.

    Attributes:
        system: Descriptive facts about the system: its name, training data, threshold source, seed, time, memory.
        denominators: What the metrics divide by.
        metrics: Every metric of the registry, with its interval; those of `RELIABILITY` only if the scores are
            probabilities.
        schemes: Frequency bands.
        by_size: Precision, recall and F1 of the first k candidates.
        by_threshold: The same at a common threshold; empty unless one was asked for.
        reliability: Predicted against observed; empty unless the scores are probabilities.
        coverage: Risk against coverage; None unless scores can be compared between papers.
        errors: Missed and wrong concepts, and which are taken for which.
        worst: The papers with the lowest F1; None unless the papers were at hand.
        audit: Concepts that the system is sure of and the authors did not choose; None unless the papers were at hand
            and the scores are probabilities.
        labels: The classification report.
        replicates: Bootstrap replicates.
        seed: Their seed.
        level: Confidence level of the intervals.
    """

    system: Mapping[str, Fact]
    denominators: Denominators
    metrics: Mapping[str, Interval]
    schemes: tuple[SchemeReport, ...]
    by_size: tuple[CurvePoint, ...]
    by_threshold: tuple[CurvePoint, ...]
    reliability: tuple[Bin, ...]
    coverage: RiskCoverage | None
    errors: Errors
    worst: tuple[WorstPaper, ...] | None
    audit: Audit | None
    labels: tuple[LabelRow, ...]
    replicates: int
    seed: int
    level: float

    def to_document(self) -> dict[str, Any]:
        """As plain lists and dictionaries for JSON."""
        document = {"format": FORMAT, "scixtag": __version__, **asdict(self)}
        document["calibration_error"] = calibration_error(self.reliability) if self.reliability else None
        return document

    @property
    def warning(self) -> str:
        """What flatters the numbers, in a sentence for people; empty if nothing is known to."""
        known = self.system.get("training_papers_in_this_set")
        if not isinstance(known, int) or known < 1:
            return ""
        return (
            f"Warning: {known:,} of the {self.denominators.papers:,} papers judged here were training papers of this "
            "model, so the numbers flatter it."
        )

    def labels_text(self) -> str:
        """The classification report as a text table."""
        values = {name: interval.value for name, interval in self.metrics.items()}
        return label_text(self.labels, values, gold=self.denominators.gold, selected=self.denominators.selected)


def evaluate(
    judgements: Judgements,
    vocabulary: Vocabulary,
    *,
    system: Mapping[str, Fact],
    probabilities: bool = False,
    thresholds: bool = False,
    schemes: tuple[Scheme, ...] = SCHEMES,
    papers: Examples | None = None,
    evidence: Evidence | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Report:
    """Everything there is to say about one system's answers.

    Args:
        judgements: The answers, judged.
        vocabulary: What the columns mean.
        system: Descriptive facts for the head of the report, in order.
        probabilities: Whether the scores are calibrated probabilities, which adds the metrics of reliability, and the
            threshold and reliability curves, and the audit.
        thresholds: Whether scores of different papers can be compared, which adds the threshold curve alone, and risk
            against coverage.
        schemes: Frequency bands to report.
        papers: What was judged, in the same order, for the worst papers and the audit, which are left out without it.
        evidence: Why concepts are suggested for these papers, as far as it is known.
        replicates: Bootstrap replicates.
        seed: Their seed.

    Raises:
        InputError: The vocabulary or the papers are not those of the judgements.
        ConfigError: `replicates` is below 1.
    """
    _check_vocabulary(judgements, vocabulary)
    entries = METRICS | RELIABILITY if probabilities else METRICS
    wanted: dict[str, Metric] = {name: entry.metric for name, entry in entries.items()}
    comparable = probabilities or thresholds
    other = _band_metrics(schemes) | (AREAS if comparable else {})
    found = intervals(wanted | other, judgements, replicates=replicates, seed=seed)
    relations = Relations(vocabulary)
    return Report(
        system=dict(system),
        denominators=_denominators(judgements),
        metrics={name: found[name] for name in entries},
        schemes=tuple(_scheme_report(judgements, scheme, found) for scheme in schemes),
        by_size=by_size(judgements),
        by_threshold=by_threshold(judgements) if comparable else (),
        reliability=reliability(judgements) if probabilities else (),
        coverage=RiskCoverage(coverage_curve(judgements), **{n: found[n] for n in AREAS}) if comparable else None,
        errors=find_errors(judgements, vocabulary, relations),
        worst=worst_papers(judgements, papers, evidence=evidence) if papers is not None else None,
        audit=audit(judgements, papers, relations.ancestors, evidence=evidence)
        if papers is not None and probabilities
        else None,
        labels=label_rows(judgements, vocabulary),
        replicates=replicates,
        seed=seed,
        level=LEVEL,
    )


def _check_vocabulary(judgements: Judgements, vocabulary: Vocabulary) -> None:
    if len(vocabulary) != judgements.concepts:
        raise InputError(
            f"the vocabulary has {len(vocabulary)} concepts and the judgements {judgements.concepts}; "
            "evaluate with the vocabulary of the model"
        )


def _denominators(judgements: Judgements) -> Denominators:
    gold = judgements.gold
    seen = judgements.train_counts > 0
    carried = np.zeros_like(seen)
    carried[gold.concepts] = True
    return Denominators(
        papers=len(judgements),
        train_papers=(int(judgements.train_papers.min()), int(judgements.train_papers.max())),
        concepts=judgements.concepts,
        train_concepts=int(seen.sum()),
        scoreable_concepts=int(carried.sum()),
        seen_concepts=int((seen | carried).sum()),
        gold=int(judgements.gold_sizes.sum()),
        never_seen=int((gold.train_counts == 0).sum()),
        outside=int(judgements.unknown.sum()),
        selected=len(judgements.selected),
    )


_DELTAS = ("f1", "macro_f1")


def _band_metrics(schemes: tuple[Scheme, ...]) -> dict[str, Metric]:
    """The metrics of all bands and the deltas of all schemes, under names that no metric of the registry has."""
    metrics: dict[str, Metric] = {}
    for scheme in schemes:
        for band in scheme.bands:
            metrics |= {f"{scheme.name}/{band.name}/{n}": metric for n, metric in band_metrics(band).items()}
        metrics |= {f"{scheme.name}//{name}": head_minus_tail(scheme, name) for name in _DELTAS}
    return metrics


def _scheme_report(judgements: Judgements, scheme: Scheme, found: Mapping[str, Interval]) -> SchemeReport:
    reports = []
    for band in scheme.bands:
        size = band_size(judgements, band)
        metrics = {
            name: found[f"{scheme.name}/{band.name}/{name}"] if size.gold else None for name in band_metrics(band)
        }
        reports.append(BandReport(band.name, size, metrics))
    comparable = reports[0].size.gold and reports[-1].size.gold
    delta = {name: found[f"{scheme.name}//{name}"] if comparable else None for name in _DELTAS}
    return SchemeReport(scheme.name, tuple(reports), delta)
