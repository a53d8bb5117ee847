import math

import numpy as np
import pytest
from evaluation_cases import hand_case, random_case
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from scixtag.errors import ConfigError
from scixtag.evaluation import bands
from scixtag.evaluation.bootstrap import resamples
from scixtag.evaluation.judgements import judge
from scixtag.evaluation.metrics import per_label
from scixtag.evaluation.metrics.registry import METRICS, RELIABILITY, get_metric
from scixtag.predictions.scores import Scores

EVERY = {name: entry.metric for name, entry in (METRICS | RELIABILITY).items()} | {
    f"{name} {band.name}": metric
    for scheme in bands.SCHEMES
    for band in scheme.bands
    for name, metric in bands.band_metrics(band).items()
}


def value(name, judged):
    return get_metric(name)(judged, judged.unit_weights).item()


def log2(x):
    return math.log2(x)


# See hand_case: hits are 1 of 2, 1 of 2 and 0 of 0 selected, with 2, 1 and 3 true labels.
BY_HAND = {
    "p@1": 1 / 3,
    "p@3": (2 / 3 + 1 / 3) / 3,
    "p@10": (2 / 10 + 1 / 10) / 3,
    "r@1": (1 / 2) / 3,
    "r@3": (1 + 1) / 3,
    "r@10": (1 + 1) / 3,
    "sample_f1@5": (4 / 7 + 2 / 6) / 3,
    "ndcg@5": ((1 + 1 / log2(4)) / (1 + 1 / log2(3)) + 1 / log2(3)) / 3,
    "lrap": ((1 + 2 / 3) / 2 + 1 / 2 + (2 * 2 / 5) / 3) / 3,
    "micro_precision": 2 / 4,
    "micro_recall": 2 / 6,
    "micro_f1": 4 / 10,
    "sample_precision": (1 / 2 + 1 / 2) / 3,
    "sample_recall": (1 / 2 + 1) / 3,
    "sample_f1": (1 / 2 + 2 / 3) / 3,
    # Concepts 0..3 are gold: 0 selected wrongly, 1 once of twice, 2 exactly, 3 never. Concept 4 is seen in training.
    "macro_precision": (0 + 1 + 1 + 0) / 4,
    "macro_recall": (0 + 1 / 2 + 1 + 0) / 4,
    "macro_f1": (0 + 2 / 3 + 1 + 0) / 4,
    "macro_f1_all": (0 + 2 / 3 + 1 + 0) / 5,
    "weighted_precision": (0 + 2 * 1 + 1 + 0) / 6,
    "weighted_recall": 2 / 6,
    "weighted_f1": (0 + 2 * 2 / 3 + 1) / 6,
    "subset_accuracy": 0.0,
    "hamming_loss": (2 + 1 + 3) / 15,
    "mean_set_size": 4 / 3,
    "empty_share": 1 / 3,
    # Probabilities .9 .6 .2, .8 .5 and .3, of which .9, .2 and .5 are true.
    "brier": (0.1**2 + 0.6**2 + 0.8**2 + 0.8**2 + 0.5**2 + 0.3**2) / 6,
    "brier@1": (0.1**2 + 0.8**2 + 0.3**2) / 3,
    # As float32, .9 lies below .9 and .8 above .8: one bin.
    "ece": (abs(0.9 + 0.8 - 1) + 0.6 + 0.8 + 0.5 + 0.3) / 6,
    "ece@2": (abs(0.9 + 0.8 - 1) + 0.6 + 0.5 + 0.3) / 5,
}


@pytest.mark.parametrize(("name", "expected"), BY_HAND.items())
def test_by_hand(name, expected):
    assert value(name, hand_case().judged()) == pytest.approx(expected)


def test_psp_by_hand():
    scale = (math.log(200) - 1) * 2.5**0.55
    w0, w1, w2, w3 = (1 + scale * (count + 1.5) ** -0.55 for count in (100, 10, 2, 0))
    judged = hand_case().judged()
    assert value("psp@1", judged) == pytest.approx(w1 / (w1 + w2 + w3))
    # The unknown label of paper 2 counts as never seen: w3 twice, then w1.
    assert value("psp@3", judged) == pytest.approx((w0 + w1 + w2) / (w0 + w1 + w2 + (2 * w3 + w1)))


def test_psp_follows_the_extreme_classification_repository():
    case = random_case(5, papers=60, concepts=30, k=10)
    judged = case.judged()
    weights = 1 + (math.log(900) - 1) * 2.5**0.55 * (case.train_counts + 1.5) ** -0.55
    for k in (1, 3, 5):
        top = case.scores.columns[:, :k]
        reached = (case.targets * weights)[np.arange(60)[:, None], top].sum()
        ideal = np.sort(case.targets * weights, axis=1)[:, ::-1][:, :k].sum()
        assert case.scores.listed[:, :k].all()
        assert value(f"psp@{k}", judged) == pytest.approx(reached / ideal)


def test_psp_of_equally_frequent_concepts_is_a_clipped_precision():
    case = random_case(6)
    judged = judge(case.scores, case.selected, csr_array(case.targets), case.unknown, np.full(12, 9), 900)
    hits = judged.relevant[:, :3].sum()
    assert value("psp@3", judged) == pytest.approx(hits / np.minimum(judged.gold_sizes, 3).sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 12))
def test_set_metrics_agree_with_scikit_learn(seed, ties, k):
    from sklearn.metrics import accuracy_score, hamming_loss, precision_recall_fscore_support

    case = random_case(seed, k=k, ties=ties)
    judged, truth, chosen = case.judged(), case.targets.astype(int), case.dense_selected
    scoreable = np.nonzero(truth.sum(axis=0))[0]
    for average, labels, prefix in (
        ("micro", None, "micro"),
        ("samples", None, "sample"),
        ("weighted", None, "weighted"),
        ("macro", scoreable, "macro"),
    ):
        expected = precision_recall_fscore_support(truth, chosen, labels=labels, average=average, zero_division=0)
        found = [value(f"{prefix}_{quality}", judged) for quality in ("precision", "recall", "f1")]
        assert found == pytest.approx(expected[:3])
    assert value("subset_accuracy", judged) == pytest.approx(accuracy_score(truth, chosen))
    assert value("hamming_loss", judged) == pytest.approx(hamming_loss(truth, chosen))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 12))
def test_lrap_agrees_with_scikit_learn(seed, ties, k):
    from sklearn.metrics import label_ranking_average_precision_score

    case = random_case(seed, k=k, ties=ties)
    expected = label_ranking_average_precision_score(case.targets, case.dense_scores)
    assert value("lrap", case.judged()) == pytest.approx(expected)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_ndcg_agrees_with_scikit_learn(seed):
    from sklearn.metrics import ndcg_score

    case = random_case(seed, concepts=30, k=10)
    # Its ndcg_score gives equal scores the mean of their gains, and a concept that is not listed has the score 0.
    assume(all(len(set(row)) == 10 for row in case.scores.values.tolist()) and case.scores.listed.all())
    for k in (5, 10):
        assert value(f"ndcg@{k}", case.judged()) == pytest.approx(ndcg_score(case.targets, case.dense_scores, k=k))


def test_macro_over_everything_seen_agrees_with_scikit_learn():
    from sklearn.metrics import f1_score

    case = random_case(3, concepts=60, papers=20)
    carried = case.targets.any(axis=0)
    seen = np.nonzero(carried | (case.train_counts > 0))[0]
    assert carried.sum() < len(seen) < 60
    # A concept that the test set cannot score is 0 in both, whether or not it was selected.
    expected = f1_score(case.targets, case.dense_selected, labels=seen, average="macro", zero_division=0)
    assert value("macro_f1_all", case.judged()) == pytest.approx(expected)


@pytest.mark.parametrize("name", EVERY)
def test_weights_are_repetitions_of_papers(name):
    """The bootstrap's core: a weight of n is the paper standing there n times."""
    case = random_case(11, ties=True, unknown=True)
    weights = next(resamples(40, 5, seed=4))
    judged = case.judged()
    found = EVERY[name](judged, weights)
    for replicate in range(5):
        repeated = case.take(np.repeat(np.arange(40), weights[:, replicate].astype(int))).judged()
        assert found[replicate] == pytest.approx(EVERY[name](repeated, repeated.unit_weights).item())


@pytest.mark.parametrize("name", EVERY)
def test_neither_the_order_of_papers_nor_that_of_columns_matters(name):
    case = random_case(12, unknown=True)
    generator = np.random.default_rng(0)
    expected = EVERY[name](case.judged(), np.ones((40, 1))).item()
    for other in (case.take(generator.permutation(40)), case.permuted(generator.permutation(12))):
        assert EVERY[name](other.judged(), np.ones((40, 1))).item() == pytest.approx(expected)


@pytest.mark.parametrize("name", EVERY)
def test_the_result_is_a_number_for_each_replicate_whatever_comes(name):
    case = hand_case()
    nothing = judge(
        Scores.empty(3), np.zeros((3, 0), bool), csr_array(case.targets), case.unknown, case.train_counts, 0
    )
    outside = judge(Scores.empty(1), np.zeros((1, 0), bool), csr_array((1, 4)), np.array([2]), np.zeros(4, int), 0)
    for judged in (case.judged(), nothing, outside):
        found = EVERY[name](judged, np.ones((len(judged), 3)))
        assert found.shape == (3,)
        assert np.isfinite(found).all()
        assert (found >= 0).all()


BEST_IS_NOT_ONE = {"p@1", "p@3", "p@5", "p@10", "r@1", "r@3", "r@5", "sample_f1@5", "mean_set_size"}
LOWER_IS_BETTER = {"hamming_loss", "empty_share"}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_brier_agrees_with_scikit_learn(seed, k):
    from sklearn.metrics import brier_score_loss

    case = random_case(seed, ties=True)
    judged = case.judged()
    for name, width in (("brier", 6), (f"brier@{k}", k)):
        listed = case.scores.best(width).listed
        truth, values = judged.relevant[:, :width][listed], case.scores.values[:, :width][listed]
        assert value(name, judged) == pytest.approx(brier_score_loss(truth, values, labels=[False, True]))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_calibration_error_candidate_by_candidate(seed, k):
    case = random_case(seed)
    judged = case.judged()
    for name, width in (("ece", 6), (f"ece@{k}", k)):
        bins = {}
        for values, truth, listed in zip(case.scores.values, judged.relevant, case.scores.listed, strict=True):
            for p, y, there in list(zip(values.tolist(), truth.tolist(), listed.tolist(), strict=True))[:width]:
                if there:
                    bins.setdefault(min(int(p * 10), 9), []).append((p, y))
        count = sum(map(len, bins.values()))
        gaps = [abs(np.mean([p for p, _ in b]) - np.mean([y for _, y in b])) * len(b) / count for b in bins.values()]
        assert value(name, judged) == pytest.approx(sum(gaps))


def test_true_probabilities_have_little_calibration_error_and_squeezed_ones_much():
    generator = np.random.default_rng(3)
    scores = Scores.from_dense(generator.random((5000, 12)))
    targets = np.zeros((5000, 12))
    np.put_along_axis(targets, scores.columns, generator.random((5000, 12)) < scores.values, axis=1)
    targets[:, 0] = np.maximum(targets[:, 0], ~targets.any(axis=1))
    errors = []
    for values in (scores.values, np.sqrt(scores.values)):
        answer = Scores(scores.columns, values)
        judged = judge(answer, answer.listed, csr_array(targets), np.zeros(5000, int), np.ones(12, int), 9)
        errors.append(value("ece", judged))
    assert errors[0] < 0.01
    assert errors[1] == pytest.approx(2 / 3 - 1 / 2, abs=0.02)


@pytest.mark.parametrize("name", sorted(METRICS.keys() - BEST_IS_NOT_ONE))
def test_a_perfect_system_is_perfect(name):
    case = random_case(13)
    counts = case.targets.sum(axis=0).astype(int)
    scores = Scores.from_dense(case.targets / (1 + counts), k=12)  # rare concepts first, which psp asks for
    judged = judge(scores, scores.listed, csr_array(case.targets), case.unknown, counts, 900)
    assert value(name, judged) == pytest.approx(0.0 if name in LOWER_IS_BETTER else 1.0)


def test_replicates_in_blocks_give_the_same(monkeypatch):
    judged = random_case(14, unknown=True).judged()
    weights = next(resamples(40, 17))
    names = [name for name in METRICS if name.startswith(("macro", "weighted"))]
    whole = {name: METRICS[name].metric(judged, weights) for name in names}
    monkeypatch.setattr(per_label, "_ELEMENTS", 30)
    assert len(list(per_label.label_counts(judged.gold, judged.selected, weights))) == 9
    for name in names:
        assert METRICS[name].metric(judged, weights) == pytest.approx(whole[name], rel=1e-12)


def test_a_cutoff_may_be_any_number():
    judged = random_case(15, k=12).judged()
    assert value("p@2", judged) == pytest.approx(judged.relevant[:, :2].mean())
    assert value("r@500", judged) == value("r@12", judged)


@pytest.mark.parametrize("name", ["micro_F1", "p@", "p@0", "p@x", "micro_f1@5", ""])
def test_unknown_names_are_errors(name):
    with pytest.raises(ConfigError, match=r"known: .*micro_f1"):
        get_metric(name)


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(ConfigError, match="unknown metric 'macro_fi'; did you mean 'macro_f1'"):
        get_metric("macro_fi")
