"""Hierarchical precision, recall and F1: both sets with all their ancestors (Kiritchenko et al. 2006)."""

import numpy as np
import pytest
from evaluation_cases import random_case
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from hierarchy_cases import DIAMOND, random_hierarchy, vocabulary_of
from scixtag.errors import InputError
from scixtag.evaluation.bootstrap import resamples
from scixtag.evaluation.judgements import Judgements, judge
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.predictions.closure import ancestor_matrix, most_specific, with_ancestors
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.hierarchy import Hierarchy

NAMES = ("h_precision", "h_recall", "h_f1")
seeds = st.integers(0, 10**6)


def values(judged):
    return [get_metric(name)(judged, judged.unit_weights).item() for name in NAMES]


def judged_sets(selected, gold, concepts, unknown=0):
    """One paper with a selected and a true set."""
    scores = Scores(np.array([sorted(selected)], np.int32), np.full((1, len(selected)), 0.5, np.float32))
    targets = np.zeros((1, len(concepts)))
    targets[0, list(gold)] = 1
    counts, ancestors = np.zeros(len(concepts), int), ancestor_matrix(concepts)
    return judge(scores, scores.listed, csr_array(targets), np.array([unknown]), counts, 1, ancestors)


@pytest.mark.parametrize(
    ("selected", "gold", "unknown", "shared", "sizes"),
    [
        ({3}, {3}, 0, 4, (4, 4)),  # an ancestor that is reached twice counts once
        ({3}, {4}, 0, 2, (4, 4)),  # {3, 1, 2, 0} and {4, 2, 5, 0}: two parents, of which one is shared
        ({0, 2}, {4}, 0, 2, (2, 4)),  # a top concept counts as any
        ({1}, {5, 6}, 0, 0, (2, 2)),
        ({3}, {3}, 2, 4, (4, 6)),  # labels outside the vocabulary are missed
        (set(), {4}, 0, 0, (0, 4)),
        ({4}, set(), 1, 0, (4, 1)),
    ],
)
def test_by_hand(selected, gold, unknown, shared, sizes):
    expected = [shared / max(1, sizes[0]), shared / sizes[1], 2 * shared / sum(sizes)]
    assert values(judged_sets(selected, gold, DIAMOND, unknown)) == pytest.approx(expected)


@given(seeds, st.booleans())
def test_agrees_with_sets_of_one_paper_at_a_time(seed, unknown):
    case = random_case(seed, papers=8, concepts=10, unknown=unknown)
    concepts = random_hierarchy(np.random.default_rng(seed), 10)
    hierarchy = Hierarchy(concepts)
    shared = chosen = true = 0
    for row in range(8):
        sets = []
        for matrix in (case.dense_selected, case.targets):
            own = set(np.flatnonzero(matrix[row]).tolist())
            sets.append(own.union(*(hierarchy.ancestors(column) for column in own)))
        shared += len(sets[0] & sets[1])
        chosen += len(sets[0])
        true += len(sets[1]) + int(case.unknown[row])
    found = values(case.judged(ancestor_matrix(concepts)))
    assert found == pytest.approx([shared / max(1, chosen), shared / true, 2 * shared / (chosen + true)])


@given(seeds)
def test_without_a_hierarchy_they_are_the_micro_metrics(seed):
    case = random_case(seed, unknown=True)
    flat = ancestor_matrix(vocabulary_of([()] * 12))
    for judged in (case.judged(), case.judged(flat)):
        micro = [
            get_metric(f"micro_{name}")(judged, judged.unit_weights).item() for name in ("precision", "recall", "f1")
        ]
        assert values(judged) == pytest.approx(micro)


@given(seeds)
def test_what_is_implied_changes_nothing(seed):
    """Neither an ancestor of a selected concept more or less, nor one of a true concept."""
    case = random_case(seed, papers=8, concepts=10)
    ancestors = ancestor_matrix(random_hierarchy(np.random.default_rng(seed), 10))
    expected = values(case.judged(ancestors))
    implied = ((case.targets + csr_array(case.targets) @ ancestors) > 0).astype(float)
    for scores, selected, targets in (
        (case.scores, most_specific(case.scores, case.selected, ancestors), case.targets),
        (*with_ancestors(case.scores, case.selected, ancestors), case.targets),
        (case.scores, case.selected, implied),
    ):
        judged = judge(scores, selected, csr_array(targets), case.unknown, case.train_counts, 900, ancestors)
        assert values(judged) == pytest.approx(expected)


def test_a_near_miss_is_worth_more_than_a_far_one():
    near, far = judged_sets({1}, {3}, DIAMOND), judged_sets({6}, {3}, DIAMOND)
    assert get_metric("micro_f1")(near, near.unit_weights) == get_metric("micro_f1")(far, far.unit_weights) == 0
    assert values(near)[2] > values(far)[2] == 0


def test_weights_are_repetitions_and_parts_can_be_pooled():
    ancestors = ancestor_matrix(random_hierarchy(np.random.default_rng(2), 12))
    case = random_case(2, unknown=True)
    weights = next(resamples(40, 5, seed=4))
    judged = case.judged(ancestors)
    for replicate in range(5):
        rows = np.repeat(np.arange(40), weights[:, replicate].astype(int))
        expected = values(case.take(rows).judged(ancestors))
        assert [get_metric(name)(judged, weights)[replicate] for name in NAMES] == pytest.approx(expected)
    parts = [case.take(rows).judged(ancestors) for rows in (np.arange(15), np.arange(15, 40))]
    assert values(Judgements.concatenate(parts)) == pytest.approx(values(judged))


def test_the_ancestors_of_another_vocabulary_are_refused():
    with pytest.raises(InputError, match="ancestors are those of 7 concepts and the targets have 12"):
        random_case(1).judged(ancestor_matrix(DIAMOND))
