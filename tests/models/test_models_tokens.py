import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scixtag.models.tokens import STOP_WORDS, UNKNOWN, Analyser, read_words


def stems_of(text, **options):
    analyser = Analyser(**options)
    return [analyser.stems[place] for place in analyser.learn([text]).ids]


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("Galaxies, galaxy: GALAXY!", ["galaxi", "galaxi", "galaxi"]),
        ("the X-ray of M31 and NGC 224", ["x", "ray", "m31", "ngc", "224"]),
        ("H2O masers", ["h2o", "maser"]),
        ("Alfvén Ångström naïve Bogdański Ørsted łuk", ["alfven", "angstrom", "naiv", "bogdanski", "orst", "luk"]),
        ("Schro\u0308dinger", ["schroding"]),
        ("Earth's clouds, Kepler’s laws", ["earth", "cloud", "kepler", "law"]),
        ("S stars and T Tauri", ["s", "star", "t", "tauri"]),
        ("10 M_sun, _emphasised_ __ φ_", ["10", "m_sun", "emphasis", "φ"]),
        ("µm and μm", ["μm", "μm"]),
        ("10° ± 0.5", ["10", "0", "5"]),
        ("x\0y", ["x", "y"]),
        ("½ x²", ["1", "2", "x2"]),
        ("", []),
        ("The of and", []),
    ],
)
def test_stems(text, stems):
    assert stems_of(text) == stems


def test_without_stop_words_all_words_stay():
    assert stems_of("the Be stars", stop_words=frozenset()) == ["the", "be", "star"]


def test_numbers_are_given_in_the_order_of_appearance():
    analyser = Analyser()
    tokens = analyser.learn(["stars and dust", "", "dusty stars, planets"])
    assert analyser.stems == ["star", "dust", "dusti", "planet"]
    assert tokens.ids.tolist() == [0, 1, 2, 0, 3]
    assert tokens.offsets.tolist() == [0, 2, 2, 5]
    assert tokens.texts.tolist() == [0, 0, 2, 2, 2]
    assert (tokens.ids.dtype, tokens.offsets.dtype) == (np.int32, np.int64)


def test_unknown_words_keep_their_place_and_are_not_learned():
    analyser = Analyser(["star", "dust"])
    assert analyser.read(["dust around a young star"]).ids.tolist() == [1, UNKNOWN, UNKNOWN, 0]
    assert analyser.stems == ["star", "dust"]


def test_a_word_that_was_unknown_can_be_learned_later():
    analyser = Analyser(["star"])
    assert analyser.read(["dust"]).ids.tolist() == [UNKNOWN]
    assert analyser.learn(["dust"]).ids.tolist() == [1]
    assert analyser.read(["dust"]).ids.tolist() == [1]


def test_no_texts():
    tokens = Analyser().read([])
    assert (tokens.ids.tolist(), tokens.offsets.tolist()) == ([], [0])


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr("scixtag.models.tokens._MOST_REMEMBERED", 3)
    analyser = Analyser(["star"])
    for word in ("one", "two", "three", "four", "star"):
        words = read_words([word])
        assert len(words.lexicon.words) <= 4
        assert analyser.read(words).ids.tolist() == [0 if word == "star" else UNKNOWN]


def test_stop_words_are_lower_case_words():
    assert all(word.isalpha() and word.islower() for word in STOP_WORDS)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_a_batch_is_its_texts_one_by_one(texts):
    analyser = Analyser()
    batch = analyser.learn(texts)
    parts = [analyser.read([text]).ids.tolist() for text in texts]
    assert batch.ids.tolist() == [place for part in parts for place in part]
    assert np.diff(batch.offsets).tolist() == [len(part) for part in parts]


@given(st.lists(st.text(max_size=20), max_size=9), st.integers(1, 4))
def test_the_size_of_the_blocks_does_not_matter(texts, size):
    whole = Analyser()
    expected = whole.learn(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scixtag.models.lexicon._TEXTS_AT_ONCE", size)
        parted = Analyser()
        tokens = parted.learn(texts)
    assert parted.stems == whole.stems
    assert tokens.ids.tolist() == expected.ids.tolist()
    assert tokens.offsets.tolist() == expected.offsets.tolist()
