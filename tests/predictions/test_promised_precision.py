import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from scixtag import progress
from scixtag.predictions.decision import Decision, DecisionSettings
from scixtag.predictions.decision_fitting import fit_decision
from scixtag.predictions.promised_precision import NOTHING, lowest_threshold
from scixtag.predictions.scores import Scores


def plain_bound(scores, relevant, threshold, confidence):
    """The lower bound of one threshold, paper by paper."""
    sizes, hits = [], []
    for values, truth in zip(scores.values, relevant, strict=True):
        chosen = [bool(y) for p, y in zip(values, truth, strict=True) if p > 0 and p >= threshold]
        sizes.append(len(chosen))
        hits.append(sum(chosen))
    pairs, right = sum(sizes), sum(hits)
    if not right:
        return 0.0
    share = right / pairs
    if share < 1:
        between = sum((h - share * n) ** 2 for h, n in zip(hits, sizes, strict=True))
        effect = between / (pairs * share * (1 - share))
    else:
        effect = sum(n * n for n in sizes) / pairs
    effect = max(1.0, effect)
    return float(beta.ppf(1 - confidence, right / effect, (pairs - right) / effect + 1))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 0.8]), st.sampled_from([0.5, 0.8, 0.95]))
def test_every_threshold_tried_one_by_one_gives_the_same(seed, precision, confidence):
    rng = np.random.default_rng(seed)
    scores = Scores.from_dense(np.round(rng.random((25, 6)) ** 0.5, rng.integers(1, 5)))
    relevant = (rng.random(scores.columns.shape) < scores.values) & scores.listed
    thresholds = np.unique(scores.values[scores.listed])
    bounds = np.array([plain_bound(scores, relevant, t, confidence) for t in thresholds])
    kept = np.flatnonzero(bounds >= precision)
    found = lowest_threshold(scores, relevant, precision, confidence)
    if len(kept):
        assert found == pytest.approx((thresholds[kept[0]], bounds[kept[0]]))
    else:
        assert found == pytest.approx((NOTHING, bounds.max(initial=0)))


def papers(rng, n, together):
    """Calibrated probabilities; with `together` the concepts of a paper are right or wrong as one."""
    scores = Scores.from_dense(1 / (1 + np.exp(-rng.normal(-1, 2, (n, 1)) - rng.normal(0, 0.5, (n, 10)))))
    luck = rng.random((n, 1 if together else 10))
    return scores, luck < scores.values


@pytest.mark.parametrize("together", [False, True])
def test_new_papers_keep_the_promise_and_the_plain_share_does_not(together):
    rng = np.random.default_rng(8)
    new, truth = papers(rng, 100_000, together)
    kept = {0.95: 0, 0.5: 0}
    for _ in range(200):
        tuning = papers(rng, 150, together)
        for confidence in kept:
            threshold = lowest_threshold(*tuning, 0.7, confidence).threshold
            chosen = new.values >= threshold
            kept[confidence] += not chosen.any() or truth[chosen].mean() >= 0.7
    assert kept[0.95] / 200 > 0.9
    assert 0.3 < kept[0.5] / 200 < 0.7


def fitted(scores, relevant, **choice):
    sizes = relevant.sum(axis=1) + 1
    return fit_decision(
        DecisionSettings("precision", **choice), scores, relevant, sizes, *[np.zeros(10, np.int64)] * 2
    ), sizes


def test_what_was_seen_is_what_the_rule_does_on_the_tuning_papers():
    scores, relevant = papers(np.random.default_rng(1), 800, together=False)
    decision, sizes = fitted(scores, relevant, precision=0.8, at_most=2)
    chosen = decision.select(scores)
    assert 0 < chosen.sum() < 1600
    assert chosen.sum(axis=1).max() == 2
    seen = dict(decision.seen)
    assert 0.8 <= seen.pop("precision_bound") < seen["precision"]
    assert seen == pytest.approx(
        {
            "papers": 800,
            "precision": relevant[chosen].mean(),
            "recall": (chosen & relevant).sum() / sizes.sum(),
            "papers_with_any": chosen.any(axis=1).mean(),
            "mean_selected": chosen.sum() / 800,
        }
    )
    again = Decision.from_document(json.loads(json.dumps(decision.to_document())))
    assert again.seen == decision.seen
    assert (again.select(scores) == chosen).all()


def test_a_higher_promise_selects_less():
    scores, relevant = papers(np.random.default_rng(2), 800, together=False)
    taken = [fitted(scores, relevant, precision=p)[0].select(scores).sum() for p in (0.6, 0.7, 0.8, 0.9)]
    assert taken == sorted(taken, reverse=True)
    assert len(set(taken)) == 4
    surer = fitted(scores, relevant, precision=0.8, confidence=0.99)[0].select(scores).sum()
    assert surer < taken[2]


def test_at_least_forces_no_concept():
    scores, relevant = papers(np.random.default_rng(3), 400, together=False)
    decision, _ = fitted(scores, relevant, precision=0.8, at_least=3)
    assert decision.select(scores).sum(axis=1).min() == 0


class Notes:
    def __init__(self):
        self.said = []

    def start(self, name, total):
        return 0

    def advance(self, handle, steps, detail): ...

    def finish(self, handle, *, complete): ...

    def note(self, message):
        self.said.append(message)


def test_a_promise_that_cannot_be_kept_selects_nothing_and_says_so():
    scores, relevant = papers(np.random.default_rng(4), 20, together=False)
    notes = Notes()
    with progress.reporting_to(notes):
        decision, _ = fitted(scores, relevant, precision=0.99)
    assert not decision.select(scores).any()
    assert not decision.select(Scores.from_dense(np.ones((1, 3)))).any()
    assert decision.seen == {"papers": 20, "recall": 0, "papers_with_any": 0, "mean_selected": 0}
    (note,) = notes.said
    assert "on 20 tuning papers no threshold reaches precision 0.99 with 95% confidence" in note
    best = max(plain_bound(scores, relevant, t, 0.95) for t in scores.values.ravel())
    assert f"{best:.3f} is the most" in note


def test_five_papers_that_are_all_right_promise_little():
    # .05 = x^5: with five papers without an error, 54.9 % is all that can be said; the pairs alone would say 90.5 %.
    scores = Scores.from_dense(np.full((5, 6), 0.99))
    assert lowest_threshold(scores, scores.listed, 0.9, 0.95) == pytest.approx((NOTHING, 0.05 ** (1 / 5)))
    assert lowest_threshold(scores.best(1), scores.best(1).listed, 0.5, 0.95).threshold == np.float32(0.99)


@pytest.mark.parametrize("scores", [Scores.empty(3), Scores.from_dense(np.zeros((3, 2)))])
def test_no_candidate_promises_nothing(scores):
    assert lowest_threshold(scores, np.zeros(scores.columns.shape, bool), 0.5, 0.5) == (NOTHING, 0.0)
