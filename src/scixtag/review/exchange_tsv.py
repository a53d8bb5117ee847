"""SciX's tables: bibcode, name and id of a concept, and an override where a curator changed something."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scixtag.errors import InputError
from scixtag.review.decision_rows import COLUMNS, Row, read_rows
from scixtag.review.decisions import ConceptName, PaperState, Standing, Wish
from scixtag.review.desk import Desk, ReviewPaper
from scixtag.review.errors import StaleError, UnknownPaperError
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.search import search_concepts

_KEEP = ("", "accept", "add", "keep")
_REMOVE = ("reject", "remove", "-")
_TRIES = 5


@dataclass
class Recorded:
    """What came of a table.

    Attributes:
        papers: Whose rows were recorded, or had been before.
        events: Decisions on concepts that are new.
        absent: Ids of papers that the database does not hold; their rows were passed over.
    """

    papers: int = 0
    events: int = 0
    absent: list[str] = field(default_factory=list)


# Out


def table(papers: Iterable[ReviewPaper]) -> Iterator[str]:
    """A header, and a line for each concept that stands on a paper or was taken from it.

    The override of a concept that nobody decided on is empty; else it is `accept`, `add` or `reject`, or the id of the
    concept that it was swapped for.
    """
    yield _line(COLUMNS)
    for paper in papers:
        yield from (_line((paper.id, c.label, str(c.id), override)) for c, override in _overridden(paper.state))


def final_table(papers: Iterable[ReviewPaper]) -> Iterator[str]:
    """A line for each label, without a header: what SciX loads."""
    for paper in papers:
        yield from (_line((paper.id, concept.label, str(concept.id))) for concept in paper.state.labels)


def _overridden(state: PaperState) -> Iterator[tuple[ConceptName, str]]:
    stands = {concept.uri for concept in state.labels}
    brought = {s.other.uri for s in state.standings.values() if s.other is not None}
    for uri, standing in state.standings.items():
        override = _override(standing, stands)
        # What another was swapped for comes back with that one's row.
        if override is not None and not (override == "add" and uri in brought):
            yield standing.concept, override


def _override(standing: Standing, stands: set[str]) -> str | None:
    if standing.status == "swapped":
        kept = standing.other is not None and standing.other.uri in stands
        return str(standing.other.id) if kept and standing.other is not None else "reject"
    if standing.status == "suggested":
        return "" if standing.counts else None
    return {"accepted": "accept", "added": "add", "rejected": "reject"}[standing.status]


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerow(cells)
    return text.getvalue()


# In


def record_table(desk: Desk, path: Path, vocabulary: Vocabulary, who: str) -> Recorded:
    """Record a table as decisions: afterwards each of its papers is done, and has the labels that the table says.

    A row without an override is accepted; a label that stands and has no row is rejected, for somebody removed its
    row. The same table a second time changes nothing, unless somebody has decided otherwise since.

    Args:
        desk: Where decisions go.
        path: The table.
        vocabulary: What its ids and names mean.
        who: Who decided.

    Raises:
        InputError: The table cannot be read, or a row names no concept; nothing was recorded. Or the database holds
            none of its papers.
        ScixtagError: The database cannot be written; see `Database.open`.
    """
    wishes = {paper: _wishes(rows, vocabulary) for paper, rows in _by_paper(read_rows(path)).items()}
    recorded = Recorded()
    for paper, wished in wishes.items():
        try:
            recorded.events += _record(desk, paper, wished, who)
            recorded.papers += 1
        except UnknownPaperError:
            recorded.absent.append(paper)
    if wishes and not recorded.papers:
        raise InputError(
            f"{path}: the database holds none of its {len(wishes):,} papers (the first is {recorded.absent[0]}); "
            "import them first, with their titles: `scixtag review import PAPERS`"
        )
    return recorded


def _by_paper(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.paper, []).append(row)
    return found


def _wishes(rows: Iterable[Row], vocabulary: Vocabulary) -> list[Wish]:
    """What the rows of one paper say.

    Raises:
        InputError: A row names no concept, or two contradict each other.
    """
    found: dict[str, Wish] = {}
    said: dict[str, tuple[str, int]] = {}
    for row in rows:
        concept, wish = _wish(row, vocabulary)
        for uri, name, outcome in _outcomes(wish):
            before, line = said.setdefault(uri, (outcome, row.line))
            if before != outcome:
                raise InputError(
                    f"{row.where}: {name} is {outcome} here and {before} in line {line}, for the same paper; "
                    "keep what is meant"
                )
        found[concept.uri] = wish
    return list(found.values())


def _wish(row: Row, vocabulary: Vocabulary) -> tuple[ConceptName, Wish]:
    """The concept of a row, and what the row says of it."""
    concept = _concept(row.id or row.name, row, vocabulary)
    _check_name(concept, row, vocabulary)
    word = row.override.casefold()
    if word in _KEEP:
        return concept, Wish("accept", concept)
    if word in _REMOVE:
        return concept, Wish("reject", concept)
    other = _concept(row.override, row, vocabulary)
    return concept, Wish("accept", concept) if other == concept else Wish("swap", concept, other)


def _outcomes(wish: Wish) -> Iterator[tuple[str, str, str]]:
    """URI and name of each concept that a wish speaks of, and what becomes of it."""
    if wish.concept is not None and wish.other is not None:
        yield wish.concept.uri, wish.concept.label, f"swapped for {wish.other.label}"
        yield wish.other.uri, wish.other.label, "accepted"
    elif wish.concept is not None:
        yield wish.concept.uri, wish.concept.label, f"{wish.action}ed"


def _concept(reference: str, row: Row, vocabulary: Vocabulary) -> ConceptName:
    column = vocabulary.resolve(reference)
    if column is None:
        near = ", ".join(f"{c.name} ({c.id})" for c in search_concepts(vocabulary, row.name or reference, 3))
        raise InputError(
            f"{row.where}: no concept '{reference}' in the vocabulary"
            + (f"; near: {near}" if near else "; take the release that holds it")
        )
    return ConceptName.of(vocabulary[column])


def _check_name(concept: ConceptName, row: Row, vocabulary: Vocabulary) -> None:
    """An id counts whatever the concept was called once, but not beside the name of another one: a cell has slipped."""
    named = vocabulary.resolve(row.name) if row.id and row.name else None
    if named is not None and vocabulary[named].uri != concept.uri:
        raise InputError(
            f"{row.where}: {row.id} is {concept.label}, and {row.name} is {vocabulary[named].id}; keep what is meant"
        )


def _record(desk: Desk, paper: str, wishes: Sequence[Wish], who: str) -> int:
    """Record the wishes of one paper; how many events are new."""
    key = _key(paper, wishes)
    for _ in range(_TRIES):
        found = desk.paper(paper)
        is_known = any(event.who == who and (event.key or "").startswith(key) for event in found.events)
        if is_known and _stands(found.state, wishes):
            return 0
        every = [*wishes, *_removed(found.state, wishes), Wish("done")]
        try:
            return len(desk.record_all(paper, found.state.seq, every, who, f"{key}-{found.state.seq}"))
        except StaleError:
            continue
    raise InputError(f"{paper}: others keep deciding on it; import the table again when they are done")


def _stands(state: PaperState, wishes: Sequence[Wish]) -> bool:
    """Whether a paper is as its part of a table says."""
    said = {wish.other or wish.concept for wish in wishes if wish.action != "reject"}
    labels = {concept.uri for concept in state.labels}
    return state.progress == "done" and labels == {concept.uri for concept in said if concept is not None}


def _removed(state: PaperState, wishes: Sequence[Wish]) -> list[Wish]:
    named = {c.uri for wish in wishes for c in (wish.concept, wish.other) if c is not None}
    return [Wish("reject", concept) for concept in state.labels if concept.uri not in named]


def _key(paper: str, wishes: Sequence[Wish]) -> str:
    """The name of a paper's part of a table: the same rows are the same decision."""
    said = hashlib.sha256(repr((paper, sorted(repr(wish) for wish in wishes))).encode()).hexdigest()[:32]
    return f"table-{said}"
