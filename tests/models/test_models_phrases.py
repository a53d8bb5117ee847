import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scixtag.models.phrases import Phrases
from scixtag.models.tokens import UNKNOWN, Tokens

WORDS = 4
phrases_strategy = st.lists(
    st.lists(st.integers(0, WORDS - 1), min_size=1, max_size=4).map(tuple), unique=True, max_size=8
)
texts_strategy = st.lists(st.lists(st.integers(UNKNOWN, WORDS - 1), max_size=12), max_size=4)


def tokens_of(texts):
    ids = np.array([token for text in texts for token in text], dtype=np.int32)
    return Tokens(ids, np.cumsum([0, *map(len, texts)]))


def slowly(phrases, texts):
    """Every occurrence that does not lie inside another one, text by text."""
    found, offset = [], 0
    for text in texts:
        spans = {
            (start, start + len(phrase)): number
            for number, phrase in enumerate(phrases)
            for start in range(len(text))
            if tuple(text[start : start + len(phrase)]) == phrase
        }
        for (start, end), number in sorted(spans.items()):
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans):
                found.append((offset + start, offset + end, number))
        offset += len(text)
    return found


@settings(max_examples=300)
@given(phrases_strategy, texts_strategy)
def test_equals_a_slow_search(phrases, texts):
    found = Phrases(phrases, WORDS).find(tokens_of(texts))
    assert list(zip(*(part.tolist() for part in found), strict=True)) == slowly(phrases, texts)


@given(phrases_strategy, texts_strategy)
def test_stored_arrays_find_the_same(phrases, texts):
    built = Phrases(phrases, WORDS)
    again = Phrases.from_arrays(built.arrays(), WORDS)
    for one, other in zip(built.find(tokens_of(texts)), again.find(tokens_of(texts)), strict=True):
        assert one.tolist() == other.tolist()


def test_overlapping_phrases_both_count():
    found = Phrases([(0, 1), (1, 2), (1,)], WORDS).find(tokens_of([[0, 1, 2]]))
    assert found.starts.tolist() == [0, 1]
    assert found.phrases.tolist() == [0, 1]


def test_no_phrase_reaches_into_the_next_text():
    found = Phrases([(0, 1)], WORDS).find(tokens_of([[0], [1], [0, 1]]))
    assert found.starts.tolist() == [2]
