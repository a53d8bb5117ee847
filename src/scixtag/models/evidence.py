"""The words of a text that speak for concepts: by what each column of its vector adds, and by the names in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

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

MOST_PLACES = 20
"""So many places of a piece of evidence are told: a text may be one word ten thousand times."""

MOST_CHARACTERS = 200
"""So many characters of a phrase are told: where each word overlaps with the next one, it is the whole text."""

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
    words, compared by their stems, become one piece of evidence, of which the first places are told.

    Args:
        parts: At least one, of the same text and concepts.
        text: The paper.
    """
    says = np.array([part.shares.any(axis=1) for part in parts])
    shares = np.concatenate([part.shares for part in parts], axis=1) / np.maximum(says.sum(axis=0), 1)[:, None]
    in_title, starts, ends, named = (
        np.concatenate([getattr(part, field) for part in parts]) for field in ("in_title", "starts", "ends", "named")
    )
    shifts = np.where(in_title, 0, len(text.title) + 1)
    order = np.argsort(starts + shifts, kind="stable")
    starts, ends, named = (starts + shifts)[order], (ends + shifts)[order], named[order]
    return _grouped([_merged(starts, ends, named, row) for row in shares[:, order]], text)


def _rows_of_one(values: npt.NDArray[np.floating]) -> Floats:
    """Each row divided by its sum; rows of zeros stay."""
    sums = values.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(values, sums, out=np.zeros_like(values), where=sums > 0).astype(np.float32)
    return shares


class _Runs(NamedTuple):
    """Stretches of title and abstract, counted as one text with a character between them; in their order.

    Attributes:
        starts: int64 (runs,), the first character.
        ends: int64 (runs,), the one after the last.
        named: bool (runs,), whether a name is among what they are made of.
        weights: float64 (runs,), the sum of the marks'.
    """

    starts: Integers
    ends: Integers
    named: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]


def _merged(starts: Integers, ends: Integers, named: npt.NDArray[np.bool_], shares: Floats) -> _Runs:
    """The marks that speak for a concept, and of those that overlap one; they come in the order of the text."""
    kept = shares > 0
    starts, ends = starts[kept], np.maximum.accumulate(ends[kept])
    begins = np.ones(len(starts), bool)
    begins[1:] = starts[1:] >= ends[:-1]
    run = np.cumsum(begins) - 1
    last = np.append(begins[1:], True)[: len(begins)]
    sums = np.bincount(run, shares[kept]).astype(np.float64, copy=False)
    return _Runs(starts[begins], ends[last], np.bincount(run, named[kept]) > 0, sums)


def _grouped(concepts: Sequence[_Runs], text: Text) -> list[tuple[Evidence, ...]]:
    """What speaks for each concept: runs of the same words are one piece."""
    if not concepts:
        return []
    kinds = _alike([(runs.starts, runs.ends) for runs in concepts], text)
    return [_pieces(runs, kind, text) for runs, kind in zip(concepts, kinds, strict=True)]


def _alike(stretches: Sequence[tuple[Integers, Integers]], text: Text) -> list[Integers]:
    """Numbers of stretches of a text; those whose words have the same stems have the same one.

    A stretch is read once, however many concepts it speaks for.
    """
    whole = "\n".join(text)
    base = len(whole) + 1
    codes = np.concatenate([starts * base + ends for starts, ends in stretches])
    known, each = np.unique(codes, return_inverse=True)
    words = [whole[code // base : code % base] for code in known.tolist()]
    places = {word: place for place, word in enumerate(dict.fromkeys(words))}
    tokens = Analyser(stop_words=frozenset()).learn(list(places))
    stems = [part.tobytes() for part in np.split(tokens.ids, tokens.offsets[1:-1])]
    numbers = {stem: number for number, stem in enumerate(dict.fromkeys(stems))}
    kinds = np.array([numbers[stems[places[word]]] for word in words], np.int64)
    return np.split(kinds[each], np.cumsum([len(starts) for starts, _ in stretches])[:-1])


def _pieces(runs: _Runs, kinds: Integers, text: Text) -> tuple[Evidence, ...]:
    """The pieces of most weight; of those that weigh the same, the ones that come first."""
    _, firsts, kind = np.unique(kinds, return_index=True, return_inverse=True)
    weights = np.bincount(kind, runs.weights)
    best = np.lexsort((firsts, -weights))[:MOST]
    least = min(_LEAST_SHARE, weights[best[0]] / 2) if len(best) else 0
    return tuple(_piece(runs, kind == one, text) for one in best if weights[one] >= least)


def _piece(runs: _Runs, chosen: npt.NDArray[np.bool_], text: Text) -> Evidence:
    rows = np.flatnonzero(chosen)
    shown = rows[:MOST_PLACES]
    spans = tuple(map(partial(_span, text), runs.starts[shown].tolist(), runs.ends[shown].tolist()))
    first = spans[0]
    words = (text.title if first.field == "title" else text.abstract)[first.start : first.end]
    return Evidence(
        words=words if len(words) <= MOST_CHARACTERS else f"{words[:MOST_CHARACTERS]}…",
        weight=sum(runs.weights[rows].tolist()),
        source="name" if runs.named[rows].any() else "words",
        times=len(rows),
        spans=spans,
    )


def _span(text: Text, start: int, end: int) -> Span:
    shift = len(text.title) + 1
    return Span("title", start, end) if start < shift else Span("abstract", start - shift, end - shift)
