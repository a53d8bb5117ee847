"""Papers with all that was suggested and decided, as JSON Lines: nothing is lost on the way out and in."""

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from scixtag.errors import InputError
from scixtag.predictions.suggestion import Suggestion
from scixtag.review.decisions import ConceptName, Event, Origin, Wish, check_wish, fold, undone_by
from scixtag.review.desk import ReviewPaper
from scixtag.review.store import events as event_rows
from scixtag.review.store import papers as paper_rows
from scixtag.review.store.database import CollidedError, Database, Transaction
from scixtag.review.store.papers import NewPaper
from scixtag.review.texts import checked_name, storable

FORMAT = "scixtag-review"
VERSION = 1
_BATCH = 200
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass(frozen=True)
class Restored:
    """What came of an import.

    Attributes:
        added: Papers that are new.
        known: Papers that were there.
        events: Events that are new.
        conflicting: Papers with other events in the database than in the file; they stay as they are.
    """

    added: int = 0
    known: int = 0
    events: int = 0
    conflicting: int = 0

    def __add__(self, other: "Restored") -> "Restored":
        return Restored(
            self.added + other.added,
            self.known + other.known,
            self.events + other.events,
            self.conflicting + other.conflicting,
        )


def lines(papers: Iterable[ReviewPaper]) -> Iterator[str]:
    """One line a paper."""
    for paper in papers:
        yield json.dumps(_document(paper), ensure_ascii=False) + "\n"


def _document(paper: ReviewPaper) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "source": paper.source,
        "imported_at": paper.imported_at,
        "uncertainty": paper.uncertainty,
        "expected_gain": paper.expected_gain,
        "progress": paper.state.progress,
        "labels": [concept._asdict() for concept in paper.state.labels],
        "origin": None if paper.origin is None else asdict(paper.origin),
        "suggestions": [suggestion.to_document() for suggestion in paper.suggestions],
        "events": [event_document(event) for event in paper.events],
    }


def event_document(event: Event) -> dict[str, Any]:
    """An event as plain values, without its number, which differs from database to database."""
    document = {
        "seq": event.seq,
        "action": event.action,
        "who": event.who,
        "at": event.at,
        "concept": None if event.concept is None else event.concept._asdict(),
        "other": None if event.other is None else event.other._asdict(),
        "text": event.text,
        "undoes": event.undoes,
        "origin": None if event.origin is None else asdict(event.origin),
        "key": event.key,
    }
    return {key: value for key, value in document.items() if value not in (None, "")}


def restore(database: Database, path: Path) -> Restored:
    """Put papers, suggestions and events of a file into a database; what is there already is not doubled.

    Batches of papers are written whole or not at all; a repeated import goes on.

    Raises:
        InputError: A line is none of `scixtag review export`; nothing of its batch was written, nor of those after it.
        ScixtagError: The database cannot be written; see `Database.open`.
    """
    restored = Restored()
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as stream:
        papers = (
            (f"{path} line {number}", _read(line, f"{path} line {number}"))
            for number, line in enumerate(stream, 1)
            if line.strip()
        )
        while batch := list(islice(papers, _BATCH)):
            restored += _restore(database, batch)
    return restored


def _restore(database: Database, batch: Sequence[tuple[str, ReviewPaper]]) -> Restored:
    try:
        with database.writing() as connection:
            return sum((_put(connection, paper) for _, paper in batch), Restored())
    except CollidedError as error:
        where, paper = batch[0]
        if len(batch) == 1:
            raise InputError(f"{where}: an event of {paper.id} has the key of another paper's event") from error
        return sum((_restore(database, [one]) for one in batch), Restored())  # one by one, to find which


def _put(connection: Transaction, paper: ReviewPaper) -> Restored:
    said = paper.suggestions if paper.origin is not None else None
    new = NewPaper(paper.id, paper.title, paper.abstract, paper.uncertainty, paper.expected_gain, said)
    added = paper_rows.put_in(connection, [new], paper.source, paper.imported_at, paper.origin or Origin())
    row = paper_rows.paper_row(connection, paper.id, lock=True)
    if row is None:
        raise RuntimeError(f"{paper.id} was put in and is not there")
    there = event_rows.of_paper(connection, row.number)
    both = min(len(there), len(paper.events))
    came = Restored(added=len(added), known=1 - len(added))
    if _documents(there[:both]) != _documents(paper.events[:both]):
        return came + Restored(conflicting=1)
    rest = paper.events[both:]
    if rest:
        number = [event_rows.append(connection, row.number, event) for event in rest][-1]
        state = fold(paper.events, paper_rows.said_of(connection, row.number)[0])
        paper_rows.set_progress(connection, row.number, state.progress, state.seq, number)
    return came + Restored(events=len(rest))


def _documents(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [event_document(event) for event in events]


def _read(line: str, where: str) -> ReviewPaper:
    try:
        return _paper(json.loads(line))
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{where}: not a paper as `scixtag review export` writes it ({type(error).__name__}: {error}); "
            "export the file again"
        ) from error


def _paper(document: Mapping[str, Any]) -> ReviewPaper:
    if document["format"] != FORMAT or document["version"] != VERSION:
        raise ValueError(f"format {document['format']!r}, version {document['version']!r}")
    identifier = checked_name(_text(document["id"]), "paper")
    abstract = document["abstract"]
    suggestions = tuple(_suggestion(entry) for entry in document["suggestions"])
    events: list[Event] = []
    for entry in document["events"]:
        events.append(_event(identifier, entry, events))
    return ReviewPaper(
        id=identifier,
        title=_text(document["title"]),
        abstract=None if abstract is None else _text(abstract),
        source=_text(document["source"]),
        imported_at=_moment(document["imported_at"]),
        suggestions=suggestions,
        origin=_origin(document["origin"]),
        events=tuple(events),
        state=fold(events, suggestions),
        uncertainty=float(document["uncertainty"]),
        expected_gain=float(document["expected_gain"]),
    )


def _event(paper: str, entry: Mapping[str, Any], before: list[Event]) -> Event:
    """An event that could have been recorded after those before it."""
    undoes = entry.get("undoes")
    wish = Wish(
        _text(entry["action"]),
        _concept(entry.get("concept")),
        _concept(entry.get("other")),
        _text(entry.get("text", "")),
        undoes,
    )
    action = check_wish(wish)
    if entry["seq"] != len(before) + 1:
        raise ValueError(f"event {entry['seq']!r} comes after {len(before)} others")
    if action == "undo":
        undoes = undone_by(wish._replace(undoes=int(entry["undoes"])), "", before)
    key = entry.get("key")
    return Event(
        id=0,
        paper=paper,
        seq=len(before) + 1,
        action=action,
        who=checked_name(_text(entry["who"]), "curator"),
        at=_moment(entry["at"]),
        concept=wish.concept,
        other=wish.other,
        text=wish.text,
        undoes=undoes,
        origin=_origin(entry.get("origin")),
        key=None if key is None else checked_name(_text(key), "key"),
    )


def _suggestion(entry: Mapping[str, Any]) -> Suggestion:
    known = {"id", "uri", "label", "deprecated", "probability", "selected", "from_prior"}
    if entry.keys() - known:
        raise ValueError(f"a suggestion has {', '.join(sorted(entry.keys() - known))}")
    name = _concept(entry)
    if name is None:
        raise TypeError("a suggestion is null")
    told = Suggestion(*name, float(entry["probability"]), bool(entry["selected"]))
    from_prior, deprecated = bool(entry.get("from_prior", False)), bool(entry.get("deprecated", False))
    return replace(told, from_prior=from_prior, deprecated=deprecated)


def _concept(entry: Mapping[str, Any] | None) -> ConceptName | None:
    if entry is None:
        return None
    identifier = entry["id"]
    if not isinstance(identifier, int | str) or isinstance(identifier, bool):
        raise TypeError("a concept's id is a number or a text")
    return ConceptName(
        storable(identifier) if isinstance(identifier, str) else identifier, _text(entry["uri"]), _text(entry["label"])
    )


def _origin(entry: Mapping[str, Any] | None) -> Origin | None:
    return None if entry is None else Origin(**{key: _text(value) for key, value in entry.items()})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return storable(value)


def _moment(value: Any) -> str:
    if not _MOMENT.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is no moment such as 2026-01-31T12:00:00.000000Z")
    datetime.datetime.fromisoformat(value)
    return str(value)
