"""What curators' clients send and get."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from scixtag.service.contract.schemas import WHOLE, Moment, ProblemDocument, Reference, Strict, Whole

OrderName = Literal["uncertainty", "expected-gain", "date"]
Order = Annotated[OrderName, Query(description="What comes first: docs/review.md.")]
Shown = Annotated[Literal["open", "skipped", "done", "all"], Query(description="Papers in this state.")]
RoleName = Literal["reader", "curator", "admin"]
Action = Literal["accept", "reject", "add", "swap", "note", "skip", "done", "undo"]


class OwnToken(BaseModel):
    """A token without its secret."""

    name: str
    role: RoleName
    expires_at: Moment | None = Field(description="Null: never.")


class TokenDocument(OwnToken):
    """A token without its secret, as an admin sees it."""

    state: Literal["valid", "expired", "revoked"]
    created_at: Moment
    revoked_at: Moment | None


class AllTokens(BaseModel):
    """In the order in which they were made."""

    tokens: list[TokenDocument]


class TokenRequest(Strict):
    """A token that is wanted."""

    name: str = Field(
        max_length=200, description="Of whoever will hold it; what events are signed with.", examples=["ann"]
    )
    role: RoleName = Field(description="Each may do what those before it may.")
    days: Annotated[int, Field(ge=1, le=36_500), WHOLE] | None = Field(
        None, description="Until it expires; null: never.", examples=[365]
    )


class NewToken(BaseModel):
    """A token with its secret, which is shown this once."""

    secret: str
    token: TokenDocument


class RevokeRequest(Strict):
    """A token that shall end."""

    name: str = Field(max_length=200, examples=["ann"])


class Done(BaseModel):
    """It is done."""

    status: Literal["ok"]


class NamedConcept(BaseModel):
    """A concept as it was called when somebody decided on it."""

    id: int | str
    uri: str
    label: str


class Standing(NamedConcept):
    """Where one concept stands for a paper."""

    status: Literal["suggested", "accepted", "rejected", "added", "swapped"]
    counts: bool = Field(description="One of the paper's labels as things stand.")
    probability: float | None
    selected: bool
    deprecated: bool = Field(description="No longer to be assigned: counts only where somebody has accepted it.")
    who: str | None
    at: Moment | None
    other: NamedConcept | None


class EventDocument(BaseModel):
    """One thing that a curator did."""

    seq: int = Field(description="Its number among the events of the paper, from 1.")
    action: Action
    who: str
    at: Moment
    concept: NamedConcept | None
    other: NamedConcept | None
    text: str
    undoes: int | None
    undone: bool = Field(False, description="Only where the whole paper is told.")


class StaleDocument(ProblemDocument):
    """Somebody else was faster: what they did."""

    seq: int = Field(description="Of the last event now; send it as expected_seq to decide on top.")
    events: list[EventDocument] = Field(description="What happened since.")


class QueuedPaper(BaseModel):
    """A paper in the queue."""

    id: str
    title: str
    source: str
    imported_at: Moment
    uncertainty: float
    expected_gain: float
    progress: Literal["open", "skipped", "done"]
    seq: int
    claimed_by: str | None = Field(description="To whom it was handed last.")


class Counts(BaseModel):
    """Papers in each state."""

    open: int
    skipped: int
    done: int


class QueuePage(BaseModel):
    """Papers, and how many there are in each state."""

    counts: Counts
    papers: list[QueuedPaper]


class ReviewPaperDocument(BaseModel):
    """A paper on the desk; title and abstract without markup."""

    id: str
    title: str
    abstract: str
    source: str
    imported_at: Moment
    model: str | None
    vocabulary_release: str | None
    uncertainty: float
    expected_gain: float
    progress: Literal["open", "skipped", "done"]
    seq: int = Field(description="Send it as expected_seq with the next decision.")
    standings: list[Standing]
    events: list[EventDocument]
    done_by: list[str]
    claimed_by: str | None = Field(description="Who holds it: it is handed to nobody else.")
    claimed_until: Moment | None = Field(description="For how long; null where nobody holds it.")


class NextRequest(Strict):
    """Which paper."""

    order: OrderName = "uncertainty"
    second: bool = Field(False, description="One that another curator has done, for a second opinion.")


class NextAnswer(BaseModel):
    """The paper, or null where none waits."""

    counts: Counts
    paper: ReviewPaperDocument | None


class ReleaseRequest(Strict):
    """A paper that was claimed."""

    paper: str = Field(max_length=500, description="Its id.", examples=["2026ApJ...999....1X"])


class Decision(Strict):
    """One decision; concepts by id or URI."""

    action: Action
    concept: Reference | None = Field(
        None, description='An id or URI; for "accept", "reject", "add" and "swap".', examples=[982]
    )
    other: Reference | None = Field(None, description='For "swap": what to take instead.')
    text: str = Field("", max_length=10_000, description='For "note"; or why, beside any other action.')
    undoes: Whole | None = Field(None, description='For "undo": the seq of an event; else the last one of yours.')


class DecisionsRequest(Strict):
    """Decisions on a paper, all or none."""

    paper: str = Field(max_length=500, description="Its id.", examples=["2026ApJ...999....1X"])
    expected_seq: Annotated[int, Field(ge=0, le=2**31 - 1), WHOLE] = Field(
        description="The `seq` of the paper as you saw it; if it has another by now, 409."
    )
    key: str | None = Field(None, max_length=100, description="Your name of this request, to send it twice safely.")
    decisions: list[Decision] = Field(min_length=1, max_length=200)


class DecisionsAnswer(BaseModel):
    """What was recorded, and the paper now."""

    events: list[EventDocument]
    paper: ReviewPaperDocument


class NewPaper(Strict):
    """A paper for the queue."""

    id: str = Field(min_length=1, max_length=200, examples=["2026ApJ...999....1X"])
    title: str = ""
    abstract: str | None = None


class ImportRequest(Strict):
    """One of papers, bibcodes and query."""

    papers: list[NewPaper] = Field(default_factory=list, description="As they are.")
    bibcodes: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, description="Of papers in SciX.")
    query: str = Field(
        "", max_length=2000, description="As in the search box of SciX.", examples=['uat:"Quasars" year:2026']
    )
    limit: Annotated[int, Field(ge=1), WHOLE] = Field(100, description="Most papers of a query, the newest first.")
    source: str = Field("", max_length=200, description="Where they come from, for people.")
    model: str | None = Field(None, description="Whose suggestions are kept; else the default model's.")


class ImportAnswer(BaseModel):
    """What came of an import."""

    added: int
    known: int
    empty: int
    unknown: list[str] = Field(description="Bibcodes that SciX lacks.")


class PairAgreement(BaseModel):
    """Two curators on the papers that both have finished."""

    first: str
    second: str
    papers: int
    concepts: int
    observed: float = Field(description="The share of decisions that are alike.")
    kappa: float | None = Field(description="Cohen's; null where chance would do as well.")
    mean_f1: float


class CuratorAgreement(BaseModel):
    """All curators on the papers that at least two have finished."""

    papers: int
    concepts: int
    alpha: float | None = Field(description="Krippendorff's, for nominal data; null where nothing varies.")
    pairs: list[PairAgreement]


class ModelWeek(BaseModel):
    """A model's suggestions on the papers that were finished in one week."""

    week: str = Field(examples=["2026-W48"])
    model: str
    digest: str
    papers: int
    selected: int
    kept: int
    labels: int
    precision: float | None
    added_per_paper: float


class Agreement(BaseModel):
    """docs/review.md says how it is measured."""

    curators: CuratorAgreement
    weeks: list[ModelWeek]
