"""JSON Lines: one object a paper, or one a suggestion. Made in bulk, of texts that are put together beforehand."""

import json
from functools import cache
from operator import add

from scixtag.formats.base import Shown
from scixtag.formats.utf8 import encoded
from scixtag.vocabulary.concept import Vocabulary

_DEPRECATED = '"deprecated": true, '
_STEPS = 10_000
"""Probabilities have four decimals, so there are so few of them that each is written once."""


class PaperLines:
    """One object a paper: its id, and its suggestions as `Suggestion.to_document` tells them.

    Args:
        vocabulary: What the columns mean.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._heads = [
            f'{{"id": {_json(one.id)}, "uri": {_json(one.uri)}, "label": {_json(one.name)}, '
            f'{_DEPRECATED if one.deprecated else ""}"probability": '
            for one in vocabulary
        ]

    def rendered(self, suggestions: Shown) -> bytes:
        """A line a paper, in order."""
        parts = _parts(self._heads, suggestions, _paper_tails())
        lines = []
        start = 0
        for paper, end in zip(suggestions.ids, suggestions.ends.tolist(), strict=True):
            lines.append(f'{{"id": {_json(paper)}, "suggestions": [{", ".join(parts[start:end])}]}}\n')
            start = end
        return encoded("".join(lines))


class SuggestionLines:
    """One object a suggestion: the paper's id, the rank from 1, and the concept; nothing for a paper without any.

    Args:
        vocabulary: What the columns mean.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._heads = [
            f', "concept": {_json(one.id)}, "uri": {_json(one.uri)}, "label": {_json(one.name)}, '
            f'"deprecated": {json.dumps(one.deprecated)}, "probability": '
            for one in vocabulary
        ]

    def rendered(self, suggestions: Shown) -> bytes:
        """A line a suggestion, in order."""
        parts = _parts(self._heads, suggestions, _suggestion_tails())
        lines = []
        start = 0
        for paper, end in zip(suggestions.ids, suggestions.ends.tolist(), strict=True):
            head = f'{{"id": {_json(paper)}, "rank": '
            lines += [f"{head}{rank}{part}\n" for rank, part in enumerate(parts[start:end], 1)]
            start = end
        return encoded("".join(lines))


def _parts(heads: list[str], suggestions: Shown, tails: list[str]) -> list[str]:
    """The text of each suggestion."""
    prior = suggestions.from_prior.repeat(suggestions.lengths)
    # The product is exact, for a float32 times 10,000 fits into a float64, so this rounds as `round(value, 4)` does.
    steps = (suggestions.probabilities.astype("float64") * _STEPS).round().astype("int64")
    which = steps + (_STEPS + 1) * (suggestions.selected + 2 * prior)
    said = map(heads.__getitem__, suggestions.columns.tolist())
    return list(map(add, said, map(tails.__getitem__, which.tolist())))


@cache
def _paper_tails() -> list[str]:
    return [
        f'{step / _STEPS}, "selected": {selected}{prior}}}'
        for prior in ("", ', "from_prior": true')
        for selected in ("false", "true")
        for step in range(_STEPS + 1)
    ]


@cache
def _suggestion_tails() -> list[str]:
    return [
        f'{step / _STEPS}, "selected": {selected}, "from_prior": {prior}}}'
        for prior in ("false", "true")
        for selected in ("false", "true")
        for step in range(_STEPS + 1)
    ]


def _json(value: int | str) -> str:
    return json.dumps(value, ensure_ascii=False)
