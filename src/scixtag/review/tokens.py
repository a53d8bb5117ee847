"""Who may do what: named tokens, of which only hashes are kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from scixtag.errors import InputError, nearest
from scixtag.review.errors import NoTokenError, TakenNameError, TokenError
from scixtag.review.store import token_rows
from scixtag.review.store.database import CollidedError, Database
from scixtag.review.store.token_rows import TokenRow
from scixtag.review.texts import checked_name, moment, now

Role = Literal["reader", "curator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""

PREFIX = "sxt_"
"""What every token begins with, so that people and scanners for leaked secrets know what it is."""

LONGEST = 100 * 365
"""Days until a token expires, at most."""

_BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret.

    Attributes:
        name: Of whoever holds it; what events are signed with.
        role: What they may do.
        created_at: When; UTC, ISO 8601.
        expires_at: When it ends; None for never.
        revoked_at: When somebody ended it; None if nobody did.
    """

    name: str
    role: Role
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None

    @property
    def state(self) -> Literal["valid", "expired", "revoked"]:
        """Whether it can be used now."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= moment(now()) else "valid"

    def may(self, role: Role) -> bool:
        """Whether its holder may do what `role` may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Tokens:
    """The tokens of a database.

    Args:
        database: Where their hashes are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, role: str, days: int | None = None) -> tuple[str, Token]:
        """Make a token; the secret comes back here and can never be seen again.

        Args:
            name: Of whoever will hold it.
            role: One of `ROLES`.
            days: Until it expires; None for never.

        Raises:
            TakenNameError: There is one of this name.
            InputError: The name cannot be stored, or the role or the days are out of range.
            ScixtagError: The database cannot be written; see `Database.open`.
        """
        checked_name(name, "token")
        if role not in ROLES:
            raise InputError(f"role '{role}': there is none of this name; {nearest(role, ROLES)}")
        if days is not None and not 1 <= days <= LONGEST:
            raise InputError(f"{days} days: a token lives for 1 to {LONGEST:,}, or without a limit forever")
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        created = now()
        expires = None if days is None else moment(created + timedelta(days=days))
        row = TokenRow(name, role, _hashed(secret), moment(created), expires, None)
        try:
            with self._database.writing() as connection:
                token_rows.put(connection, row)
        except CollidedError as error:
            raise TakenNameError(f"token '{name}': there is one; revoke it first, or take another name") from error
        return secret, _token(row)

    def verify(self, secret: str) -> Token | None:
        """The token that a secret belongs to; None for one that never was any.

        Raises:
            TokenError: It is expired or revoked.
            ScixtagError: The database cannot be read; see `Database.open`.
        """
        # Only somebody who had it can hit an expired one, so that saying so tells nobody else anything.
        if not secret.startswith(PREFIX):
            return None
        digest = _hashed(secret)
        with self._database.reading() as connection:
            row = token_rows.with_hash(connection, digest)
        if row is None or not hmac.compare_digest(row.hash, digest):
            return None
        token = _token(row)
        if token.state != "valid":
            raise TokenError(token.name, token.state)
        return token

    def revoke(self, name: str) -> None:
        """End a token now.

        Raises:
            NoTokenError: There is none of this name that is not revoked.
            ScixtagError: The database cannot be written; see `Database.open`.
        """
        with self._database.writing() as connection:
            ended = token_rows.revoke(connection, name, moment(now()))
        if not ended:
            names = [token.name for token in self.list() if token.revoked_at is None]
            hint = nearest(name, names) if names else "there are none"
            raise NoTokenError(f"token '{name}': there is none of this name; {hint}")

    def list(self) -> list[Token]:
        """All that were ever made, in order.

        Raises:
            ScixtagError: The database cannot be read; see `Database.open`.
        """
        with self._database.reading() as connection:
            return [_token(row) for row in token_rows.in_order(connection)]


def _hashed(secret: str) -> str:
    """A plain hash serves: nobody can guess 256 random bits, however fast it is; slow ones are for passwords."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: TokenRow) -> Token:
    known: dict[str, Role] = {role: role for role in ROLES}
    return Token(row.name, known[row.role], row.created_at, row.expires_at, row.revoked_at)
