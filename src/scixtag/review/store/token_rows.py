"""Rows of tokens: only their hashes."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from scixtag.review.store.schema import tokens


class TokenRow(NamedTuple):
    """A token without its secret; moments as stored, None for never."""

    name: str
    role: str
    hash: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None


_COLUMNS = [tokens.c[field] for field in TokenRow._fields]


def put(connection: Connection, row: TokenRow) -> None:
    """Write a token; a second valid one of the same name collides."""
    connection.execute(tokens.insert().values(row._asdict()))


def with_hash(connection: Connection, digest: str) -> TokenRow | None:
    """The token whose secret has this hash."""
    row = connection.execute(select(*_COLUMNS).where(tokens.c.hash == digest)).one_or_none()
    return None if row is None else TokenRow(*row)


def revoke(connection: Connection, name: str, at: str) -> int:
    """Make the token of this name invalid; how many there were."""
    valid: Any = tokens.c.revoked_at.is_(None)
    return connection.execute(update(tokens).where(tokens.c.name == name, valid).values(revoked_at=at)).rowcount


def in_order(connection: Connection) -> list[TokenRow]:
    """All, as they were created."""
    return [TokenRow(*row) for row in connection.execute(select(*_COLUMNS).order_by(tokens.c.number))]
