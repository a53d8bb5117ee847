"""Events to state: nothing but the order of events counts, and whatever is undone never was."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_cases import DUST, GALAXIES, LENSES, QUASARS, STARS, SUGGESTIONS

from scixtag.errors import InputError
from scixtag.review.decisions import ACTIONS, MOST_NOTE, Event, Wish, check_wish, fold, undone_by

CONCEPTS = (GALAXIES, QUASARS, DUST, LENSES, STARS)


def happened(*told):
    """Events from (action, concept, …) with rising numbers; `who` is ann unless told."""
    events = []
    for seq, (action, *rest) in enumerate(told, 1):
        fields = rest[-1] if rest and isinstance(rest[-1], dict) else {}
        names = [part for part in rest if not isinstance(part, dict)]
        concept, other = (*names, None, None)[:2]
        events.append(
            Event(seq, "a", seq, action, **({"who": "ann", "at": f"2026-{seq}"} | fields), concept=concept, other=other)
        )
    return events


def status(state, concept):
    return state.standings[concept.uri].status


@st.composite
def histories(draw):
    """What several curators may do, with undos of what was not undone."""
    events = []
    for seq in range(1, draw(st.integers(0, 15)) + 1):
        gone = {event.undoes for event in events}
        left = [event.seq for event in events if event.action != "undo" and event.seq not in gone]
        action = draw(st.sampled_from([a for a in ACTIONS if a != "undo" or left]))
        concept = draw(st.sampled_from(CONCEPTS)) if action in ("accept", "reject", "add", "swap") else None
        other = draw(st.sampled_from([c for c in CONCEPTS if c != concept])) if action == "swap" else None
        undoes = draw(st.sampled_from(left)) if action == "undo" else None
        who = draw(st.sampled_from(["ann", "bob"]))
        events.append(Event(seq, "a", seq, action, who, f"2026-{seq:02}", concept, other, "words", undoes))
    return events


def undoing_all(events):
    events = list(events)
    gone = {event.undoes for event in events}
    for event in [e for e in events if e.action != "undo" and e.seq not in gone]:
        seq = len(events) + 1
        events.append(Event(seq, "a", seq, "undo", "ann", "2027", undoes=event.seq))
    return events


@given(histories())
def test_undoing_everything_gives_the_beginning(events):
    state, beginning = fold(undoing_all(events), SUGGESTIONS), fold([], SUGGESTIONS)
    assert replace(state, seq=0, undone=frozenset()) == beginning


@given(histories())
def test_what_is_undone_never_was(events):
    gone = {event.undoes for event in events}
    left = [event for event in events if event.seq not in gone and event.action != "undo"]
    assert replace(fold(events, SUGGESTIONS), seq=0, undone=frozenset()) == replace(fold(left, SUGGESTIONS), seq=0)


@given(histories())
def test_folding_again_gives_the_same_and_changes_nothing(events):
    before = list(events)
    assert fold(events, SUGGESTIONS) == fold(events, SUGGESTIONS)
    assert events == before
    assert fold(events, SUGGESTIONS).seq == len(events)


@given(histories(), st.sampled_from(CONCEPTS), st.sampled_from(["accept", "reject", "add"]))
def test_the_last_one_wins_and_the_others_are_kept(events, concept, action):
    before = fold(events, SUGGESTIONS)
    seq = len(events) + 1
    after = fold([*events, Event(seq, "a", seq, action, "eve", "2027", concept)], SUGGESTIONS)
    assert (status(after, concept) == "rejected") == (action == "reject")
    assert after.standings[concept.uri].who == "eve"
    others = {uri: standing for uri, standing in after.standings.items() if uri != concept.uri}
    assert others == {uri: standing for uri, standing in before.standings.items() if uri != concept.uri}


@given(histories())
def test_labels_are_what_counts(events):
    state = fold(events, SUGGESTIONS)
    assert set(state.labels) == {s.concept for s in state.standings.values() if s.counts}
    assert all(s.status in ("suggested", "accepted", "added") for s in state.standings.values() if s.counts)


def test_before_anything_the_models_set_stands():
    state = fold([], SUGGESTIONS)
    assert state.labels == (GALAXIES, QUASARS)
    assert (state.seq, state.progress) == (0, "open")
    assert state.standings[DUST.uri].probability == 0.2


def test_each_action():
    state = fold(
        happened(("accept", DUST), ("reject", GALAXIES), ("add", LENSES), ("swap", QUASARS, STARS)), SUGGESTIONS
    )
    found = [status(state, c) for c in (DUST, GALAXIES, LENSES, QUASARS, STARS)]
    assert found == ["accepted", "rejected", "added", "swapped", "added"]
    assert state.standings[QUASARS.uri].other == STARS
    assert state.standings[QUASARS.uri].probability == 0.45
    assert state.labels == (DUST, LENSES, STARS)


def test_a_concept_that_was_listed_is_accepted_however_it_is_said():
    assert status(fold(happened(("add", DUST)), SUGGESTIONS), DUST) == "accepted"
    assert status(fold(happened(("swap", QUASARS, DUST)), SUGGESTIONS), DUST) == "accepted"
    assert status(fold(happened(("accept", LENSES)), SUGGESTIONS), LENSES) == "added"


def test_progress_is_what_was_said_last():
    assert fold(happened(("done",))).progress == "done"
    assert fold(happened(("done",), ("skip",))).progress == "skipped"
    state = fold(happened(("skip",), ("done", {"who": "bob"}), ("undo", {"undoes": 2})))
    assert (state.progress, state.done_by, state.skipped_by) == ("skipped", (), ("ann",))


def test_who_skips_takes_nobody_elses_word_back():
    state = fold(happened(("done",), ("skip", {"who": "bob"})))
    assert (state.progress, state.done_by, state.skipped_by) == ("done", ("ann",), ("bob",))
    state = fold(happened(("skip", {"who": "bob"}), ("done",), ("skip",)))
    assert (state.progress, state.done_by, state.skipped_by) == ("skipped", (), ("bob", "ann"))
    state = fold(happened(("skip",), ("done",), ("done", {"who": "bob"}), ("undo", {"undoes": 2})))
    assert (state.progress, state.done_by, state.skipped_by) == ("done", ("bob",), ("ann",))


def test_notes_stand_in_order_with_their_authors():
    notes = fold(happened(("note", {"text": "one"}), ("note", {"text": "two", "who": "bob"}))).notes
    assert [(note.seq, note.who, note.text) for note in notes] == [(1, "ann", "one"), (2, "bob", "two")]


def test_undo_names_an_event_or_means_ones_own_last():
    events = happened(("accept", DUST), ("reject", DUST, {"who": "bob"}), ("note", {"text": "x"}))
    assert undone_by(Wish("undo", undoes=2), "ann", events) == 2
    assert undone_by(Wish("undo"), "ann", events) == 3
    assert undone_by(Wish("undo"), "bob", events) == 2
    later = [*events, Event(4, "a", 4, "undo", "ann", "", undoes=3)]
    assert undone_by(Wish("undo"), "ann", later) == 1


@pytest.mark.parametrize(
    ("undoes", "who", "told"),
    [
        (1, "ann", "is undone already"),
        (2, "ann", "is an undo"),
        (9, "ann", "does not exist"),
        (None, "bob", "bob has done nothing"),
    ],
)
def test_what_cannot_be_undone(undoes, who, told):
    events = happened(("accept", DUST), ("undo", {"undoes": 1}))
    with pytest.raises(InputError, match=told):
        undone_by(Wish("undo", undoes=undoes), who, events)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish("acept", DUST), "did you mean 'accept'"),
        (Wish("accept"), "needs 'concept'"),
        (Wish("done", DUST), "takes no 'concept'"),
        (Wish("swap", DUST), "needs 'other'"),
        (Wish("swap", DUST, DUST), "for itself"),
        (Wish("add", DUST, LENSES), "takes no 'other'"),
        (Wish("note", text=" "), "the text is empty"),
        (Wish("note", text="x" * (MOST_NOTE + 1)), "10,001 characters"),
        (Wish("skip", undoes=1), "takes no 'undoes'"),
    ],
)
def test_wishes_that_are_refused(wish, told):
    with pytest.raises(InputError, match=told):
        check_wish(wish)


def test_what_is_deprecated_counts_only_where_somebody_says_so():
    suggestions = [replace(one, deprecated=one.uri == GALAXIES.uri) for one in SUGGESTIONS]
    assert fold(happened(("done",)), suggestions).labels == (QUASARS,)
    taken = fold(happened(("accept", GALAXIES), ("done",)), suggestions)
    assert taken.labels == (GALAXIES, QUASARS)
    assert taken.standings[GALAXIES.uri].deprecated
    assert fold(happened(("accept", GALAXIES), ("undo", {"undoes": 1}), ("done",)), suggestions).labels == (QUASARS,)
