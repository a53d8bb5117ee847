"""The track record of concepts, and who may know what of it."""

import dataclasses

import numpy as np
import pytest

from scixtag.models.ensemble import ranker as ranker_module
from scixtag.models.ensemble.ranker import Lessons, fit_rankers
from scixtag.models.ensemble.record import RECORD_FEATURES, Record, RecordByGroup
from scixtag.models.ensemble.settings import RankerSettings

QUICK = RankerSettings(rounds=15, seeds=2, leaf_pairs=5, negative_share=1.0, feature_share=1.0, pair_share=1.0)


def test_what_a_record_says():
    record = Record(np.array([3, 0, 0], np.float32), np.array([1, 1, 0], np.float32))
    # Right three times where one was expected; never right where one was; never a candidate.
    assert record.features(np.array([0, 1, 2, 0]))[:, 0] == pytest.approx(np.log([2, 0.5, 1, 2]))
    again = Record.from_arrays(record.arrays())
    np.testing.assert_array_equal(again.features(np.arange(3)), record.features(np.arange(3)))


def test_a_group_is_told_of_all_others():
    groups, concepts = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 0])
    right = np.array([True, False, True, True, False])
    expected = np.array([0.5, 0.25, 0.5, 0.75, 0.125], np.float32)
    record = RecordByGroup(groups, concepts, right, expected, (3, 2))
    assert record.whole().right.tolist() == [2, 1]
    assert record.whole().expected.tolist() == [1.125, 1]
    by_hand = [(1, 0.625), (1, 0.75), (1, 0.625), (0, 0.25), (2, 1)]
    found = record.elsewhere(groups, concepts)
    assert found.shape == (5, len(RECORD_FEATURES))
    assert found[:, 0] == pytest.approx([np.log((right + 1) / (expected + 1)) for right, expected in by_hand])


@pytest.fixture
def lessons():
    """Pairs whose feature tells nothing, while concept 0 is always right and concept 1 never."""
    random = np.random.default_rng(0)
    concepts = np.tile(np.arange(4), 150)
    right = np.where(concepts < 2, concepts == 0, random.random(600) < 0.5)
    return Lessons(random.random((600, 3)).astype(np.float32), right, concepts, np.full(600, 150))


def fit(lessons, groups, threads=2):
    return fit_rankers(lessons, groups, 4, QUICK, 0, threads)


def told(rankers, lessons, groups):
    """What the ranker of each group says of the group's pairs."""
    values = np.empty(len(groups), np.float32)
    for group, ranker in enumerate(rankers):
        own = lessons.where(groups == group)
        values[groups == group] = ranker.probabilities(own.features, own.concepts)
    return values


def test_the_record_ranks_where_features_say_nothing(lessons):
    groups = np.repeat(np.arange(5), 120)
    ranker, others = fit(lessons, groups)
    for values in (ranker.probabilities(lessons.features, lessons.concepts), told(others, lessons, groups)):
        means = [values[lessons.concepts == concept].mean() for concept in range(4)]
        assert means[0] > max(means[2:]) > min(means[2:]) > means[1]


def test_rankers_of_groups_know_nothing_of_their_groups(lessons):
    groups = np.repeat(np.arange(5), 120)
    before = told(fit(lessons, groups)[1], lessons, groups)
    # Other labels in a group change what is said of other groups, and nothing that is said of this one.
    changed = lessons._replace(right=np.where(groups == 3, ~lessons.right, lessons.right))
    after = told(fit(changed, groups)[1], changed, groups)
    np.testing.assert_array_equal(after[groups == 3], before[groups == 3])
    assert all((after[groups == other] != before[groups == other]).any() for other in (0, 1, 2, 4))


def test_the_number_of_threads_changes_no_record(lessons):
    groups = np.repeat(np.arange(5), 120)
    one, three = (fit(lessons, groups, threads)[0] for threads in (1, 3))
    assert one.arrays().keys() == three.arrays().keys()
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, three.arrays()[name])


@pytest.mark.parametrize(("number", "settings"), [(2, QUICK), (5, dataclasses.replace(QUICK, record=False))])
def test_without_a_record(lessons, number, settings):
    groups = np.repeat(np.arange(number), 600 // number)
    ranker, others = fit_rankers(lessons, groups, 4, settings, 0, 2)
    assert len(others) == number
    for one in (ranker, *others):
        assert one.record.features(np.arange(4)).tolist() == [[0]] * 4


def test_groups_without_a_right_pair_beside_them(lessons):
    # With groups 0 and 1 left out, nothing right remains.
    groups = np.repeat(np.arange(5), 120)
    few = lessons._replace(right=lessons.right & (groups < 2))
    ranker, others = fit(few, groups)
    assert np.isfinite(told(others, few, groups)).all()
    assert np.isfinite(ranker.probabilities(few.features, few.concepts)).all()


def test_first_trees_are_probabilities_whatever_rare_concepts_weigh(lessons, monkeypatch):
    seen = []
    grown = ranker_module._grown

    def watched(lessons, told, wanted, settings, seed):
        seen.append((told.shape[1], settings.rare_weight))
        return grown(lessons, told, wanted, settings, seed)

    monkeypatch.setattr(ranker_module, "_grown", watched)
    fit_rankers(lessons, np.repeat(np.arange(5), 120), 4, dataclasses.replace(QUICK, rare_weight=3.0), 0, 1)
    # Five groups alone, ten pairs of groups; then two boosters without each group, and two of everything.
    assert seen == [(0, 0.0)] * 15 + [(1, 3.0)] * 12
