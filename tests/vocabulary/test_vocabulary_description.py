import pytest

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept
from scixtag.vocabulary.description import Description, build_vocabulary


def uri(number: int) -> str:
    return f"http://example.org/{number}"


def test_uris_become_ids_in_order_and_names_are_tidied():
    vocabulary = build_vocabulary(
        {
            uri(10): Description(
                " Quasars \n (active)",
                alternatives=["QSO ", "b", "Quasars (active)", "A", "QSO", " "],
                definition=" Very\tbright. ",
                broader={uri(9), uri(2)},
                successors={uri(9)},
                deprecated=True,
            ),
            uri(9): Description("Galaxies"),
            uri(2): Description(""),
        },
        " A  title ",
        " 1 ",
    )
    assert vocabulary.concepts == (
        Concept(2, uri(2), "2"),
        Concept(9, uri(9), "Galaxies"),
        Concept(
            10,
            uri(10),
            "Quasars (active)",
            ("A", "b", "QSO"),
            "Very bright.",
            broader=(2, 9),
            deprecated=True,
            successors=(9,),
        ),
    )
    assert (vocabulary.title, vocabulary.release) == ("A title", "1")


def test_related_goes_both_ways_and_never_to_itself():
    vocabulary = build_vocabulary({uri(1): Description("a", related={uri(1), uri(2)}), uri(2): Description("b")})
    assert [concept.related for concept in vocabulary] == [(2,), (1,)]


def test_links_to_the_outside_are_dropped_and_counted(notes):
    vocabulary = build_vocabulary(
        {
            uri(1): Description("a", broader={uri(2), uri(8), uri(9)}, successors={uri(9)}),
            uri(2): Description("b", broader={uri(9)}, related={uri(1)}),
        }
    )
    assert [concept.broader for concept in vocabulary] == [(2,), ()]
    assert notes == [
        "3 'broader' links to concepts outside of the file were dropped",
        "1 'successors' links to concepts outside of the file were dropped",
    ]


def test_no_concepts_make_no_vocabulary():
    with pytest.raises(InputError, match="no concepts"):
        build_vocabulary({})
