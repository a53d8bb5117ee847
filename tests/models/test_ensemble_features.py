"""Candidates and features against what a reader of their names would compute by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_cases import concept, examples
from scipy.sparse import csr_array

from scixtag.corpus.text import Text
from scixtag.errors import ModelError
from scixtag.models.compiled import constant
from scixtag.models.ensemble.candidates import Candidates, unite
from scixtag.models.ensemble.concepts import Places
from scixtag.models.ensemble.features import Evidence, blended, feature_names, features
from scixtag.models.ensemble.kin import Lists, largest, largest_sibling
from scixtag.models.ensemble.knowledge import Knowledge
from scixtag.models.ensemble.ragged import Ragged
from scixtag.predictions.scores import Scores
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.hierarchy import Hierarchy

VOCABULARY = Vocabulary(
    [
        concept(0, "Stars"),
        concept(1, "Variable stars", broader=(0,)),
        concept(2, "Flare stars", ("Flaring stars", "UV Ceti stars"), broader=(1,)),
        concept(3, "Cepheid variable stars", broader=(1,), related=(4,)),
        concept(4, "Distance ladder"),
    ]
)
TRAIN = examples(
    [Text("Flare stars", "ultraviolet flares"), Text("Cepheids", "period and distance"), Text("Distances", "ladder")],
    [{1, 2}, {3, 4}, {4}],
    VOCABULARY,
)
TEXTS = [Text("A flaring star", "Distance ladder and cepheid stars: the ladder."), Text("", "nothing")]


def scores(*rows):
    dense = np.zeros((len(rows), len(VOCABULARY)))
    for row, values in enumerate(rows):
        for column, value in values.items():
            dense[row, column] = value
    return Scores.from_dense(dense)


MEMBERS = [scores({2: 0.8, 1: 0.4, 4: 0.2}, {0: 0.5}), scores({3: 0.3}, {})]


@pytest.fixture(scope="module")
def table():
    """The features of all candidates: {(paper, concept): {feature: value}}."""
    knowledge = Knowledge.of(TRAIN)
    tokens = knowledge.finder.read(TEXTS)
    found = unite(MEMBERS, 30, len(VOCABULARY))
    values = features(found, Evidence(MEMBERS, knowledge.finder.find_in(tokens), tokens), knowledge)
    names = feature_names(["one", "two"])
    assert values.shape == (len(found), len(names))
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    pairs = zip(found.papers.tolist(), found.concepts.tolist(), strict=True)
    return {pair: dict(zip(names, row, strict=True)) for pair, row in zip(pairs, values.tolist(), strict=True)}


def test_candidates_are_what_any_member_lists(table):
    assert list(table) == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 0)]
    best_only = unite(MEMBERS, 1, len(VOCABULARY))
    assert list(zip(best_only.papers.tolist(), best_only.concepts.tolist(), strict=True)) == [(0, 2), (0, 3), (1, 0)]


def test_a_column_that_the_vocabulary_does_not_have_is_an_error():
    beyond = Scores(np.array([[len(VOCABULARY)]], np.int32), np.array([[0.5]], np.float32))
    with pytest.raises(ModelError, match="a member scores column 5 of a vocabulary of 5 concepts"):
        unite([beyond], 30, len(VOCABULARY))


def test_what_members_say(table):
    first, other = table[0, 1], table[0, 3]
    assert (first["one: score"], first["one: share of its best"]) == pytest.approx((0.4, 0.5))
    assert (first["one: rank"], first["one: best"]) == pytest.approx((1, 0.8))
    assert (first["two: score"], first["two: best"]) == pytest.approx((0, 0.3))
    assert first["two: rank"] > 100
    assert (other["listed by"], other["in top 10 of"]) == (1, 1)
    # The mean of the shares: 1/2 of (1, 1/2, 1/4) from the one, 1/2 of 1 from the other.
    assert [table[0, c]["blend: score"] for c in (1, 2, 3, 4)] == pytest.approx([0.25, 0.5, 0.5, 0.125])
    assert [table[0, c]["blend: rank"] for c in (1, 2, 3, 4)] == [2, 0, 1, 3]


def test_names_in_the_text(table):
    assert table[0, 2]["title names it"] == 1
    assert table[0, 2]["by preferred name"] == 1  # "flaring star" and "flare stars" have the same stems
    assert table[0, 2]["words named"] == 2
    assert table[0, 4]["mentions"] == 1
    assert table[0, 4]["first place"] == pytest.approx(0)
    assert table[0, 1]["first place"] == 2
    assert table[0, 1]["name overlap"] < 1
    assert table[0, 2]["name overlap in title"] == pytest.approx(1)
    assert table[0, 3]["name overlap"] > table[0, 3]["name overlap in title"] > 0
    assert table[1, 0]["name overlap"] == table[1, 0]["names in text"] == 0


def test_the_concepts_around(table):
    assert table[0, 1]["best of children"] == pytest.approx(0.5)
    assert table[0, 2]["best of parents"] == pytest.approx(0.25)
    assert table[0, 2]["best of siblings"] == pytest.approx(0.5)
    assert table[0, 3]["best of related"] == pytest.approx(0.125)
    assert table[0, 4]["best of parents"] == 0
    assert table[0, 1]["named: children"] == 2
    assert (table[0, 2]["depth"], table[0, 1]["children"], table[0, 2]["names"]) == (2, 2, 3)


def test_company_of_the_best(table):
    # One of the two papers with 4 carries 3 too: 1 / (2 + 5); of the one with 3, 4: 1 / (1 + 5).
    assert table[0, 4]["company: closest"] == pytest.approx(1 / 6)
    assert table[0, 3]["company of the best"] == pytest.approx(0.125 / 7)
    assert table[0, 2]["training papers"] == pytest.approx(np.log(2))


def test_a_batch_without_candidates_has_no_features():
    knowledge = Knowledge.of(TRAIN)
    tokens = knowledge.finder.read([Text("", "")])
    nothing = [scores({}), Scores.empty(1)]
    found = unite(nothing, 30, len(VOCABULARY))
    values = features(found, Evidence(nothing, knowledge.finder.find_in(tokens), tokens), knowledge)
    assert values.shape == (0, len(feature_names(["one", "two"])))
    assert (blended(nothing, len(VOCABULARY)).columns == -1).all()


def test_knowledge_is_stored():
    knowledge = Knowledge.of(TRAIN)
    again = Knowledge.from_stored(knowledge.arrays(), knowledge.matrices())
    tokens = knowledge.finder.read(TEXTS)
    found = unite(MEMBERS, 30, len(VOCABULARY))
    one, other = (
        features(found, Evidence(MEMBERS, known.finder.find_in(tokens), tokens), known) for known in (knowledge, again)
    )
    np.testing.assert_array_equal(one, other)


def test_which_candidates_are_right():
    found = unite(MEMBERS, 30, len(VOCABULARY))
    targets = csr_array(np.array([[0, 0, 1, 0, 1], [0, 1, 0, 0, 0]], dtype=np.float32))
    assert found.assigned(targets).tolist() == [False, True, False, True, False]


def test_values_of_candidates_become_scores():
    found = Candidates(np.array([0, 0, 2]), np.array([1, 3, 0]), (3, 5))
    given = found.scores(np.array([0.2, 0.7, 0.5], np.float32))
    assert given.columns.tolist() == [[3, 1], [-1, -1], [0, -1]]


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6))
def test_lists_of_different_lengths(rows):
    ragged = Ragged.of(rows)
    assert ragged.lengths.tolist() == [len(row) for row in rows]
    assert [ragged.items[a:b].tolist() for a, b in pairwise(ragged.starts)] == rows


def lists_of(ragged):
    return Lists(constant(ragged.starts, np.int64), constant(ragged.items, np.int64))


@given(st.integers(0, 10_000), st.lists(st.lists(st.integers(0, 8), max_size=3), min_size=9, max_size=9))
def test_best_siblings_against_lists_of_them(seed, above):
    # Parents have lower numbers, so that there is no cycle.
    nested = Vocabulary([concept(i, f"c{i}", broader={p for p in above[i] if p < i}) for i in range(9)])
    random = np.random.default_rng(seed)
    values = random.integers(0, 4, (3, 9)).astype(np.float32)
    hierarchy, places = Hierarchy(nested), Places.of(nested)
    parents, children = lists_of(places.parents), lists_of(places.children)
    for own in values:
        best_two, asked = np.empty((9, 2), np.float32), np.zeros(9, np.bool_)
        found = [largest_sibling(own, parents, children, c, best_two, asked) for c in range(9)]
        assert found == [max((own[s] for s in hierarchy.siblings(c)), default=0) for c in range(9)]
        assert [largest(own, children, c) for c in range(9)] == [
            max((own[s] for s in hierarchy.children(c)), default=0) for c in range(9)
        ]


def test_a_paper_does_not_tell_its_own_retired_label():
    # "Alpha wave" hides "Alpha" only if a paper carries it.
    words = Vocabulary([concept(0, "Alpha"), concept(1, "Alpha wave", deprecated=True), concept(2, "Beta")])
    papers = examples([Text("Alpha wave", ""), Text("Beta", ""), Text("Alpha", "")], [{1}, {2}, {0}], words)
    knowledge = Knowledge.of(papers)
    assert knowledge.finder.find([papers.texts[0]]).concepts.tolist() == [1]
    others = knowledge.as_of(papers, np.array([1, 2]))
    assert others.finder.find([papers.texts[0]]).concepts.tolist() == [0]
    assert others.usage.counts.tolist() == [1, 0, 1]
    assert knowledge.as_of(papers, np.array([0, 1])).finder is knowledge.finder
