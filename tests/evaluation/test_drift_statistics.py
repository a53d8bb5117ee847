import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.distance import jensenshannon
from scipy.stats import false_discovery_control, fisher_exact

from scixtag.corpus.text import Text
from scixtag.evaluation.drift.distance import SIZES, ChanceDistances, chance_distances, divergence, divergence_error
from scixtag.evaluation.drift.histogram import (
    MOST_BINS,
    Histogram,
    mean_difference,
    permutation_p,
    superiority,
    superiority_error,
)
from scixtag.evaluation.drift.resampling import REPLICATES, ResampledCounts, paper_weights
from scixtag.evaluation.drift.shares import false_discovery_rates, family_wise, share_changes

NUMBERS = st.lists(st.integers(0, 12), min_size=1, max_size=30)
PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=40).map(np.array)


# Histograms


@given(NUMBERS, NUMBERS)
def test_superiority_counts_pairs(old, new):
    pairs = [1.0 if b > a else 0.5 if a == b else 0.0 for a in old for b in new]
    assert superiority(Histogram.of(old, 1), Histogram.of(new, 1)) == pytest.approx(np.mean(pairs))


@given(NUMBERS, NUMBERS)
def test_a_sum_of_histograms_is_that_of_all_papers(some, others):
    together = Histogram.of(some, 1).plus(Histogram.of(others, 1))
    assert together.counts.tolist() == Histogram.of(some + others, 1).counts.tolist()
    assert together.mean == pytest.approx(np.mean(some + others))


def test_values_lie_on_the_grid_papers_without_one_do_not_count_and_long_ones_count_as_the_longest():
    found = Histogram.of([0.1, 0.104, 0.096, np.nan], 0.01)
    assert found.counts.tolist() == [0] * 10 + [3]
    assert found.mean == pytest.approx(0.1)
    assert len(Histogram.of([10**9], 1).counts) == MOST_BINS


def test_intervals_of_differences_cover_the_truth():
    generator = np.random.default_rng(0)
    covered, runs = 0, 200
    for run in range(runs):
        old, new = generator.poisson(3, 150), generator.poisson(4, 60)
        found = mean_difference(Histogram.of(old, 1), Histogram.of(new, 1), replicates=400, seed=run)
        assert found.value == pytest.approx(new.mean() - old.mean())
        covered += found.low <= 1 <= found.high
    assert 0.89 <= covered / runs <= 0.99


@pytest.mark.parametrize(("old", "new"), [(60, 30), (400, 5)])
def test_permutations_are_right_as_often_as_they_say(old, new):
    """Also for a share that is nearly 0, where a normal approximation is far too sure."""
    generator = np.random.default_rng(1)
    runs = 200
    alarms = {"skewed": 0, "rare": 0}
    kinds = {"skewed": lambda n: generator.geometric(0.2, n), "rare": lambda n: generator.random(n) < 0.01}
    for run in range(runs):
        for name, draw in kinds.items():
            p = permutation_p(Histogram.of(draw(old), 1), Histogram.of(draw(new), 1), replicates=300, seed=run)
            alarms[name] += p <= 0.05
    # 5 % of 200, and what chance adds to it in one case of a thousand.
    assert 1 <= alarms["skewed"] <= 20
    assert alarms["rare"] <= 20


def test_permutations_see_a_difference_and_are_one_where_all_are_equal():
    old, new = Histogram.of([1, 2, 3] * 30, 1), Histogram.of([3, 4, 5] * 10, 1)
    assert permutation_p(old, new, replicates=999) == pytest.approx(0.001)
    assert permutation_p(Histogram.of([0] * 9, 1), Histogram.of([0] * 4, 1)) == 1


def test_the_error_of_superiority_is_its_spread_over_samples():
    generator = np.random.default_rng(3)
    found, errors = [], []
    for _ in range(400):
        old, new = Histogram.of(generator.poisson(3, 80), 1), Histogram.of(generator.poisson(4, 30), 1)
        found.append(superiority(old, new))
        errors.append(superiority_error(old, new))
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.12)


# Distances


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=20))
def test_the_divergence_is_that_of_shares(pairs):
    old, new = np.array(pairs).T
    if old.sum() == 0 or new.sum() == 0:
        assert np.isnan(divergence(old, new))
        return
    # Pooled: what fewer than five hold, and the last, which always stands for others.
    own = (old >= 5) & (np.arange(len(old)) < len(old) - 1)
    before = [*old[own], old[~own].sum()]
    after = [*new[own], new[~own].sum()]
    expected = jensenshannon(before, after, base=2) ** 2
    assert divergence(old, new) == pytest.approx(expected, abs=1e-9)


def test_replicates_are_compared_each_by_itself():
    generator = np.random.default_rng(0)
    old, new = generator.poisson(9, (40, 6)), generator.poisson(9, (40, 6))
    alone = [float(divergence(old[:, i], new[:, i])) for i in range(6)]
    assert divergence(old, new) == pytest.approx(alone)
    assert divergence(old[:, 0], old[:, 0]) == pytest.approx(0, abs=1e-12)


def papers_of(generator, count, topics=8, cells=300, mix=None):
    """Papers whose words come together: each has one topic, and most of its words from it."""
    shapes = np.random.default_rng(99).dirichlet(np.full(cells, 0.15), topics)
    chosen = generator.choice(topics, count, p=mix)
    words = np.zeros((count, cells + 1))
    for row, topic in enumerate(chosen):
        words[row, np.unique(generator.choice(cells, 25, p=0.8 * shapes[topic] + 0.2 / cells))] = 1
    return csr_array(words)


@pytest.mark.parametrize("size", [30, 300])
def test_chance_distances_are_those_of_other_samples(size):
    """p-values of samples of the same kind are even, also where the words of a paper depend on each other."""
    generator = np.random.default_rng(size)
    runs = 60
    p = []
    for run in range(runs):
        reference, sample = papers_of(generator, 150), papers_of(generator, size)
        chance = chance_distances(reference, seed=run)
        found = float(divergence(reference.sum(axis=0), sample.sum(axis=0)))
        p.append(chance.exceeded(found, size))
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3.2 * np.sqrt(0.05 * 0.95 / runs)
    assert 0.28 <= np.mean(p) <= 0.68


def test_another_mix_of_topics_is_farther_than_chance():
    generator = np.random.default_rng(5)
    reference = papers_of(generator, 400)
    chance = chance_distances(reference)
    other = papers_of(generator, 100, mix=[0.65, *[0.05] * 7])
    found = float(divergence(reference.sum(axis=0), other.sum(axis=0)))
    assert chance.exceeded(found, 100) < 1e-4
    assert found > chance.quantile(0.999, 100)


def test_intervals_of_divergences_hold_the_truth():
    generator = np.random.default_rng(11)
    mix = [0.3, *[0.1] * 7]
    whole, other = papers_of(generator, 20_000), papers_of(generator, 20_000, mix=mix)
    truth = float(divergence(whole.sum(axis=0), other.sum(axis=0)))
    chance = chance_distances(papers_of(generator, 300))
    runs, held, errors, found = 60, [], [], []
    for _ in range(runs):
        reference, sample = papers_of(generator, 300).sum(axis=0), papers_of(generator, 150, mix=mix)
        resampled = sample.T @ generator.poisson(1, (150, REPLICATES))
        found.append(float(divergence(reference, sample.sum(axis=0))) - chance.at(150)[0])
        errors.append(divergence_error(reference, resampled, 150, 300))
        held.append(abs(found[-1] - truth) <= 1.96 * errors[-1])
    assert np.mean(held) >= 0.95 - 3.2 * np.sqrt(0.05 * 0.95 / runs)
    assert 0.75 <= np.mean(errors) / np.std(found) <= 1.5


def test_weights_are_those_of_a_bootstrap_and_of_a_paper_wherever_it_stands():
    texts = [Text(f"paper {number}", "") for number in range(300)]
    weights = paper_weights(texts, 3)
    assert weights.shape == (300, REPLICATES)
    assert weights.mean() == pytest.approx(1, abs=0.02)
    assert weights.var() == pytest.approx(1, abs=0.05)
    assert np.abs(np.corrcoef(weights[:40])[np.triu_indices(40, 1)]).mean() < 0.1
    assert (paper_weights(texts[::-1], 3)[::-1] == weights).all()
    assert (paper_weights(texts, 4) != weights).any()


def test_resampled_counts_are_those_of_papers_counted_so_often():
    generator = np.random.default_rng(2)
    papers = papers_of(generator, 50)
    weights = generator.poisson(1, (50, REPLICATES)).astype(np.int32)
    counts = ResampledCounts(301)
    counts.add(papers[:20], weights[:20])
    counts.add(papers[20:], weights[20:])
    assert (counts.counts == papers.toarray().T @ weights).all()


def test_chance_distances_fall_with_the_size_and_survive_json():
    chance = chance_distances(papers_of(np.random.default_rng(0), 200), seed=3)
    means = [chance.at(size)[0] for size in (10, 40, 160, 640, 10**6)]
    assert means == sorted(means, reverse=True)
    again = ChanceDistances.from_document(chance.to_document())
    assert again.moments.shape == (len(SIZES), 2)
    assert again.exceeded(0.01, 77) == chance.exceeded(0.01, 77)
    assert chance.to_document() == chance_distances(papers_of(np.random.default_rng(0), 200), seed=3).to_document()
    for share in (0.5, 0.95):
        assert chance.exceeded(chance.quantile(share, 50), 50) == pytest.approx(1 - share)


def test_papers_that_hold_nothing_have_no_distance_and_no_error():
    chance = chance_distances(csr_array((5, 4), dtype=float))
    assert (chance.moments == 0).all()


# Shares


def test_intervals_are_newcombes():
    """The examples (a) and (c) of Newcombe (1998), table II, method 10."""
    found = share_changes(np.array([48]), 80, np.array([56]), 70)
    assert found.difference[0] == pytest.approx(0.2)
    assert (found.low[0], found.high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    found = share_changes(np.array([3]), 10, np.array([9]), 10)
    assert (found.low[0], found.high[0]) == pytest.approx((0.1705, 0.8090), abs=5e-5)


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_p_values_are_fishers(old_papers, new_papers, data):
    old, new = data.draw(st.integers(0, old_papers)), data.draw(st.integers(0, new_papers))
    table = [[new, new_papers - new], [old, old_papers - old]]
    tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    found = share_changes(np.array([old]), old_papers, np.array([new]), new_papers)
    assert found.p[0] == pytest.approx(min(1, 2 * min(tails)))
    assert found.low[0] <= found.difference[0] <= found.high[0]


@given(PROBABILITIES)
def test_false_discovery_rates(p):
    assert false_discovery_rates(p) == pytest.approx(false_discovery_control(p))


@given(PROBABILITIES)
def test_holm_rejects_step_by_step(p):
    for level in (0.01, 0.05, 0.3):
        rejected = set()
        for step, test in enumerate(np.argsort(p, kind="stable").tolist()):
            if p[test] > level / (len(p) - step):
                break
            rejected.add(test)
        adjusted = family_wise(p)
        # At the very border, a product and a quotient may round apart.
        clear = np.abs(adjusted - level) > 1e-9
        assert {i for i in range(len(p)) if adjusted[i] <= level and clear[i]} == {i for i in rejected if clear[i]}
