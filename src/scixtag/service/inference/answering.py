"""From papers of several requests to the bytes of their answers."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from scixtag.corpus.record import Record
from scixtag.corpus.text import text_of
from scixtag.formats.base import shown
from scixtag.formats.utf8 import encoded
from scixtag.service.inference.shelf import Served
from scixtag.workflows.tag import decision_at, tagged
from scixtag.workflows.wanted import Wanted


class Asked(NamedTuple):
    """A paper, of whom, and what is wanted for it."""

    served: Served
    wanted: Wanted
    record: Record


def answer(batch: Sequence[Asked]) -> list[bytes]:
    """For each paper an object of JSON: its id and suggestions, as `scixtag tag` writes them.

    What is no text once it is cleaned has an answer without a byte.
    """
    answers: list[bytes] = [b""] * len(batch)
    groups: dict[tuple[int, Wanted], list[int]] = {}
    for place, asked in enumerate(batch):
        groups.setdefault((id(asked.served), asked.wanted), []).append(place)
    for places in groups.values():
        first = batch[places[0]]
        records = [batch[place].record for place in places]
        told = _explained(first, records) if first.wanted.explain else _told(first, records)
        for place, one in zip(places, told, strict=True):
            answers[place] = one
    return answers


def _told(asked: Asked, records: list[Record]) -> list[bytes]:
    served, wanted = asked.served, asked.wanted
    decision = decision_at(served.tagger, wanted.threshold, wanted.hierarchy)
    texts = [text_of(record) for record in records]
    answers = served.tagger.answers(texts, decision)
    rendered = served.lines.rendered(shown([record.id for record in records], *answers, wanted.limit))
    # JSON knows no line break inside of an object that was written on one line.
    lines = rendered.removesuffix(b"\n").split(b"\n")
    return [line if text.joined else b"" for line, text in zip(lines, texts, strict=True)]


def _explained(asked: Asked, records: list[Record]) -> list[bytes]:
    """With the cleaned texts, for evidence is told by places in them."""
    served, wanted = asked.served, asked.wanted
    decision = decision_at(served.tagger, wanted.threshold, wanted.hierarchy)
    told = []
    for record, suggestions in zip(records, served.tagger.suggest(records, wanted.limit, decision), strict=True):
        text = text_of(record)
        if not text.joined:
            told.append(b"")
            continue
        document: dict[str, Any] = {"text": {"title": text.title, "abstract": text.abstract}}
        document |= tagged(record.id, served.explainer.explained(record, suggestions))
        told.append(encoded(json.dumps(document, ensure_ascii=False)))
    return told
