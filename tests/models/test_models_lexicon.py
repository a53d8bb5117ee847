import re
import threading
import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scixtag.models import lexicon
from scixtag.models.lexicon import Lexicon

WORD = re.compile(r"\w+(?:['’]s\b)?")
TEXTS = st.text(max_size=30) | st.text(st.sampled_from("ab_ 's’Éé½1-\0\u0308\ud800漢S"), max_size=30)


def new():
    return Lexicon(lambda word: (word, word))


def words_of(texts, read):
    words = [read.lexicon.words[number] for number in read.numbers]
    return [words[start:end] for start, end in zip(read.offsets[:-1], read.offsets[1:], strict=True)]


@given(st.lists(TEXTS, max_size=8))
def test_words_are_those_of_the_regular_expression(texts):
    read = new().read(texts)
    assert words_of(texts, read) == [WORD.findall(unicodedata.normalize("NFKC", text)) for text in texts]
    assert len(set(read.lexicon.words)) == len(read.lexicon.words)
    assert (read.numbers.dtype, read.offsets.dtype) == (np.int32, np.int64)


def test_tables_grow_with_the_words_and_numbers_stay():
    one = new()
    first = one.read(["a few words"])
    many = [" ".join(f"w{i}x{j}" for j in range(50)) for i in range(400)] + ["y" * 100_000]
    assert words_of(many, one.read(many)) == [text.split() for text in many]
    assert one.read(["a few words"]).numbers.tolist() == first.numbers.tolist() == [0, 1, 2]


def test_words_with_equal_hashes_get_places_of_their_own():
    one = new()
    words = [f"w{i}" for i in range(200)]
    one.read(words)
    one._hashes[:] = 7
    one._slots[:] = -1
    lexicon._fill(one._slots, one._hashes, 200)
    assert sorted(one._slots[one._slots >= 0].tolist()) == list(range(200))


def test_several_threads_can_read_at_once():
    one, found = new(), {}

    def read(k):
        texts = [f"common{i} own{k}x{i}" for i in range(3_000)]
        found[k] = words_of(texts, one.read(texts)) == [text.split() for text in texts]

    threads = [threading.Thread(target=read, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), True)
