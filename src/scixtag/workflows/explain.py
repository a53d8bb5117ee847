"""Why a tagger suggests what it suggests."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from scixtag import progress
from scixtag.corpus.record import Record
from scixtag.corpus.text import text_of
from scixtag.models.explaining import can_explain, explain
from scixtag.predictions.explanation import Explanation, SimilarPapers
from scixtag.predictions.suggestion import Suggestion
from scixtag.vocabulary.hierarchy import Hierarchy
from scixtag.workflows.tagger import Tagger


class Explainer:
    """Explains the suggestions of a tagger, one paper at a time."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._hierarchy = Hierarchy(tagger.vocabulary)
        self._path = cache(self._found_path)
        if not can_explain(tagger.model):
            name = tagger.manifest["model"]["name"]
            progress.note(f"the model '{name}' cannot say why it suggests a concept; only paths are told")

    def explained(self, record: Record, suggestions: Sequence[Suggestion]) -> list[Suggestion]:
        """The suggestions of a paper with their explanations."""
        if not suggestions:
            return []
        columns = np.array([self._tagger.vocabulary.column(one.id) for one in suggestions], dtype=np.int64)
        found = explain(self._tagger.model, text_of(record), columns)
        return [
            replace(suggestion, explanation=self._completed(explanation, column))
            for suggestion, explanation, column in zip(suggestions, found, columns.tolist(), strict=True)
        ]

    def _completed(self, explanation: Explanation, column: int) -> Explanation:
        """With what the model does not know: the names on the path, and those of papers."""
        path, others = self._path(column)
        similar = self._named(explanation.similar) if explanation.similar else None
        return replace(explanation, path=path, other_paths=others, similar=similar)

    def _found_path(self, column: int) -> tuple[tuple[str, ...], int]:
        shortest = self._hierarchy.shortest_path(column)
        return tuple(self._tagger.vocabulary[step].name for step in shortest), len(self._hierarchy.paths(column)) - 1

    def _named(self, similar: SimilarPapers) -> SimilarPapers:
        kept = self._tagger.papers
        if kept is None:
            return similar
        closest = []
        for paper in similar.closest:
            identifier, title = kept[paper.row]
            closest.append(replace(paper, id=identifier, title=title))
        return replace(similar, closest=tuple(closest))
