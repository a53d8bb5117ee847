"""Suggestions for one paper or several."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from scixtag.corpus.record import Record
from scixtag.service.contract import schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.problems import Problem, of_places
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import Core, body_of, core_of
from scixtag.service.inference.answering import Asked
from scixtag.service.inference.shelf import Served
from scixtag.workflows.wanted import Wanted

router = APIRouter(prefix="/v1", tags=["suggestions"], route_class=StrictRoute)
_JSON = "application/json"
_EXPLAINED = 20
"""Papers of a request that wants explanations, which take tens of milliseconds each."""
_KINDS = ("unknown-model", "no-text", "too-long", "busy")


@router.get("/models", response_model=schemas.Models)
async def list_models(request: Request) -> dict[str, Any]:
    """The models that are served; the default one first."""
    shelf = core_of(request).shelf
    return {"models": [served.document(default=served.name == shelf.default) for served in shelf]}


@router.post(
    "/suggest",
    response_model=schemas.SuggestAnswer,
    openapi_extra=described(*_KINDS, body=schemas.SuggestRequest),
)
async def suggest(request: Request) -> Response:
    """Concepts for one paper."""
    core = core_of(request)
    told = await body_of(request, schemas.SuggestRequest)
    served = core.served(told.model)
    [answer] = await core.answers([_asked(core, served, _wanted(told), told)])
    if not answer:
        raise _no_text([])
    # Who answered, and then the answer's own members.
    return Response(served.opening + b", " + answer[1:], media_type=_JSON)


@router.post(
    "/suggest/batch",
    response_model=schemas.BatchAnswer,
    openapi_extra=described(*_KINDS, "too-many-papers", body=schemas.BatchRequest),
)
async def suggest_batch(request: Request) -> Response:
    """Concepts for several papers, in their order."""
    core = core_of(request)
    told = await body_of(request, schemas.BatchRequest)
    most = core.options.limits.batch if not told.explain else min(_EXPLAINED, core.options.limits.batch)
    if len(told.papers) > most:
        why = " with explanations" if told.explain else ""
        raise Problem(413, "too-many-papers", f"{len(told.papers):,} papers; send at most {most:,} at once{why}")
    served, wanted = core.served(told.model), _wanted(told)
    asked = [_asked(core, served, wanted, paper, f"papers.{place}: ") for place, paper in enumerate(told.papers)]
    answers = await core.answers(asked)
    if empty := [f"papers.{place}" for place, answer in enumerate(answers) if not answer]:
        raise _no_text(empty)
    return Response(served.opening + b', "results": [' + b", ".join(answers) + b"]}", media_type=_JSON)


def _wanted(told: schemas._Options) -> Wanted:
    return Wanted(told.limit, told.threshold, told.hierarchy, told.explain)


def _asked(core: Core, served: Served, wanted: Wanted, paper: schemas.Paper, where: str = "") -> Asked:
    """A paper that can be read.

    Raises:
        Problem: It has too much text.
    """
    abstract = paper.abstract or ""
    length, most = len(paper.title) + len(abstract), core.options.limits.text
    if length > most:
        told = f"{where}title and abstract have {length:,} characters; at most {most:,} are read, so send the abstract"
        raise Problem(413, "too-long", told)
    return Asked(served, wanted, Record(paper.id, paper.title, abstract, None))


def _no_text(places: Sequence[str]) -> Problem:
    """Whether a paper has any is known when its text has been cleaned, which takes too long for the event loop.

    Args:
        places: All papers of a batch without any, so that a client need not find them one by one; none for one paper.
    """
    what = "title and abstract are empty, or nothing in them can be read; send at least one of them"
    first = f"{places[0]}: " if places else ""
    more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
    problem = of_places("no-text", what, places)
    problem.detail = f"{first}{what}{more}"
    return problem
