import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scixtag.errors import ConfigError
from scixtag.predictions.decision import Decision, DecisionSettings, fixed_decision
from scixtag.predictions.decision_fitting import fit_decision
from scixtag.predictions.scores import Scores
from scixtag.predictions.suggestion import build_suggestions
from scixtag.vocabulary.concept import Concept, Vocabulary


def scores_of(*rows):
    width = max(map(len, rows))
    return Scores.from_dense(np.array([list(row) + [0.0] * (width - len(row)) for row in rows]))


def test_a_fixed_threshold_takes_what_reaches_it():
    scores = scores_of([0.9, 0.2, 0.19], [0.1, 0.05])
    assert fixed_decision(0.2, 0, 0).select(scores).tolist() == [[True, True, False], [False] * 3]


def test_at_least_fills_up_and_never_invents():
    scores = scores_of([0.1, 0.05, 0.0], [0.0, 0.0, 0.0])
    assert fixed_decision(0.2, 1, 0).select(scores).tolist() == [[True, False, False], [False] * 3]
    assert fixed_decision(0.2, 3, 0).select(scores).sum(axis=1).tolist() == [2, 0]


def test_at_most_cuts_the_lowest():
    assert fixed_decision(0.0, 0, 2).select(scores_of([0.1, 0.9, 0.5])).tolist() == [[True, True, False]]


def test_top_k():
    decision = fit(DecisionSettings(rule="top-k", k=2), scores_of([0.1, 0.9, 0.5], [0.3]), [[0, 0, 0], [0, 0, 0]])
    assert decision.select(scores_of([0.1, 0.9, 0.5], [0.3])).sum(axis=1).tolist() == [2, 1]


def test_a_label_has_its_own_threshold():
    decision = Decision("per-label", 0.5, 0, 0, np.array([0.9, 0.1], dtype=np.float32))
    scores = scores_of([0.8, 0.2])
    assert scores.columns.tolist() == [[0, 1]]
    assert decision.select(scores).tolist() == [[False, True]]


def fit(settings, scores, relevant, training_counts=None):
    relevant = np.array(relevant, dtype=bool)
    counts = np.zeros(max(3, scores.columns.max() + 1), dtype=np.int64)
    np.add.at(counts, scores.columns[relevant], 1)
    training_counts = counts if training_counts is None else np.array(training_counts)
    return fit_decision(settings, scores, relevant, relevant.sum(axis=1), counts, training_counts)


@pytest.mark.parametrize("metric", ["micro_f1", "sample_f1"])
def test_the_global_threshold_is_the_best_of_all(metric):
    rng = np.random.default_rng(5)
    scores = Scores.from_dense(np.round(rng.random((40, 8)), 2))
    relevant = rng.random((40, 8)) < scores.values**2
    relevant[:, 0] |= ~relevant.any(axis=1)
    decision = fit(DecisionSettings(metric=metric, at_least=0, at_most=0, rare_discount=0.0), scores, relevant)
    assert decision.thresholds is None

    def f1(threshold):
        chosen = scores.values >= threshold
        hits, sizes, gold = (chosen & relevant).sum(1), chosen.sum(1), relevant.sum(1)
        return 2 * hits.sum() / (sizes + gold).sum() if metric == "micro_f1" else (2 * hits / (sizes + gold)).mean()

    assert f1(decision.threshold) == pytest.approx(max(f1(t) for t in np.linspace(0.005, 0.995, 100)))


def discounted(decision, counts, discount):
    return pytest.approx(decision.threshold * (1 - discount / np.sqrt(1 + np.array(counts))))


@pytest.mark.parametrize("at_most", [0, 2])
@pytest.mark.parametrize("metric", ["micro_f1", "sample_f1"])
def test_thresholds_of_rare_concepts_are_lower(metric, at_most):
    rng = np.random.default_rng(8)
    scores = Scores.from_dense(np.round(rng.random((30, 8)), 2))
    relevant = (rng.random((30, 8)) < scores.values**2) | (np.arange(8) == 0)
    counts = np.array([0, 1, 3, 8, 15, 24, 99, 399])
    settings = DecisionSettings(metric=metric, at_least=0, at_most=at_most, rare_discount=0.5)
    decision = fit(settings, scores, relevant, counts)
    assert decision.thresholds == discounted(decision, counts, 0.5)
    assert decision.thresholds[0] == pytest.approx(decision.threshold / 2)

    # No other threshold with the same discounts is better.
    def f1(threshold):
        own = Decision("global", 0.0, 0, at_most, (threshold * (1 - 0.5 / np.sqrt(1 + counts))).astype(np.float32))
        chosen = own.select(scores)
        hits, sizes, gold = (chosen & relevant).sum(1), chosen.sum(1), relevant.sum(1)
        return 2 * hits.sum() / (sizes + gold).sum() if metric == "micro_f1" else (2 * hits / (sizes + gold)).mean()

    assert f1(decision.threshold) == pytest.approx(max(f1(t) for t in np.linspace(0.0005, 1.2, 2400)), abs=1e-3)


def test_label_thresholds_are_drawn_to_the_discounted_one():
    scores, counts = scores_of([0.8, 0.1], [0.8, 0.3], [0.6, 0.3], [0.6, 0.1]), [8, 24, 0]
    relevant = scores.values >= 0.3
    none = fit(DecisionSettings(rule="per-label", shrinkage=1e9, rare_discount=0.5), scores, relevant, counts)
    assert none.thresholds == discounted(none, counts, 0.5)


def test_label_thresholds_are_drawn_to_the_global_one():
    # Concept 0 is right from .8 on, concept 1 from .3 on: the cuts lie at .7 and .2.
    scores = scores_of([0.8, 0.1], [0.8, 0.3], [0.6, 0.3], [0.6, 0.1])
    truth = {(0, 0), (1, 0), (1, 1), (2, 1)}
    relevant = [[(row, int(column)) in truth for column in scores.columns[row]] for row in range(4)]
    free = fit(DecisionSettings(rule="per-label", shrinkage=0, rare_discount=0.0), scores, relevant)
    assert free.thresholds[:2] == pytest.approx([0.7, 0.2])
    half = fit(DecisionSettings(rule="per-label", shrinkage=2, rare_discount=0.0), scores, relevant)
    assert half.thresholds[:2] == pytest.approx((np.array([0.7, 0.2]) + free.threshold) / 2)
    assert half.thresholds[2] == pytest.approx(free.threshold)


def test_a_label_that_is_never_right_is_not_taken():
    scores = scores_of([0.8, 0.3], [0.4, 0.6])
    relevant = np.zeros((2, 2), bool)
    decision = fit_decision(
        DecisionSettings(rule="per-label", shrinkage=0), scores, relevant, np.array([1, 1]), *[np.array([3, 0])] * 2
    )
    assert decision.thresholds[0] > 0.8


@given(
    st.sampled_from(["fixed", "global", "per-label", "top-k", "expected-f1"]), st.integers(0, 3), st.integers(0, 10_000)
)
def test_bounds_hold_and_json_keeps_the_rule(rule, at_least, seed):
    rng = np.random.default_rng(seed)
    scores = Scores.from_dense(rng.random((6, 7)) * (rng.random((6, 7)) < 0.7))
    relevant = (rng.random(scores.columns.shape) < 0.3) & scores.listed
    settings = DecisionSettings(rule=rule, at_least=at_least, at_most=4, k=3)
    decision = fit(settings, scores, relevant)
    chosen = decision.select(scores)
    assert not (chosen & ~scores.listed).any()
    assert (chosen.sum(axis=1) <= 4).all()
    assert (chosen.sum(axis=1) >= np.minimum(scores.listed.sum(axis=1), 3 if rule == "top-k" else at_least)).all()
    assert Decision.from_document(decision.to_document()).select(scores).tolist() == chosen.tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 1.2},
        {"k": 0},
        {"shrinkage": -1.0},
        {"rare_discount": -0.1},
        {"rare_discount": 1.0},
        {"at_least": -1},
        {"at_least": 3, "at_most": 2},
        {"precision": 1.0},
        {"precision": 0.0},
        {"confidence": 0.4},
        {"confidence": 1.0},
    ],
)
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        DecisionSettings(**wrong)


def test_suggestions_name_the_concepts_best_first():
    vocabulary = Vocabulary([Concept(i, f"http://x/{i}", name) for i, name in [(5, "Five"), (7, "Seven"), (9, "Nine")]])
    scores = scores_of([0.2, 0.9, 0.1])
    (row,) = build_suggestions(scores, fixed_decision(0.5, 0, 0).select(scores), np.array([False]), vocabulary, limit=2)
    assert [s.to_document() for s in row] == [
        {"id": 7, "uri": "http://x/7", "label": "Seven", "probability": 0.9, "selected": True},
        {"id": 5, "uri": "http://x/5", "label": "Five", "probability": 0.2, "selected": False},
    ]


@pytest.mark.parametrize(
    ("limit", "listed"), [(0, [[0], []]), (1, [[1, 0], [2]]), (2, [[1, 2, 0], [2]]), (9, [[1, 2, 0], [2]])]
)
def test_the_limit_cuts_only_what_is_not_selected(limit, listed):
    vocabulary = Vocabulary([Concept(i, f"http://x/{i}", str(i)) for i in range(3)])
    selected = np.array([[False, False, True], [False, False, False]])  # the third best alone, as a rule of its own can
    rows = build_suggestions(scores_of([0.2, 0.9, 0.4], [0, 0, 0.3]), selected, np.zeros(2, bool), vocabulary, limit)
    assert [[one.id for one in row] for row in rows] == listed
    assert [one.id for one in rows[0] if one.selected] == [0]


@pytest.mark.parametrize("metric", ["micro_f1", "sample_f1"])
def test_selecting_everything_is_a_choice_where_everything_is_right(metric):
    scores = scores_of([0.6], [0.3], [0.6], [0.3])
    decision = fit(DecisionSettings(metric=metric, at_least=0), scores, np.ones((4, 1)))
    assert decision.select(scores).all()
    constant = scores_of([0.01236], [0.01236])
    assert fit(DecisionSettings(metric=metric, at_least=0), constant, np.ones((2, 1))).select(constant).all()


def test_nothing_right_teaches_nothing():
    scores = scores_of([0.6], [0.3])
    decision = fit_decision(
        DecisionSettings(threshold=0.2), scores, np.zeros((2, 1), bool), np.array([1, 1]), *[np.array([2])] * 2
    )
    assert decision.threshold == 0.2


def test_the_form_of_the_set_survives_json_and_may_be_absent():
    document = Decision("global", 0.1, 0, 0, hierarchy="most-specific").to_document()
    assert Decision.from_document(json.loads(json.dumps(document))).hierarchy == "most-specific"
    del document["hierarchy"]
    assert Decision.from_document(document).hierarchy == "as-is"


def test_thresholds_survive_json_exactly():
    thresholds = np.random.default_rng(0).random(50).astype(np.float32)
    again = Decision.from_document(json.loads(json.dumps(Decision("per-label", 0.1, 0, 0, thresholds).to_document())))
    assert again.thresholds.tolist() == thresholds.tolist()


def test_a_document_of_an_earlier_version_is_read():
    document = {"rule": "global", "threshold": 0.3, "at_least": 1, "at_most": 12, "thresholds": None}
    decision = Decision.from_document(document)
    assert (decision.threshold, decision.unlisted, dict(decision.seen)) == (0.3, 0.0, {})
