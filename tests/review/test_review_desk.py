"""Decisions: recorded once, never over somebody else's, and kept whatever happens after."""

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from review_cases import DUST, GALAXIES, LENSES, ORIGIN, QUASARS, SUGGESTIONS, put

from scixtag.errors import InputError
from scixtag.review.decisions import Origin, Wish, fold
from scixtag.review.desk import Desk, all_papers
from scixtag.review.errors import StaleError, UnknownPaperError
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database


@pytest.fixture
def desk(database):
    put(database, "a", "b")
    return Desk(database)


def test_a_paper_comes_with_its_suggestions(desk):
    paper = desk.paper("a")
    assert (paper.id, paper.title, paper.abstract, paper.source) == ("a", "On a", "We look at it.", "cases")
    assert (paper.suggestions, paper.origin) == (SUGGESTIONS, ORIGIN)
    assert (paper.events, paper.state) == ((), fold([], SUGGESTIONS))


def test_a_decision_says_who_when_and_behind_which_model(desk):
    event = desk.record("a", 0, "accept", concept=DUST, who="ann", text="see section 3")
    assert (event.seq, event.action, event.concept, event.who, event.text) == (
        1,
        "accept",
        DUST,
        "ann",
        "see section 3",
    )
    assert event.origin == ORIGIN
    assert event.at.endswith("Z")
    assert len(event.at) == 27
    paper = desk.paper("a")
    assert paper.events == (event,)
    assert paper.state == fold([event], SUGGESTIONS)
    assert desk.paper("b").events == ()


def test_a_decision_comes_with_the_paper_as_it_is_afterwards(desk):
    wishes = [Wish("reject", GALAXIES), Wish("done")]
    for _ in range(2):  # a key that comes again changes nothing
        events, after = desk.decide("a", 0, wishes, "ann", "k")
        assert after == desk.paper("a")
        assert (list(after.events), after.state.progress) == (events, "done")


def test_of_a_long_queue_those_with_events_can_be_read_alone(database, desk):
    desk.record("b", 0, "note", text="x", who="ann")
    assert [paper.id for paper in all_papers(database)] == ["a", "b"]
    assert list(all_papers(database, touched=True)) == [desk.paper("b")]
    assert list(all_papers(database, "done", touched=True)) == []


def test_another_model_may_stand_behind_a_decision(desk):
    other = Origin("other", "1", "UAT", "6.0.0", "2")
    assert desk.record("a", 0, "accept", concept=DUST, who="ann", origin=other).origin == other
    assert desk.paper("a").events[0].origin == other


def test_numbers_of_events_have_no_gap(desk):
    for seq, (action, concept) in enumerate([("accept", DUST), ("reject", GALAXIES), ("add", LENSES), ("done", None)]):
        assert desk.record("a", seq, action, concept=concept, who="ann").seq == seq + 1
    assert desk.record("a", 4, "undo", who="ann").undoes == 4
    assert [event.seq for event in desk.events("a")] == [1, 2, 3, 4, 5]
    assert [event.seq for event in desk.events("a", after=3)] == [4, 5]


def test_a_stale_decision_is_refused_with_what_happened_since(desk):
    first = desk.record("a", 0, "reject", concept=QUASARS, who="bob")
    with pytest.raises(StaleError, match="since then: bob") as told:
        desk.record("a", 0, "accept", concept=QUASARS, who="ann")
    assert (told.value.seq, told.value.events) == (1, (first,))
    assert desk.paper("a").events == (first,)
    with pytest.raises(StaleError) as told:
        desk.record("a", 9, "accept", concept=QUASARS, who="ann")
    assert (told.value.seq, told.value.events) == (1, ())


def test_of_many_at_once_one_is_first_and_nobody_is_overwritten(desk):
    def decide(number):
        try:
            return desk.record("a", 0, "note", text=str(number), who=f"curator-{number}")
        except StaleError as stale:
            return stale

    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(decide, range(8)))
    saved = [event for event in came if not isinstance(event, StaleError)]
    assert len(saved) == 1
    assert all(stale.events == (saved[0],) for stale in came if isinstance(stale, StaleError))
    assert desk.events("a") == saved


def test_the_same_key_again_gives_the_first_event(desk):
    first = desk.record("a", 0, "accept", concept=DUST, who="ann", key="k1")
    assert desk.record("a", 0, "accept", concept=DUST, who="ann", key="k1") == first
    assert desk.events("a") == [first]
    assert desk.record("a", 1, "accept", concept=DUST, who="bob", key="k1").seq == 2  # bob's keys are his own


def test_the_same_key_at_the_same_moment_happens_once(desk):
    def send(_):
        return desk.record("a", 0, "accept", concept=DUST, who="ann", key="k1")

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(send, range(6)))) == 1
    assert len(desk.events("a")) == 1


@pytest.mark.parametrize(
    ("paper", "action", "concept"), [("a", "reject", DUST), ("a", "accept", LENSES), ("b", "accept", DUST)]
)
def test_a_key_is_for_one_decision(desk, paper, action, concept):
    desk.record("a", 0, "accept", concept=DUST, who="ann", key="k1")
    with pytest.raises(InputError, match="sent before with another decision"):
        desk.record(paper, 0, action, concept=concept, who="ann", key="k1")


def test_several_decisions_are_recorded_together_or_not_at_all(desk):
    events = desk.record_all("a", 0, [Wish("accept", DUST), Wish("done")], "ann", "k")
    assert [event.seq for event in events] == [1, 2]
    assert desk.record_all("a", 0, [Wish("accept", DUST), Wish("done")], "ann", "k") == events
    with pytest.raises(InputError, match="does not exist"):
        desk.record_all("b", 0, [Wish("accept", DUST), Wish("undo", undoes=7)], "ann")
    assert desk.events("b") == []


def test_what_the_queue_knows_follows_from_the_events(desk, database):
    queue = Queue(database)
    desk.record("a", 0, "done", who="ann")
    desk.record("b", 0, "skip", who="ann")
    assert queue.counts() == {"open": 0, "skipped": 1, "done": 1}
    desk.record("a", 1, "undo", who="ann")
    assert queue.counts() == {"open": 1, "skipped": 1, "done": 0}
    for paper in queue.list("date", 10, progress=None):
        assert (paper.seq, paper.progress) == (desk.paper(paper.id).state.seq, desk.paper(paper.id).state.progress)


def test_unknown_papers_and_odd_names(desk):
    for paper in ("absent", "a\x00", "\ud800"):
        with pytest.raises(UnknownPaperError, match="no such paper"):
            desk.paper(paper)
    with pytest.raises(UnknownPaperError):
        desk.record("absent", 0, "done", who="ann")
    for who in ("", " ann", "x" * 201, "a\nb", "a\x00b", "\u202eann"):
        with pytest.raises(InputError, match="curator"):
            desk.record("a", 0, "done", who=who)


def test_any_text_can_be_a_note(desk):
    text = "<script>alert(1)</script>\x00\ud800 \u202e' OR 1=1; -- 𝄞\n"
    desk.record("a", 0, "note", text=text, who="ann")
    assert desk.paper("a").state.notes[0].text == text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


def test_nothing_that_was_told_as_saved_is_lost_by_a_kill(url):
    """Killed at any moment, three times over: whatever number was printed is there, and the history has no gap."""
    with Database.open(url) as database:
        put(database, "a")
    drawn = random.Random(7)
    told = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "recorder.py"), url, "a"], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()  # it works
        time.sleep(drawn.uniform(0.0, 0.15))
        process.kill()
        # The last line may be cut; only whole ones were told.
        rest, _ = process.communicate()
        lines = [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        told = max([told, *lines])
        with Database.open(url) as database:
            events = Desk(database).events("a")
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert len(events) >= told > 0
