"""What a corpus holds, in numbers, before anything is trained on it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scixtag.corpus.examples import stable_hash
from scixtag.corpus.latex import has_latex
from scixtag.corpus.markup import has_tags
from scixtag.corpus.record import Record
from scixtag.corpus.text import text_of
from scixtag.vocabulary.concept import ConceptId, Vocabulary

_LISTED = 20
_QUANTILES = {"minimum": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "maximum": 1.0}

Band = tuple[int, int | None]

BANDS: dict[str, Band] = {"1": (1, 1), "2–5": (2, 5), "6–60": (6, 60), "> 60": (61, None)}
"""Concepts by the number of papers that carry them: lowest and highest number."""

PUBLISHED_BANDS: dict[str, Band] = {"tail (< 50)": (1, 49), "torso (50–500)": (50, 500), "head (> 500)": (501, None)}
"""The bands of the AstroConcepts paper (arXiv:2604.02156)."""


@dataclass(frozen=True, slots=True)
class ConceptCount:
    """A concept and the number of papers that carry it; the name is empty where no vocabulary gives one."""

    id: ConceptId
    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class Description:
    """A corpus in numbers. Every label counts once a paper.

    Attributes:
        papers: All of them; the next five count among them.
        without_title: Empty after cleaning.
        without_abstract: None or empty after cleaning.
        without_labels: Nobody has labelled them (None), or somebody chose nothing.
        repeated_ids: Papers whose id stood before.
        repeated_texts: Papers whose cleaned text stood before.
        concepts: How many different ones are in use; those that the vocabulary does not hold are not among them.
        assignments: Pairs of a paper and a concept, likewise.
        labels_per_paper: How many labelled papers have 1, 2, … labels, unknown ones included.
        mean_labels: Labels a labelled paper, unknown ones included.
        bands: How many concepts fall in each of `BANDS`, and how many assignments they make.
        published_bands: Likewise for `PUBLISHED_BANDS`.
        unknown: Labels that the vocabulary does not hold, the most frequent first, at most 20.
        unknown_count: How many different ones there are.
        deprecated: Deprecated concepts in use, the most frequent first.
        most_frequent: The 20 most frequent concepts.
        frequencies: How many papers carry each concept in use, falling.
        title_words: Quantiles of the cleaned titles' lengths in words.
        abstract_words: Likewise for abstracts, where there is one.
        with_tags: Share of papers with HTML, JATS or MathML tags.
        with_latex: Share of papers with something that looks like LaTeX.
    """

    papers: int
    without_title: int
    without_abstract: int
    without_labels: int
    repeated_ids: int
    repeated_texts: int
    concepts: int
    assignments: int
    labels_per_paper: dict[int, int]
    mean_labels: float
    bands: dict[str, tuple[int, int]]
    published_bands: dict[str, tuple[int, int]]
    unknown: tuple[ConceptCount, ...]
    unknown_count: int
    deprecated: tuple[ConceptCount, ...]
    most_frequent: tuple[ConceptCount, ...]
    frequencies: tuple[int, ...]
    title_words: dict[str, int]
    abstract_words: dict[str, int]
    with_tags: float
    with_latex: float

    def to_document(self) -> dict[str, Any]:
        """As plain lists and dictionaries for JSON."""
        return asdict(self)


def describe(records: Iterable[Record], vocabulary: Vocabulary | None = None) -> Description:
    """Count what a corpus holds, in one pass; memory grows with distinct ids, texts and labels only.

    Args:
        records: Any papers, labelled or not.
        vocabulary: Joins different references to one concept and gives names. Without it every reference is a concept
            of its own, and none is unknown or deprecated.
    """
    tally = _Tally(vocabulary)
    for record in records:
        tally.add(record)
    return tally.description()


class _Tally:
    def __init__(self, vocabulary: Vocabulary | None) -> None:
        self._vocabulary = vocabulary
        self._counts: Counter[str] = Counter()
        self._ids: set[bytes] = set()
        self._texts: set[bytes] = set()
        self._concepts: Counter[ConceptId] = Counter()
        self._unknown: Counter[ConceptId] = Counter()
        self._labels_per_paper: Counter[int] = Counter()
        self._title_words: Counter[int] = Counter()
        self._abstract_words: Counter[int] = Counter()

    def add(self, record: Record) -> None:
        raw = (record.title, record.abstract or "")
        self._counts["papers"] += 1
        self._counts["tags"] += any(has_tags(part) for part in raw)
        self._counts["latex"] += any(has_latex(part) for part in raw)
        self._add_text(record)
        self._add_labels(record.labels or ())

    def _add_text(self, record: Record) -> None:
        text = text_of(record)
        self._counts["untitled"] += not text.title
        self._title_words[len(text.title.split())] += 1
        if text.abstract:
            self._abstract_words[len(text.abstract.split())] += 1
        self._counts["ids"] += _met_before(record.id, self._ids)
        if text.joined:
            self._counts["texts"] += _met_before(text.joined, self._texts)

    def _add_labels(self, labels: Sequence[ConceptId]) -> None:
        known, unknown = self._resolved(labels)
        self._concepts.update(known)
        self._unknown.update(unknown)
        if known or unknown:
            self._labels_per_paper[len(known) + len(unknown)] += 1

    def _resolved(self, labels: Sequence[ConceptId]) -> tuple[set[ConceptId], set[ConceptId]]:
        if self._vocabulary is None:
            return set(labels), set()
        columns = {label: self._vocabulary.resolve(label) for label in labels}
        known = {self._vocabulary[column].id for column in columns.values() if column is not None}
        return known, {label for label, column in columns.items() if column is None}

    def description(self) -> Description:
        counts, papers = self._counts, self._counts["papers"]
        labelled = self._labels_per_paper.total()
        return Description(
            papers=papers,
            without_title=counts["untitled"],
            without_abstract=papers - self._abstract_words.total(),
            without_labels=papers - labelled,
            repeated_ids=counts["ids"],
            repeated_texts=counts["texts"],
            concepts=len(self._concepts),
            assignments=self._concepts.total(),
            labels_per_paper=dict(sorted(self._labels_per_paper.items())),
            mean_labels=(self._concepts.total() + self._unknown.total()) / max(labelled, 1),
            bands=_banded(self._concepts, BANDS),
            published_bands=_banded(self._concepts, PUBLISHED_BANDS),
            unknown=self._listed(self._unknown.most_common(_LISTED)),
            unknown_count=len(self._unknown),
            deprecated=self._listed((i, n) for i, n in self._concepts.most_common() if self._is_deprecated(i)),
            most_frequent=self._listed(self._concepts.most_common(_LISTED)),
            frequencies=tuple(sorted(self._concepts.values(), reverse=True)),
            title_words=_quantiles(self._title_words),
            abstract_words=_quantiles(self._abstract_words),
            with_tags=counts["tags"] / max(papers, 1),
            with_latex=counts["latex"] / max(papers, 1),
        )

    def _listed(self, counts: Iterable[tuple[ConceptId, int]]) -> tuple[ConceptCount, ...]:
        return tuple(ConceptCount(reference, self._name(reference), papers) for reference, papers in counts)

    def _name(self, reference: ConceptId) -> str:
        column = None if self._vocabulary is None else self._vocabulary.resolve(reference)
        return "" if self._vocabulary is None or column is None else self._vocabulary[column].name

    def _is_deprecated(self, concept: ConceptId) -> bool:
        return self._vocabulary is not None and self._vocabulary[self._vocabulary.column(concept)].deprecated


def _met_before(content: str, seen: set[bytes]) -> bool:
    digest = stable_hash(content)
    before = digest in seen
    seen.add(digest)
    return before


def _banded(counts: Counter[ConceptId], bands: dict[str, Band]) -> dict[str, tuple[int, int]]:
    """For each band, its concepts and their assignments."""
    shares = {}
    for name, (low, high) in bands.items():
        inside = [n for n in counts.values() if n >= low and (high is None or n <= high)]
        shares[name] = (len(inside), sum(inside))
    return shares


def _quantiles(counts: Counter[int]) -> dict[str, int]:
    """Of the values counted: the smallest that has at least the given share at or below it."""
    values = sorted(counts.items())
    total = counts.total()
    quantiles = {}
    for name, share in _QUANTILES.items():
        below = 0
        for value, count in values:
            below += count
            if below >= max(share * total, 1):
                quantiles[name] = value
                break
    return quantiles
