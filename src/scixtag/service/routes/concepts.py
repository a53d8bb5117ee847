"""The vocabulary: found by name, and what is around a concept."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from scixtag.service.contract import concept_documents, schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.problems import Problem
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import core_of
from scixtag.service.inference.shelf import Served

router = APIRouter(prefix="/v1/concepts", tags=["concepts"], route_class=StrictRoute)
ModelName = Annotated[str | None, Query(alias="model", description="Whose vocabulary; else the default model's.")]
ConceptId = Annotated[
    str, Path(description="A number, a name or a URI, such as a suggestion's `id`.", examples=["1603"])
]
_ONE = described("unknown-model", "unknown-concept")


@router.get(
    "",
    response_model=schemas.Concepts,
    response_model_exclude_defaults=True,
    openapi_extra=described("unknown-model"),
)
async def search_concepts(
    request: Request,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            description="A name, a part of one, an id or a URI.",
            examples=["stellar fl"],
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=50, description="Most concepts.")] = 10,
    model: ModelName = None,
) -> dict[str, Any]:
    """Concepts whose names a person may mean, while they type."""
    core = core_of(request)
    served = core.served(model)
    found = await core.aside(served.index.search, q, limit)
    return {"concepts": [_found(served, served.vocabulary.column(concept.id)) for concept in found]}


@router.get("/{concept_id:path}/ancestors", response_model=schemas.ConceptNames, openapi_extra=_ONE)
async def list_ancestors(request: Request, concept_id: ConceptId, model: ModelName = None) -> dict[str, Any]:
    """All concepts above one."""
    served, column = _resolved(request, concept_id, model)
    return {"concepts": _names(served, served.hierarchy.ancestors(column))}


@router.get("/{concept_id:path}/children", response_model=schemas.ConceptNames, openapi_extra=_ONE)
async def list_children(request: Request, concept_id: ConceptId, model: ModelName = None) -> dict[str, Any]:
    """The concepts directly below one."""
    served, column = _resolved(request, concept_id, model)
    return {"concepts": _names(served, served.hierarchy.children(column))}


@router.get("/{concept_id:path}", response_model=schemas.ConceptDocument, openapi_extra=_ONE)
async def get_concept(request: Request, concept_id: ConceptId, model: ModelName = None) -> dict[str, Any]:
    """One concept, with what is above, below and beside it."""
    served, column = _resolved(request, concept_id, model)
    one, hierarchy = served.vocabulary[column], served.hierarchy
    columns = served.vocabulary.column
    return {
        **_found(served, column),
        "definition": one.definition,
        "parents": _names(served, hierarchy.parents(column)),
        "children": _names(served, hierarchy.children(column)),
        "siblings": _names(served, hierarchy.siblings(column)),
        "related": _names(served, map(columns, one.related)),
        "successors": _names(served, map(columns, one.successors)),
    }


def _resolved(request: Request, reference: str, model: str | None) -> tuple[Served, int]:
    served = core_of(request).served(model)
    column = served.vocabulary.resolve(reference)
    if column is None:
        slash = "leave the slash at its end out, or " if reference.endswith("/") else ""
        told = f"no concept {reference[:100]!r} in this vocabulary; {slash}GET /v1/concepts?q=… finds concepts by name"
        raise Problem(404, "unknown-concept", told)
    return served, column


def _names(served: Served, columns: Iterable[int]) -> list[dict[str, Any]]:
    return [concept_documents.name(served.vocabulary[column]) for column in columns]


def _found(served: Served, column: int) -> dict[str, Any]:
    path = served.hierarchy.shortest_path(column)
    return {
        **concept_documents.name(served.vocabulary[column]),
        "alternatives": list(served.vocabulary[column].alternatives),
        "path": [served.vocabulary[step].name for step in path],
    }
