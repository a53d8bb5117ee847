import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept, Vocabulary

STARS = Concept(1583, "http://example.org/1583", "Stars", definition="Balls of plasma.")
DWARFS = Concept(2053, "http://example.org/2053", "Dwarf stars", ("Dwarves",), broader=(1583,), related=(0,))
DC = Concept(0, "http://example.org/0", "DC stars", broader=(2053,), related=(2053,))
OLD = Concept(99, "http://example.org/99", "stars", deprecated=True, successors=(1583,))


def test_columns_follow_the_ids_whatever_the_order_given():
    vocabulary = Vocabulary([STARS, DC, DWARFS, OLD])
    assert [concept.id for concept in vocabulary] == [0, 99, 1583, 2053]
    assert [vocabulary.column(concept.id) for concept in vocabulary] == [0, 1, 2, 3]
    assert vocabulary[3] is DWARFS
    assert len(vocabulary) == 4


def test_numbers_are_ordered_by_value_and_before_strings():
    concepts = [Concept(key, f"u:{key!r}", "n") for key in ("b", 10, "10", 9, "a")]
    assert [concept.id for concept in Vocabulary(concepts)] == [9, 10, "10", "a", "b"]


@pytest.mark.parametrize(
    ("reference", "column"),
    [
        (0, 0),
        ("0", 0),
        ("1583", 2),
        (" 1583 ", 2),
        ("http://example.org/2053", 3),
        ("DWARF STARS", 3),
        (" dwarf stars ", 3),
        ("Stars", 2),  # the deprecated concept of the same name gives way
        ("Dwarves", None),  # an alternative name identifies nothing
        (7, None),
        ("7", None),
        ("", None),
    ],
)
def test_a_reference_resolves_to_its_column(reference, column):
    assert Vocabulary([STARS, DC, DWARFS, OLD]).resolve(reference) == column


def test_a_name_of_two_concepts_in_use_means_neither():
    twins = [Concept(1, "u:1", "Craters"), Concept(2, "u:2", "craters")]
    assert Vocabulary(twins).resolve("Craters") is None


def test_an_integer_resolves_where_ids_are_strings():
    vocabulary = Vocabulary([Concept("7", "u:7", "a"), Concept("007", "u:007", "b")])
    assert vocabulary.resolve(7) == vocabulary.column("7") == 1
    assert vocabulary.resolve("007") == 0


def test_an_unknown_id_has_no_column():
    with pytest.raises(KeyError):
        Vocabulary([STARS]).column(5)


def test_duplicates_and_emptiness_are_refused():
    with pytest.raises(InputError, match="no concepts"):
        Vocabulary([])
    with pytest.raises(InputError, match="the same id"):
        Vocabulary([STARS, replace(DC, id=1583)])
    with pytest.raises(InputError, match="the same URI"):
        Vocabulary([STARS, replace(DC, uri=STARS.uri)])


def test_the_fingerprint_ignores_the_order_given_and_the_title():
    assert Vocabulary([STARS, DC]).fingerprint == Vocabulary([DC, STARS], "T", "1").fingerprint


def test_the_fingerprint_is_the_same_in_another_process():
    code = (
        "from scixtag.vocabulary.concept import Concept, Vocabulary\n"
        "print(Vocabulary([Concept(1, 'u:1', 'é', ('b', 'a'), broader=(2,)), Concept(2, 'u:2', 'x')]).fingerprint)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = Vocabulary([Concept(1, "u:1", "é", ("b", "a"), broader=(2,)), Concept(2, "u:2", "x")]).fingerprint
    assert answer.stdout.strip() == here == "f0d4abd76ddd5663"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Star"},
        {"alternatives": ("Suns",)},
        {"definition": ""},
        {"broader": (0,)},
        {"related": (0,)},
        {"deprecated": True},
        {"successors": (0,)},
        {"uri": "http://example.org/x"},
        {"id": 1584},
    ],
)
def test_the_fingerprint_changes_with_any_field(change):
    assert Vocabulary([DC, replace(STARS, **change)]).fingerprint != Vocabulary([DC, STARS]).fingerprint


def test_the_document_leaves_out_what_is_empty_but_not_the_id_zero():
    assert Vocabulary([DC], "T").to_document() == {
        "title": "T",
        "release": "",
        "concepts": [
            {"id": 0, "uri": "http://example.org/0", "name": "DC stars", "broader": (2053,), "related": (2053,)}
        ],
    }


def test_real_concepts_survive_json():
    before = Vocabulary([STARS, DC, DWARFS, OLD], "Stars", "5")
    after = Vocabulary.from_document(json.loads(json.dumps(before.to_document())))
    assert (after.concepts, after.title, after.release) == (before.concepts, "Stars", "5")
    assert after.fingerprint == before.fingerprint


ids = st.one_of(st.integers(0, 10**6), st.text(min_size=1, max_size=5))
concepts = st.builds(
    Concept,
    id=ids,
    uri=st.text(min_size=1),
    name=st.text(min_size=1),
    alternatives=st.lists(st.text()).map(tuple),
    definition=st.text(),
    broader=st.lists(ids, max_size=3).map(tuple),
    related=st.lists(ids, max_size=3).map(tuple),
    deprecated=st.booleans(),
    successors=st.lists(ids, max_size=3).map(tuple),
)


@given(st.lists(concepts, min_size=1, max_size=5, unique_by=(lambda c: c.id, lambda c: c.uri)))
def test_any_vocabulary_survives_json(listed):
    before = Vocabulary(listed)
    after = Vocabulary.from_document(json.loads(json.dumps(before.to_document())))
    assert after.concepts == before.concepts


@pytest.mark.parametrize("uri", ["http://x/7", "https://x/7", " https://x/7 "])
def test_a_uri_resolves_with_either_scheme(uri):
    assert Vocabulary([Concept(7, "http://x/7", "Seven")]).resolve(uri) == 0
    assert Vocabulary([Concept(7, "https://x/7", "Seven")]).resolve(uri) == 0
    assert Vocabulary([Concept(7, "ftp://x/7", "Seven")]).resolve(uri) is None
