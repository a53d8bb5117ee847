"""The words of a text that speak for concepts: by what each column of its vector adds, and by the names in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.models.mentions import NameFinder
from scixtag.models.tfidf import ColumnPlaces
from scixtag.models.tokens import Analyser
from scixtag.predictions.explanation import Evidence, Span

MOST = 8
"""So many pieces of evidence are told for a concept."""

_LEAST_SHARE = 0.02
"""What has a smaller share of the evidence is left out, unless all have: there is much of it, and it says little."""

Integers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Marks:
    """Stretches of a text, and how much each of them speaks for each of some concepts.

    Attributes:
        in_title: bool (marks,), whether it stands in the title; else in the abstract.
        starts: int64 (marks,), the first character there.
        ends: int64 (marks,), the one after the last.
        named: bool (marks,), whether it is a name of a concept.
        shares: float32 (concepts, marks), of the evidence for each concept; rows add up to one, or to zero.
    """

    in_title: npt.NDArray[np.bool_]
    starts: Integers
    ends: Integers
    named: npt.NDArray[np.bool_]
    shares: Floats

    @classmethod
    def of_words(cls, places: ColumnPlaces, contributions: csr_array) -> "Marks":
        """The words and pairs of words that add to the score of each concept.

        What a column adds is divided among its places; columns that add little are left out.

        Args:
            places: Where the columns of the paper's vector stand.
            contributions: csr (concepts, columns), what each column adds; what is below 0 does not count.
        """
        added = np.maximum(contributions[:, places.columns].toarray(), 0)
        weights = np.bincount(places.columns, places.weights, contributions.shape[1])
        divided = added * (places.weights / weights[places.columns])
        shares = _rows_of_one(divided)
        best = added.max(axis=1, keepdims=True, initial=0)
        shares[added < np.minimum(_LEAST_SHARE * divided.sum(axis=1, keepdims=True), best / 2)] = 0
        kept = np.flatnonzero(shares.any(axis=0))
        named = np.zeros(len(kept), bool)
        return cls(places.in_title[kept], places.starts[kept], places.ends[kept], named, shares[:, kept])

    @classmethod
    def of_names(cls, finder: NameFinder, text: Text, concepts: Integers) -> "Marks":
        """The names of each concept, each place alike."""
        places = finder.locate(text)
        shares = _rows_of_one((np.asarray(concepts)[:, None] == places.concepts).astype(np.float32))
        return cls(places.in_title, places.starts, places.ends, np.ones(len(places.concepts), bool), shares)


def evidence(parts: Sequence[Marks], text: Text) -> list[tuple[Evidence, ...]]:
    """For each concept the words that speak for it, those of most weight first.

    Each part that has anything to say of a concept weighs the same. Stretches that overlap become one, and equal
    words, compared by their stems, become one piece of evidence.

    Args:
        parts: At least one, of the same text and concepts.
        text: The paper.
    """
    says = np.array([part.shares.any(axis=1) for part in parts])
    shares = np.concatenate([part.shares for part in parts], axis=1) / np.maximum(says.sum(axis=0), 1)[:, None]
    in_title, starts, ends, named = (
        np.concatenate([getattr(part, field) for part in parts]) for field in ("in_title", "starts", "ends", "named")
    )
    order = np.lexsort((starts, ~in_title))
    runs = []
    for row in shares:
        chosen = order[row[order] > 0]
        fields = (field[chosen].tolist() for field in (in_title, starts, ends, named, row))
        runs.append(_merged(zip(*fields, strict=True)))
    return _grouped(runs, text)


def _rows_of_one(values: npt.NDArray[np.floating]) -> Floats:
    """Each row divided by its sum; rows of zeros stay."""
    sums = values.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(values, sums, out=np.zeros_like(values), where=sums > 0).astype(np.float32)
    return shares


@dataclass
class _Run:
    """A stretch that grows."""

    in_title: bool
    start: int
    end: int
    named: bool
    weight: float

    def words(self, text: Text) -> str:
        return (text.title if self.in_title else text.abstract)[self.start : self.end]


def _merged(marks: Iterable[tuple[bool, int, int, bool, float]]) -> list[_Run]:
    """Stretches without those that overlap; the marks come in the order of the text."""
    runs: list[_Run] = []
    for in_title, start, end, named, weight in marks:
        if runs and runs[-1].in_title == in_title and start < runs[-1].end:
            last = runs[-1]
            last.end, last.named, last.weight = max(last.end, end), last.named or named, last.weight + weight
        else:
            runs.append(_Run(in_title, start, end, named, weight))
    return runs


def _grouped(concepts: Sequence[list[_Run]], text: Text) -> list[tuple[Evidence, ...]]:
    spelt = dict.fromkeys(run.words(text) for runs in concepts for run in runs)
    tokens = Analyser(stop_words=frozenset()).learn(list(spelt))
    stems = dict(zip(spelt, np.split(tokens.ids, tokens.offsets[1:-1]), strict=True)) if spelt else {}
    found = []
    for runs in concepts:
        groups: dict[bytes, list[_Run]] = {}
        for run in runs:
            groups.setdefault(stems[run.words(text)].tobytes(), []).append(run)
        pieces = sorted((_piece(group, text) for group in groups.values()), key=lambda one: -one.weight)
        least = min(_LEAST_SHARE, pieces[0].weight / 2) if pieces else 0
        found.append(tuple(piece for piece in pieces[:MOST] if piece.weight >= least))
    return found


def _piece(runs: Sequence[_Run], text: Text) -> Evidence:
    return Evidence(
        words=runs[0].words(text),
        weight=sum(run.weight for run in runs),
        source="name" if any(run.named for run in runs) else "words",
        spans=tuple(Span("title" if run.in_title else "abstract", run.start, run.end) for run in runs),
    )
