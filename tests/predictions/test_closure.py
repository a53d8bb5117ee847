import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hierarchy_cases import DIAMOND, random_hierarchy, vocabulary_of
from scixtag.errors import ConfigError
from scixtag.predictions import closure
from scixtag.predictions.closure import ancestor_matrix, in_form, most_specific, with_ancestors
from scixtag.predictions.scores import CANDIDATES, Scores
from scixtag.vocabulary.hierarchy import Hierarchy
from scixtag.vocabulary.load import load_vocabulary

ANCESTORS = ancestor_matrix(DIAMOND)


@st.composite
def answers(draw):
    """A random polyhierarchy, with scores that tie, and any selection."""
    concepts = draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    raw = np.round(rng.random((draw(st.integers(0, 5)), concepts)), 1) * (rng.random(concepts) < 0.7)
    scores = Scores.from_dense(raw)
    selected = scores.listed & (rng.random(scores.columns.shape) < draw(st.sampled_from([0.0, 0.3, 1.0])))
    return random_hierarchy(rng, concepts), scores, selected


def rows_of(scores, selected):
    """Each paper as {column: (value, selected)}."""
    return [
        {c: (v, s) for c, v, s in zip(*row, strict=True) if c >= 0}
        for row in zip(scores.columns.tolist(), scores.values.tolist(), selected.tolist(), strict=True)
    ]


def expanded(paper, hierarchy, room):
    """The plain reference of `with_ancestors`, a paper at a time."""
    chosen = {column for column in paper if paper[column][1]}
    chosen |= {ancestor for column in chosen for ancestor in hierarchy.ancestors(column)}
    own = {column: paper.get(column, (0.0, False))[0] for column in paper.keys() | chosen}
    result = {column: (own[column], False) for column in paper}
    for column in chosen:
        result[column] = (max(own[c] for c in {column, *hierarchy.descendants(column)} if c in chosen), True)
    best = sorted(result, key=lambda c: (not result[c][1], -result[c][0], len(hierarchy.ancestors(c)), c))[:room]
    return {column: result[column] for column in best}


@given(answers(), st.sampled_from([2, 5, CANDIDATES]))
def test_expanding_agrees_with_a_paper_at_a_time(case, room):
    concepts, scores, selected = case
    scores, selected = scores.best(room), selected[:, :room]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closure, "CANDIDATES", room)
        found, chosen = with_ancestors(scores, selected, ancestor_matrix(concepts))
    expected = [expanded(paper, Hierarchy(concepts), room) for paper in rows_of(scores, selected)]
    assert rows_of(found, chosen) == expected
    assert (found.columns.dtype, found.values.dtype, chosen.dtype) == (np.int32, np.float32, np.bool_)
    for paper, columns, values in zip(expected, found.columns.tolist(), found.values.tolist(), strict=True):
        ordered = sorted(paper, key=lambda c: (-paper[c][0], c))
        padding = found.columns.shape[1] - len(ordered)
        assert columns == ordered + [-1] * padding
        assert values == [paper[c][0] for c in ordered] + [0.0] * padding
        kept = {c for c in paper if paper[c][1]}
        assert all(set(Hierarchy(concepts).ancestors(c)) <= kept for c in kept)


@given(answers())
def test_reducing_agrees_with_a_paper_at_a_time(case):
    concepts, scores, selected = case
    hierarchy, before = Hierarchy(concepts), rows_of(scores, selected)
    found = rows_of(scores, most_specific(scores, selected, ancestor_matrix(concepts)))
    for old, new in zip(before, found, strict=True):
        chosen = {c for c in old if old[c][1]}
        expected = {c for c in chosen if not chosen & set(hierarchy.descendants(c))}
        assert {c for c in new if new[c][1]} == expected


@given(answers())
def test_the_forms_undo_each_other(case):
    """What expanding adds says nothing new, and what reducing drops is implied."""
    concepts, scores, selected = case
    ancestors = ancestor_matrix(concepts)
    reduced = most_specific(scores, selected, ancestors)
    whole, all_chosen = with_ancestors(scores, selected, ancestors)
    again, same_chosen = with_ancestors(scores, reduced, ancestors)
    assert [{c for c in p if p[c][1]} for p in rows_of(whole, all_chosen)] == [
        {c for c in p if p[c][1]} for p in rows_of(again, same_chosen)
    ]
    bare = rows_of(whole, most_specific(whole, all_chosen, ancestors))
    assert [{c for c in p if p[c][1]} for p in bare] == [{c for c in p if p[c][1]} for p in rows_of(scores, reduced)]
    twice, twice_chosen = with_ancestors(whole, all_chosen, ancestors)
    assert rows_of(twice, twice_chosen) == rows_of(whole, all_chosen)


def test_a_concept_with_two_parents_brings_both_and_their_shared_ancestor_once():
    scores = Scores(np.array([[3, 6]], np.int32), np.array([[0.75, 0.5]], np.float32))
    found, chosen = with_ancestors(scores, np.array([[True, False]]), ANCESTORS)
    assert found.columns.tolist() == [[0, 1, 2, 3, 6]]
    assert found.values.tolist() == [[0.75, 0.75, 0.75, 0.75, 0.5]]
    assert chosen.tolist() == [[True, True, True, True, False]]


def test_an_ancestor_has_the_largest_probability_below_it_or_its_own():
    scores = Scores(np.array([[2, 3, 4, 0]], np.int32), np.array([[0.875, 0.75, 0.5, 0.25]], np.float32))
    found, chosen = with_ancestors(scores, np.array([[False, True, True, False]]), ANCESTORS)
    # 2 is above 3 and so selected now, which lifts 0 above it.
    assert found.columns.tolist() == [[0, 2, 1, 3, 4, 5]]
    assert found.values.tolist() == [[0.875, 0.875, 0.75, 0.75, 0.5, 0.5]]
    assert chosen.all()


def test_an_implied_concept_goes_and_the_scores_stay():
    scores = Scores(np.array([[0, 3, 2, 6]], np.int32), np.array([[0.9, 0.8, 0.7, 0.6]], np.float32))
    found, chosen = in_form("most-specific", scores, np.ones((1, 4), bool), ANCESTORS)
    assert found is scores
    assert chosen.tolist() == [[False, True, False, True]]


def test_a_full_list_makes_room_for_ancestors_and_keeps_what_is_selected():
    concepts = CANDIDATES + 3
    chain = ancestor_matrix(vocabulary_of([*[()] * CANDIDATES, (), (CANDIDATES,), (CANDIDATES + 1, 99)]))
    values = np.linspace(1, 0.01, CANDIDATES, dtype=np.float32)[None]
    scores = Scores(np.array([[*range(98), 99, concepts - 1]], np.int32), values)
    selected = np.zeros((1, CANDIDATES), bool)
    selected[0, -1] = True
    found, chosen = with_ancestors(scores, selected, chain)
    assert found.columns.tolist() == [[*range(96), 99, 100, 101, 102]]
    assert found.columns[chosen].tolist() == [99, 100, 101, 102]
    assert (np.diff(found.values) <= 0).all()


@pytest.mark.parametrize("form", ["as-is", "ancestors", "most-specific"])
@pytest.mark.parametrize("papers", [0, 3])
def test_nothing_selected_stays_nothing(form, papers):
    for scores in (Scores.empty(papers), Scores.from_dense(np.full((papers, 7), 0.5))):
        found, chosen = in_form(form, scores, np.zeros(scores.columns.shape, bool), ANCESTORS)
        assert rows_of(found, chosen) == rows_of(scores, np.zeros(scores.columns.shape, bool))
        assert not chosen.any()


def test_without_a_hierarchy_every_form_is_the_same():
    flat = ancestor_matrix(vocabulary_of([(), (), ()]))
    scores = Scores.from_dense(np.array([[0.5, 0.0, 0.75]]))
    selected = scores.listed
    for form in ("as-is", "ancestors", "most-specific"):
        found, chosen = in_form(form, scores, selected, flat)
        assert rows_of(found, chosen) == rows_of(scores, selected)


def test_an_unknown_form_is_named():
    with pytest.raises(ConfigError, match="did you mean 'ancestors'"):
        in_form("ancestor", Scores.empty(1), np.zeros((1, 0), bool), ANCESTORS)


def test_the_ancestors_of_the_uat(shared):
    uat = load_vocabulary(shared / "data" / "uat" / "UAT.rdf")
    hierarchy, matrix = Hierarchy(uat), ancestor_matrix(uat)
    assert matrix.has_canonical_format
    for column in range(0, len(uat), 50):
        assert matrix[[column]].indices.tolist() == list(hierarchy.ancestors(column))
    assert (np.diff(matrix.indptr) == 0).sum() == sum(not hierarchy.parents(column) for column in range(len(uat)))
