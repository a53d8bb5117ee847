import numpy as np
import pytest
from model_cases import concept

from scixtag.corpus.text import Text
from scixtag.models.mentions import NameFinder
from scixtag.vocabulary.concept import Vocabulary

VOCABULARY = Vocabulary(
    [
        concept(0, "Galaxies"),
        concept(1, "Galaxy evolution", ("Evolution of galaxies",)),
        concept(2, "Be stars"),
        concept(3, "Mercury (planet)", ("Planet Mercury",)),
        concept(4, "Mercury"),
        concept(5, "Vulcan", deprecated=True),
        concept(6, "Nebulium", deprecated=True),
    ]
)


FINDER = NameFinder.of(VOCABULARY, np.bincount([6], minlength=len(VOCABULARY)))


def found(text):
    return {
        VOCABULARY[c].name: (bool(t), bool(p), int(w), int(m))
        for _, c, t, p, w, m, _, _ in zip(*FINDER.find([text]), strict=True)
    }


def test_in_title_preferred_words_mentions():
    text = Text("Evolution of galaxies", "Galaxy evolution is not a galaxy: galaxies and the galaxy's evolution.")
    assert found(text) == {"Galaxy evolution": (True, True, 3, 2), "Galaxies": (False, True, 1, 2)}


def test_a_name_inside_a_longer_one_does_not_count():
    assert found(Text("", "galaxy evolution")) == {"Galaxy evolution": (False, True, 2, 1)}


def test_stop_words_in_names_count():
    assert found(Text("All stars", "may be young stars")) == {}
    assert found(Text("Be stars", "")) == {"Be stars": (True, True, 2, 0)}


def test_the_same_name_means_both_concepts_and_qualifiers_fall_away():
    assert found(Text("", "Mercury")) == {"Mercury": (False, True, 1, 1), "Mercury (planet)": (False, False, 1, 1)}
    assert found(Text("", "planet Mercury")) == {"Mercury (planet)": (False, False, 2, 1)}
    assert found(Text("Mercury, planet", "")) == {"Mercury (planet)": (True, True, 2, 0)}


def test_deprecated_concepts_only_if_they_were_used():
    assert found(Text("Vulcan", "nebulium")) == {"Nebulium": (False, True, 1, 1)}


def test_mentions_are_sorted_and_know_their_paper():
    mentions = FINDER.find([Text("Be stars", "galaxy"), Text("", ""), Text("Mercury", "be stars")])
    assert list(zip(mentions.papers.tolist(), mentions.concepts.tolist(), strict=True)) == [
        (0, 0),
        (0, 2),
        (2, 2),
        (2, 3),
        (2, 4),
    ]


def test_where_the_abstract_first_names_it_and_how_many_share_the_name():
    mentions = FINDER.find([Text("Galaxies", "stars, stars, Mercury; a galaxy and Mercury"), Text("Mercury", "dust")])
    assert mentions.concepts.tolist() == [0, 3, 4, 3, 4]
    assert mentions.place.tolist() == pytest.approx([4 / 7, 2 / 7, 2 / 7, 1, 1])
    assert mentions.rivals.tolist() == [0, 1, 1, 1, 1]


def test_found_again_after_storage():
    again = NameFinder.from_arrays(FINDER.arrays(), FINDER.names)
    texts = [Text("Evolution of galaxies", "Be stars; planet Mercury")]
    for one, other in zip(FINDER.find(texts), again.find(texts), strict=True):
        np.testing.assert_array_equal(one, other)
