"""Which concepts are missed, which are wrongly selected, and which are taken for which."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scixtag.evaluation.judgements import UNLISTED, Judgements, Pairs
from scixtag.evaluation.relations import NONE, RELATIONS, Relations
from scixtag.vocabulary.concept import ConceptId, Vocabulary

MOST = 50
"""So many concepts and pairs of concepts are told, the most frequent first."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MissedConcept:
    """A concept that papers carry and that was not selected for them.

    Attributes:
        id: The concept.
        name: Its preferred name.
        missed: Papers that carry it and for which it was not selected; the next three add up to it.
        not_selected: It was a candidate there.
        not_listed: It was none, though training papers carry it.
        never_seen: It was none, and no training paper carries it.
        support: Papers that carry it.
        share: `missed` / `support`.
        train_count: Training papers that carry it, averaged over the judged papers.
    """

    id: ConceptId
    name: str
    missed: int
    not_selected: int
    not_listed: int
    never_seen: int
    support: int
    share: float
    train_count: float


@dataclass(frozen=True, slots=True)
class WrongConcept:
    """A concept that was selected for papers that do not carry it.

    Attributes:
        id: The concept.
        name: Its preferred name.
        wrong: So many papers.
        selected: Papers for which it was selected.
        share: `wrong` / `selected`.
        train_count: Training papers that carry it, averaged over the judged papers.
    """

    id: ConceptId
    name: str
    wrong: int
    selected: int
    share: float
    train_count: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """A concept that was wrongly selected where another one was missed.

    Attributes:
        selected: The concept that was wrongly selected.
        selected_name: Its preferred name.
        missed: The concept that was missed.
        missed_name: Its preferred name.
        relation: What the selected one is to the missed one, of `RELATIONS`.
        papers: In so many papers.
    """

    selected: ConceptId
    selected_name: str
    missed: ConceptId
    missed_name: str
    relation: str
    papers: int


@dataclass(frozen=True)
class Errors:
    """The errors of the decided sets.

    Attributes:
        missed: True labels that were not selected; the next four add up to it.
        not_selected: Those that were candidates.
        not_listed: Those that were none, though training papers carry them.
        never_seen: Those that were none and that no training paper carries.
        outside: Those that the vocabulary does not hold.
        wrong: Selected concepts that are not true.
        relations: How many of these stand in each of `RELATIONS` to the nearest concept that their paper misses.
        relations_to_labels: The same to the nearest label of their paper, missed or not.
        most_missed: The concepts that are missed most often.
        most_wrong: The concepts that are most often selected wrongly.
        confusions: The pairs of the nearest relation that are most frequent; those without a relation are left out.
        unrelated: The most frequent pairs among the wrong selections without a relation to anything missed.
    """

    missed: int
    not_selected: int
    not_listed: int
    never_seen: int
    outside: int
    wrong: int
    relations: Mapping[str, int]
    relations_to_labels: Mapping[str, int]
    most_missed: tuple[MissedConcept, ...]
    most_wrong: tuple[WrongConcept, ...]
    confusions: tuple[Confusion, ...]
    unrelated: tuple[Confusion, ...]


def find_errors(
    judgements: Judgements, vocabulary: Vocabulary, relations: Relations | None = None, *, most: int = MOST
) -> Errors:
    """Count the errors of the decided sets.

    Each wrong selection is set against what its paper misses. The nearest relation counts, once; all missed concepts
    of that relation make a pair with it. A vocabulary without a hierarchy has no relation but the related concepts.

    Args:
        judgements: The answers, judged.
        vocabulary: What the columns mean.
        relations: Of that vocabulary, where they are at hand.
        most: How many concepts and pairs to tell.

    Raises:
        InputError: The hierarchy has a cycle, or a broader concept does not exist.
    """
    gold, selected = judgements.gold, judgements.selected
    missed, wrong = gold.where(~gold.shared), selected.where(~selected.shared)
    not_selected, not_listed, never_seen = (int(kind.sum()) for kind in _kinds(missed))
    outside = int(judgements.unknown.sum())
    hierarchy = relations or Relations(vocabulary)
    pairs = _Confused(wrong, missed, hierarchy)
    return Errors(
        missed=len(missed) + outside,
        not_selected=not_selected,
        not_listed=not_listed,
        never_seen=never_seen,
        outside=outside,
        wrong=len(wrong),
        relations=pairs.by_relation(),
        relations_to_labels=_Confused(wrong, gold, hierarchy).by_relation(),
        most_missed=_most_missed(judgements, missed, vocabulary, most),
        most_wrong=_most_wrong(judgements, wrong, vocabulary, most),
        confusions=pairs.most_frequent(vocabulary, most, related=True),
        unrelated=pairs.most_frequent(vocabulary, most, related=False),
    )


def _kinds(missed: Pairs) -> tuple[npt.NDArray[np.bool_], ...]:
    """Whether each missed label was a candidate; was none, though it was seen in training; was neither."""
    listed, seen = missed.ranks != UNLISTED, missed.train_counts > 0
    return listed, ~listed & seen, ~listed & ~seen


def _most_missed(judgements: Judgements, missed: Pairs, vocabulary: Vocabulary, most: int) -> tuple[MissedConcept, ...]:
    count, support = _by_concept(missed), _by_concept(judgements.gold)
    not_selected, not_listed, never_seen = (_by_concept(missed.where(kind)) for kind in _kinds(missed))
    return tuple(
        MissedConcept(
            id=vocabulary[column].id,
            name=vocabulary[column].name,
            missed=int(count[column]),
            not_selected=int(not_selected[column]),
            not_listed=int(not_listed[column]),
            never_seen=int(never_seen[column]),
            support=int(support[column]),
            share=float(count[column] / support[column]),
            train_count=float(judgements.train_counts[column]),
        )
        for column in _commonest(count, most)
    )


def _most_wrong(judgements: Judgements, wrong: Pairs, vocabulary: Vocabulary, most: int) -> tuple[WrongConcept, ...]:
    count, selected = _by_concept(wrong), _by_concept(judgements.selected)
    return tuple(
        WrongConcept(
            id=vocabulary[column].id,
            name=vocabulary[column].name,
            wrong=int(count[column]),
            selected=int(selected[column]),
            share=float(count[column] / selected[column]),
            train_count=float(judgements.train_counts[column]),
        )
        for column in _commonest(count, most)
    )


def _by_concept(pairs: Pairs) -> Counts:
    return np.bincount(pairs.concepts, minlength=pairs.matrix.shape[1])


def _commonest(counts: Counts, most: int) -> list[int]:
    """The places of the largest counts above 0, largest first; equal ones in their order."""
    order = np.argsort(-counts, kind="stable")[:most]
    return [place for place in order.tolist() if counts[place]]


class _Confused:
    """Every wrong selection beside every one of some true concepts of its paper.

    Args:
        wrong: The wrong selections.
        true: The true concepts to set them against.
        relations: Of their vocabulary.
    """

    def __init__(self, wrong: Pairs, true: Pairs, relations: Relations) -> None:
        starts, sizes = true.matrix.indptr[:-1], np.diff(true.matrix.indptr)
        counts = sizes[wrong.papers]
        of = np.repeat(np.arange(len(wrong)), counts)
        nth = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
        self._selected = wrong.concepts[of]
        self._true = true.concepts[starts[wrong.papers[of]] + nth]
        self._relation = relations.nearest(self._selected, self._true)
        self._nearest = np.full(len(wrong), NONE, dtype=np.int64)
        np.minimum.at(self._nearest, of, self._relation)
        self._kept = self._relation == self._nearest[of]
        self._concepts = wrong.matrix.shape[1]

    def by_relation(self) -> dict[str, int]:
        """How many wrong selections have each of `RELATIONS` as their nearest one."""
        return dict(zip(RELATIONS, np.bincount(self._nearest, minlength=len(RELATIONS)).tolist(), strict=True))

    def most_frequent(self, vocabulary: Vocabulary, most: int, *, related: bool) -> tuple[Confusion, ...]:
        """The most frequent pairs that have a relation, or that have none."""
        chosen = self._kept & ((self._relation != NONE) == related)
        keys = self._selected[chosen] * self._concepts + self._true[chosen]
        found, first, counts = np.unique(keys, return_index=True, return_counts=True)
        relation = self._relation[chosen][first]
        told = []
        for place in _commonest(counts, most):
            one, other = (vocabulary[int(column)] for column in divmod(found[place], self._concepts))
            name = RELATIONS[int(relation[place])]
            told.append(Confusion(one.id, one.name, other.id, other.name, name, int(counts[place])))
        return tuple(told)
