"""Many phrases found in many texts at once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from scixtag.models.compiled import compiled, constant
from scixtag.models.tokens import UNKNOWN, Tokens

Integers = npt.NDArray[np.integer]


class Occurrences(NamedTuple):
    """Where phrases stand, in the order of the texts.

    Attributes:
        starts: The place of each occurrence's first token in `Tokens.ids`.
        ends: The place after its last token.
        phrases: Which phrase it is.
    """

    starts: Integers
    ends: Integers
    phrases: Integers


class Phrases:
    """Distinct phrases as a trie (Aho & Corasick 1975, without the failure links: the walk starts at every token).

    Attributes:
        keys_: int64, rising: `node * words + token` of every step from a node to a deeper one.
        nodes_: int32, the node that each step leads to; the root is 0.
        phrases_: int32 (nodes,), the phrase that ends at each node, or -1.
        words_: The number of different tokens.
    """

    def __init__(self, phrases: Sequence[Sequence[int]], words: int) -> None:
        """Build the trie of distinct phrases of tokens in `range(words)`, level by level."""
        self.words_ = words
        self._trie: _Trie | None = None
        lengths = np.array([len(phrase) for phrase in phrases], dtype=np.int64)
        tokens = np.full((len(phrases), int(lengths.max(initial=0))), UNKNOWN, np.int64)
        for row, phrase in enumerate(phrases):
            tokens[row, : len(phrase)] = phrase
        nodes = np.zeros(len(phrases), np.int64)
        keys, ends, size = [np.empty(0, np.int64)], [np.array([-1])], 1
        for depth in range(tokens.shape[1]):
            going = np.flatnonzero(lengths > depth)
            steps, places = np.unique(nodes[going] * words + tokens[going, depth], return_inverse=True)
            nodes[going] = places + size
            ending = going[lengths[going] == depth + 1]
            level = np.full(len(steps), -1, np.int64)
            level[nodes[ending] - size] = ending
            keys.append(steps)
            ends.append(level)
            size += len(steps)
        # Nodes are numbered level by level, and in a level by parent, so the keys already rise.
        self.keys_ = np.concatenate(keys)
        self.phrases_ = np.concatenate(ends).astype(np.int32)

    def find(self, tokens: Tokens) -> Occurrences:
        """The longest phrase at each place, without those that lie inside another one."""
        if self._trie is None:
            self._trie = _Trie.of(self.keys_, self.phrases_, self.words_)
        ids, offsets = constant(tokens.ids, np.int32), constant(tokens.offsets, np.int64)
        return Occurrences(*_walk(ids, offsets, self.words_, *self._trie))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What was built, for storage."""
        return {"phrases.keys": self.keys_, "phrases.ends": self.phrases_}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], words: int) -> Self:
        """The inverse of `arrays`."""
        built = cls([], words)
        built.keys_, built.phrases_ = arrays["phrases.keys"], arrays["phrases.ends"]
        return built


class _Trie(NamedTuple):
    """A trie in the types that compiled code reads.

    Attributes:
        keys: int64, as `Phrases.keys_`.
        phrases: int32, as `Phrases.phrases_`.
        first: int32 (words,), the node that each word leads to from the root, or 0; most words begin no phrase.
    """

    keys: Integers
    phrases: Integers
    first: Integers

    @classmethod
    def of(cls, keys: Integers, phrases: Integers, words: int) -> Self:
        first, below_root = np.zeros(words, np.int32), np.flatnonzero(keys < words)
        first[keys[below_root]] = below_root + 1
        return cls(constant(keys, np.int64), constant(phrases, np.int32), constant(first, np.int32))


@compiled
def _walk(
    ids: Integers, offsets: Integers, words: int, keys: Integers, phrases: Integers, first: Integers
) -> tuple[Integers, Integers, Integers]:
    """Starts, ends and phrases of all occurrences that do not lie inside an earlier one of their text."""
    starts, ends, found = np.empty(len(ids), np.int64), np.empty(len(ids), np.int64), np.empty(len(ids), np.int64)
    size = 0
    for text in range(len(offsets) - 1):
        reached = 0
        for start in range(offsets[text], offsets[text + 1]):
            token = ids[start]
            node = first[token] if token >= 0 else 0
            phrase: Any = -1
            end, place = 0, start
            while node > 0:
                place += 1
                if phrases[node] >= 0:
                    phrase, end = np.int64(phrases[node]), place
                if place == offsets[text + 1] or ids[place] < 0:
                    break
                key = np.int64(node) * words + ids[place]
                step = np.searchsorted(keys, key)
                node = step + 1 if step < len(keys) and keys[step] == key else 0
            if phrase >= 0 and end > reached:
                starts[size], ends[size], found[size] = start, end, phrase
                size += 1
                reached = end
    return starts[:size], ends[:size], found[:size]
