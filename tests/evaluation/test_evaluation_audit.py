"""The label audit and the worst papers: lists of pairs and papers for people."""

from dataclasses import replace

import numpy as np
import pytest
from evaluation_cases import examples_of, hand_case, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

from hierarchy_cases import random_hierarchy, vocabulary_of
from scixtag.errors import InputError
from scixtag.evaluation.audit import AuditRow, audit, audit_pairs
from scixtag.evaluation.worst import PaperConcept, WorstPaper, concepts_of, worst_papers, worst_rows
from scixtag.predictions.closure import ancestor_matrix
from scixtag.vocabulary.hierarchy import Hierarchy

SEEDS = st.integers(0, 10**6)
#   0       3
#   |
#   4   1   2
HAND = vocabulary_of([(), (), (), (), (0,)])


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans(), st.integers(1, 400))
def test_the_audit_agrees_with_a_search_through_all_pairs(seed, ties, most):
    case = random_case(seed, ties=ties)
    vocabulary = random_hierarchy(np.random.default_rng(seed), 12)
    hierarchy = Hierarchy(vocabulary)
    found = audit(case.judged(), examples_of(case, vocabulary), ancestor_matrix(vocabulary), most=most)
    expected, sure = [], 0
    for row, columns in enumerate(case.scores.columns):
        gold = set(np.flatnonzero(case.targets[row]).tolist())
        for place, column in enumerate(columns.tolist()):
            if column < 0 or column in gold:
                continue
            value = float(case.scores.values[row, place])
            sure += value >= 0.5
            above = bool(gold & set(hierarchy.ancestors(column)))
            below = bool(gold & set(hierarchy.descendants(column)))
            chosen = bool(case.selected[row, place])
            expected.append((-value, place + 1, f"paper {row:03}", column, chosen, above, below))
    told = [(-r.probability, r.place, r.paper, r.id, r.selected, r.label_above, r.label_below) for r in found.rows]
    assert told == sorted(expected)[:most]
    assert found.sure == sure
    assert [row.rank for row in found.rows] == list(range(1, len(told) + 1))


def test_the_audit_by_hand():
    # Not chosen by authors: 4 for paper 0 (with .6), 0 for paper 1 (.8), 4 for paper 2 (.3).
    case = hand_case()
    papers = examples_of(case, HAND)
    found = audit(case.judged(), papers, ancestor_matrix(HAND), evidence={(0, 4): "its name “c4” 90%"})
    assert found.sure == 2
    assert found.rows == (
        AuditRow(
            *(1, "paper 001", "Title & <i> 1", 0, "c0", pytest.approx(0.8), 1, True, False, False, ("c2",), 100, "")
        ),
        AuditRow(
            *(2, "paper 000", "Title & <i> 0", 4, "c4", pytest.approx(0.6), 2, True, True, False, ("c0", "c1"), 7),
            "its name “c4” 90%",
        ),
        AuditRow(
            *(3, "paper 002", "Title & <i> 2", 4, "c4", pytest.approx(0.3), 1, False, False, False, ("c1", "c3"), 7, "")
        ),
    )


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_the_order_of_papers_changes_neither_list(seed):
    case = random_case(seed, ties=True, unknown=True)
    vocabulary = random_hierarchy(np.random.default_rng(seed), 12)
    order = np.random.default_rng(seed).permutation(40)
    other = case.take(order)
    papers, moved = examples_of(case, vocabulary), examples_of(other, vocabulary, order.tolist())
    above = ancestor_matrix(vocabulary)
    assert audit(other.judged(), moved, above, most=30) == audit(case.judged(), papers, above, most=30)
    assert worst_papers(other.judged(), moved) == worst_papers(case.judged(), papers)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_the_worst_papers_agree_with_a_count_paper_by_paper(seed):
    case = random_case(seed, unknown=True)
    vocabulary = vocabulary_of([()] * 12)
    expected = []
    for row in range(40):
        gold, chosen = case.targets[row].astype(bool), case.dense_selected[row].astype(bool)
        size, hits = gold.sum() + case.unknown[row], (gold & chosen).sum()
        f1, missed = 2 * hits / (size + chosen.sum()), size - hits
        expected.append((f1, -missed, -(chosen.sum() - hits), f"paper {row:03}"))
    found = worst_papers(case.judged(), examples_of(case, vocabulary), most=40)
    assert [(p.f1, -p.missed, p.id) for p in found] == [
        (pytest.approx(f1), missed, paper) for f1, missed, _, paper in sorted(expected) if f1 < 1
    ]
    for paper in found:
        row = int(paper.id[-3:])
        assert {one.id for one in paper.concepts if one.true} == set(np.flatnonzero(case.targets[row]))
        assert {one.id for one in paper.concepts if one.selected} == set(np.flatnonzero(case.dense_selected[row]))
        assert paper.outside == case.unknown[row]
        for one in paper.concepts:
            assert one.probability == (case.dense_scores[row, one.id] or None)
            assert one.place is None or case.scores.columns[row, one.place - 1] == one.id


def test_a_worst_paper_by_hand():
    case = hand_case()
    found = worst_papers(case.judged(), examples_of(case, HAND), evidence={(2, 3): "because"}, most=2)
    assert found[0] == WorstPaper(
        *("paper 002", "Title & <i> 2", "Abstract 2.", 0.0, 3, 1),
        (
            PaperConcept(1, "c1", True, False, None, None, 10, ""),
            PaperConcept(3, "c3", True, False, None, None, 0, "because"),
        ),
    )
    assert found[1].id == "paper 000"
    assert [(one.id, one.true, one.selected, one.place) for one in found[1].concepts] == [
        *((1, True, True, 1), (4, False, True, 2), (0, True, False, 3))
    ]


def test_concepts_stand_in_the_order_that_is_told():
    case = random_case(3, unknown=True)
    judged, papers = case.judged(), examples_of(case, vocabulary_of([()] * 12))
    for row, paper in zip(worst_rows(judged, papers).tolist(), worst_papers(judged, papers), strict=True):
        assert [one.id for one in paper.concepts] == concepts_of(judged, row)


def test_papers_whose_sets_are_right_are_not_among_the_worst():
    case = random_case(4, k=12)
    perfect = replace(case, targets=case.dense_selected.astype(np.float32))
    perfect = perfect.take(np.flatnonzero(perfect.targets.any(axis=1)))
    assert worst_papers(perfect.judged(), examples_of(perfect, vocabulary_of([()] * 12))) == ()


def test_nothing_to_audit():
    case = random_case(5, k=12)
    listed = (case.dense_scores > 0).astype(np.float32)
    listed[:, 0] = 1
    case = replace(case, targets=listed)
    vocabulary = vocabulary_of([()] * 12)
    found = audit(case.judged(), examples_of(case, vocabulary), ancestor_matrix(vocabulary))
    assert (found.sure, found.rows) == (0, ())


@pytest.mark.parametrize("list_of", [audit_pairs, worst_rows])
def test_other_papers_are_refused(list_of):
    case, vocabulary = random_case(6), vocabulary_of([()] * 12)
    with pytest.raises(InputError, match="not the 40 judged ones"):
        list_of(case.judged(), examples_of(case.take(np.arange(39)), vocabulary))
    with pytest.raises(InputError, match="stand in another order"):
        list_of(case.judged(), examples_of(case.take(np.arange(40)[::-1]), vocabulary))
