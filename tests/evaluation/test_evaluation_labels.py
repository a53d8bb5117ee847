import numpy as np
import pytest
from evaluation_cases import hand_case, random_case
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, classification_report

from scixtag.evaluation.labels import LabelRow, average_precision, label_rows, label_text
from scixtag.evaluation.metrics.registry import METRICS
from scixtag.vocabulary.concept import Concept, Vocabulary


def vocabulary(size):
    return Vocabulary(Concept(id=i, uri=f"u:{i}", name=f"concept {i}") for i in range(size))


def test_rows_by_hand():
    rows = label_rows(hand_case().judged(), vocabulary(5))
    # Concept 1 is listed first for paper 0 (right), and not at all for paper 2 (which carries it).
    area = (1 / 1 + 2 / 3) / 2
    assert rows[1] == LabelRow(1, "concept 1", 1.0, 0.5, pytest.approx(2 / 3), 2, 1, 10.0, pytest.approx(area))
    assert rows[4] == LabelRow(4, "concept 4", 0.0, 0.0, 0.0, 0, 1, 7.0, None)
    assert [row.id for row in rows] == [0, 1, 2, 3, 4]


def test_concepts_that_nobody_carries_or_selects_have_no_row():
    case = random_case(1, concepts=30)
    case.targets[:, :10] = 0
    case.targets[:, 10] = 1
    case.selected[np.isin(case.scores.columns, np.arange(5))] = False
    rows = label_rows(case.judged(), vocabulary(30))
    assert {row.id for row in rows}.isdisjoint(range(5))
    assert {row.id for row in rows} >= set(range(5, 11))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 12))
def test_average_precision_agrees_with_scikit_learn(seed, ties, k):
    case = random_case(seed, k=k, ties=ties)
    found, matrix = average_precision(case.judged()), case.dense_scores
    for column in range(12):
        if case.targets[:, column].any():
            expected = average_precision_score(case.targets[:, column], matrix[:, column])
            assert found[column] == pytest.approx(expected)
        else:
            assert found[column] == 0


def test_the_text_agrees_with_scikit_learn():
    case = random_case(2, papers=80)
    judged = case.judged()
    metrics = {name: entry.metric(judged, judged.unit_weights).item() for name, entry in METRICS.items()}
    rows = label_rows(judged, vocabulary(12))
    text = label_text(rows, metrics, gold=len(judged.gold), selected=len(judged.selected))
    names = [f"{i} concept {i}" for i in range(12)]
    expected = classification_report(case.targets, case.dense_selected, target_names=names, zero_division=0)
    # The same numbers in the same order; ours has three more columns.
    lines = [line.split() for line in text.splitlines() if line.strip()]
    reference = [line.split() for line in expected.splitlines() if line.strip()]
    assert len(lines) == len(reference) == 1 + 12 + 4
    for ours, theirs in zip(lines[1:], reference[1:], strict=True):
        assert ours[: len(theirs)] == theirs
    assert lines[0][-3:] == ["selected", "training", "avg-prec"]
