"""Rows of papers: put in, looked at, put in order, claimed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scixtag.predictions.suggestion import Suggestion
from scixtag.review.decisions import Origin, Progress
from scixtag.review.store.schema import claims, events, origins, papers, suggestions
from scixtag.review.texts import sought_in

CLAIMED = timedelta(minutes=15)
"""How long a paper that was handed out is handed to nobody else, from the last thing done on it."""
_AT_ONCE = 500
"""Rows of one statement; both databases bound how many values one may hold."""


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper to be put in.

    Attributes:
        id: Its identifier.
        title: As its source gave it.
        abstract: Likewise; None where there is none.
        uncertainty: See `queue`.
        expected_gain: See `queue`.
        listed: What the model said; None if none was asked.
    """

    id: str
    title: str
    abstract: str | None
    uncertainty: float = 0.0
    expected_gain: float = 0.0
    listed: tuple[Suggestion, ...] | None = None


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as it stands in the table.

    Attributes:
        number: Its key in the database; rises with each import.
        id: Its identifier.
        title: As its source gave it.
        abstract: Likewise.
        source: Where it came from.
        imported_at: When.
        uncertainty: What the queue is ordered by.
        expected_gain: Likewise.
        progress: What follows from its events.
        seq: Of its last event; 0 without one.
    """

    number: int
    id: str
    title: str
    abstract: str | None
    source: str
    imported_at: str
    uncertainty: float
    expected_gain: float
    progress: Progress
    seq: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A paper is handed to nobody else.

    Attributes:
        who: Whose it is.
        until: For how long; UTC, ISO 8601.
    """

    who: str
    until: str


_ROW = [papers.c[field] for field in PaperRow.__dataclass_fields__]
_ORDERS: dict[str, ColumnElement[float] | None] = {
    "uncertainty": papers.c.uncertainty,
    "expected-gain": papers.c.expected_gain,
    "date": None,
}


def known_ids(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of `ids` that are there."""
    return set(connection.scalars(select(papers.c.id).where(papers.c.id.in_(ids))))


def put_in(connection: Connection, new: Sequence[NewPaper], source: str, at: str, origin: Origin) -> list[str]:
    """Put papers in with what the model said of them, and tell which; one that is there already stays as it is."""
    once = _insert_once(connection)
    added: list[str] = []
    for start in range(0, len(new), _AT_ONCE):
        part = new[start : start + _AT_ONCE]
        rows = [_paper_values(paper, source, at) for paper in part]
        statement = once(papers).values(rows).on_conflict_do_nothing().returning(papers.c.number, papers.c.id)
        numbers = {row.id: row.number for row in connection.execute(statement)}
        said = [(numbers[paper.id], paper.listed) for paper in part if paper.id in numbers and paper.listed is not None]
        if said:
            behind = origin_number(connection, origin)
            told = [{"paper": n, "origin": behind, "listed": [s.to_document() for s in listed]} for n, listed in said]
            connection.execute(suggestions.insert(), told)
        added += [paper.id for paper in part if paper.id in numbers]
    return added


def _insert_once(connection: Connection) -> Any:
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]


def _paper_values(paper: NewPaper, source: str, at: str) -> dict[str, Any]:
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "source": source,
        "imported_at": at,
        "uncertainty": paper.uncertainty,
        "expected_gain": paper.expected_gain,
        "progress": "open",
        "seq": 0,
        "last_event": 0,
        "sought": sought_in(paper.title, paper.id),
    }


def origin_number(connection: Connection, origin: Origin) -> int:
    """The row of an origin, written if it is the first time."""
    values = {field: getattr(origin, field) for field in Origin.__dataclass_fields__}
    same = select(origins.c.number).where(*(origins.c[field] == value for field, value in values.items()))
    number = connection.scalar(same)
    if number is None:
        connection.execute(_insert_once(connection)(origins).values(values).on_conflict_do_nothing())
        number = connection.execute(same).scalar_one()
    return int(number)


def paper_row(connection: Connection, paper: str, *, lock: bool = False) -> PaperRow | None:
    """One paper, if it is there; `lock` lets nobody else decide on it before the transaction ends."""
    query = select(*_ROW).where(papers.c.id == paper)
    # SQLite has but one writer at a time, and knows no such clause.
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else PaperRow(**row._mapping)


def said_of(connection: Connection, number: int) -> tuple[tuple[Suggestion, ...], Origin | None]:
    """What the model said of a paper, and which model; nothing and None if none was asked."""
    return said_of_many(connection, [number]).get(number, ((), None))


def said_of_many(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[tuple[Suggestion, ...], Origin]]:
    """What models said of papers, by their numbers; without those that none was asked about."""
    query = (
        select(suggestions.c.paper, suggestions.c.listed, *(origins.c[f] for f in Origin.__dataclass_fields__))
        .join_from(suggestions, origins)
        .where(suggestions.c.paper.in_(numbers))
    )
    return {
        number: (tuple(Suggestion(**document) for document in listed), Origin(*origin))
        for number, listed, *origin in connection.execute(query)
    }


def rows_after(
    connection: Connection, number: int, progress: Progress | None, limit: int, *, touched: bool = False
) -> list[PaperRow]:
    """The next papers in the order of their import; `touched`: only those with events."""
    query = select(*_ROW).where(papers.c.number > number)
    if progress is not None:
        query = query.where(papers.c.progress == progress)
    if touched:
        query = query.where(papers.c.seq > 0)
    return [PaperRow(**row._mapping) for row in connection.execute(query.order_by(papers.c.number).limit(limit))]


def set_progress(connection: Connection, number: int, progress: Progress, seq: int, last_event: int) -> None:
    """Keep what follows from a paper's events."""
    values = {"progress": progress, "seq": seq, "last_event": last_event}
    connection.execute(update(papers).where(papers.c.number == number).values(values))


def page(
    connection: Connection,
    order: str,
    progress: Progress | None,
    last: PaperRow | None,
    limit: int,
    at: str,
    sought: Collection[str] = (),
) -> list[tuple[PaperRow, str | None]]:
    """Papers in order, from behind one of them on, each with whoever holds a claim at this moment.

    With `sought`, `texts.spellings`, those with any of them in their title or id.
    """
    held = and_(claims.c.paper == papers.c.number, claims.c.until > at)
    query = select(*_ROW, claims.c.who).select_from(papers).outerjoin(claims, held)
    if progress is not None:
        query = query.where(papers.c.progress == progress)
    if sought:
        query = query.where(or_(*(papers.c.sought.contains(one, autoescape=True) for one in sorted(sought))))
    if last is not None:
        query = query.where(_behind(order, last))
    found = connection.execute(_ordered(query, order).limit(limit))
    return [(PaperRow(*row[:-1]), row[-1]) for row in found]


def _ordered(query: Select[Any], order: str) -> Select[Any]:
    by = _ORDERS[order]
    return query.order_by(papers.c.number) if by is None else query.order_by(by.desc(), papers.c.number)


def _behind(order: str, last: PaperRow) -> ColumnElement[bool]:
    by = _ORDERS[order]
    if by is None:
        return papers.c.number > last.number
    value = last.uncertainty if order == "uncertainty" else last.expected_gain
    # The first condition is what an index can be entered by.
    return and_(by <= value, or_(by < value, papers.c.number > last.number))


def first_free(connection: Connection, order: str, who: str, at: str) -> PaperRow | None:
    """The first open paper that nobody else has claimed; then the skipped one that was left alone for longest."""
    for progress in ("open", "skipped"):
        query = select(*_ROW).where(papers.c.progress == progress, _unclaimed(who, at))
        query = _ordered(query, order) if progress == "open" else query.order_by(papers.c.last_event)
        if (found := _one(connection, query)) is not None:
            return found
    return None


def first_done_by_others(connection: Connection, order: str, who: str, at: str) -> PaperRow | None:
    """The first finished paper that `who` has not finished, too; then that of those they skipped that waits longest."""
    done, skipped = (
        exists().where(events.c.paper == papers.c.number, events.c.who == who, events.c.action == action)
        for action in ("done", "skip")
    )
    query = select(*_ROW).where(papers.c.progress == "done", ~done, _unclaimed(who, at))
    first = _one(connection, _ordered(query.where(~skipped), order))
    return first or _one(connection, query.where(skipped).order_by(papers.c.last_event))


def _unclaimed(who: str, at: str) -> ColumnElement[bool]:
    return ~exists().where(claims.c.paper == papers.c.number, claims.c.who != who, claims.c.until > at)


def _one(connection: Connection, query: Select[Any]) -> PaperRow | None:
    row = connection.execute(query.limit(1).with_for_update(of=papers, skip_locked=True)).one_or_none()
    return None if row is None else PaperRow(**row._mapping)


def claim(connection: Connection, number: int, who: str, until: str) -> None:
    """Offer a paper to nobody else for a while."""
    insert = _insert_once(connection)(claims).values(paper=number, who=who, until=until)
    connection.execute(insert.on_conflict_do_update(index_elements=["paper"], set_={"who": who, "until": until}))


def claim_of(connection: Connection, number: int, at: str) -> Claim | None:
    """Who holds a paper at this moment, if anybody does."""
    query = select(claims.c.who, claims.c.until).where(claims.c.paper == number, claims.c.until > at)
    row = connection.execute(query).one_or_none()
    return None if row is None else Claim(*row)


def release(connection: Connection, number: int, who: str | None = None) -> None:
    """Let a paper be offered to everybody; with `who`, only if the claim is theirs."""
    query = delete(claims).where(claims.c.paper == number)
    connection.execute(query if who is None else query.where(claims.c.who == who))


def counts(connection: Connection) -> dict[str, int]:
    """How many papers are open, skipped and done."""
    found = connection.execute(select(papers.c.progress, func.count()).group_by(papers.c.progress))
    return {"open": 0, "skipped": 0, "done": 0} | {row[0]: row[1] for row in found}
