"""Find concepts by what a person types."""

import re
import unicodedata
from difflib import get_close_matches
from functools import cache
from typing import Any

from scixtag.vocabulary.concept import Concept, Vocabulary

_EXACT, _PREFIX, _WORDS = range(3)
_LONE_GREEK = re.compile(r"(?<![α-ω])[α-ω](?![α-ω])")
"""A letter that stands for a quantity or a star, rather than in a Greek word."""
_SIMILARITY = 0.75
"""How alike a misspelt query and a name must be (difflib's ratio): `galxy evoluton` still finds `Galaxy evolution`."""


def search_concepts(vocabulary: Vocabulary, query: str, limit: int = 20) -> list[Concept]:
    """As `ConceptIndex.search`, for whoever asks once."""
    return ConceptIndex(vocabulary).search(query, limit)


class ConceptIndex:
    """The names of a vocabulary, folded once for many queries.

    Preferred and alternative names are compared without regard to case, accents, punctuation and plurals, and a Greek
    letter alone is its name. First come equal names (and the concept with this id or URI), then names that begin with
    the query, then names in which every word of the query begins a word, then names of similar spelling. Within each
    kind, concepts in use come before deprecated ones, and short names before long ones.

    Args:
        vocabulary: Where to search.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._names = [[_fold(name) for name in (concept.name, *concept.alternatives)] for concept in vocabulary]
        self._stems = [[*map(_stem, own)] for own in self._names]

    def search(self, query: str, limit: int = 20) -> list[Concept]:
        """The concepts that a query may mean, best first.

        Args:
            query: A name, a part of one, an id or a URI.
            limit: How many concepts to return at most.
        """
        vocabulary, names = self._vocabulary, self._names
        wanted = _fold(query)
        stem = _stem(wanted)
        kinds = {}
        for column, (own, stems) in enumerate(zip(names, self._stems, strict=True)):
            found = [kind for kind in (_kind(wanted, own), _kind(stem, stems)) if kind is not None]
            if found:
                kinds[column] = min(found)
        identified = vocabulary.resolve(query)
        if identified is not None:
            kinds[identified] = _EXACT

        def order(column: int) -> tuple[int, bool, bool, int, int]:
            preferred = names[column][0]
            return (
                kinds[column],
                vocabulary[column].deprecated,
                not preferred.startswith(wanted),
                len(preferred),
                column,
            )

        best = sorted(kinds, key=order)
        if wanted and len(best) < limit:
            near = [column for column in _near(wanted, names, limit) if column not in kinds]
            best += sorted(near, key=lambda column: vocabulary[column].deprecated)
        return [vocabulary[column] for column in best[:limit]]


def unaccented(text: str) -> str:
    """Lower case, without accents, and one spelling of what Unicode has several for."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return plain.casefold()


def _fold(text: str) -> str:
    """Lower case words without accents, joined by single blanks."""
    return " ".join(re.findall(r"\w+", _LONE_GREEK.sub(_spelled, unaccented(text))))


def _spelled(letter: re.Match[str]) -> str:
    """`β` is `beta`; blanks around it, for `Hα` is `H alpha`."""
    return f" {unicodedata.name(letter[0]).split()[-1].lower().replace('lamda', 'lambda')} "


def _stem(folded: str) -> str:
    """English words without their endings: `galaxy` finds `Galaxies`."""
    return " ".join(_stemmer().stemWords(folded.split()))


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer

    return Stemmer("english")


def _kind(wanted: str, names: list[str]) -> int | None:
    """The best way in which one of a concept's names agrees with the query."""
    if not wanted:
        return None
    if wanted in names:
        return _EXACT
    if any(name.startswith(wanted) for name in names):
        return _PREFIX
    words = wanted.split()
    if any(all(f" {word}" in f" {name}" for word in words) for name in names):
        return _WORDS
    return None


def _near(wanted: str, names: list[list[str]], limit: int) -> list[int]:
    """Columns with a name of similar spelling, the most similar first."""
    owners: dict[str, list[int]] = {}
    for column, own in enumerate(names):
        for name in own:
            owners.setdefault(name, []).append(column)
    close = get_close_matches(wanted, owners, n=limit, cutoff=_SIMILARITY)
    return list(dict.fromkeys(column for name in close for column in owners[name]))
