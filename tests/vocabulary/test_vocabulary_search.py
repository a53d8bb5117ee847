import pytest

from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.search import search_concepts
from scixtag.vocabulary.uat_json import read_uat_json

NAMES = {
    1: ("Galaxies", ()),
    2: ("Galaxy evolution", ("Evolution of galaxies",)),
    3: ("Evolution", ()),
    4: ("Stellar evolution", ()),
    5: ("Ångström (unit)", ("Angstrom",)),
    6: ("Galaxy evolution models", ()),
    7: ("Evolution of the galaxy", ()),
    8: ("H II regions", ("Ionised hydrogen",)),
    11: ("Beta Cephei variable stars", ()),
    12: ("H alpha photometry", ()),
    13: ("Αστέρες", ()),
}
VOCABULARY = Vocabulary(
    [
        *(Concept(number, f"http://example.org/{number}", *names) for number, names in NAMES.items()),
        Concept(9, "http://example.org/9", "Galaxy evolution", deprecated=True),
        Concept(10, "http://example.org/10", "Evo", deprecated=True),
    ]
)


def found(query: str, limit: int = 20) -> list[int | str]:
    return [concept.id for concept in search_concepts(VOCABULARY, query, limit)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("galaxy evolution", [2, 9, 6, 7]),  # equal, equal but deprecated, begins so, has both words
        ("GALAXY   Evolution", [2, 9, 6, 7]),
        ("evolution", [3, 7, 2, 4, 6, 9]),
        ("evo", [10, 3, 7, 2, 4, 6, 9]),
        ("angstrom", [5]),
        ("ANGSTRÖM", [5]),
        ("ångström unit", [5]),
        ("hydrogen", [8]),
        ("ii regions", [8]),
        ("egions", []),
        ("http://example.org/4", [4]),
        ("4", [4]),
        ("ionized hydrogen", [8]),
        ("β Cep", [11]),
        ("Hα", [12]),
        ("αστ", [13]),
        ("xyzzy", []),
        ("", []),
        ("–", []),
    ],
)
def test_queries(query, ids):
    assert found(query) == ids


def test_a_misspelt_query_finds_the_nearest_active_first():
    assert found("galxy evoluton") == [2, 6, 9]


def test_the_limit_cuts_the_worst():
    assert found("evolution", limit=2) == [3, 7]
    assert found("evolution", limit=0) == []


def test_search_in_the_uat(shared):
    uat = read_uat_json(shared / "data" / "uat" / "UAT_list.json")
    assert search_concepts(uat, "galxy evoluton")[0].id == 594
    assert [concept.id for concept in search_concepts(uat, "minor planets", 2)] == [72, 1065]
    assert search_concepts(uat, "qso")[0].name == "Quasars"


def test_a_singular_finds_the_plural_first():
    vocabulary = Vocabulary(
        Concept(i, f"http://x/{i}", name)
        for i, name in enumerate(["Galaxy ages", "Galaxies", "Galactic center", "Active galaxies"], 1)
    )
    assert [concept.name for concept in search_concepts(vocabulary, "galaxy")][:3] == [
        "Galaxies",
        "Galaxy ages",
        "Active galaxies",
    ]
