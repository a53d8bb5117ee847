import numpy as np
import pytest
from evaluation_cases import hand_case, random_case
from sklearn.metrics import f1_score, precision_score, recall_score

from scixtag.errors import ConfigError
from scixtag.evaluation.bands import (
    FINE,
    PUBLISHED,
    SCHEMES,
    Band,
    BandSize,
    Scheme,
    band_metrics,
    band_size,
    head_minus_tail,
)
from scixtag.evaluation.judgements import Judgements

HEAD, MIDDLE, RARE, NEVER = FINE.bands


def value(metric, judged):
    return metric(judged, judged.unit_weights).item()


def values(band, judged, k=5):
    return {name: value(metric, judged) for name, metric in band_metrics(band, k).items()}


def test_bands_by_hand():
    """See hand_case: training counts are 100, 10, 2, 0, 7; gold 0 {0, 1}, 1 {2}, 2 {1, 3} and an unknown one."""
    judged = hand_case().judged()
    assert values(HEAD, judged) == {"r@5": 1.0, "precision": 0.0, "recall": 0.0, "f1": 0.0, "macro_f1": 0.0}
    # Concept 1 is true twice and selected once, rightly; concept 4 is selected once, wrongly.
    assert values(MIDDLE, judged) == pytest.approx(
        {"r@5": 1 / 2, "precision": 1 / 2, "recall": 1 / 2, "f1": 1 / 2, "macro_f1": 2 / 3}
    )
    assert values(RARE, judged) == {"r@5": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0, "macro_f1": 1.0}
    assert set(values(NEVER, judged).values()) == {0.0}
    assert values(HEAD, judged, k=2)["r@2"] == 0.0


def test_sizes_by_hand():
    judged = hand_case().judged()
    found = [band_size(judged, band) for band in FINE.bands]
    assert found == [BandSize(1, 1, 1), BandSize(1, 2, 2), BandSize(1, 1, 1), BandSize(1, 2, 0)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_bands_share_out_all_pairs(scheme):
    judged = random_case(1, unknown=True).judged()
    sizes = [band_size(judged, band) for band in scheme.bands]
    assert sum(size.gold for size in sizes) == judged.gold_sizes.sum()
    assert sum(size.selected for size in sizes) == len(judged.selected)


def test_band_metrics_agree_with_scikit_learn_on_the_bands_columns():
    case = random_case(2, papers=60, concepts=30)
    judged = case.judged()
    for band in FINE.bands:
        columns = np.nonzero(band.holds(case.train_counts))[0]
        truth, chosen = case.targets[:, columns].astype(int), case.dense_selected[:, columns]
        found = values(band, judged)
        for name, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
            assert found[name] == pytest.approx(score(truth.ravel(), chosen.ravel(), zero_division=0)), (band, name)
        scoreable = np.nonzero(truth.any(axis=0))[0]
        expected = f1_score(truth, chosen, labels=scoreable, average="macro", zero_division=0)
        assert found["macro_f1"] == pytest.approx(expected)


def test_a_pair_belongs_to_the_band_of_its_own_fold():
    case = hand_case()
    other = hand_case()
    other.train_counts[:] = [0, 0, 100, 0, 0]
    whole = Judgements.concatenate([case.judged(), other.judged()])
    # Concept 0 (found at rank 2) is frequent in the first fold, concept 2 (found at rank 1) in the second.
    assert band_size(whole, HEAD) == BandSize(concepts=2, gold=2, selected=2)
    assert values(HEAD, whole)["f1"] == pytest.approx(2 * 1 / (2 + 2))


def test_head_minus_tail():
    judged = random_case(3, papers=80).judged()
    head, tail = PUBLISHED.bands[0], PUBLISHED.bands[-1]
    for name in ("f1", "macro_f1"):
        expected = values(head, judged)[name] - values(tail, judged)[name]
        assert expected != 0
        assert value(head_minus_tail(PUBLISHED, name), judged) == pytest.approx(expected)


def test_published_bands_have_their_published_ends():
    counts = np.array([0, 49, 50, 500, 501])
    assert [band.holds(counts).tolist() for band in PUBLISHED.bands] == [
        [False, False, False, False, True],
        [False, False, True, True, False],
        [True, True, False, False, False],
    ]


@pytest.mark.parametrize(
    "bands",
    [
        (Band("all but never", 1),),
        (Band("top", 10, 20), Band("rest", 0, 9)),
        (Band("high", 10), Band("gap", 0, 8)),
        (Band("high", 10), Band("overlap", 0, 10)),
        (Band("low", 0, 9), Band("high", 10)),
        (),
    ],
)
def test_a_scheme_without_a_place_for_each_count_is_refused(bands):
    with pytest.raises(ConfigError, match="band scheme 'mine'"):
        Scheme("mine", bands)
