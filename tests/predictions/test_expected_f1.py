import itertools
import json
from math import exp, factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scixtag.predictions.decision import Decision, DecisionSettings, fixed_decision
from scixtag.predictions.decision_fitting import fit_decision
from scixtag.predictions.expected_f1 import best_sizes, expected_f1
from scixtag.predictions.scores import Scores


def enumerated(probabilities, unlisted, size):
    """The expected F1 of the first `size`, over every possible truth and 0 to 39 unlisted labels."""
    total = 0.0
    for truth in itertools.product([0, 1], repeat=len(probabilities)):
        chance = prod(p if y else 1 - p for p, y in zip(probabilities, truth, strict=True))
        for more in range(40):
            hits, true = sum(truth[:size]), sum(truth) + more
            f1 = 2 * hits / (size + true) if size else 0.0
            total += chance * exp(-unlisted) * unlisted**more / factorial(more) * f1
    return total


def falling(rng, papers, candidates, power=2):
    return -np.sort(-(rng.random((papers, candidates)) ** power), axis=1)


@pytest.mark.parametrize("unlisted", [0.0, 0.4, 3.0])
@pytest.mark.parametrize("at_most", [1, 3, 5, 7])
def test_the_programme_agrees_with_enumeration(unlisted, at_most):
    probabilities = falling(np.random.default_rng(at_most), 3, 5)
    expected = [[enumerated(row, unlisted, k) for k in range(at_most + 1)] for row in probabilities]
    assert expected_f1(probabilities, unlisted, at_most) == pytest.approx(np.array(expected), abs=1e-9)


def test_no_other_set_of_any_size_is_better():
    (probabilities,) = falling(np.random.default_rng(4), 1, 6)

    def value(chosen):
        order = [*chosen, *(i for i in range(6) if i not in chosen)]
        return enumerated([probabilities[i] for i in order], 0.2, len(chosen))

    sets = [c for size in range(1, 7) for c in itertools.combinations(range(6), size)]
    (size,) = best_sizes(probabilities[None], 0.2, 0, 6)
    assert max(sets, key=value) == tuple(range(size))


def test_sure_labels_are_all_taken_and_no_others():
    probabilities = np.array([[1.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    assert best_sizes(probabilities, 0.0, 0, 4).tolist() == [3, 1, 0]
    assert best_sizes(probabilities, 0.0, 2, 4).tolist() == [3, 2, 2]
    assert best_sizes(probabilities, 0.0, 0, 2).tolist() == [2, 1, 0]


def test_unlisted_labels_make_larger_sets():
    probabilities = falling(np.random.default_rng(5), 200, 30, power=4)
    few, many = (best_sizes(probabilities, unlisted, 1, 30) for unlisted in (0.0, 4.0))
    assert (many >= few).all()
    assert many.mean() > few.mean() + 0.5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 2))
def test_a_paper_gets_the_same_set_in_any_batch(seed, at_most, at_least):
    rng = np.random.default_rng(seed)
    scores = Scores.from_dense(np.round(rng.random((1100, 14)) ** 3, rng.integers(1, 4)))
    decision = Decision("expected-f1", 0.0, min(at_least, at_most), at_most, unlisted=0.3)
    together = decision.select(scores)
    rows = rng.integers(0, 1100, 5)
    assert all(decision.select(scores.take([row])).tolist() == [together[row].tolist()] for row in rows)


def world(seed, papers=3000):
    """Calibrated probabilities, clear for half of the papers, vague for the rest; the truth; numbers of true labels."""
    rng = np.random.default_rng(seed)
    clear, vague = rng.beta(0.1, 0.5, (papers, 25)), rng.random((papers, 25)) * 0.35
    scores = Scores.from_dense(np.where(rng.random((papers, 1)) < 0.5, clear, vague))
    relevant = (rng.random(scores.columns.shape) < scores.values) & scores.listed
    return scores, relevant, relevant.sum(axis=1) + rng.poisson(0.4, papers)


def mean_f1(decision, scores, relevant, sizes):
    chosen = decision.select(scores)
    return float(np.mean(2 * (chosen & relevant).sum(1) / (chosen.sum(1) + sizes)))


def test_no_threshold_and_no_fixed_size_is_better_where_probabilities_are_right():
    tuning, test = world(0), world(1)
    decision = fit_decision(DecisionSettings("expected-f1", at_most=25), *tuning, *[np.zeros(25, np.int64)] * 2)
    assert decision.unlisted == pytest.approx(0.4, abs=0.05)
    others = [fixed_decision(t, 1, 25) for t in np.linspace(0.05, 0.8, 40)]
    others += [fixed_decision(0.0, 0, k) for k in range(1, 15)]
    assert mean_f1(decision, *test) > max(mean_f1(other, *test) for other in others) + 0.005


def test_json_keeps_the_unlisted_labels():
    decision = Decision("expected-f1", 0.0, 1, 12, unlisted=0.3712)
    assert Decision.from_document(json.loads(json.dumps(decision.to_document()))).unlisted == 0.3712


def test_papers_without_candidates_get_nothing():
    decision = Decision("expected-f1", 0.0, 1, 12, unlisted=0.4)
    assert decision.select(Scores.empty(2)).shape == (2, 0)
    scores = Scores.from_dense(np.array([[0.0, 0.0], [0.4, 0.0]]))
    assert decision.select(scores).tolist() == [[False, False], [True, False]]


def test_no_bound_means_all_candidates():
    scores = Scores.from_dense(np.full((1, 40), 0.97))
    assert Decision("expected-f1", 0.0, 0, 0).select(scores).all()
    assert Decision("expected-f1", 0.0, 0, 12).select(scores).sum() == 12
