"""Titles and abstracts from SciX."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from scixtag.corpus.scix import papers_by_bibcode
from scixtag.service.contract import schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import core_of
from scixtag.service.scix import KINDS, check_bibcode, from_scix

router = APIRouter(prefix="/v1/papers", tags=["papers"], route_class=StrictRoute)
_SECONDS = 8.0
"""For an answer of SciX: somebody waits before a page."""


@router.get("/{bibcode:path}", response_model=schemas.PaperDocument, openapi_extra=described(*KINDS))
async def get_paper(
    request: Request,
    bibcode: Annotated[str, Path(max_length=40, description="Its bibcode.", examples=["2018ApJS..236...24F"])],
) -> dict[str, Any]:
    """A paper by its bibcode, where this service has a token for SciX."""
    check_bibcode(bibcode, "bibcode")
    [record] = await from_scix(
        core_of(request),
        lambda access: papers_by_bibcode([bibcode], access),
        "bibcode",
        "paste title and abstract instead",
        _SECONDS,
    )
    labels = None if record.labels is None else list(record.labels)
    return {"id": record.id, "title": record.title, "abstract": record.abstract, "labels": labels}
