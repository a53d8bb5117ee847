"""What speaks for concepts in single papers of an evaluation, in words for its report."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from scixtag import progress
from scixtag.corpus.examples import Examples
from scixtag.evaluation import audit, worst
from scixtag.evaluation.judgements import Judgements
from scixtag.models.explaining import can_explain, explain
from scixtag.predictions.explanation import Evidence, Explanation
from scixtag.workflows.tagger import Tagger

AUDITED = 50
"""So many pairs of the audit are explained: an explanation takes tens of milliseconds a paper."""
_MOST_WORDS, _MOST_REASONS = 5, 3


def concepts_to_explain(judgements: Judgements, papers: Examples, *, audited: bool) -> dict[int, list[int]]:
    """Which concepts a report wants explained, as columns, by the row of their paper.

    Args:
        judgements: The answers, judged.
        papers: What was judged, in the same order.
        audited: Whether the report has an audit.
    """
    rows = worst.worst_rows(judgements, papers).tolist()
    wanted: dict[int, list[int]] = {row: worst.concepts_of(judgements, row) for row in rows}
    if audited:
        pairs = audit.audit_pairs(judgements, papers, AUDITED)
        for row, column in zip(pairs.papers.tolist(), pairs.concepts.tolist(), strict=True):
            concepts = wanted.setdefault(row, [])
            if column not in concepts:
                concepts.append(column)
    return wanted


def evidence_for(tagger: Tagger, papers: Examples, wanted: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], str]:
    """What speaks for concepts, in words, by row and column; nothing if the model cannot say so.

    Args:
        tagger: The system.
        papers: The papers.
        wanted: Columns of concepts, by the row of their paper.
    """
    if not wanted or not can_explain(tagger.model):
        return {}
    told: dict[tuple[int, int], str] = {}
    for row, columns in progress.track(wanted.items(), "explaining", len(wanted)):
        found = explain(tagger.model, papers.texts[row], np.array(columns, dtype=np.int64))
        told |= {(row, column): in_words(one) for column, one in zip(columns, found, strict=True)}
    return told


def in_words(explanation: Explanation) -> str:
    """Words of the text, similar papers and reasons as one line; empty if there is none of them."""
    return "; ".join(_parts(explanation))


def _parts(explanation: Explanation) -> Iterator[str]:
    if explanation.evidence:
        yield ", ".join(map(_words, explanation.evidence[:_MOST_WORDS]))
    if explanation.similar and explanation.similar.carrying:
        yield f"{explanation.similar.carrying} of the {explanation.similar.looked_at} most similar papers carry it"
    if explanation.reasons:
        yield ", ".join(f"{one.topic} {one.log_odds:+.1f}" for one in explanation.reasons[:_MOST_REASONS])


def _words(evidence: Evidence) -> str:
    return f"{'its name ' if evidence.source == 'name' else ''}“{evidence.words}” {evidence.weight:.0%}"
