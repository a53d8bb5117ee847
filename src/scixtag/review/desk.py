"""The curator's desk: one paper to look at, and decisions that are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace

from scixtag.corpus.record import Record
from scixtag.corpus.text import Text, text_of
from scixtag.errors import InputError
from scixtag.predictions.suggestion import Suggestion
from scixtag.review.decisions import ConceptName, Event, Origin, PaperState, Progress, Wish, check_wish, fold, undone_by
from scixtag.review.errors import StaleError, UnknownPaperError
from scixtag.review.store import events as event_rows
from scixtag.review.store import papers as paper_rows
from scixtag.review.store.database import CollidedError, Database, Transaction
from scixtag.review.store.papers import Claim, PaperRow
from scixtag.review.texts import checked_name, moment, now, storable

_AT_ONCE = 500


@dataclass(frozen=True)
class ReviewPaper:
    """A paper on the desk.

    Attributes:
        id: Its identifier.
        title: As its source gave it; may hold markup.
        abstract: Likewise; None where there is none.
        source: Where it came from.
        imported_at: When; UTC, ISO 8601.
        suggestions: What the model said when the paper was imported, best first.
        origin: Which model and vocabulary; None if none was asked.
        events: All that happened, in order.
        state: What follows from it.
        uncertainty: See `priorities.uncertainty`; 0 if no model was asked.
        expected_gain: See `priorities.expected_gain`; likewise.
        claim: Who held it when it was looked at; None if that was nobody, or nobody asked.
    """

    id: str
    title: str
    abstract: str | None
    source: str
    imported_at: str
    suggestions: tuple[Suggestion, ...]
    origin: Origin | None
    events: tuple[Event, ...]
    state: PaperState
    uncertainty: float = 0.0
    expected_gain: float = 0.0
    claim: Claim | None = None

    @property
    def text(self) -> Text:
        """Title and abstract without markup."""
        return text_of(Record(self.id, self.title, self.abstract, None))


class Desk:
    """Looks at papers and records decisions.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def paper(self, paper: str) -> ReviewPaper:
        """A paper with its suggestions and all that was decided.

        Raises:
            UnknownPaperError: There is none.
            ScixtagError: The database cannot be read; see `Database.open`.
        """
        with self._database.reading() as connection:
            return on_desk(connection, self._row(connection, paper))

    def events(self, paper: str, after: int = 0) -> list[Event]:
        """What happened to a paper since event `after`.

        Raises:
            UnknownPaperError, ScixtagError: As `paper`.
        """
        with self._database.reading() as connection:
            return event_rows.of_paper(connection, self._row(connection, paper).number, after)

    def record(
        self,
        paper: str,
        expected_seq: int,
        action: str,
        *,
        who: str,
        concept: ConceptName | None = None,
        other: ConceptName | None = None,
        text: str = "",
        undoes: int | None = None,
        key: str | None = None,
        origin: Origin | None = None,
    ) -> Event:
        """Record one decision; when this returns, it is on the disk.

        Args:
            paper: Its id.
            expected_seq: `PaperState.seq` of what the curator looked at.
            action: See `decisions.Action`.
            who: The name of the curator.
            concept: For an action on a concept.
            other: For "swap": what to take instead.
            text: For "note"; may say why beside any other action.
            undoes: For "undo": the `seq` of an event; by default the last one of `who` that is not undone.
            key: The client's name of this decision. Sent again, nothing happens, and the first event comes back.
            origin: The model and vocabulary behind what was seen; by default those of the import.

        Raises:
            StaleError: The paper has other events by now; nothing was recorded.
            UnknownPaperError: There is no such paper.
            InputError: The action lacks a part or has one too many; or the key was used for something else.
            ScixtagError: The database cannot be written; see `Database.open`.
        """
        return self.record_all(paper, expected_seq, [Wish(action, concept, other, text, undoes)], who, key, origin)[0]

    def record_all(
        self,
        paper: str,
        expected_seq: int,
        wishes: Sequence[Wish],
        who: str,
        key: str | None = None,
        origin: Origin | None = None,
    ) -> list[Event]:
        """Record several decisions on one paper, all or none; the first of them carries the key.

        Raises:
            StaleError, UnknownPaperError, InputError, ScixtagError: As `record`.
        """
        return self.decide(paper, expected_seq, wishes, who, key, origin)[0]

    def decide(
        self,
        paper: str,
        expected_seq: int,
        wishes: Sequence[Wish],
        who: str,
        key: str | None = None,
        origin: Origin | None = None,
    ) -> tuple[list[Event], ReviewPaper]:
        """As `record_all`, with the paper as it is afterwards, which need not be read again.

        Raises:
            StaleError, UnknownPaperError, InputError, ScixtagError: As `record`.
        """
        if not wishes:
            raise InputError(f"{paper}: nothing to record; name an action")
        checked_name(who, "curator")
        if key is not None:
            checked_name(key, "key")
        for wish in wishes:
            check_wish(wish)
        try:
            return self._record(paper, expected_seq, wishes, who, key, origin)
        except CollidedError:
            # The same key came twice at the same moment; the other one is there now.
            return self._record(paper, expected_seq, wishes, who, key, origin)

    def _record(
        self, paper: str, expected: int, wishes: Sequence[Wish], who: str, key: str | None, origin: Origin | None
    ) -> tuple[list[Event], ReviewPaper]:
        with self._database.writing() as connection:
            row = self._row(connection, paper, lock=True)
            happened = event_rows.of_paper(connection, row.number)
            first = None if key is None else event_rows.by_key(connection, who, key)
            suggestions, behind = paper_rows.said_of(connection, row.number)
            claim = paper_rows.claim_of(connection, row.number, moment(now()))
            if first is not None:
                return _again(first, wishes, happened), _together(row, suggestions, behind, happened, claim)
            if row.seq != expected:
                raise StaleError(paper, expected, row.seq, tuple(e for e in happened if e.seq > expected))
            for wish in wishes:
                event = _event(row, wish, who, key if wish is wishes[0] else None, origin or behind, happened)
                happened.append(replace(event, id=event_rows.append(connection, row.number, event)))
            after = _together(row, suggestions, behind, happened, claim)
            paper_rows.set_progress(connection, row.number, after.state.progress, after.state.seq, happened[-1].id)
            if after.state.progress != "open":
                paper_rows.release(connection, row.number)
                after = replace(after, claim=None)
            elif claim is not None and claim.who == who:
                claim = Claim(who, moment(now() + paper_rows.CLAIMED))
                paper_rows.claim(connection, row.number, *astuple(claim))
                after = replace(after, claim=claim)
            return happened[-len(wishes) :], after

    @staticmethod
    def _row(connection: Transaction, paper: str, *, lock: bool = False) -> PaperRow:
        row = paper_rows.paper_row(connection, storable(paper), lock=lock)
        if row is None:
            raise UnknownPaperError(f"{paper}: the database holds no such paper; import it first")
        return row


def on_desk(connection: Transaction, row: PaperRow) -> ReviewPaper:
    """A row with all that belongs to it."""
    suggestions, origin = paper_rows.said_of(connection, row.number)
    claim = paper_rows.claim_of(connection, row.number, moment(now()))
    return _together(row, suggestions, origin, event_rows.of_paper(connection, row.number), claim)


def all_papers(database: Database, progress: Progress | None = None, *, touched: bool = False) -> Iterator[ReviewPaper]:
    """Every paper in the order of the import, as all were at one moment.

    Args:
        database: Where they are.
        progress: Papers in this state alone.
        touched: Papers with events alone: of a long queue, a few.

    Raises:
        ScixtagError: The database cannot be read; see `Database.open`.
    """
    with database.reading() as connection:
        last = 0
        while rows := paper_rows.rows_after(connection, last, progress, _AT_ONCE, touched=touched):
            numbers = [row.number for row in rows]
            said = paper_rows.said_of_many(connection, numbers)
            happened = event_rows.of_papers(connection, numbers)
            for row in rows:
                suggestions, origin = said.get(row.number, ((), None))
                yield _together(row, suggestions, origin, happened.get(row.id, []))
            last = numbers[-1]


def _together(
    row: PaperRow,
    suggestions: tuple[Suggestion, ...],
    origin: Origin | None,
    events: Sequence[Event],
    claim: Claim | None = None,
) -> ReviewPaper:
    return ReviewPaper(
        id=row.id,
        title=row.title,
        abstract=row.abstract,
        source=row.source,
        imported_at=row.imported_at,
        suggestions=suggestions,
        origin=origin,
        events=tuple(events),
        state=fold(events, suggestions),
        uncertainty=row.uncertainty,
        expected_gain=row.expected_gain,
        claim=claim,
    )


def _event(
    row: PaperRow, wish: Wish, who: str, key: str | None, origin: Origin | None, happened: Sequence[Event]
) -> Event:
    action = check_wish(wish)
    undoes = undone_by(wish, who, happened) if action == "undo" else None
    seq = happened[-1].seq + 1 if happened else 1
    return Event(
        id=0,
        paper=row.id,
        seq=seq,
        action=action,
        who=who,
        at=moment(now()),
        concept=wish.concept,
        other=wish.other,
        text=storable(wish.text),
        undoes=undoes,
        origin=origin,
        key=key,
    )


def _again(first: Event, wishes: Sequence[Wish], happened: Sequence[Event]) -> list[Event]:
    """The events of a request that was sent before.

    Raises:
        InputError: What is sent now is something else.
    """
    there = [event for event in happened if event.seq >= first.seq][: len(wishes)]
    alike = [_same(event, wish) for event, wish in zip(there, wishes, strict=False)]
    if not there or there[0].id != first.id or len(alike) < len(wishes) or not all(alike):
        raise InputError(f"key '{first.key}': was sent before with another decision; take a new key for each")
    return there


def _same(event: Event, wish: Wish) -> bool:
    asked = wish.undoes in (None, event.undoes)
    return asked and (event.action, event.concept, event.other, event.text) == (
        wish.action,
        wish.concept,
        wish.other,
        storable(wish.text),
    )
