from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from evaluation_cases import hand_case, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

from scixtag.evaluation.bootstrap import intervals
from scixtag.evaluation.metrics.registry import get_metric
from scixtag.evaluation.selective import AREAS, certainty, coverage_curve, lost_f1_area, wrong_area
from scixtag.predictions.scores import Scores

SEEDS = st.integers(0, 10**6)


def expected_risks(case):
    """Both risks at 1, 2, ... papers, paper by paper; equally sure papers count by their average."""
    groups = defaultdict(list)
    gold_sizes = case.targets.sum(axis=1) + case.unknown
    for row, (columns, chosen) in enumerate(zip(case.scores.columns, case.selected, strict=True)):
        selected = columns[chosen]
        hits = sum(case.targets[row, column] for column in selected)
        sure = float(np.mean(case.scores.values[row][chosen].astype(float))) if chosen.any() else -1.0
        f1 = 2 * hits / (len(selected) + gold_sizes[row])
        groups[round(sure, 9)].append((len(selected) - hits, len(selected), 1 - f1))
    wrong, lost = [], []
    sums, papers = np.zeros(3), 0
    for sure in sorted(groups, reverse=True):
        average = np.mean(groups[sure], axis=0)
        for _ in groups[sure]:
            sums, papers = sums + average, papers + 1
            wrong.append(sums[0] / sums[1] if sums[1] else 0.0)
            lost.append(sums[2] / papers)
    return np.array(wrong), np.array(lost)


def areas_of(judged, weights=None):
    return [area(judged, judged.unit_weights if weights is None else weights) for area in (wrong_area, lost_f1_area)]


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.booleans(), st.integers(1, 60))
def test_curve_and_areas_agree_with_a_count_by_hand(seed, ties, papers):
    case = random_case(seed, papers=papers, ties=ties, unknown=True)
    wrong, lost = expected_risks(case)
    judged = case.judged()
    points = coverage_curve(judged)
    places = [round(point.coverage * papers) - 1 for point in points]
    assert [point.wrong for point in points] == pytest.approx(wrong[places])
    assert [point.lost_f1 for point in points] == pytest.approx(lost[places])
    assert np.concatenate(areas_of(judged)) == pytest.approx([wrong.mean(), lost.mean()])


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.booleans())
def test_a_weight_is_so_many_copies_of_a_paper(seed, ties):
    case = random_case(seed, papers=12, ties=ties)
    weights = np.random.default_rng(seed).integers(0, 5, (12, 3)).astype(float)
    weights[0] += 1
    for found, area in zip(areas_of(case.judged(), weights), AREAS.values(), strict=True):
        for column, value in zip(weights.T.astype(int), found, strict=True):
            copies = case.take(np.repeat(np.arange(12), column)).judged()
            assert value == pytest.approx(area(copies, copies.unit_weights).item())


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_neither_the_order_of_papers_nor_that_of_concepts_matters(seed):
    case = random_case(seed, ties=True)
    generator = np.random.default_rng(seed)
    other = case.take(generator.permutation(40)).permuted(generator.permutation(12))
    for point, same in zip(coverage_curve(case.judged()), coverage_curve(other.judged()), strict=True):
        assert (same.coverage, same.certainty) == (point.coverage, point.certainty)
        assert (same.wrong, same.lost_f1) == pytest.approx((point.wrong, point.lost_f1))
    assert np.concatenate(areas_of(other.judged())) == pytest.approx(np.concatenate(areas_of(case.judged())))


def test_by_hand():
    # Papers 0 and 1 have mean scores .75 and .65 and each one right, one wrong; paper 2 has no selection.
    judged = hand_case().judged()
    assert certainty(judged) == pytest.approx([0.75, 0.65, -1])
    points = coverage_curve(judged)
    assert [point.coverage for point in points] == pytest.approx([1 / 3, 2 / 3, 1])
    assert [point.wrong for point in points] == [0.5, 0.5, 0.5]
    assert [point.lost_f1 for point in points] == pytest.approx([1 / 2, (1 / 2 + 1 / 3) / 2, (1 / 2 + 1 / 3 + 1) / 3])
    assert points[-1].certainty is None


def test_the_last_point_is_the_risk_over_all_papers():
    judged = random_case(5, papers=333, ties=True, unknown=True).judged()
    last = coverage_curve(judged)[-1]
    assert last.coverage == 1
    assert last.wrong == pytest.approx(1 - get_metric("micro_precision")(judged, judged.unit_weights).item())
    assert last.lost_f1 == pytest.approx(1 - get_metric("sample_f1")(judged, judged.unit_weights).item())


def test_a_curve_is_short_and_its_papers_are_less_and_less_sure():
    points = coverage_curve(random_case(6, papers=1234).judged())
    assert len(points) == 50
    sure = [-1 if point.certainty is None else point.certainty for point in points]
    assert sure == sorted(sure, reverse=True)


def test_nothing_selected():
    case = random_case(7)
    case.selected[:] = False
    judged = case.judged()
    assert {(p.wrong, p.lost_f1, p.certainty) for p in coverage_curve(judged)} == {(0.0, 1.0, None)}
    assert np.concatenate(areas_of(judged)) == pytest.approx([0, 1])


def test_no_candidates_at_all():
    case = replace(random_case(8), scores=Scores.empty(40), selected=np.zeros((40, 0), bool))
    assert coverage_curve(case.judged())[-1].lost_f1 == 1


def test_who_knows_when_it_is_wrong_has_a_smaller_area():
    case = random_case(9, papers=400)
    wrong = (case.dense_selected * (1 - case.targets)).sum(axis=1) / np.maximum(case.dense_selected.sum(axis=1), 1)
    for sign, better in ((1, True), (-1, False)):
        # The same sets, with scores that fall, or rise, with the share of wrong concepts.
        level = 0.5 + sign * (0.5 - wrong[:, None]) / 2
        values = np.where(case.scores.listed, level, 0).astype(np.float32)
        judged = replace(case, scores=Scores(case.scores.columns, values)).judged()
        assert (wrong_area(judged, judged.unit_weights).item() < coverage_curve(judged)[-1].wrong - 0.05) == better


def test_areas_have_intervals_like_any_metric():
    judged = random_case(10, papers=300).judged()
    for found in intervals(AREAS, judged, replicates=200).values():
        assert 0 < found.low < found.value < found.high < 1
