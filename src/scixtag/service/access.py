"""Who asks, and what they may do: a token in the header `Authorization: Bearer …`, and nothing else."""

from starlette.requests import Request

from scixtag.review.errors import TokenError
from scixtag.review.store.database import Database
from scixtag.review.tokens import Role, Token, Tokens
from scixtag.service.contract.problems import Problem
from scixtag.service.core import core_of

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="scixtag"'}


def database_of(request: Request) -> Database:
    """The database of decisions.

    Raises:
        Problem: This service has none.
    """
    database = core_of(request).database
    if database is None:
        raise Problem(404, "no-desk", "this service has no desk; start it with `scixtag serve … --database URL`")
    return database


async def allowed(request: Request, role: Role) -> Token:
    """The token of whoever asks, if its role is enough.

    Raises:
        Problem: There is none, it is none, or its role is not enough.
    """
    database = database_of(request)
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not secret.strip():
        told = "this needs a token (`scixtag token create NAME --role curator`), sent as Authorization: Bearer TOKEN"
        raise Problem(401, "no-token", told, headers=_CHALLENGE)
    try:
        token = await core_of(request).aside(Tokens(database).verify, secret.strip())
    except TokenError as error:
        raise Problem(401, f"token-{error.reason}", str(error), headers=_CHALLENGE) from error
    if token is None:
        raise Problem(401, "unknown-token", "no such token; copy it again, or ask for one", headers=_CHALLENGE)
    request.state.who = token.name
    if not token.may(role):
        told = f"the token '{token.name}' is a {token.role}'s; this needs {'an' if role == 'admin' else 'a'} {role}'s"
        raise Problem(403, "not-allowed", told)
    return token


async def may_read(request: Request) -> Database:
    """The database, for whoever may see the desk: everybody, unless the service is told otherwise.

    Raises:
        Problem: Reading needs a token here.
    """
    if core_of(request).options.closed:
        await allowed(request, "reader")
    return database_of(request)
