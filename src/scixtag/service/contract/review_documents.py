"""Papers on the desk and decisions as plain values for JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from scixtag.corpus.text import clean
from scixtag.review.agreement import CuratorAgreement, ModelWeek
from scixtag.review.decisions import ConceptName, Event, Standing
from scixtag.review.desk import ReviewPaper
from scixtag.review.queue import QueuedPaper
from scixtag.service.contract.problems import Problem, of_places
from scixtag.vocabulary.concept import ConceptId, Vocabulary


def paper(told: ReviewPaper) -> dict[str, Any]:
    """A paper with its state and all events."""
    text, origin, state, claim = told.text, told.origin, told.state, told.claim
    return {
        "id": told.id,
        "title": text.title,
        "abstract": text.abstract,
        "source": told.source,
        "imported_at": told.imported_at,
        "model": None if origin is None else origin.model,
        "vocabulary_release": None if origin is None else origin.release,
        "uncertainty": told.uncertainty,
        "expected_gain": told.expected_gain,
        "progress": state.progress,
        "seq": state.seq,
        "standings": [_standing(one) for one in state.standings.values()],
        "events": [{**event(one), "undone": one.seq in state.undone} for one in told.events],
        "done_by": list(state.done_by),
        "claimed_by": None if claim is None else claim.who,
        "claimed_until": None if claim is None else claim.until,
    }


def queued(told: QueuedPaper) -> dict[str, Any]:
    """A line of the queue."""
    return {**asdict(told), "title": clean(told.title)}


def event(told: Event) -> dict[str, Any]:
    """One thing that a curator did."""
    return {
        "seq": told.seq,
        "action": told.action,
        "who": told.who,
        "at": told.at,
        "concept": _concept(told.concept),
        "other": _concept(told.other),
        "text": told.text,
        "undoes": told.undoes,
    }


def agreement(curators: CuratorAgreement, weeks: Iterable[ModelWeek]) -> dict[str, Any]:
    """Plain values."""
    return {"curators": asdict(curators), "weeks": [week.to_document() for week in weeks]}


def concept_named(reference: ConceptId, on: ReviewPaper, vocabulary: Vocabulary, where: str) -> ConceptName:
    """A concept that somebody names by id or URI.

    It is one of the paper's, which an older release may have brought, or one of the vocabulary.

    Args:
        reference: The id or URI.
        on: The paper.
        vocabulary: Of the model.
        where: The place of the reference in the body.

    Raises:
        Problem: There is none, or it is no longer to be assigned.
    """
    for standing in on.state.standings.values():
        if reference in (standing.concept.uri, standing.concept.id, str(standing.concept.id)):
            return standing.concept
    column = vocabulary.resolve(reference)
    if column is None:
        told = f"no concept {str(reference)[:100]!r} in this vocabulary; GET /v1/concepts?q=… finds concepts by name"
        raise Problem(404, "unknown-concept", told)
    found = vocabulary[column]
    if found.deprecated:
        others = " or ".join(f"{vocabulary[vocabulary.column(id)].name} ({id})" for id in found.successors)
        told = f"{found.name} ({found.id}) is deprecated; {f'take {others}' if others else 'choose another concept'}"
        raise of_places("deprecated-concept", told, [where])
    return ConceptName.of(found)


def _standing(told: Standing) -> dict[str, Any]:
    return {
        **told.concept._asdict(),
        "status": told.status,
        "counts": told.counts,
        "probability": None if told.probability is None else round(told.probability, 4),
        "selected": told.selected,
        "deprecated": told.deprecated,
        "who": told.who,
        "at": told.at,
        "other": _concept(told.other),
    }


def _concept(told: ConceptName | None) -> dict[str, Any] | None:
    return None if told is None else told._asdict()
