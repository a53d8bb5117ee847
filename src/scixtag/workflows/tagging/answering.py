"""From batches of records to the bytes of a part: the only step that needs the tagger."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from scixtag.corpus.record import Record
from scixtag.corpus.text import text_of
from scixtag.formats.base import Shown, shown, together
from scixtag.formats.registry import format_named
from scixtag.formats.utf8 import encoded
from scixtag.predictions.scores import Scores
from scixtag.predictions.suggestion import build_suggestions
from scixtag.workflows.explain import Explainer
from scixtag.workflows.tag import decision_at, tagged
from scixtag.workflows.tagger import Answers, Tagger
from scixtag.workflows.tagging.target import FileFormat, Rows
from scixtag.workflows.wanted import Wanted


class Answering:
    """A loaded tagger with a rule and a format.

    Args:
        model: The tagger's folder.
        wanted: For each paper.
        file_format: In which suggestions are written.
        rows: What a row is.
    """

    def __init__(self, model: Path, wanted: Wanted, file_format: FileFormat, rows: Rows) -> None:
        self._tagger = Tagger.load(model)
        self._limit = wanted.limit
        self._decision = decision_at(self._tagger, wanted.threshold, wanted.hierarchy)
        self._explainer = Explainer(self._tagger) if wanted.explain else None
        self._format = format_named(file_format, rows, self._tagger.vocabulary)

    def rendered(self, batches: Iterable[list[Record]]) -> tuple[bytes, int]:
        """A part, and for how many papers the model knew nothing in the text."""
        if self._explainer is not None:
            return self._explained(batches, self._explainer)
        parts = [self._shown(batch) for batch in batches]
        whole = together(parts or [self._shown([])])
        return self._format.rendered(whole), int(whole.from_prior.sum())

    def _shown(self, batch: list[Record]) -> Shown:
        return shown([record.id for record in batch], *self._answers(batch), self._limit)

    def _answers(self, batch: list[Record]) -> Answers:
        if not batch:
            nothing = Scores.empty(0)
            return Answers(nothing, nothing.listed, np.zeros(0, np.bool_))
        return self._tagger.answers([text_of(record) for record in batch], self._decision)

    def _explained(self, batches: Iterable[list[Record]], explainer: Explainer) -> tuple[bytes, int]:
        lines = []
        unknown = 0
        for batch in batches:
            answers = self._answers(batch)
            unknown += int(answers.from_prior.sum())
            listed = build_suggestions(*answers, self._tagger.vocabulary, self._limit)
            for record, suggestions in zip(batch, listed, strict=True):
                told = tagged(record.id, explainer.explained(record, suggestions))
                lines.append(json.dumps(told, ensure_ascii=False) + "\n")
        return encoded("".join(lines)), unknown
