"""What clients send and get, for reading, checking and the OpenAPI document."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from scixtag.service.contract.explanation_schemas import Explanation

_TITLE = "White-light flares from fast-rotating red dwarfs"
_ABSTRACT = "We report optical flares of 23 M dwarfs observed with TESS and discuss the habitability of their planets."

Moment = Annotated[
    str,
    Field(
        description="UTC, ISO 8601.",
        examples=["2026-11-25T09:30:00.000000Z"],
        json_schema_extra={"format": "date-time"},
    ),
]


def _whole(value: Any) -> Any:
    """2.0 as 2, which JSON does not tell apart; whatever else is sent stays as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""Makes an integer of a body what JSON Schema calls one. It stands after bounds, or the document would lack them."""
Whole = Annotated[int, WHOLE]


def _reference(value: Any) -> Any:
    """One error for one place, where a union would tell one for each of its kinds."""
    value = _whole(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticCustomError("reference", "Input should be a whole number or a string")
    return value


Reference = Annotated[int | str, BeforeValidator(_reference)]
"""A concept, as somebody names it."""
Limit = Annotated[
    int, Field(ge=1, le=100, description="So many of the best concepts, and whatever else is selected."), WHOLE
]
Threshold = Annotated[
    float | None, Field(ge=0, le=1, description="Select from this probability on, instead of the model's own rule.")
]
Form = Annotated[
    Literal["as-is", "ancestors", "most-specific"] | None,
    Field(description="The selected set as it is, with all ancestors, or the most specific concepts alone."),
]


class Strict(BaseModel):
    """A misspelt member is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Paper(Strict):
    """A paper."""

    id: str = Field("", max_length=200, description="Comes back as it is.", examples=["2026ApJ...999....1X"])
    title: str = Field("", description="HTML and LaTeX are understood.", examples=[_TITLE])
    abstract: str | None = Field("", description="Likewise; null is as good as none.", examples=[_ABSTRACT])


class _Options(Strict):
    model: str | None = Field(None, description="A name of /v1/models; else the default one.")
    limit: Limit = 20
    threshold: Threshold = None
    hierarchy: Form = None
    explain: bool = Field(False, description="Say why: words of the text, similar papers, reasons, path.")


class SuggestRequest(_Options, Paper):
    """One paper, and what is wanted for it."""


class BatchRequest(_Options):
    """Several papers, and what is wanted for each."""

    papers: list[Paper] = Field(min_length=1, description="With explanations at most 20.")


class Vocabulary(BaseModel):
    """Of a model."""

    title: str = Field(examples=["Unified Astronomy Thesaurus"])
    release: str = Field(examples=["5.1.0"])
    fingerprint: str = Field(description="Of its concepts: vocabularies with the same one are the same.")


class Suggestion(BaseModel):
    """One concept for one paper."""

    id: int | str = Field(examples=[1603])
    uri: str = Field(examples=["http://astrothesaurus.org/uat/1603"])
    label: str = Field(examples=["Stellar flares"])
    probability: float = Field(examples=[0.8312])
    selected: bool = Field(description="The model's rule, or the threshold, takes it.")
    deprecated: bool = Field(False, description="The vocabulary says that it is no longer to be assigned.")
    from_prior: bool = Field(False, description="The text says nothing that the model knows.")
    explanation: Explanation | None = Field(None, description="Only where it was asked for.")


class Text(BaseModel):
    """As the model read it: without markup. Places of evidence are places in it."""

    title: str
    abstract: str


class PaperAnswer(BaseModel):
    """Suggestions for one paper, best first."""

    id: str
    suggestions: list[Suggestion]
    text: Text | None = Field(None, description="Only with explanations.")


class SuggestAnswer(PaperAnswer):
    """With who answered."""

    model: str = Field(examples=["my-model"])
    created: str | None = Field(description="When the model was trained.")
    vocabulary: Vocabulary


class BatchAnswer(BaseModel):
    """In the order of the papers."""

    model: str = Field(examples=["my-model"])
    created: str | None = Field(description="When the model was trained.")
    vocabulary: Vocabulary
    results: list[PaperAnswer]


class ModelVocabulary(Vocabulary):
    """With its size."""

    concepts: int


class Training(BaseModel):
    """What a model was trained on."""

    papers: int | None
    labels: int | None = Field(description="Concepts that at least one paper carries.")
    assignments: int | None = Field(description="Of a concept to a paper.")


class DecisionRule(BaseModel):
    """By which concepts are selected."""

    rule: str
    hierarchy: Literal["as-is", "ancestors", "most-specific"]


class ModelDocument(BaseModel):
    """A model that is served."""

    name: str = Field(description="What to send as `model`.", examples=["my-model"])
    default: bool = Field(description="It answers where no model is named.")
    kind: str = Field(examples=["ensemble"])
    created: str | None
    scixtag: str | None = Field(description="The version that trained it.")
    vocabulary: ModelVocabulary
    training: Training
    decision: DecisionRule
    metrics: dict[str, float] = Field(description="Of tuning, on papers that the model had not seen.")


class Models(BaseModel):
    """All models that are served; the default one is the first."""

    models: list[ModelDocument]


class ConceptName(BaseModel):
    """A concept, in short."""

    id: int | str
    uri: str
    label: str
    deprecated: bool = False


class FoundConcept(ConceptName):
    """With what tells it from others."""

    alternatives: list[str]
    path: list[str] = Field(description="Names from the top down to the concept.")


class Concepts(BaseModel):
    """Best first."""

    concepts: list[FoundConcept]


class ConceptDocument(FoundConcept):
    """A concept and what is around it."""

    definition: str
    parents: list[ConceptName]
    children: list[ConceptName]
    siblings: list[ConceptName] = Field(description="Others that share a parent.")
    related: list[ConceptName]
    successors: list[ConceptName] = Field(description="To be used instead of a deprecated concept.")


class ConceptNames(BaseModel):
    """Concepts."""

    concepts: list[ConceptName]


class KeywordsRequest(Strict):
    """Chosen concepts, and how to write them."""

    concepts: list[Reference] = Field(
        max_length=100,
        description="Numbers, names or URIs, in the order in which they shall stand; each is written once.",
        examples=[[1603, 982]],
    )
    form: str = Field(max_length=40, description="A name of GET /v1/keywords.", examples=["aastex7"])
    model: str | None = Field(None, description="Whose vocabulary; else the default model's.")


class Keywords(BaseModel):
    """Text to paste."""

    form: str
    text: str
    deprecated: list[ConceptName] = Field(
        description="Those of the concepts in it that are no longer to be assigned; take their successors."
    )


class FormName(BaseModel):
    """A form of keywords."""

    name: str = Field(examples=["aastex7"])
    title: str = Field(examples=["AASTeX 7"])


class Forms(BaseModel):
    """All forms."""

    forms: list[FormName]


class PaperDocument(BaseModel):
    """A paper of SciX."""

    id: str = Field(description="Its bibcode now; the one asked for may be an older one.")
    title: str
    abstract: str | None
    labels: list[int | str] | None = Field(
        description="Concepts of the UAT that SciX has for it; null: none that we know."
    )


class Place(BaseModel):
    """Where something is wrong."""

    where: str = Field(
        description="Steps from the body, or the parameter; empty: the whole.", examples=["papers.3.title"]
    )
    what: str


class ProblemDocument(BaseModel):
    """What is wrong, and what to do (RFC 9457)."""

    type: str = Field(
        pattern="^urn:scixtag:problem:[a-z-]+$",
        description="A name for programs.",
        examples=["urn:scixtag:problem:unknown-model"],
    )
    title: str = Field(description="What HTTP calls the status.")
    status: int
    detail: str = Field(description="What is wrong and what to do, for people.")
    request_id: str
    errors: list[Place] = Field([], description="Only of 422: where; of a body that is none the first ten places.")


class State(BaseModel):
    """How the service is."""

    status: Literal["ok"]
