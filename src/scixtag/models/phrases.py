"""Many phrases found in many texts at once: a trie walked by whole arrays of tokens."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

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
        starts = np.flatnonzero(tokens.ids != UNKNOWN)
        stops = np.repeat(tokens.offsets[1:], np.diff(tokens.offsets))[starts]
        nodes: Integers = np.zeros(len(starts), np.int64)
        places = starts.copy()
        ends = np.zeros(len(tokens.ids), np.int64)
        found = np.full(len(tokens.ids), -1, np.int64)
        while len(starts):
            nodes, hit = self._step(nodes, tokens.ids[places])
            starts, stops, places = starts[hit], stops[hit], places[hit] + 1
            phrases = self.phrases_[nodes]
            done = phrases >= 0
            found[starts[done]], ends[starts[done]] = phrases[done], places[done]
            inside = places < stops
            starts, stops, places, nodes = starts[inside], stops[inside], places[inside], nodes[inside]
        return _outermost(found, ends)

    def _step(self, nodes: Integers, tokens: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
        """The nodes that are reached, and from which of `nodes` one is."""
        keys = nodes * self.words_ + tokens
        places = np.searchsorted(self.keys_, keys)
        hit = (tokens != UNKNOWN) & (places < len(self.keys_))
        hit[hit] = self.keys_[places[hit]] == keys[hit]
        return places[hit] + 1, hit

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What was built, for storage."""
        return {"phrases.keys": self.keys_, "phrases.ends": self.phrases_}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], words: int) -> Self:
        """The inverse of `arrays`."""
        built = cls([], words)
        built.keys_, built.phrases_ = arrays["phrases.keys"], arrays["phrases.ends"]
        return built


def _outermost(found: Integers, ends: Integers) -> Occurrences:
    """Drop what lies inside an earlier occurrence; `found` and `ends` speak of each place where one may start."""
    starts = np.flatnonzero(found >= 0)
    reached = np.maximum.accumulate(np.concatenate([[0], ends[starts]]))[:-1]
    kept = starts[ends[starts] > reached]
    return Occurrences(kept, ends[kept], found[kept])
