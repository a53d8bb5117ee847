"""Titles and abstracts from SciX."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from scixtag.corpus.record import Record
from scixtag.corpus.scix import UnknownBibcodesError, papers_by_bibcode
from scixtag.corpus.scix_api import Patience, find_access
from scixtag.errors import ConfigError, InputError, RemoteError
from scixtag.service import schemas
from scixtag.service.core import core_of
from scixtag.service.openapi import problems
from scixtag.service.problems import Problem

router = APIRouter(prefix="/v1/papers", tags=["papers"])
# Somebody waits before a page.
_PATIENCE = Patience(seconds=8, attempts=2, longest_wait=2)


@router.get("/{bibcode}", response_model=schemas.PaperDocument, responses=problems(404, 422, 429, 502, 503))
async def paper(
    request: Request, bibcode: Annotated[str, Path(max_length=40, examples=["2018ApJS..236...24F"])]
) -> dict[str, Any]:
    """A paper by its bibcode, where this service has a token for SciX."""
    record = await core_of(request).aside(_fetched, bibcode)
    labels = None if record.labels is None else list(record.labels)
    return {"id": record.id, "title": record.title, "abstract": record.abstract, "labels": labels}


def _fetched(bibcode: str) -> Record:
    """Ask SciX.

    Raises:
        Problem: It is not there, or SciX does not answer.
    """
    try:
        [record] = papers_by_bibcode([bibcode], find_access(patience=_PATIENCE))
    except UnknownBibcodesError as error:
        raise Problem(404, "unknown-paper", str(error)) from error
    except InputError as error:
        raise Problem(422, "no-bibcode", str(error)) from error
    except ConfigError as error:
        # Where a token belongs is for whoever runs the service.
        told = "this service has no token for SciX, or SciX refuses it; paste title and abstract instead"
        raise Problem(503, "no-token", told) from error
    except RemoteError as error:
        raise Problem(502, "scix", f"{error}; or paste title and abstract instead") from error
    return record
