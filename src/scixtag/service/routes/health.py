"""For whoever watches the service."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from scixtag.service.contract import schemas
from scixtag.service.contract.openapi import described
from scixtag.service.core import core_of
from scixtag.service.metrics import MEDIA_TYPE

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=schemas.State)
async def get_health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=schemas.State, openapi_extra=described("no-database"))
async def get_readiness(request: Request) -> dict[str, str]:
    """Models are loaded, without which nothing is answered at all, and the database of decisions answers."""
    core = core_of(request)
    if core.database is not None:
        await core.aside(core.database.check)
    return {"status": "ok"}


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics(request: Request) -> Response:
    """Numbers for Prometheus."""
    core = core_of(request)
    return Response(await core.aside(core.metrics.text), media_type=MEDIA_TYPE)
