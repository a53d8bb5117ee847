"""Why a concept was suggested for a paper."""

from dataclasses import dataclass
from typing import Any, Literal

Field = Literal["title", "abstract"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a paper's cleaned text.

    Attributes:
        field: Title or abstract.
        start: Its first character there.
        end: The character after its last one.
    """

    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the text that speak for a concept.

    Attributes:
        words: As they stand at the first span; of a phrase of more than 200 characters the first ones, and "…".
        weight: Their share of all evidence in the text that speaks for the concept, at all places together.
        source: "name": a name of the concept; "words": words of its papers.
        times: How often these words stand in the text.
        spans: Where, title first; the first twenty places.
    """

    words: str
    weight: float
    source: Literal["name", "words"]
    times: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SimilarPaper:
    """A training paper.

    Attributes:
        row: Its place among the training papers.
        similarity: The cosine of its vector with the paper's.
        id: None unless the tagger keeps its training papers.
        title: None unless the tagger keeps its training papers.
    """

    row: int
    similarity: float
    id: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class SimilarPapers:
    """What the most similar training papers say of a concept.

    Attributes:
        looked_at: How many of the most similar papers were asked.
        carrying: How many of these carry the concept.
        closest: The most similar ones that do, best first; a few.
    """

    looked_at: int
    carrying: int
    closest: tuple[SimilarPaper, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """What kind of evidence moved the ranker.

    Attributes:
        topic: In words; whether it speaks for or against the concept is in the sign of `log_odds`.
        log_odds: What it added to the log-odds of the concept, compared with an average candidate.
    """

    topic: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a concept was suggested for a paper; whatever is not known is empty.

    Attributes:
        evidence: Words of the text, those of most weight first.
        similar: Similar training papers; None if the model does not look for any.
        reasons: What moved the ranker most, largest first.
        path: Names from the top of the vocabulary down to the concept: the shortest path.
        other_paths: How many other ones lead to it; 999 stands for that many or more.
    """

    evidence: tuple[Evidence, ...] = ()
    similar: SimilarPapers | None = None
    reasons: tuple[Reason, ...] = ()
    path: tuple[str, ...] = ()
    other_paths: int = 0

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON: weights and similarities with three decimals, log-odds with two."""
        return {
            "evidence": [_evidence(one) for one in self.evidence],
            "similar_papers": _similar(self.similar) if self.similar else None,
            "reasons": [{"topic": one.topic, "log_odds": round(one.log_odds, 2)} for one in self.reasons],
            "path": list(self.path),
            "other_paths": self.other_paths,
        }


def _evidence(one: Evidence) -> dict[str, Any]:
    spans = [{"field": span.field, "start": span.start, "end": span.end} for span in one.spans]
    return {
        "words": one.words,
        "weight": round(one.weight, 3),
        "source": one.source,
        "times": one.times,
        "spans": spans,
    }


def _similar(papers: SimilarPapers) -> dict[str, Any]:
    closest = []
    for paper in papers.closest:
        known = {} if paper.id is None else {"id": paper.id, "title": paper.title}
        closest.append({"row": paper.row, "similarity": round(paper.similarity, 3), **known})
    return {"looked_at": papers.looked_at, "carrying": papers.carrying, "closest": closest}
