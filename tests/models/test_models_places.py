"""From stems, columns and names back to the characters of the text as it was given."""

import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_cases import concept

from scixtag.corpus.text import Text
from scixtag.models.mentions import NameFinder
from scixtag.models.origins import normalised
from scixtag.models.tfidf import TfIdf, TfIdfSettings
from scixtag.models.tokens import Analyser
from scixtag.vocabulary.concept import Vocabulary

# Ligatures, what NFKC changes in number or joins over characters, marks in need of order, possessives, separators.
ODD = (
    "ﬁ",
    "ﬀ",
    "½",
    "²",
    "㎞",
    "㏘",
    "ｱ",
    "ﾞ",
    "가",
    "ᄀ",
    "ᅡ",
    "ᆨ",
    "e",
    "\u0301",
    "\u0327",
    "s",
    "'s",
    "’s",
    "´",
    "_",
    "\0",
    "\n",
)
WORDS = (
    "stars",
    "Star",
    "star's",
    "Kepler’s",
    "the",
    "of",
    "ﬂares",
    "Alfvén",
    "Alfve\u0301n",
    "x²",
    "M_sun",
    "10",
    "½",
)
odd_texts = st.lists(st.sampled_from(ODD) | st.text(max_size=3), max_size=12).map("".join)
worded = st.lists(st.sampled_from(WORDS) | st.sampled_from(ODD), max_size=12).map(" ".join)
texts = odd_texts | worded | st.text(max_size=40)


def test_whatever_joins_the_character_before_it_is_known_to():
    """Every character that some composition takes as its second one is kept together with the one before it."""
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<") and unicodedata.normalize("NFC", chr(code)) == chr(code):
            pair = "".join(chr(int(part, 16)) for part in parts)
            normal, starts, _ = normalised(f"a{pair}")
            assert normal == unicodedata.normalize("NFKC", f"a{pair}")
            assert starts[-1] <= 1, hex(code)
    assert normalised("가각")[0] == "가각"
    assert normalised("\u1100\u1161\u11a8a")[1].tolist() == [0, 3]


@given(texts)
def test_a_normalised_text_is_made_of_normalised_stretches(text):
    normal, starts, ends = normalised(text)
    assert normal == unicodedata.normalize("NFKC", text)
    assert len(normal) == len(starts) == len(ends)
    assert (np.diff(starts) >= 0).all()
    assert (starts < ends).all()
    for start, end in set(zip(starts.tolist(), ends.tolist(), strict=True)):
        inside = "".join(c for c, s, e in zip(normal, starts, ends, strict=True) if start <= s and e <= end)
        assert inside == unicodedata.normalize("NFKC", text[start:end])


@given(texts, st.booleans())
def test_every_stem_stands_where_it_is_said_to_stand(text, with_stop_words):
    analyser = Analyser(**({"stop_words": frozenset()} if with_stop_words else {}))
    ids = analyser.learn([text]).ids.tolist()
    words = analyser.locate(text)
    assert words.ids.tolist() == ids
    # Stems that share a character (½) can only be cut out together.
    groups = []
    for stem, start, end in zip(ids, words.starts.tolist(), words.ends.tolist(), strict=True):
        if groups and start < groups[-1][2]:
            groups[-1] = ([*groups[-1][0], stem], groups[-1][1], end)
        else:
            groups.append(([stem], start, end))
    for stems, start, end in groups:
        assert analyser.read([text[start:end]]).ids.tolist() == stems


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ﬂares of the ﬁrst Stars", ["ﬂares", "ﬁrst", "Stars"]),
        ("Kepler’s laws: Earth's clouds.", ["Kepler’s", "laws", "Earth's", "clouds"]),
        ("Alfve\u0301n, x² and ½", ["Alfve\u0301n", "x²", "½", "½"]),
        ("stars, (stars)", ["stars", "stars"]),
        ("", []),
        ("the of —", []),
    ],
)
def test_words_are_cut_out_whole(text, parts):
    words = Analyser().locate(text)
    assert [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)] == parts


CORPUS = [Text("Dust rings", "dust rings of young stars"), Text("Young stars' dust", "ﬂares and the dust rings")]


@given(st.builds(Text, worded, worded) | st.sampled_from(CORPUS))
def test_columns_stand_where_they_are_said_to_stand(text):
    tfidf = TfIdf(TfIdfSettings(min_df=1))
    tfidf.fit_transform([*CORPUS, Text(" ".join(WORDS), "")])
    vector = tfidf.transform([text])
    places = tfidf.locate(text)
    counts = np.bincount(places.columns, places.weights, vector.shape[1])
    np.testing.assert_array_equal(np.flatnonzero(counts), np.sort(vector.indices))
    expected = ((1 + np.log(counts[vector.indices])) * tfidf.idf_[vector.indices]).astype(np.float32)
    np.testing.assert_allclose(vector.data, expected / np.linalg.norm(expected), rtol=1e-5)
    for column, in_title, start, end in zip(places.columns, places.in_title, places.starts, places.ends, strict=True):
        part = (text.title if in_title else text.abstract)[start:end]
        assert column in tfidf.transform([Text("", part)]).indices


def test_a_pair_covers_both_words_and_what_stands_between_them():
    tfidf = TfIdf(TfIdfSettings(min_df=1))
    tfidf.fit_transform(CORPUS)
    text = Text("Rings of stars", "A young, very dusty star.")
    places = tfidf.locate(text)
    pairs = places.columns >= len(tfidf.stems_)
    assert [text.abstract[s:e] for s, e in zip(places.starts[pairs], places.ends[pairs], strict=True)] == []
    assert tfidf.locate(Text("", "rings of young (and old) stars")).ends.max() == len("rings of young (and old) stars")
    young = tfidf.locate(Text("", "dust, and the rings"))
    assert sorted(zip(young.starts.tolist(), young.ends.tolist(), strict=True)) == [(0, 4), (0, 19), (14, 19)]


def test_names_stand_where_they_are_said_to_stand():
    vocabulary = Vocabulary([concept(0, "Flare stars"), concept(1, "Mercury (planet)"), concept(2, "Mercury")])
    finder = NameFinder.of(vocabulary, np.zeros(3, np.int64))
    text = Text("Mercury", "A ﬂaring star; flare-stars of Mercury’s age.")
    places = finder.locate(text)
    found = [
        (int(c), (text.title if t else text.abstract)[s:e])
        for c, t, s, e in zip(places.concepts, places.in_title, places.starts, places.ends, strict=True)
    ]
    assert found == [
        (1, "Mercury"),
        (2, "Mercury"),
        (0, "ﬂaring star"),
        (0, "flare-stars"),
        (1, "Mercury’s"),
        (2, "Mercury’s"),
    ]
    assert set(places.concepts.tolist()) == set(finder.find([text]).concepts.tolist())
