from itertools import combinations

import numpy as np
import pytest
from scipy.sparse import csr_array

pytest.importorskip("torch")

from scixtag.models.encoder.sampling import PaperSampler
from scixtag.models.encoder.settings import SamplingSettings
from scixtag.models.imbalance import repeat_factors

SHUFFLED, BUCKETED = SamplingSettings(), SamplingSettings(length_buckets=True)
either_order = pytest.mark.parametrize("settings", [SHUFFLED, BUCKETED], ids=["shuffled", "bucketed"])


def targets(rows, labels):
    matrix = np.zeros((len(rows), labels), dtype=np.float32)
    for paper, row in enumerate(rows):
        matrix[paper, row] = 1
    return csr_array(matrix)


def long_tail(papers=400, labels=30):
    """Label k is carried by about papers / (k + 2) papers; the last paper has none."""
    chance = np.random.default_rng(0)
    matrix = chance.random((papers, labels)) < 1 / (np.arange(labels) + 2) ** 1.5
    matrix[-1] = False
    return csr_array(matrix.astype(np.float32))


def sampler(factors, settings=SHUFFLED, batch_size=8, seed=3, lengths=None):
    lengths = np.random.default_rng(1).integers(20, 500, len(factors)) if lengths is None else lengths
    return PaperSampler(np.asarray(factors, dtype=np.float64), lengths, batch_size, settings, seed)


def epoch(papers, number):
    papers.set_epoch(number)
    return list(papers)


def copies(papers, number, count):
    return np.bincount(epoch(papers, number), minlength=count)


def padding(order, lengths, batch_size=8):
    batches = [lengths[order[start : start + batch_size]] for start in range(0, len(order), batch_size)]
    return sum(batch.max() * len(batch) - batch.sum() for batch in batches)


def test_factors_by_hand():
    """Label 0 is on 8 of 10 papers, label 1 on 2, label 2 on 1, label 3 on none; t = 0.4."""
    matrix = targets([[0]] * 5 + [[0, 1], [0, 1], [0, 2], [], []], 4)
    factors = repeat_factors(matrix, SamplingSettings(oversampling=0.4))
    assert factors.tolist() == pytest.approx([1] * 5 + [2**0.5, 2**0.5, 2, 1, 1])
    assert factors.dtype == np.float64


def test_factors_are_cut():
    factors = repeat_factors(long_tail(), SamplingSettings(oversampling=0.5, most_copies=2.5))
    assert factors.max() == 2.5
    assert factors.min() == 1


def test_without_oversampling_every_paper_counts_once():
    assert repeat_factors(long_tail(), SamplingSettings(oversampling=0.0)).tolist() == [1.0] * 400


def test_stored_zeros_are_no_labels():
    matrix = targets([[0], [0], [0], [1]], 2)
    stored = csr_array((np.array([1, 1, 0, 1, 1], np.float32), [0, 0, 1, 0, 1], [0, 1, 3, 4, 5]), shape=(4, 2))
    settings = SamplingSettings(oversampling=0.9)
    assert repeat_factors(stored, settings).tolist() == repeat_factors(matrix, settings).tolist()


@either_order
def test_copies_match_the_factors_over_many_epochs(settings):
    factors = np.array([1.0, 1.25, 1.5, 2.0, 2.75, 3.5, 1.0, 4.9, 1.1])  # fractions add up to 3
    papers = sampler(factors, settings, batch_size=4)
    mean = np.mean([copies(papers, number, len(factors)) for number in range(3000)], axis=0)
    np.testing.assert_allclose(mean, factors, atol=0.04)
    assert mean[[0, 3, 6]].tolist() == [1.0, 2.0, 1.0]


def test_when_fractions_add_up_to_no_whole_number_all_get_a_little_less():
    factors = np.array([1.9, 1.6, 1.0])
    papers = sampler(factors)
    mean = np.mean([copies(papers, number, 3) for number in range(3000)], axis=0)
    np.testing.assert_allclose(mean, [1 + 0.9 / 1.5, 1 + 0.6 / 1.5, 1], atol=0.04)


@either_order
def test_every_paper_is_shown_as_often_as_its_factor_rounded_down_or_up(settings):
    factors = repeat_factors(long_tail(), SamplingSettings(oversampling=0.3, most_copies=4))
    papers = sampler(factors, settings)
    for number in range(20):
        shown = copies(papers, number, len(factors))
        assert (shown >= np.floor(factors)).all()
        assert (shown <= np.ceil(factors)).all()
        assert shown.min() >= 1
        assert shown.max() <= 4


@either_order
def test_all_epochs_are_equally_long(settings):
    factors = repeat_factors(long_tail(), SamplingSettings(oversampling=0.3))
    papers = sampler(factors, settings)
    assert {len(epoch(papers, number)) for number in range(20)} == {len(papers)} == {int(factors.sum())}


def test_fractions_that_mean_a_whole_number_add_up_to_it():
    assert len(sampler([1.2] * 10)) == 12


def test_any_two_papers_can_be_repeated_together():
    papers = sampler([1.5] * 4)
    repeated = {tuple(np.flatnonzero(copies(papers, number, 4) == 2).tolist()) for number in range(100)}
    assert repeated == set(combinations(range(4), 2))


def test_papers_with_rare_labels_are_repeated():
    matrix = long_tail()
    rare = np.flatnonzero(matrix[:, 25:].sum(axis=1))
    papers = sampler(repeat_factors(matrix, SamplingSettings(oversampling=0.2)))
    shown = copies(papers, 0, 400)
    assert shown[rare].mean() > 2
    assert shown[-1] == 1


@either_order
def test_without_factors_an_epoch_is_a_permutation(settings):
    papers = sampler([1.0] * 1003, settings)
    order = epoch(papers, 0)
    assert sorted(order) == list(range(1003)) != order
    assert all(type(paper) is int for paper in order)


@either_order
def test_the_order_depends_on_seed_and_epoch_alone(settings):
    factors = repeat_factors(long_tail(), SamplingSettings(oversampling=0.3))
    uninterrupted = sampler(factors, settings)
    orders = [epoch(uninterrupted, number) for number in range(4)]
    np.random.random()
    assert list(uninterrupted) == orders[3]
    assert epoch(sampler(factors, settings), 3) == orders[3]
    assert epoch(uninterrupted, 1) == orders[1]
    assert len({tuple(order) for order in orders}) == 4
    assert epoch(sampler(factors, settings, seed=4), 0) not in orders


def test_sampling_leaves_the_global_generators_alone():
    import torch

    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    epoch(sampler([1.5] * 50, BUCKETED), 0)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


def test_buckets_save_padding():
    lengths = np.random.default_rng(2).integers(20, 500, 3000)
    shuffled, bucketed = (epoch(sampler([1.0] * 3000, s, lengths=lengths), 0) for s in (SHUFFLED, BUCKETED))
    assert padding(bucketed, lengths) < padding(shuffled, lengths) / 10


def test_buckets_make_other_batches_in_every_epoch():
    papers = sampler([1.0] * 3000, BUCKETED)

    def batches(number):
        order = epoch(papers, number)
        return {frozenset(order[start : start + 8]) for start in range(0, len(order), 8)}

    assert not batches(0) & batches(1)


def test_buckets_do_not_put_batches_in_order_of_length():
    lengths = np.arange(800)
    means = lengths[epoch(sampler([1.0] * 800, BUCKETED, lengths=lengths), 0)].reshape(-1, 8).mean(axis=1)
    assert abs(np.corrcoef(means, np.arange(100))[0, 1]) < 0.3


def test_only_the_last_batch_is_short():
    """100 batches of 8 papers in two spans of 50 batches, and 3 papers of the last span."""
    lengths = np.random.default_rng(2).integers(20, 500, 803)
    order = np.array(epoch(sampler([1.0] * 803, BUCKETED, lengths=lengths), 0))
    within = np.diff(lengths[order[:800]].reshape(-1, 8), axis=1)
    assert (within >= 0).all()
    assert len(order) == 803


@either_order
@pytest.mark.parametrize("count", [0, 1, 7])
def test_fewer_papers_than_a_batch(settings, count):
    papers = sampler([1.0] * count, settings)
    assert sorted(epoch(papers, 0)) == list(range(count))
