"""Chosen concepts as text to paste."""

from typing import Any

from fastapi import APIRouter, Request

from scixtag.errors import InputError
from scixtag.formats.keywords.registry import FORMS, keywords_as
from scixtag.service.contract import concept_documents, schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.problems import Problem, of_places
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import body_of, core_of

router = APIRouter(prefix="/v1/keywords", tags=["keywords"], route_class=StrictRoute)


@router.get("", response_model=schemas.Forms)
async def list_keyword_forms() -> dict[str, Any]:
    """The forms, by name."""
    return {"forms": [{"name": name, "title": form.title} for name, form in FORMS.items()]}


@router.post(
    "",
    response_model=schemas.Keywords,
    openapi_extra=described("unknown-model", "unknown-concept", "cannot-be-said", body=schemas.KeywordsRequest),
)
async def write_keywords(request: Request) -> dict[str, Any]:
    """Concepts in a form, in the order in which they are sent."""
    told = await body_of(request, schemas.KeywordsRequest)
    served = core_of(request).served(told.model)
    columns = [served.vocabulary.resolve(reference) for reference in told.concepts]
    for reference, column in zip(told.concepts, columns, strict=True):
        if column is None:
            name = str(reference)[:100]
            what = f"no concept {name!r} in this vocabulary; GET /v1/concepts?q=… finds concepts by name"
            raise Problem(404, "unknown-concept", what)
    chosen = [served.vocabulary[column] for column in columns if column is not None]
    try:
        text = keywords_as(told.form, chosen, served.vocabulary)
    except InputError as error:
        where = "concepts" if told.form in FORMS else "form"
        raise of_places("cannot-be-said", str(error), [where]) from error
    deprecated = [concept_documents.name(one) for one in dict.fromkeys(chosen) if one.deprecated]
    return {"form": told.form, "text": text, "deprecated": deprecated}
