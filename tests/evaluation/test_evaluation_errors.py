from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from evaluation_cases import hand_case, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

from hierarchy_cases import DIAMOND, random_hierarchy, vocabulary_of
from scixtag.errors import InputError
from scixtag.evaluation.errors import Confusion, MissedConcept, WrongConcept, find_errors
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.relations import RELATIONS, Relations
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.hierarchy import Hierarchy

SEEDS = st.integers(0, 10**6)
FLAT = vocabulary_of([()] * 12)


def with_related(vocabulary, rng):
    """The vocabulary with up to two related concepts each, and names that lead nowhere."""
    return Vocabulary(
        replace(concept, related=(*rng.choice(len(vocabulary), int(rng.integers(0, 3)), replace=False).tolist(), 999))
        for concept in vocabulary
    )


def relation(vocabulary, hierarchy, first, second):
    """What the first concept is to the second, by the lists of the hierarchy."""
    related = second in vocabulary[first].related or first in vocabulary[second].related
    checks = {
        "parent": first in hierarchy.parents(second),
        "child": first in hierarchy.children(second),
        "sibling": first in hierarchy.siblings(second),
        "ancestor": first in hierarchy.ancestors(second),
        "descendant": first in hierarchy.descendants(second),
        "related": related,
        "none": True,
    }
    assert tuple(checks) == RELATIONS
    return next(name for name, holds in checks.items() if holds)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_relations_agree_with_the_hierarchy(seed):
    rng = np.random.default_rng(seed)
    vocabulary = with_related(random_hierarchy(rng, 14), rng)
    hierarchy = Hierarchy(vocabulary)
    first, second = (places.ravel() for places in np.indices((14, 14)))
    found = [RELATIONS[place] for place in Relations(vocabulary).nearest(first, second)]
    expected = [relation(vocabulary, hierarchy, a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    assert found == expected


def test_relations_by_hand():
    relations = Relations(DIAMOND)
    pairs = [(0, 1), (3, 1), (1, 2), (3, 4), (0, 3), (4, 0), (6, 0), (5, 4), (3, 5)]
    found = relations.nearest(*(np.array(side) for side in zip(*pairs, strict=True)))
    assert [RELATIONS[place] for place in found] == [
        *("parent", "child", "sibling", "sibling", "ancestor", "descendant", "none", "parent", "none")
    ]


def test_a_flat_vocabulary_of_many_siblings_is_no_burden():
    """All siblings of 30,000 concepts under one root are 900 million pairs."""
    vocabulary = vocabulary_of([(), *[(0,)] * 30_000])
    found = Relations(vocabulary).nearest(np.array([1, 0, 5]), np.array([30_000, 9, 0]))
    assert [RELATIONS[place] for place in found] == ["sibling", "parent", "child"]


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans())
def test_counts_agree_with_a_count_paper_by_paper(seed, unknown):
    rng = np.random.default_rng(seed)
    case = random_case(seed, unknown=unknown)
    vocabulary = with_related(random_hierarchy(rng, 12), rng)
    hierarchy = Hierarchy(vocabulary)
    errors = find_errors(case.judged(), vocabulary, most=1000)
    missed, wrong, nearest, to_labels, pairs = Counter(), Counter(), Counter(), Counter(), Counter()
    for row, (columns, chosen) in enumerate(zip(case.scores.columns, case.selected, strict=True)):
        gold, taken = set(np.flatnonzero(case.targets[row]).tolist()), set(columns[chosen].tolist())
        listed = set(columns.tolist())
        for column in gold - taken:
            seen = "not_listed" if case.train_counts[column] else "never_seen"
            missed[column, "not_selected" if column in listed else seen] += 1
        for column in taken - gold:
            wrong[column] += 1
            to_missed = {other: relation(vocabulary, hierarchy, column, other) for other in gold - taken}
            best = min(to_missed.values(), key=RELATIONS.index, default="none")
            nearest[best] += 1
            pairs.update((column, other, name) for other, name in to_missed.items() if name == best)
            to_all = [relation(vocabulary, hierarchy, column, other) for other in gold]
            to_labels[min(to_all, key=RELATIONS.index, default="none")] += 1
    kinds = ("not_selected", "not_listed", "never_seen")
    assert {(row.id, kind): getattr(row, kind) for row in errors.most_missed for kind in kinds} == {
        (row.id, kind): missed[row.id, kind] for row in errors.most_missed for kind in kinds
    }
    assert sum(row.missed for row in errors.most_missed) == missed.total() == errors.missed - errors.outside
    assert errors.outside == case.unknown.sum()
    assert [getattr(errors, kind) for kind in kinds] == [
        sum(count for (_, name), count in missed.items() if name == kind) for kind in kinds
    ]
    assert {row.id: row.wrong for row in errors.most_wrong} == dict(wrong)
    assert errors.wrong == wrong.total()
    assert errors.relations == {name: nearest[name] for name in RELATIONS}
    assert errors.relations_to_labels == {name: to_labels[name] for name in RELATIONS}
    told = {(one.selected, one.missed, one.relation): one.papers for one in (*errors.confusions, *errors.unrelated)}
    assert told == dict(pairs)
    assert {one.relation for one in errors.unrelated} <= {"none"}
    for rows, count in ((errors.most_missed, "missed"), (errors.most_wrong, "wrong"), (errors.confusions, "papers")):
        counts = [getattr(row, count) for row in rows]
        assert counts == sorted(counts, reverse=True)


def test_by_hand():
    # Paper 0 misses 0 and has 4 wrong; paper 1 has 0 wrong; paper 2 misses 1, 3 and a label outside the vocabulary.
    vocabulary = vocabulary_of([(), (), (), (), (0,)])
    errors = find_errors(hand_case().judged(), vocabulary)
    assert (errors.missed, errors.not_selected, errors.not_listed, errors.never_seen, errors.outside) == (4, 1, 1, 1, 1)
    assert errors.most_missed == (
        MissedConcept(0, "c0", 1, 1, 0, 0, 1, 1.0, 100.0),
        MissedConcept(1, "c1", 1, 0, 1, 0, 2, 0.5, 10.0),
        MissedConcept(3, "c3", 1, 0, 0, 1, 1, 1.0, 0.0),
    )
    assert errors.most_wrong == (WrongConcept(0, "c0", 1, 1, 1.0, 100.0), WrongConcept(4, "c4", 1, 1, 1.0, 7.0))
    assert errors.confusions == (Confusion(4, "c4", 0, "c0", "child", 1),)
    assert errors.unrelated == ()
    assert {name: count for name, count in errors.relations.items() if count} == {"child": 1, "none": 1}


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_the_order_of_papers_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    case, vocabulary = random_case(seed, unknown=True), random_hierarchy(rng, 12)
    other = case.take(rng.permutation(40))
    assert find_errors(other.judged(), vocabulary) == find_errors(case.judged(), vocabulary)


def test_folds_are_counted_as_one():
    parts = [random_case(seed) for seed in range(3)]
    vocabulary = random_hierarchy(np.random.default_rng(0), 12)
    whole = find_errors(Judgements.concatenate([part.judged() for part in parts]), vocabulary)
    each = [find_errors(part.judged(), vocabulary) for part in parts]
    for name in ("missed", "wrong", "not_selected", "not_listed", "never_seen"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in each)
    assert whole.relations == {name: sum(part.relations[name] for part in each) for name in RELATIONS}


def test_only_the_most_frequent_ones_are_told():
    case = random_case(4, papers=300)
    errors = find_errors(case.judged(), FLAT, most=3)
    assert len(errors.most_missed) == len(errors.most_wrong) == len(errors.unrelated) == 3
    assert errors.unrelated == find_errors(case.judged(), FLAT).unrelated[:3]


def test_without_a_hierarchy_nothing_is_related():
    errors = find_errors(random_case(5).judged(), FLAT)
    assert errors.relations["none"] == errors.wrong > 0
    assert errors.confusions == ()
    assert errors.unrelated


def test_nothing_selected():
    case = random_case(6)
    case.selected[:] = False
    errors = find_errors(case.judged(), FLAT)
    assert errors.missed == case.targets.sum()
    assert errors.wrong == sum(errors.relations.values()) == 0
    assert errors.most_wrong == errors.confusions == errors.unrelated == ()


def test_no_error_at_all():
    case = random_case(7, k=12)
    perfect = replace(case, targets=case.dense_selected.astype(np.float32))
    perfect = perfect.take(np.flatnonzero(perfect.targets.any(axis=1)))
    errors = find_errors(perfect.judged(), FLAT)
    assert errors.missed == errors.wrong == 0
    assert errors.most_missed == errors.most_wrong == errors.confusions == ()


def test_a_broken_hierarchy_is_refused():
    vocabulary = Vocabulary(Concept(i, f"u:{i}", f"c{i}", broader=(99,) if i == 3 else ()) for i in range(12))
    with pytest.raises(InputError, match="broader concept 99"):
        find_errors(random_case(8).judged(), vocabulary)
