"""The curators' desk: the queue, papers with all that was decided, decisions that are kept."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request

from scixtag.corpus.record import Record
from scixtag.corpus.scix import UnknownBibcodesError, papers_by_bibcode, papers_by_query
from scixtag.corpus.scix_access import Access
from scixtag.review.agreement import curator_agreement, model_weeks
from scixtag.review.decisions import ConceptName, Wish, check_wish
from scixtag.review.desk import Desk, ReviewPaper, all_papers
from scixtag.review.queue import Imported, Queue
from scixtag.review.store.database import Database
from scixtag.review.texts import checked_name
from scixtag.service import scix
from scixtag.service.access import allowed, database_of, may_read
from scixtag.service.contract import review_documents as documents
from scixtag.service.contract import review_schemas as schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.problems import Problem, at_place, checking, of_places
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import Core, body_of, core_of
from scixtag.service.inference.shelf import Served

router = APIRouter(prefix="/v1/review", tags=["review"], route_class=StrictRoute)
_SCIX_SECONDS = 15.0
"""For an answer of SciX with up to as many papers as come in at once."""


@router.get("/me", response_model=schemas.OwnToken, openapi_extra=described(role="reader"))
async def get_own_token(request: Request) -> dict[str, Any]:
    """Whose token this is."""
    token = await allowed(request, "reader")
    return {"name": token.name, "role": token.role, "expires_at": token.expires_at}


@router.get("/queue", response_model=schemas.QueuePage, openapi_extra=described("unknown-paper", reads_desk=True))
async def list_queue(
    request: Request,
    order: schemas.Order = "uncertainty",
    progress: schemas.Shown = "open",
    limit: Annotated[int, Query(ge=1, le=200, description="Most papers of the page.")] = 50,
    after: Annotated[str | None, Query(max_length=500, description="The last paper of the page before.")] = None,
    q: Annotated[
        str,
        Query(max_length=200, description="A part of the title, as it is shown, or of the id; case does not count."),
    ] = "",
) -> dict[str, Any]:
    """A page of the queue."""
    database = await may_read(request)

    def page() -> dict[str, Any]:
        waiting = Queue(database)
        papers = waiting.list(order, limit, after, None if progress == "all" else progress, q)
        return {"counts": waiting.counts(), "papers": [documents.queued(paper) for paper in papers]}

    return await core_of(request).aside(page)


@router.post(
    "/next", response_model=schemas.NextAnswer, openapi_extra=described(body=schemas.NextRequest, role="curator")
)
async def claim_next_paper(request: Request) -> dict[str, Any]:
    """The next paper for whoever asks; it is theirs for a quarter of an hour, and nobody else gets it."""
    token = await allowed(request, "curator")
    told = await body_of(request, schemas.NextRequest)
    database = database_of(request)

    def claimed() -> dict[str, Any]:
        waiting = Queue(database)
        found = waiting.next(told.order, token.name, second=told.second)
        paper = None if found is None else documents.paper(Desk(database).paper(found.id))
        return {"counts": waiting.counts(), "paper": paper}

    return await core_of(request).aside(claimed)


@router.post(
    "/release",
    response_model=schemas.Done,
    openapi_extra=described("unknown-paper", body=schemas.ReleaseRequest, role="curator"),
)
async def release_paper(request: Request) -> dict[str, Any]:
    """Give a paper back that was claimed."""
    token = await allowed(request, "curator")
    told = await body_of(request, schemas.ReleaseRequest)
    database = database_of(request)
    await core_of(request).aside(Queue(database).release, told.paper, token.name)
    return {"status": "ok"}


@router.get(
    "/papers", response_model=schemas.ReviewPaperDocument, openapi_extra=described("unknown-paper", reads_desk=True)
)
async def find_reviewed_paper(
    request: Request,
    paper: Annotated[str, Query(alias="id", max_length=500, description="Its id.", examples=["2026ApJ...999....1X"])],
) -> dict[str, Any]:
    """The same for any id: in a path, clients take some for steps between folders, such as `a/../b`."""
    return await get_reviewed_paper(request, paper)


@router.get(
    "/papers/{paper:path}",
    response_model=schemas.ReviewPaperDocument,
    openapi_extra=described("unknown-paper", reads_desk=True),
)
async def get_reviewed_paper(
    request: Request, paper: Annotated[str, Path(description="Its id.", examples=["2026ApJ...999....1X"])]
) -> dict[str, Any]:
    """A paper with what the model said and all that was decided."""
    database = await may_read(request)
    return documents.paper(await core_of(request).aside(Desk(database).paper, paper))


@router.post(
    "/decisions",
    response_model=schemas.DecisionsAnswer,
    openapi_extra=described(
        "unknown-paper",
        "unknown-concept",
        "stale",
        "deprecated-concept",
        body=schemas.DecisionsRequest,
        role="curator",
    ),
)
async def record_decisions(request: Request) -> dict[str, Any]:
    """Record decisions on one paper, all or none; when this is answered they are on the disk.

    Sent again with the same key, nothing happens, and the answer is the same. If somebody else was faster, nothing is
    recorded and the answer (409) holds what they did.
    """
    token = await allowed(request, "curator")
    told = await body_of(request, schemas.DecisionsRequest)
    database = database_of(request)
    served = core_of(request).served(None)

    def recorded() -> dict[str, Any]:
        if told.key is not None:
            with checking("key"):
                checked_name(told.key, "key")
        desk = Desk(database)
        before = desk.paper(told.paper)
        wishes = [_wish(one, before, served, f"decisions.{n}") for n, one in enumerate(told.decisions)]
        events, after = desk.decide(told.paper, told.expected_seq, wishes, token.name, told.key)
        return {"events": [documents.event(one) for one in events], "paper": documents.paper(after)}

    return await core_of(request).aside(recorded)


@router.post(
    "/import",
    response_model=schemas.ImportAnswer,
    openapi_extra=described(
        "unknown-model", "too-many-papers", *scix.KINDS, body=schemas.ImportRequest, role="curator"
    ),
)
async def import_papers(request: Request) -> dict[str, Any]:
    """Put papers into the queue: as they are sent, or from SciX by bibcodes or a query."""
    await allowed(request, "curator")
    told = await body_of(request, schemas.ImportRequest)
    core, database = core_of(request), database_of(request)
    served = core.served(told.model)
    most = core.options.limits.batch
    if len(told.papers) > most or len(told.bibcodes) > most:
        raise Problem(413, "too-many-papers", f"send at most {most:,} papers or bibcodes at once")
    sent = [name for name in ("papers", "bibcodes", "query") if getattr(told, name)]
    if len(sent) != 1:
        raise of_places("invalid", "send one of papers, bibcodes and query", sent)
    if told.limit > most and "limit" in told.model_fields_set:
        raise at_place("limit", f"at most {most:,} papers of a query come in at once; narrow it, such as by year:2026")

    records, unknown = await _records(told, core)

    def came() -> dict[str, Any]:
        imported: Imported = Queue(database).import_papers(records, served.tagger, told.source or "page", served.name)
        return {"added": imported.added, "known": imported.known, "empty": imported.empty, "unknown": unknown}

    return await core.aside(came)


@router.get("/agreement", response_model=schemas.Agreement, openapi_extra=described(reads_desk=True))
async def get_agreement(request: Request) -> dict[str, Any]:
    """How far curators agree with one another, and with the model week by week."""
    database = await may_read(request)
    return await core_of(request).aside(_agreement, database)


def _agreement(database: Database) -> dict[str, Any]:
    papers = list(all_papers(database, touched=True))
    return documents.agreement(curator_agreement(papers), model_weeks(papers))


def _wish(told: schemas.Decision, paper: ReviewPaper, served: Served, where: str) -> Wish:
    """What is decided, with all that its action needs.

    Raises:
        Problem: It names the place.
    """

    def named(part: Literal["concept", "other"]) -> ConceptName | None:
        reference = getattr(told, part)
        if reference is None:
            return None
        return documents.concept_named(reference, paper, served.vocabulary, f"{where}.{part}")

    wish = Wish(told.action, named("concept"), named("other"), told.text, told.undoes)
    with checking(where):
        check_wish(wish)
    return wish


async def _records(told: schemas.ImportRequest, core: Core) -> tuple[list[Record], list[str]]:
    """The papers, and the bibcodes that SciX lacks.

    Raises:
        Problem: An id cannot be one, or SciX cannot be asked so.
    """
    for place, paper in enumerate(told.papers):
        with checking(f"papers.{place}.id"):
            checked_name(paper.id, "paper")
    if told.papers:
        return [Record(one.id, one.title, one.abstract, None) for one in told.papers], []

    def asked(access: Access) -> list[Record]:
        if told.query:
            return papers_by_query(told.query, min(told.limit, core.options.limits.batch), access)
        return papers_by_bibcode(told.bibcodes, access)

    for place, bibcode in enumerate(told.bibcodes):
        scix.check_bibcode(bibcode, f"bibcodes.{place}")
    where = "query" if told.query else "bibcodes"
    try:
        return await scix.from_scix(core, asked, where, "import a file", _SCIX_SECONDS), []
    except UnknownBibcodesError as error:
        return list(error.found), list(error.unknown)
