"""The curator's queue: papers come in, and the next one comes out."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

import numpy as np

from scixtag.corpus.readers.cells import is_made_up
from scixtag.corpus.record import Record
from scixtag.corpus.text import text_of
from scixtag.errors import InputError, nearest
from scixtag.predictions.suggestion import build_suggestions
from scixtag.review.decisions import Origin, Progress
from scixtag.review.errors import UnknownPaperError
from scixtag.review.priorities import expected_gain, uncertainty
from scixtag.review.store import papers as paper_rows
from scixtag.review.store.database import Database
from scixtag.review.store.papers import NewPaper, PaperRow
from scixtag.review.texts import checked_name, moment, now, spellings, storable
from scixtag.vocabulary.concept import Vocabulary
from scixtag.workflows.tagger import Tagger

Order = Literal["uncertainty", "expected-gain", "date"]
ORDERS: tuple[Order, ...] = get_args(Order)

_BATCH = 256
_LISTED = 20
_NO_FACTS = ("format", "format_version", "files")
"""Of a manifest: what saving adds, so that a tagger has one digest before and after it."""


@dataclass(frozen=True)
class Imported:
    """What came of an import.

    Attributes:
        added: Papers that are new in the queue.
        known: Papers that were there already, and stay as they are.
        empty: Papers with neither title nor abstract, which nobody could decide on.
    """

    added: int = 0
    known: int = 0
    empty: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(self.added + other.added, self.known + other.known, self.empty + other.empty)


@dataclass(frozen=True, slots=True)
class QueuedPaper:
    """A paper in the queue.

    Attributes:
        id: Its identifier.
        title: As its source gave it.
        source: Where it came from.
        imported_at: When; UTC, ISO 8601.
        uncertainty: See `priorities.uncertainty`; 0 if no model was asked.
        expected_gain: See `priorities.expected_gain`; likewise.
        progress: "open", "skipped" or "done".
        seq: Of its last event.
        claimed_by: Whoever it was handed to last; None if that is nobody.
    """

    id: str
    title: str
    source: str
    imported_at: str
    uncertainty: float
    expected_gain: float
    progress: Progress
    seq: int
    claimed_by: str | None = None


class Queue:
    """The papers of a database, in the order in which curators should see them.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def import_papers(
        self, records: Iterable[Record], tagger: Tagger | None, source: str, model: str | None = None
    ) -> Imported:
        """Put papers into the queue, with what a model says of them.

        Batches are written whole or not at all, and papers that are there are passed over before the model is asked:
        an import that was interrupted goes on when it is repeated.

        Args:
            records: The papers; their labels are of no account, and of those with the same id the first counts.
            tagger: Suggests, and gives the orders their numbers; None for papers without suggestions.
            source: Where they come from, for people.
            model: What to call the tagger; by default the name of its model.

        Raises:
            InputError: A paper has no id of its own, or one that cannot be stored; or a row cannot be read.
            ScixtagError: The database cannot be written; see `Database.open`.
        """
        total = Imported()
        for imported in self.import_batches(records, tagger, source, model):
            total += imported
        return total

    def import_batches(
        self, records: Iterable[Record], tagger: Tagger | None, source: str, model: str | None = None
    ) -> Iterator[Imported]:
        """As `import_papers`, telling after each batch what came of it."""
        origin = Origin() if tagger is None else origin_of(tagger, model)
        waiting = iter(records)
        while batch := list(islice(waiting, _BATCH)):
            yield self._import(batch, tagger, storable(source), origin)

    def _import(self, batch: Sequence[Record], tagger: Tagger | None, source: str, origin: Origin) -> Imported:
        unique: dict[str, Record] = {}
        for record in batch:
            unique.setdefault(_checked_id(record.id), record)
        with self._database.reading() as connection:
            known = paper_rows.known_ids(connection, unique)
        new = [record for record in unique.values() if record.id not in known]
        readable = [record for record in new if text_of(record).joined]
        if not readable:
            return Imported(0, len(batch) - len(new), len(new))
        papers = _new_papers(readable, tagger)
        with self._database.writing() as connection:
            added = len(paper_rows.put_in(connection, papers, source, moment(now()), origin))
        empty = len(new) - len(readable)
        return Imported(added, len(batch) - added - empty, empty)

    def next(self, order: str, curator: str, *, second: bool = False) -> QueuedPaper | None:
        """The first paper that waits for a decision, and that nobody else is looking at; None if there is none.

        It stays this curator's until 15 minutes after the last thing that they did on it: two who ask get different
        papers, and one who asks twice the same. Skipped papers come when no other is left, the one that was skipped
        longest ago first.

        Args:
            order: See `ORDERS`; with "date", what was imported first comes first.
            curator: Who asks.
            second: For a second opinion: papers that are done, but not by this curator.

        Raises:
            InputError: There is no such order.
            ScixtagError: The database cannot be written; see `Database.open`.
        """
        _check_order(order)
        checked_name(curator, "curator")
        choose = paper_rows.first_done_by_others if second else paper_rows.first_free
        with self._database.writing() as connection:
            at = now()
            row = choose(connection, order, curator, moment(at))
            if row is None:
                return None
            paper_rows.claim(connection, row.number, curator, moment(at + paper_rows.CLAIMED))
        return _queued(row, curator)

    def release(self, paper: str, curator: str) -> None:
        """Let a paper that was handed to a curator be handed to others at once.

        Raises:
            UnknownPaperError: There is no such paper.
            ScixtagError: The database cannot be written; see `Database.open`.
        """
        with self._database.writing() as connection:
            row = paper_rows.paper_row(connection, storable(paper))
            if row is None:
                raise UnknownPaperError(f"{paper}: the database holds no such paper; import it first")
            paper_rows.release(connection, row.number, curator)

    def list(
        self, order: str, limit: int, after: str | None = None, progress: Progress | None = "open", part: str = ""
    ) -> list[QueuedPaper]:
        """A page of the queue.

        Args:
            order: See `ORDERS`.
            limit: The most papers to list.
            after: The id of the last paper of the page before.
            progress: Papers in this state alone; None for all.
            part: Papers with this in their title or id alone, whatever its case, accents, markup and blanks.

        Raises:
            InputError: There is no such order.
            UnknownPaperError: There is no such paper as `after`.
            ScixtagError: The database cannot be read; see `Database.open`.
        """
        _check_order(order)
        with self._database.reading() as connection:
            last = None if after is None else paper_rows.paper_row(connection, storable(after))
            if after is not None and last is None:
                raise UnknownPaperError(f"{after}: the database holds no such paper; begin with the first page")
            found = paper_rows.page(connection, order, progress, last, limit, moment(now()), spellings(part))
        return [_queued(row, holder) for row, holder in found]

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids whose papers are there.

        Raises:
            ScixtagError: The database cannot be read; see `Database.open`.
        """
        with self._database.reading() as connection:
            parts = (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
            return set().union(*(paper_rows.known_ids(connection, [storable(i) for i in part]) for part in parts))

    def counts(self) -> dict[str, int]:
        """How many papers are "open", "skipped" and "done".

        Raises:
            ScixtagError: The database cannot be read; see `Database.open`.
        """
        with self._database.reading() as connection:
            return paper_rows.counts(connection)


def origin_of(tagger: Tagger, model: str | None = None) -> Origin:
    """What to write beside decisions on what a tagger suggested.

    Args:
        tagger: Trained.
        model: What to call it; by default the name of its model.
    """
    facts = {key: value for key, value in tagger.manifest.items() if key not in _NO_FACTS}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    behind = vocabulary_origin(tagger.vocabulary)
    name = storable(model or tagger.manifest["model"]["name"])
    return Origin(name, digest, behind.vocabulary, behind.release, behind.fingerprint)


def vocabulary_origin(vocabulary: Vocabulary) -> Origin:
    """What to write beside decisions that no model suggested anything for."""
    return Origin("", "", storable(vocabulary.title), storable(vocabulary.release), vocabulary.fingerprint)


def _new_papers(records: Sequence[Record], tagger: Tagger | None) -> list[NewPaper]:
    plain = [(r.id, storable(r.title), None if r.abstract is None else storable(r.abstract)) for r in records]
    if tagger is None:
        return [NewPaper(*fields) for fields in plain]
    answers = tagger.answers([text_of(record) for record in records])
    listed = build_suggestions(*answers, tagger.vocabulary, _LISTED)
    unsure = np.round(uncertainty(answers), 6).tolist()
    gains = np.round(expected_gain(answers, tagger.decision.unlisted), 6).tolist()
    parts = zip(plain, unsure, gains, listed, strict=True)
    return [NewPaper(*fields, unsure, gain, tuple(suggested)) for fields, unsure, gain, suggested in parts]


def _checked_id(identifier: str) -> str:
    if is_made_up(identifier):
        raise InputError(
            f"{identifier}: the papers have no ids, and decisions need to know whose they are; "
            "name the column of the ids with --id-field"
        )
    return checked_name(identifier, "paper")


def _check_order(order: str) -> None:
    if order not in ORDERS:
        raise InputError(f"order '{order}': there is none of this name; {nearest(order, ORDERS)}")


def _queued(row: PaperRow, holder: str | None) -> QueuedPaper:
    return QueuedPaper(
        row.id,
        row.title,
        row.source,
        row.imported_at,
        row.uncertainty,
        row.expected_gain,
        row.progress,
        row.seq,
        holder,
    )
