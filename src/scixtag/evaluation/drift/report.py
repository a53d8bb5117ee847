"""What `scixtag drift` says: plain data, and the verdict in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from scixtag import __version__
from scixtag.evaluation.drift.compare import ALPHA, Comparison, DistributionChange, QuantityChange, largest_changes
from scixtag.evaluation.drift.histogram import Histogram
from scixtag.evaluation.drift.profile import QUANTITIES, Profile
from scixtag.evaluation.drift.shares import ShareChanges
from scixtag.vocabulary.concept import ConceptId, Vocabulary

FORMAT = 1
FEW = 30
"""With fewer papers, what was not seen may well be there."""
MOST_NEW_WORDS = 30
LEVELS = ("none", "some", "strong")
DISTRIBUTIONS = {"words": "words", "concepts": "predicted concepts", "labels": "given labels"}
DRAWN = {"top_probability": 0.05, "unseen_words": 0.02}
"""Quantities whose distributions are drawn, and how wide the bins are."""


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A word or a concept, and the share of papers that have it.

    Attributes:
        id: Of the concept; the word itself.
        name: For people.
        reference: Its share of the training papers.
        new: Its share of the new papers.
        difference: New less reference.
        low: Lower end of the difference's interval.
        high: Upper end.
        q: Its false discovery rate.
    """

    id: ConceptId
    name: str
    reference: float
    new: float
    difference: float
    low: float
    high: float
    q: float


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word that no training paper holds, and how many of the new papers do."""

    word: str
    papers: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The distribution of a quantity: shares of papers by bin, which begin at 0 and are `width` wide."""

    width: float
    reference: tuple[float, ...]
    new: tuple[float, ...]


@dataclass(frozen=True)
class DriftReport:
    """Everything, for pages and machines.

    Attributes:
        system: The tagger, the source, and how long it took.
        papers: What became of the papers read, in counts.
        comparison: Quantities and distributions.
        concepts: The concepts whose predicted shares surely changed, the largest changes first.
        words: The same of the words of the reference's table.
        new_words: The most frequent words that no training paper holds.
        new_word_count: How many there are in all.
        drawn: Distributions by quantity.
        notes: What to keep in mind.
        replicates: Of the bootstrap.
        seed: Of bootstrap and permutations.
    """

    system: Mapping[str, str | int | float | None]
    papers: Mapping[str, int]
    comparison: Comparison
    concepts: tuple[ShareChange, ...]
    words: tuple[ShareChange, ...]
    new_words: tuple[NewWord, ...]
    new_word_count: int
    drawn: Mapping[str, Drawn]
    notes: tuple[str, ...]
    replicates: int
    seed: int

    @property
    def level(self) -> int:
        """The highest one of what was compared: 0, 1 or 2."""
        found = self.comparison
        return max([change.level for change in found.quantities] + [change.level for change in found.distributions])

    @property
    def verdict(self) -> str:
        """A sentence for the curator."""
        papers = self.papers["compared"]
        changed = sorted(self._changed(), key=lambda change: -change.level)
        told = "; ".join(_told(change) for change in changed)
        if self.level == 2 and papers < FEW:
            return f"Strong drift: {told}. These are {papers:,} papers: see whether more confirm it, then retrain."
        if self.level == 2:
            return f"Strong drift: {told}. Retrain with papers like these."
        if self.level == 1:
            return f"Some drift: {told}. Keep an eye on it, and look at what changed."
        if papers < FEW:
            return (
                f"No sign of drift, but {papers:,} papers show only differences of about "
                f"{self.comparison.smallest:.1f} standard deviations or more."
            )
        return f"No sign of drift in {papers:,} papers."

    def _changed(self) -> list[QuantityChange | DistributionChange]:
        found = self.comparison
        changed: list[QuantityChange | DistributionChange] = [*found.distributions, *found.quantities]
        return [change for change in changed if change.level]

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found = self.comparison
        return {
            "format": "scixtag-drift",
            "format_version": FORMAT,
            "scixtag": __version__,
            "verdict": self.verdict,
            "level": LEVELS[self.level],
            "system": dict(self.system),
            "papers": dict(self.papers),
            "distributions": {change.name: asdict(change) for change in found.distributions},
            "quantities": {change.name: asdict(change) for change in found.quantities},
            "labels": None if found.labels is None else asdict(found.labels),
            "concepts": [asdict(change) for change in self.concepts],
            "words": [asdict(change) for change in self.words],
            "new_words": [asdict(word) for word in self.new_words],
            "new_word_count": self.new_word_count,
            "drawn": {name: asdict(drawn) for name, drawn in self.drawn.items()},
            "smallest_difference_in_standard_deviations": found.smallest,
            "notes": list(self.notes),
            "alpha": ALPHA,
            "replicates": self.replicates,
            "seed": self.seed,
        }


def _told(change: QuantityChange | DistributionChange) -> str:
    if isinstance(change, DistributionChange):
        return f"{DISTRIBUTIONS[change.name]} (distance {change.distance:.3f}, by chance up to {change.band:.3f})"
    return f"{QUANTITIES[change.name].title} (from {change.reference:.3g} to {change.new:.3g})"


def changed_concepts(changes: ShareChanges | None, vocabulary: Vocabulary) -> tuple[ShareChange, ...]:
    """The concepts whose shares surely changed."""
    if changes is None:
        return ()
    cells = largest_changes(changes)
    return tuple(_change(changes, cell, vocabulary[cell].id, vocabulary[cell].name) for cell in cells)


def changed_words(changes: ShareChanges, table: Sequence[str]) -> tuple[ShareChange, ...]:
    """The words whose shares surely changed."""
    return tuple(_change(changes, cell, table[cell], table[cell]) for cell in largest_changes(changes))


def _change(changes: ShareChanges, cell: int, identifier: ConceptId, name: str) -> ShareChange:
    columns = (changes.before, changes.after, changes.difference, changes.low, changes.high, changes.q)
    return ShareChange(identifier, name, *(float(column[cell]) for column in columns))


def most_frequent(new_words: Mapping[str, int]) -> tuple[NewWord, ...]:
    """The words that most papers hold; ties by alphabet."""
    order = sorted(new_words.items(), key=lambda item: (-item[1], item[0]))
    return tuple(NewWord(word, papers) for word, papers in order[:MOST_NEW_WORDS])


def drawn_distributions(reference: Profile, new: Profile) -> dict[str, Drawn]:
    """Those of `DRAWN` that both have."""
    found = {}
    for name, width in DRAWN.items():
        before, after = reference.histograms[name], new.histograms[name]
        if before.total and after.total:
            bins = max(_bins(before, width), _bins(after, width))
            found[name] = Drawn(width, _binned(before, width, bins), _binned(after, width, bins))
    return found


def _bins(histogram: Histogram, width: float) -> int:
    return len(histogram.counts) // round(width / histogram.step) + 1


def _binned(histogram: Histogram, width: float, bins: int) -> tuple[float, ...]:
    merged = round(width / histogram.step)
    shares = [float(histogram.counts[i * merged : (i + 1) * merged].sum() / histogram.total) for i in range(bins)]
    if not all(map(isfinite, shares)):
        raise ValueError("an empty histogram has no shares")
    return tuple(shares)
