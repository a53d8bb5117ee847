"""Rows of events: written once, read in order, never changed."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from scixtag.review.decisions import ConceptName, Event, Origin
from scixtag.review.store.papers import origin_number
from scixtag.review.store.schema import events, origins, papers

_ORIGIN = [origins.c[field] for field in Origin.__dataclass_fields__]


def append(connection: Connection, paper: int, event: Event) -> int:
    """Write an event; its number. `event.id` is of no account."""
    values = {
        "paper": paper,
        "seq": event.seq,
        "action": event.action,
        "concept": None if event.concept is None else event.concept._asdict(),
        "other": None if event.other is None else event.other._asdict(),
        "text": event.text,
        "undoes": event.undoes,
        "who": event.who,
        "at": event.at,
        "origin": None if event.origin is None else origin_number(connection, event.origin),
        "key": event.key,
    }
    return int(connection.execute(events.insert().values(values).returning(events.c.number)).scalar_one())


def of_paper(connection: Connection, paper: int, after: int = 0) -> list[Event]:
    """What happened to a paper since event `after`, in order."""
    query = _query().where(events.c.paper == paper, events.c.seq > after).order_by(events.c.seq)
    return [_event(row) for row in connection.execute(query)]


def by_key(connection: Connection, who: str, key: str) -> Event | None:
    """What `who` sent under this key, if anything."""
    row = connection.execute(_query().where(events.c.who == who, events.c.key == key)).one_or_none()
    return None if row is None else _event(row)


def of_papers(connection: Connection, numbers: Collection[int]) -> dict[str, list[Event]]:
    """What happened to papers, in order, by their ids; without those to which nothing did."""
    query = _query().where(events.c.paper.in_(numbers)).order_by(events.c.paper, events.c.seq)
    found: dict[str, list[Event]] = {}
    for row in connection.execute(query):
        found.setdefault(row.id, []).append(_event(row))
    return found


def _query() -> Select[Any]:
    return (
        select(events, papers.c.id, *(column.label(f"origin_{column.name}") for column in _ORIGIN))
        .join_from(events, papers)
        .outerjoin(origins, events.c.origin == origins.c.number)
    )


def _event(row: Row[Any]) -> Event:
    behind = None if row.origin is None else Origin(*(getattr(row, f"origin_{column.name}") for column in _ORIGIN))
    concept, other = (None if value is None else ConceptName.from_document(value) for value in (row.concept, row.other))
    return Event(
        id=row.number,
        paper=row.id,
        seq=row.seq,
        action=row.action,
        who=row.who,
        at=row.at,
        concept=concept,
        other=other,
        text=row.text,
        undoes=row.undoes,
        origin=behind,
        key=row.key,
    )
