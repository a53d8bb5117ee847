"""Titles and abstracts from SciX."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from scixtag.corpus.record import Record
from scixtag.corpus.scix import papers_by_bibcode
from scixtag.corpus.scix_api import Patience
from scixtag.service.contract import schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import core_of
from scixtag.service.scix import KINDS, from_scix

router = APIRouter(prefix="/v1/papers", tags=["papers"], route_class=StrictRoute)
# Somebody waits before a page.
_PATIENCE = Patience(seconds=8, attempts=2, longest_wait=2)


@router.get("/{bibcode:path}", response_model=schemas.PaperDocument, openapi_extra=described(*KINDS))
async def get_paper(
    request: Request,
    bibcode: Annotated[str, Path(max_length=40, description="Its bibcode.", examples=["2018ApJS..236...24F"])],
) -> dict[str, Any]:
    """A paper by its bibcode, where this service has a token for SciX."""
    record = await core_of(request).aside(_fetched, bibcode)
    labels = None if record.labels is None else list(record.labels)
    return {"id": record.id, "title": record.title, "abstract": record.abstract, "labels": labels}


def _fetched(bibcode: str) -> Record:
    [record] = from_scix(
        lambda access: papers_by_bibcode([bibcode], access), _PATIENCE, "paste title and abstract instead"
    )
    return record
