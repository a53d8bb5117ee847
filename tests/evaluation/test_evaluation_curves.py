import pytest
from evaluation_cases import hand_case, random_case
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_fscore_support

from scixtag.evaluation.curves import Bin, CurvePoint, by_size, by_threshold, calibration_error, reliability


def test_by_size_by_hand():
    points = by_size(hand_case().judged(), 2)
    assert points == (
        CurvePoint(1, pytest.approx(1 / 3), pytest.approx(1 / 6), pytest.approx((2 / 3) / 3)),
        CurvePoint(2, pytest.approx(1 / 3), pytest.approx(1 / 2), pytest.approx((2 / 4 + 2 / 3) / 3)),
    )


def test_by_threshold_agrees_with_scikit_learn():
    case = random_case(1, ties=True)
    points = by_threshold(case.judged(), 20)
    assert [point.at for point in points] == pytest.approx([i / 20 for i in range(20)])
    for point in points[1:]:
        chosen = case.dense_scores >= point.at
        expected = precision_recall_fscore_support(case.targets, chosen, average="micro", zero_division=0)
        assert (point.precision, point.recall, point.f1) == pytest.approx(expected[:3])


def test_thresholds_end_where_nothing_would_be_selected():
    judged = random_case(1).judged()
    highest = judged.scores.values[judged.scores.listed].max()
    points = by_threshold(judged, 1000)
    assert highest < 0.999
    assert points[-1].at <= highest < points[-1].at + 0.001


def test_unknown_labels_stay_in_the_denominator():
    point = by_threshold(hand_case().judged(), 2)[0]
    assert (point.precision, point.recall, point.f1) == pytest.approx((3 / 6, 3 / 6, 6 / 12))


def test_reliability_agrees_with_scikit_learn():
    case = random_case(2, papers=200)
    judged = case.judged()
    listed = case.scores.listed
    bins = reliability(judged, 8)
    shares, means = calibration_curve(judged.relevant[listed], case.scores.values[listed], n_bins=8)
    assert [b.share_true for b in bins] == pytest.approx(shares.tolist())
    assert [b.mean_probability for b in bins] == pytest.approx(means.tolist())
    assert sum(b.count for b in bins) == listed.sum()


def test_calibration_error_by_hand():
    bins = (Bin(0, 0.5, 30, 0.2, 0.3), Bin(0.5, 1, 10, 0.9, 0.5))
    assert calibration_error(bins) == pytest.approx((30 * 0.1 + 10 * 0.4) / 40)
    assert calibration_error(()) == 0


def test_a_probability_of_one_belongs_to_the_last_bin():
    case = hand_case()
    case.scores.values[0, 0] = 1.0
    assert reliability(case.judged(), 4)[-1] == Bin(0.75, 1.0, 2, pytest.approx(0.9), 0.5)
