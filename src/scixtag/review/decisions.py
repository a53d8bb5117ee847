"""What curators decided about one paper: events, and the state that follows from them. No database here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, get_args

from scixtag.errors import InputError, nearest
from scixtag.predictions.suggestion import Suggestion
from scixtag.vocabulary.concept import Concept, ConceptId

Action = Literal["accept", "reject", "add", "swap", "note", "skip", "done", "undo"]
ACTIONS: tuple[Action, ...] = get_args(Action)
Status = Literal["suggested", "accepted", "rejected", "added", "swapped"]
Progress = Literal["open", "skipped", "done"]

MOST_NOTE = 10_000
"""Characters of a note."""

_ON_CONCEPTS = ("accept", "reject", "add", "swap")


class ConceptName(NamedTuple):
    """A concept as it was called when somebody decided on it; releases rename concepts, and keep their URI.

    Attributes:
        id: Short identifier in its vocabulary.
        uri: Full identifier; what decisions are compared by.
        label: Its preferred name then.
    """

    id: ConceptId
    uri: str
    label: str

    @classmethod
    def of(cls, concept: Concept | Suggestion) -> "ConceptName":
        """Of a vocabulary's concept, or of one that a model suggests."""
        return cls(concept.id, concept.uri, concept.name if isinstance(concept, Concept) else concept.label)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ConceptName":
        """The inverse of `_asdict`."""
        return cls(document["id"], document["uri"], document["label"])


@dataclass(frozen=True, slots=True)
class Origin:
    """What stood behind what a curator saw.

    Attributes:
        model: The model's name; empty where none suggested anything.
        digest: Sixteen hexadecimal digits of its manifest; empty without a model.
        vocabulary: Its title.
        release: Of the vocabulary.
        fingerprint: Of the vocabulary.
    """

    model: str = ""
    digest: str = ""
    vocabulary: str = ""
    release: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a curator did; never changed and never removed.

    Attributes:
        id: Its number in the database.
        paper: The paper's id.
        seq: Its place among the paper's events, from 1 on without a gap.
        action: What was done.
        who: The name of whoever did it.
        at: When: UTC, ISO 8601 with microseconds.
        concept: For "accept", "reject", "add" and "swap".
        other: For "swap": what `concept` was swapped for.
        text: For "note"; may say why beside any other action.
        undoes: For "undo": the `seq` of the event that it cancels.
        origin: The model and vocabulary behind what was seen; None where neither was known.
        key: The client's own name of the event, by which it can be sent twice and happens once.
    """

    id: int
    paper: str
    seq: int
    action: Action
    who: str
    at: str
    concept: ConceptName | None = None
    other: ConceptName | None = None
    text: str = ""
    undoes: int | None = None
    origin: Origin | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one concept stands for a paper.

    Attributes:
        concept: Which one.
        status: "suggested" until somebody decides; "added" if somebody brought it who did not find it among the
            suggestions.
        who: Who decided last; None while it is merely suggested.
        at: When.
        probability: What the model said; None if it did not list the concept.
        selected: The model's rule took it.
        other: For "swapped": by which concept it was replaced.
        deprecated: The model's vocabulary says that it is no longer to be assigned.
    """

    concept: ConceptName
    status: Status
    who: str | None = None
    at: str | None = None
    probability: float | None = None
    selected: bool = False
    other: ConceptName | None = None
    deprecated: bool = False

    @property
    def counts(self) -> bool:
        """Whether the concept is one of the paper's labels as things stand.

        What the model selected stands until somebody objects, as rows without an override do in SciX's files; but what
        is deprecated stands only where somebody says so.
        """
        return self.status in ("accepted", "added") or (
            self.status == "suggested" and self.selected and not self.deprecated
        )


@dataclass(frozen=True, slots=True)
class Note:
    """What a curator wrote about a paper."""

    seq: int
    who: str
    at: str
    text: str


@dataclass(frozen=True)
class PaperState:
    """What follows from the events of a paper.

    Attributes:
        seq: Of the last event; 0 before the first. What `Desk.record` expects.
        progress: What was said last of "done" and "skip"; else "open".
        standings: By the concepts' URIs: suggestions in their order, then what curators brought.
        notes: In order.
        done_by: Whose last word on the whole paper is "done", in order; what was undone is none.
        skipped_by: Whose is "skip".
        undone: The `seq` of each event that was cancelled.
    """

    seq: int
    progress: Progress
    standings: Mapping[str, Standing]
    notes: tuple[Note, ...]
    done_by: tuple[str, ...]
    skipped_by: tuple[str, ...]
    undone: frozenset[int]

    @property
    def labels(self) -> tuple[ConceptName, ...]:
        """The paper's concepts as things stand, in the order of `standings`."""
        return tuple(standing.concept for standing in self.standings.values() if standing.counts)


def fold(events: Sequence[Event], suggestions: Iterable[Suggestion] = ()) -> PaperState:
    """The state that follows from what happened: for each concept, the last thing said of it.

    An event that a later "undo" names counts as if it had never been, whatever came between; an "undo" itself cannot
    be undone, for whoever wants the event back does it again.

    Args:
        events: Of one paper, in the order of `seq`.
        suggestions: What a model said of it.
    """
    undone = frozenset(event.undoes for event in events if event.undoes is not None)
    standings = {
        s.uri: Standing(
            ConceptName.of(s), "suggested", probability=s.probability, selected=s.selected, deprecated=s.deprecated
        )
        for s in suggestions
    }
    listed = dict(standings)
    notes: list[Note] = []
    said: dict[str, str] = {}
    for event in events:
        if event.seq in undone:
            continue
        for standing in _decided(event, listed):
            standings[standing.concept.uri] = standing
        if event.action == "note":
            notes.append(Note(event.seq, event.who, event.at, event.text))
        if event.action in ("done", "skip"):
            said.pop(event.who, None)
            said[event.who] = event.action
    seq = events[-1].seq if events else 0
    done, skipped = (tuple(who for who, what in said.items() if what == action) for action in ("done", "skip"))
    # Who skips a paper puts it off for themselves, and takes nobody else's word back.
    progress: Progress = "done" if done else "skipped" if skipped else "open"
    return PaperState(seq, progress, standings, tuple(notes), done, skipped, undone)


def _decided(event: Event, listed: Mapping[str, Standing]) -> Iterable[Standing]:
    """What an event says of concepts."""
    if event.concept is None:
        return
    if event.action == "reject":
        yield _standing(event, event.concept, "rejected", listed)
    elif event.action == "swap":
        yield _standing(event, event.concept, "swapped", listed, event.other)
        if event.other is not None:
            yield _standing(event, event.other, _chosen(event.other, listed), listed)
    else:
        yield _standing(event, event.concept, _chosen(event.concept, listed), listed)


def _chosen(concept: ConceptName, listed: Mapping[str, Standing]) -> Status:
    """Whether a concept that somebody wants was there to accept."""
    return "accepted" if concept.uri in listed else "added"


def _standing(
    event: Event,
    concept: ConceptName,
    status: Status,
    listed: Mapping[str, Standing],
    other: ConceptName | None = None,
) -> Standing:
    before = listed.get(concept.uri) or Standing(concept, status)
    return replace(before, concept=concept, status=status, who=event.who, at=event.at, other=other)


class Wish(NamedTuple):
    """What somebody wants to be recorded; the part of an event that is theirs to choose."""

    action: str
    concept: ConceptName | None = None
    other: ConceptName | None = None
    text: str = ""
    undoes: int | None = None


def check_wish(wish: Wish) -> Action:
    """See that a wish has the parts that its action needs, and no others.

    Raises:
        InputError: It has not, or the action is none.
    """
    if wish.action not in ACTIONS:
        raise InputError(f"action '{wish.action}': there is none of this name; {nearest(wish.action, ACTIONS)}")
    action: Action = wish.action
    _check_part(action, "concept", wish.concept is not None, needed=action in _ON_CONCEPTS)
    _check_part(action, "other", wish.other is not None, needed=action == "swap")
    if wish.undoes is not None and action != "undo":
        raise InputError(f"action '{action}': takes no 'undoes'; leave it out")
    if action == "note" and not wish.text.strip():
        raise InputError("action 'note': the text is empty; write something, or leave the note out")
    if len(wish.text) > MOST_NOTE:
        raise InputError(f"action '{action}': a text of {len(wish.text):,} characters; at most {MOST_NOTE:,} are kept")
    if wish.concept is not None and wish.other is not None and wish.concept.uri == wish.other.uri:
        raise InputError(f"action 'swap': {wish.concept.label} for itself; name another concept")
    return action


def _check_part(action: str, part: str, given: bool, *, needed: bool) -> None:
    if needed and not given:
        raise InputError(f"action '{action}': needs '{part}'; name a concept of the vocabulary")
    if given and not needed:
        raise InputError(f"action '{action}': takes no '{part}'; leave it out")


def undone_by(wish: Wish, who: str, events: Sequence[Event]) -> int:
    """The `seq` that an "undo" cancels: the one it names, or else the last thing that `who` did.

    Raises:
        InputError: There is no such event, it is undone already, or is itself an "undo".
    """
    gone = {event.undoes for event in events if event.undoes is not None}
    left = [event.seq for event in events if event.action != "undo" and event.seq not in gone]
    if wish.undoes is None:
        own = [event.seq for event in events if event.who == who and event.seq in left]
        if not own:
            raise InputError(f"undo: {who} has done nothing here that is not undone; name an event with 'undoes'")
        return own[-1]
    if wish.undoes not in left:
        known = {event.seq: event.action for event in events}
        why = "is undone already" if wish.undoes in gone else "is an undo; do again what it took back"
        why = why if wish.undoes in known else "does not exist"
        raise InputError(f"undo: event {wish.undoes} of this paper {why}")
    return wish.undoes
