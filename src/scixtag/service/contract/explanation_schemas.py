"""Explanations, as clients get them."""

from typing import Literal

from pydantic import BaseModel, Field

from scixtag.models.evidence import MOST_PLACES


class Span(BaseModel):
    """A stretch of the text as the model read it: characters from `start` to before `end`."""

    field: Literal["title", "abstract"]
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Evidence(BaseModel):
    """Words of the text that speak for a concept."""

    words: str = Field(description="As they stand at the first span; cut with … where they are long.")
    weight: float = Field(description="Their share of all evidence in the text that speaks for the concept.")
    source: Literal["name", "words"] = Field(description="A name of the concept, or words of papers that carry it.")
    times: int = Field(ge=1, description="How often these words stand in the text.")
    spans: list[Span] = Field(
        min_length=1, max_length=MOST_PLACES, description="Where: the first places, in the order of the text."
    )


class SimilarPaper(BaseModel):
    """A training paper that carries the concept."""

    row: int = Field(description="Its place among the training papers.")
    similarity: float
    id: str | None = Field(None, description="Only of a model that may name its training papers.")
    title: str | None = Field(None, description="Likewise.")


class SimilarPapers(BaseModel):
    """What the most similar training papers say of a concept."""

    looked_at: int
    carrying: int = Field(description="How many of these carry the concept.")
    closest: list[SimilarPaper]


class Reason(BaseModel):
    """What moved the ranking."""

    topic: str
    log_odds: float = Field(description="Above zero: for the concept.")


class Explanation(BaseModel):
    """Why a concept was suggested; docs/explanations.md tells more."""

    evidence: list[Evidence]
    similar_papers: SimilarPapers | None
    reasons: list[Reason]
    path: list[str] = Field(description="Names from the top of the vocabulary down to the concept.")
    other_paths: int = Field(description="How many other ones lead to it.")
