import numpy as np
import pytest
from evaluation_cases import random_case
from scipy.sparse import csr_array
from scipy.stats import binom

from scixtag.errors import ConfigError, InputError
from scixtag.evaluation import bootstrap
from scixtag.evaluation.bootstrap import interval, intervals, paired_difference, resamples
from scixtag.evaluation.judgements import judge
from scixtag.evaluation.metrics.registry import METRICS, get_metric
from scixtag.predictions.scores import Scores


def coin_flips(hits):
    """Papers with one true label each, which stands first where `hits` is true: p@1 is the share of hits."""
    n = len(hits)
    scores = Scores(np.where(hits, 0, 1).astype(np.int32)[:, None], np.ones((n, 1), np.float32))
    targets = csr_array(np.tile([1.0, 0.0], (n, 1)))
    return judge(scores, scores.listed, targets, np.zeros(n, int), np.array([1, 1]), 10)


def test_the_interval_of_a_share_is_that_of_the_binomial():
    hits = np.arange(400) < 120
    found = interval(get_metric("p@1"), coin_flips(hits), replicates=4000, seed=3)
    assert found.value == 0.3
    low, high = binom.ppf([0.025, 0.975], 400, 0.3) / 400
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0051)


def test_intervals_cover_the_truth_as_often_as_they_promise():
    generator = np.random.default_rng(8)
    p_at_1, covered = get_metric("p@1"), 0
    for _ in range(200):
        found = interval(p_at_1, coin_flips(generator.random(150) < 0.4), replicates=200, seed=1, level=0.9)
        covered += found.low <= 0.4 <= found.high
    assert 0.83 <= covered / 200 <= 0.95


def rare_concepts(papers, generator):
    """Three labels a paper out of 300, of which a fixed third is always selected, and other concepts now and then."""
    targets = np.zeros((papers, 300))
    targets[np.arange(papers)[:, None], generator.integers(0, 300, (papers, 3))] = 1
    selected = targets * (np.arange(300) % 3 == 0) + (generator.random((papers, 300)) < 0.002)
    scores = Scores.from_dense(selected, k=20)
    return judge(scores, scores.listed, csr_array(targets), np.zeros(papers, int), np.ones(300, int), 10)


@pytest.mark.parametrize("name", ["macro_f1", "macro_f1_all", "macro_precision", "weighted_f1"])
def test_averages_over_rare_concepts_are_covered_too(name):
    generator = np.random.default_rng(9)
    found = [interval(get_metric(name), rare_concepts(200, generator), replicates=100, seed=1) for _ in range(100)]
    truth = np.mean([f.value for f in found])
    assert all(f.low <= f.value <= f.high for f in found)
    assert np.mean([f.low <= truth <= f.high for f in found]) >= 0.85


def test_a_share_stays_a_share():
    found = interval(get_metric("macro_f1_all"), coin_flips(np.arange(3) < 2), replicates=300)
    assert 0 <= found.low <= found.high <= 1


def test_plain_percentiles_where_the_replicates_are_centred():
    judged = coin_flips(np.arange(300) < 90)
    draws = np.concatenate([get_metric("p@1")(judged, weights) for weights in resamples(300, 500, seed=7)])
    found = interval(get_metric("p@1"), judged, replicates=500, seed=7)
    assert (found.low, found.high) == tuple(np.quantile(draws, [0.025, 0.975]))
    assert draws.mean() != 0.3


def test_systems_that_differ_on_one_paper_are_often_equal():
    """A replicate lacks the one paper with a chance of 1/e, and is then not ahead."""
    better, worse = coin_flips(np.arange(50) < 21), coin_flips(np.arange(50) < 20)
    found = paired_difference(get_metric("p@1"), better, worse, replicates=4000)
    assert found.not_above_zero == pytest.approx(np.exp(-1), abs=0.03)


def test_a_higher_level_is_wider():
    judged = coin_flips(np.arange(100) < 40)
    narrow, wide = (interval(get_metric("p@1"), judged, level=level) for level in (0.5, 0.99))
    assert wide.low < narrow.low < 0.4 < narrow.high < wide.high


def test_same_seed_same_result():
    judged = random_case(1).judged()
    metrics = {name: entry.metric for name, entry in METRICS.items()}
    first = intervals(metrics, judged, replicates=50, seed=5)
    assert first == intervals(metrics, judged, replicates=50, seed=5)
    assert first != intervals(metrics, judged, replicates=50, seed=6)


def test_blocks_draw_the_same_replicates(monkeypatch):
    whole = np.concatenate(list(resamples(7, 23, seed=2)), axis=1)
    monkeypatch.setattr(bootstrap, "_ELEMENTS", 40)
    blocks = list(resamples(7, 23, seed=2))
    assert [block.shape for block in blocks] == [(7, 5)] * 4 + [(7, 3)]
    assert np.concatenate(blocks, axis=1).tolist() == whole.tolist()
    assert (whole.sum(axis=0) == 7).all()


def test_identical_systems_do_not_differ():
    judged = random_case(2).judged()
    found = paired_difference(get_metric("micro_f1"), judged, judged, replicates=100)
    assert found == bootstrap.Difference(0.0, 0.0, 0.0, 1.0, 0.0)


def test_a_system_that_wins_everywhere():
    better, worse = coin_flips(np.arange(50) < 30), coin_flips(np.arange(50) < 20)
    found = paired_difference(get_metric("p@1"), better, worse)
    assert found.value == pytest.approx(0.2)
    assert found.not_above_zero == 0.0
    low, high = binom.ppf([0.025, 0.975], 50, 0.2) / 50  # ten papers of fifty differ
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.021)
    back = paired_difference(get_metric("p@1"), worse, better)
    assert (back.value, back.low, back.high) == pytest.approx((-found.value, -found.high, -found.low))
    assert back.not_above_zero == 1.0


def test_systems_on_other_papers_are_refused():
    case = random_case(3)
    other = case.take(np.arange(40)[::-1])
    with pytest.raises(InputError, match="40 and 40 papers with other true labels"):
        paired_difference(get_metric("p@1"), case.judged(), other.judged())
    with pytest.raises(InputError, match="40 and 39 papers"):
        paired_difference(get_metric("p@1"), case.judged(), case.take(np.arange(39)).judged())


def test_systems_with_the_same_sizes_and_other_labels_are_refused():
    judged = coin_flips(np.ones(5, bool))
    swapped = judge(
        judged.scores,
        judged.scores.listed,
        csr_array(np.tile([0.0, 1.0], (5, 1))),
        np.zeros(5, int),
        np.array([1, 1]),
        10,
    )
    with pytest.raises(InputError, match="other true labels"):
        paired_difference(get_metric("p@1"), judged, swapped)


def test_no_replicates_is_an_error():
    with pytest.raises(ConfigError, match="at least 1, not 0"):
        interval(get_metric("p@1"), random_case(4).judged(), replicates=0)
