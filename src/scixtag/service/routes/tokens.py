"""Tokens, for admins: who may look and decide at the desk."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from scixtag.review.texts import checked_name
from scixtag.review.tokens import Token, Tokens
from scixtag.service.access import allowed, database_of
from scixtag.service.contract import review_schemas as schemas
from scixtag.service.contract.openapi import described
from scixtag.service.contract.problems import checking
from scixtag.service.contract.queries import StrictRoute
from scixtag.service.core import body_of, core_of
from scixtag.service.logs import LOGGER

router = APIRouter(prefix="/v1/review/tokens", tags=["tokens"], route_class=StrictRoute)


@router.get("", response_model=schemas.AllTokens, openapi_extra=described(role="admin"))
async def list_tokens(request: Request) -> dict[str, Any]:
    """All tokens that were ever made, without their secrets."""
    await allowed(request, "admin")
    made = await core_of(request).aside(Tokens(database_of(request)).list)
    return {"tokens": [_document(token) for token in made]}


@router.post(
    "",
    status_code=201,
    response_model=schemas.NewToken,
    openapi_extra=described("taken-name", body=schemas.TokenRequest, role="admin"),
)
async def create_token(request: Request, response: Response) -> dict[str, Any]:
    """Make a token; its secret is in this answer and nowhere else."""
    admin = await allowed(request, "admin")
    told = await body_of(request, schemas.TokenRequest)
    with checking("name"):
        checked_name(told.name, "token")
    kept = Tokens(database_of(request))
    secret, token = await core_of(request).aside(kept.create, told.name, told.role, told.days)
    _log("token created", request, admin, token.name, role=token.role)
    response.headers["Cache-Control"] = "no-store"
    return {"secret": secret, "token": _document(token)}


@router.post(
    "/revoke",
    response_model=schemas.Done,
    openapi_extra=described("unknown-name", body=schemas.RevokeRequest, role="admin"),
)
async def revoke_token(request: Request) -> dict[str, Any]:
    """End a token now; what was decided with it stays."""
    admin = await allowed(request, "admin")
    told = await body_of(request, schemas.RevokeRequest)
    await core_of(request).aside(Tokens(database_of(request)).revoke, told.name)
    _log("token revoked", request, admin, told.name)
    return {"status": "ok"}


def _document(token: Token) -> dict[str, Any]:
    return asdict(token) | {"state": token.state}


def _log(event: str, request: Request, admin: Token, name: str, **more: str) -> None:
    """Who gave and took rights is looked up one day; the secret is no part of it."""
    told = {"request_id": request.scope["state"]["request_id"], "who": admin.name, "token": name}
    LOGGER.info(event, extra={"told": told | more})
