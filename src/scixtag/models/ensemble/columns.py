"""The compiled loops that fill in the features of all pairs, paper by paper."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scixtag.models.best_products import BUCKETS, best_of
from scixtag.models.compiled import compiled
from scixtag.models.ensemble.kin import Lists, largest, largest_sibling

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]

_UNRANKED = np.float32(200)
_NEARLY_NOTHING = np.float32(1e-9)
_LIGHTEST = np.float32(1e-6)
_COMPANIONS, _LEADING, _MIXED = 6, 10, 100


class Pairs(NamedTuple):
    """Pairs of a paper and a concept, in the types of compiled code; see `Candidates`."""

    starts: Integers
    concepts: Integers


class Said(NamedTuple):
    """What members say: columns and values of their scores (members, papers, k)."""

    columns: Integers
    values: Floats


class Named(NamedTuple):
    """The names that stand in papers, as in `Mentions`; `starts` is where each paper's rows begin (papers + 1,)."""

    starts: Integers
    concepts: Integers
    in_title: Mask
    preferred: Mask
    words: Integers
    mentions: Integers
    place: Floats
    rivals: Integers


class Read(NamedTuple):
    """The words of names in titles and abstracts, as in `Tokens`, and the features of their number (papers,)."""

    ids: Integers
    offsets: Integers
    lengths: Floats


class Known(NamedTuple):
    """What is known of concepts, as in `Knowledge`; `fixed` holds the features that no paper changes (concepts, 5)."""

    names: Lists
    words: Lists
    idf: Floats
    parents: Lists
    children: Lists
    related: Lists
    company: Lists
    company_shares: Floats
    fixed: Floats


class _Room(NamedTuple):
    """Scratch space; everything is as at first when a paper is done with."""

    blend: Floats
    named: Floats
    work: Floats
    places: Integers
    counts: Integers
    keys: npt.NDArray[np.uint64]
    best: Integers
    best_values: Floats
    best_children: Floats
    asked: Mask
    together: Floats
    closest: Floats
    title_words: Mask
    all_words: Mask


@compiled
def fill_features(pairs: Pairs, said: Said, named: Named, read: Read, known: Known, features: Floats) -> None:
    """Write the features of all pairs: float32 (pairs, features), in the order of `feature_names`."""
    concepts, words = len(known.fixed), len(known.idf)
    room = _Room(
        np.zeros(concepts, np.float32),
        np.zeros(concepts, np.float32),
        np.empty(concepts, np.float32),
        np.zeros(concepts, np.int32),
        np.empty(BUCKETS, np.int32),
        np.empty(concepts, np.uint64),
        np.empty(_MIXED, np.int32),
        np.empty(_MIXED, np.float32),
        np.empty((concepts, 2), np.float32),
        np.zeros(concepts, np.bool_),
        np.zeros(concepts, np.float32),
        np.zeros(concepts, np.float32),
        np.zeros(words, np.bool_),
        np.zeros(words, np.bool_),
    )
    first = 4 * len(said.columns)
    for paper in range(len(pairs.starts) - 1):
        found = _tell_members(paper, pairs, said, room, features)
        _tell_names(paper, pairs, named, features, first + 4)
        _tell_overlaps(paper, pairs, read, known, room, features, first + 11)
        for row in range(named.starts[paper], named.starts[paper + 1]):
            room.named[named.concepts[row]] = named.words[row]
        _tell_kin(paper, pairs, known, room, features, first + 14)
        for row in range(named.starts[paper], named.starts[paper + 1]):
            room.named[named.concepts[row]] = 0
        _tell_company(paper, pairs, known, room, found, features, first + 21)
        for pair in range(pairs.starts[paper], pairs.starts[paper + 1]):
            features[pair, first + 13] = read.lengths[paper]
            for i in range(5):
                features[pair, first + 23 + i] = known.fixed[pairs.concepts[pair], i]


@compiled
def _tell_members(paper: int, pairs: Pairs, said: Said, room: _Room, features: Floats) -> int:
    """Four columns a member, then the blend and how far members agree; leaves the blend, and its best, in the room.

    Returns:
        How many concepts the best of the blend are.
    """
    members, _, width = said.columns.shape
    begin, end = pairs.starts[paper], pairs.starts[paper + 1]
    agreed, share = 4 * members, np.float32(members)
    room.blend[:] = 0
    features[begin:end, agreed + 2 : agreed + 4] = 0
    for member in range(members):
        listed, values = said.columns[member, paper], said.values[member, paper]
        best = values[0] if width else np.float32(0)
        size = 0
        while size < width and listed[size] >= 0:
            room.places[listed[size]] = size + 1
            room.blend[listed[size]] += values[size] / best / share
            size += 1
        for pair in range(begin, end):
            place = room.places[pairs.concepts[pair]]
            value = values[place - 1] if place > 0 else np.float32(0)
            features[pair, 4 * member] = value
            features[pair, 4 * member + 1] = value / max(best, _NEARLY_NOTHING)
            features[pair, 4 * member + 2] = np.float32(place - 1) if place > 0 else _UNRANKED
            features[pair, 4 * member + 3] = best
            features[pair, agreed + 2] += np.float32(place > 0)
            features[pair, agreed + 3] += np.float32(0 < place <= _LEADING)
        for place in range(size):
            room.places[listed[place]] = 0
    room.work[:] = room.blend
    found = best_of(room.work, room.counts, room.keys, room.best, room.best_values)
    for place in range(found):
        room.places[room.best[place]] = place + 1
    for pair in range(begin, end):
        place = room.places[pairs.concepts[pair]]
        features[pair, agreed] = room.best_values[place - 1] if place > 0 else np.float32(0)
        features[pair, agreed + 1] = np.float32(place - 1) if place > 0 else _UNRANKED
    for place in range(found):
        room.places[room.best[place]] = 0
    return found


@compiled
def _tell_names(paper: int, pairs: Pairs, named: Named, features: Floats, column: int) -> None:
    """How the names of the concept stand in the text, and how many concepts are named in it."""
    row, end = named.starts[paper], named.starts[paper + 1]
    number = np.float32(end - row)
    for pair in range(pairs.starts[paper], pairs.starts[paper + 1]):
        while row < end and named.concepts[row] < pairs.concepts[pair]:
            row += 1
        there = row < end and named.concepts[row] == pairs.concepts[pair]
        features[pair, column] = np.float32(there and named.in_title[row])
        features[pair, column + 1] = np.float32(there and named.preferred[row])
        features[pair, column + 2] = np.float32(named.words[row]) if there else np.float32(0)
        features[pair, column + 3] = np.float32(named.mentions[row]) if there else np.float32(0)
        features[pair, column + 4] = named.place[row] if there else np.float32(2)
        features[pair, column + 5] = np.float32(named.rivals[row]) if there else np.float32(-1)
        features[pair, column + 6] = number


@compiled
def _tell_overlaps(
    paper: int, pairs: Pairs, read: Read, known: Known, room: _Room, features: Floats, column: int
) -> None:
    """Of each concept's best name the share of words that occur, by idf: in title or abstract, and in the title."""
    papers = (len(read.offsets) - 1) // 2
    _mark(read, paper, room.title_words, True)
    _mark(read, paper, room.all_words, True)
    _mark(read, paper + papers, room.all_words, True)
    for pair in range(pairs.starts[paper], pairs.starts[paper + 1]):
        concept = pairs.concepts[pair]
        best, best_in_title = np.float32(0), np.float32(0)
        for place in range(known.names.starts[concept], known.names.starts[concept + 1]):
            name = known.names.items[place]
            whole, there, in_title = np.float32(0), np.float32(0), np.float32(0)
            for at in range(known.words.starts[name], known.words.starts[name + 1]):
                word = known.words.items[at]
                whole += known.idf[word]
                there += known.idf[word] * np.float32(room.all_words[word])
                in_title += known.idf[word] * np.float32(room.title_words[word])
            whole = max(whole, _LIGHTEST)
            best, best_in_title = max(best, there / whole), max(best_in_title, in_title / whole)
        features[pair, column], features[pair, column + 1] = best, best_in_title
    _mark(read, paper, room.title_words, False)
    _mark(read, paper, room.all_words, False)
    _mark(read, paper + papers, room.all_words, False)


@compiled
def _mark(read: Read, text: int, words: Mask, mark: bool) -> None:
    for place in range(read.offsets[text], read.offsets[text + 1]):
        if read.ids[place] >= 0:
            words[read.ids[place]] = mark


@compiled
def _tell_kin(paper: int, pairs: Pairs, known: Known, room: _Room, features: Floats, column: int) -> None:
    """The best blend among parents, children, siblings and related concepts, and whether such are named."""
    begin, end = pairs.starts[paper], pairs.starts[paper + 1]
    for values, to, related in ((room.blend, column, True), (room.named, column + 4, False)):
        for pair in range(begin, end):
            concept = pairs.concepts[pair]
            features[pair, to] = largest(values, known.parents, concept)
            features[pair, to + 1] = largest(values, known.children, concept)
            features[pair, to + 2] = largest_sibling(
                values, known.parents, known.children, concept, room.best_children, room.asked
            )
            if related:
                features[pair, to + 3] = largest(values, known.related, concept)
        for pair in range(begin, end):
            concept = pairs.concepts[pair]
            for place in range(known.parents.starts[concept], known.parents.starts[concept + 1]):
                room.asked[known.parents.items[place]] = False


@compiled
def _tell_company(
    paper: int, pairs: Pairs, known: Known, room: _Room, found: int, features: Floats, column: int
) -> None:
    """How often the concept goes with the best few of the paper: weighed by their blend, and the closest one."""
    number = min(found, _COMPANIONS)
    for place in np.argsort(room.best[:number]):
        weight = room.best_values[place]
        companion = room.best[place]
        for at in range(known.company.starts[companion], known.company.starts[companion + 1]):
            other, share = known.company.items[at], known.company_shares[at]
            room.together[other] += weight * share
            room.closest[other] = max(room.closest[other], share)
    for pair in range(pairs.starts[paper], pairs.starts[paper + 1]):
        features[pair, column] = room.together[pairs.concepts[pair]]
        features[pair, column + 1] = room.closest[pairs.concepts[pair]]
    for place in range(number):
        companion = room.best[place]
        for at in range(known.company.starts[companion], known.company.starts[companion + 1]):
            room.together[known.company.items[at]] = 0
            room.closest[known.company.items[at]] = 0
