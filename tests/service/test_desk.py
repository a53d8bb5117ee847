"""The curators' desk, driven in a real browser before a real service and its database."""

import os
import signal
import sqlite3
from urllib.parse import quote

import pytest
from desk_driver import HOSTILE, HOSTILE_ID, ODD, expect, labels, row, saved, sign_in, type_concept

from service_process import serving


def test_a_curator_works_by_keyboard_alone(desk, store):
    page = desk.sits("ann", viewport={"width": 1280, "height": 800})
    expect(page.locator("#count-open")).to_have_text("31")
    expect(page.locator("#queue-head")).to_be_focused()
    page.keyboard.press("d")
    expect(row(page, 0)).to_be_focused()
    expect(page.locator("mark").first).to_be_visible()
    paper = page.evaluate("decodeURIComponent(location.hash.split('/')[2])")
    first, second, third, fourth = labels(page)[:4]
    one, other = [
        name for name in ("Hot Jupiters", "Solar wind", "Quasars", "Polarimetry") if name not in labels(page)
    ][:2]

    page.keyboard.press("a")
    saved(page, f"accepted {first}")
    page.keyboard.press("a")  # not twice
    expect(page.locator("#status")).to_contain_text("is accepted already")
    page.keyboard.press("j")
    page.keyboard.press("r")
    saved(page, f"rejected {second}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    expect(page.locator("#swap-search")).to_be_focused()
    type_concept(page, one)
    saved(page, f"swapped {third} for {one}")
    expect(row(page, 2)).to_be_focused()
    page.keyboard.press("+")
    expect(page.locator("#search")).to_be_focused()
    type_concept(page, other)
    saved(page, f"added {other}")
    page.keyboard.press("n")
    page.keyboard.type("ad rem")  # the letters are no keys here
    page.keyboard.press("Control+Enter")
    saved(page, "noted: “ad rem”")
    expect(page.locator(".remark")).to_contain_text("ad rem")

    page.reload()
    expect(page.locator("[data-status=swapped]")).to_have_count(1)
    statuses = [row(page, place).get_attribute("data-status") for place in range(4)]
    assert statuses == ["accepted", "rejected", "swapped", "suggested"]
    expect(row(page, 0)).to_be_focused()
    page.keyboard.press("u")
    saved(page, "took back: noted: “ad rem”")
    expect(page.locator(".remark")).to_have_count(0)
    page.keyboard.press("u")
    saved(page, f"took back: added {other}")
    expect(page.locator(".standing", has_text=other)).to_have_count(0)
    for key in ("j", "j", "j", "a"):
        page.keyboard.press(key)
    saved(page, f"accepted {fourth}")
    page.keyboard.press("?")
    expect(page.locator("#keys-box")).to_be_visible()
    page.keyboard.press("Enter")  # on its button
    expect(page.locator("#keys-box")).to_be_hidden()
    expect(row(page, 3)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Next: ")
    expect(row(page, 0)).to_be_focused()
    expect(page.locator("#count-done")).to_have_text("1")
    assert page.evaluate("decodeURIComponent(location.hash.split('/')[2])") != paper
    page.wait_for_timeout(500)  # nobody skips what has just come
    page.keyboard.press("x")
    expect(page.locator("#count-skipped")).to_have_text("1")

    state = store.paper(paper).state
    standings = {standing.concept.label: standing.status for standing in state.standings.values()}
    assert (standings[first], standings[second], standings[third]) == ("accepted", "rejected", "swapped")
    assert standings[fourth] == "accepted"
    assert standings[one] == "added"
    assert other not in standings
    assert (state.progress, state.done_by, state.notes) == ("done", ("ann",), ())
    actions = ["accept", "reject", "swap", "add", "note", "undo", "undo", "accept", "done"]
    assert [(who, action) for who, action, _ in store.deeds(paper)] == [("ann", action) for action in actions]


def test_two_curators_on_one_paper_overwrite_nobody(desk, store, papers):
    paper = next(papers)
    ann, bea = desk.sits("ann", paper), desk.sits("bea", paper)
    first, second, third = labels(ann)[:3]
    ann.keyboard.press("a")
    saved(ann, f"accepted {first}")
    bea.keyboard.press("r")
    expect(bea.locator("#conflict")).to_contain_text(f"ann accepted {first}")
    expect(bea.locator("#conflict")).to_contain_text(f"kept here: reject {first}")
    expect(row(bea, 0)).to_contain_text("held back")
    expect(row(bea, 0)).to_have_attribute("data-status", "accepted")
    assert store.deeds(paper) == [("ann", "accept", first)]
    bea.keyboard.press("m")
    saved(bea, f"rejected {first}")
    expect(bea.locator("#conflict")).to_be_empty()
    expect(row(bea, 0)).to_be_focused()
    assert store.deeds(paper) == [("ann", "accept", first), ("bea", "reject", first)]

    for key in ("j", "a", "j", "r"):  # on what she has not seen; both are kept, in order
        ann.keyboard.press(key)
    expect(ann.locator("#conflict b")).to_have_text([f"accept {second}", f"reject {third}"])
    ann.locator("#act-leave").click()
    expect(ann.locator("#conflict")).to_be_empty()
    expect(row(ann, 0)).to_have_attribute("data-status", "rejected")
    assert len(store.deeds(paper)) == 2
    ann.keyboard.press("u")  # one's own alone
    saved(ann, f"took back: accepted {first}")
    assert store.deeds(paper)[-1][:2] == ("ann", "undo")


def test_two_tabs_of_one_curator(desk, store, papers):
    paper = next(papers)
    context = desk.context()
    one = desk.sits("ann", paper, context)
    other = desk.sits("ann", paper, context)
    first = labels(one)[0]
    one.keyboard.press("a")
    saved(one, f"accepted {first}")
    other.keyboard.press("x")
    expect(other.locator("#conflict h2")).to_have_text("You were faster, in another tab")
    other.reload()  # loses nothing
    expect(other.locator("#conflict")).to_contain_text("kept here: skip it")
    other.keyboard.press("l")
    expect(other.locator("#conflict")).to_be_empty()
    expect(row(other, 0)).to_have_attribute("data-status", "accepted")
    assert store.deeds(paper) == [("ann", "accept", first)]


def test_an_answer_that_is_lost_saves_once(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    first, second = labels(page)[:2]
    keys, gone = [], [True]

    def lose(route):
        keys.append(route.request.post_data_json["key"])
        if len(keys) == 1:
            route.fetch()  # it is recorded, and nobody hears of it
        route.abort() if gone else route.continue_()

    page.route("**/v1/review/decisions", lose)
    page.keyboard.press("a")
    expect(page.locator("#trouble")).to_contain_text("Not saved: 1 decision.")
    expect(row(page, 0)).to_contain_text("not saved")
    assert store.deeds(paper) == [("ann", "accept", first)]
    for key in ("j", "r", "u"):
        page.keyboard.press(key)
    expect(page.locator("#trouble")).to_contain_text("Not saved: 3 decisions.")
    page.get_by_role("button", name="Try now").click()
    expect(row(page, 1)).to_contain_text("not saved")
    gone.clear()
    page.evaluate("dispatchEvent(new Event('online'))")  # or else in a few seconds
    expect(page.locator("#status")).to_contain_text(f"Saved: took back: rejected {second}", timeout=20_000)
    expect(page.locator("#trouble")).to_be_empty()
    assert [action for _, action, _ in store.deeds(paper)] == ["accept", "reject", "undo"]
    assert len(set(keys)) == 3 < len(keys)
    assert page.evaluate("sessionStorage.getItem('scixtag-desk-outbox')") == "[]"


def test_a_service_that_is_killed_while_a_decision_is_sent(curators, store, served_model, papers, tmp_path):
    paper = next(papers)
    with serving(tmp_path, served_model, "--database", store.path) as service:
        curators.url, (_, port) = service.url, service.address
        page = curators.sits("ann", paper)
        first, second = labels(page)[:2]
        os.kill(service.process.pid, signal.SIGSTOP)
        page.keyboard.press("a")
        expect(row(page, 0)).to_contain_text("saving…")
        service.kill()
        expect(page.locator("#trouble")).to_contain_text("Not saved: 1 decision.")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("#trouble")).to_contain_text("Not saved: 2 decisions.")
    page.goto("about:blank")  # away from the page, and back when there is one again
    with serving(tmp_path, served_model, "--database", store.path, port=port):
        page.goto(f"{service.url}/desk#/paper/{quote(paper, safe='')}")
        expect(row(page, 1)).to_have_attribute("data-status", "rejected")
        expect(page.locator("#trouble")).to_be_empty()
        assert store.deeds(paper) == [("ann", "accept", first), ("ann", "reject", second)]
        assert page.evaluate("sessionStorage.getItem('scixtag-desk-outbox')") == "[]"
        page.close()


def test_a_database_that_is_locked(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    first = labels(page)[0]
    lock = sqlite3.connect(store.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Saving: say: done …")
    told = "Not saved: 1 decision. The database of decisions does not answer or cannot be written; "
    told += "nothing was saved, so try again. Kept in this tab"
    expect(page.locator("#trouble")).to_contain_text(told, timeout=15_000)
    expect(page.locator("#status")).to_contain_text("Not saved yet")
    page.keyboard.press("a")  # what cannot be saved keeps nobody from working on
    expect(row(page, 0)).to_contain_text("accept")
    lock.execute("ROLLBACK")
    lock.close()
    saved(page, f"accepted {first}")
    expect(page.locator("#trouble")).to_be_empty()
    assert [action for _, action, _ in store.deeds(paper)] == ["done", "accept"]


def test_a_token_that_ends_keeps_the_work(desk, store, papers):
    paper = next(papers)
    page = desk.sits("cleo", paper)
    first = labels(page)[0]
    store.with_tokens(lambda tokens: tokens.revoke("cleo"))
    page.keyboard.press("a")
    expect(page.locator("#sign-in-trouble")).to_contain_text("revoked")
    expect(page.locator("#sign-in-trouble")).to_contain_text("1 decision is kept in this tab")
    sign_in(page, store.secrets["bea"])  # somebody else, in whose name nothing of it is sent
    expect(page.locator("#trouble")).to_contain_text("1 decision of cleo")
    assert store.deeds(paper) == []
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, store.with_tokens(lambda tokens: tokens.create("cleo", "curator"))[0])
    expect(row(page, 0)).to_have_attribute("data-status", "accepted")
    assert store.deeds(paper) == [("cleo", "accept", first)]


@pytest.mark.parametrize("is_answered", [True, False])
def test_evidence_that_comes_when_nobody_sits_there_any_more(desk, store, papers, is_answered):
    page = desk.sits("bea")
    asked = []
    page.route("**/v1/suggest", lambda route: asked.append(route))
    page.goto(f"{desk.url}/desk#/paper/{next(papers)}")
    expect(row(page, 0)).to_be_focused()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#token")).to_be_focused()
    with page.expect_event("requestfinished" if is_answered else "requestfailed"):
        asked[0].continue_() if is_answered else asked[0].abort()
    sign_in(page, store.secrets["bea"])  # whatever went wrong before is told when the test ends


def test_no_token_and_a_reader(desk, store, papers):
    page = desk.tab(desk.context())
    page.locator("#token").fill("sxt_nonsense")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-trouble")).to_contain_text("no such token")
    expect(page.locator("#token")).to_be_focused()
    page.locator("#token").fill(store.secrets["reader"])
    page.keyboard.press("Enter")
    expect(page.locator("#who-name")).to_have_text("reader (reader)")
    paper = next(papers)
    page.goto(f"{desk.url}/desk#/paper/{paper}")
    expect(row(page, 0)).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("#status")).to_contain_text("decisions need a curator’s")
    assert store.deeds(paper) == []


def test_hostile_texts_stay_inert(desk, store):
    page = desk.sits("<b>eve</b>", HOSTILE_ID)
    expect(page.locator("#who-name")).to_have_text("<b>eve</b> (curator)")
    expect(page.locator("#reading")).to_contain_text("<svg onload=alert(3)>")
    note = f"{HOSTILE} {ODD} \n</textarea><a href=javascript:alert(5)>"
    page.keyboard.press("n")
    page.keyboard.insert_text(note)
    page.locator("#note-form button[type=submit]").click()
    saved(page, "noted")
    expect(page.locator(".remark")).to_contain_text("<script>alert(2)</script>")
    expect(page.locator(".remark .odd").first).to_have_text("U+202E")
    page.keyboard.press("j")
    page.keyboard.press("r")
    saved(page, "rejected")
    page.locator("#history-box summary").click()
    expect(page.locator("#history .event")).to_have_count(2)
    expect(page.locator("#history")).to_contain_text("<b>eve</b>")
    other = desk.sits("bea", HOSTILE_ID)
    expect(row(other, 1)).to_contain_text("rejected by <b>eve</b>")
    page.keyboard.press("a")
    saved(page, "accepted")
    other.keyboard.press("a")
    expect(other.locator("#conflict")).to_contain_text("<b>eve</b> was faster")
    for one in (page, other):
        assert one.locator("main :is(img, script, svg, b b, i i, a[href^=javascript])").count() == 0
        assert "\u202e" not in one.locator("main").text_content()
    other.keyboard.press("l")
    other.goto(f"{desk.url}/desk#/queue")
    other.locator("#progress").select_option("all")
    expect(other.locator("#queue-body")).to_contain_text("<svg onload=alert(3)>")


def test_papers_come_in_and_agreement_is_shown(desk, store, scix):
    scix.papers.clear()  # those of other tests
    scix.add("2026ApJ...999....1X", "Quasars behind galaxies", abstract="Redshifts of quasars.")
    page = desk.sits("bea", viewport={"width": 320, "height": 640})
    expect(page.locator("#queue-body tr").first).to_be_visible()
    before = int(page.locator("#count-open").text_content())
    page.locator("#import summary").first.click()
    table = 'bibcode,title,abstract\nt1,"Flares, ""white""","Two\nlines"\n,No id,x\nt2,Galaxies,\n'
    lines = '{"id": "j1", "title": ["Quasars"], "abstract": null}\nnonsense\n'
    for name, text, told in (
        ("some.csv", table, "2 papers added."),
        ("some.csv", table, "0 papers added, 2 known already."),
        ("some.jsonl", lines, "1 paper added."),
        ("none.csv", "a,b\n1,2\n", "has to name a column of ids"),
    ):
        page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
        page.get_by_role("button", name="Import the file").click()
        expect(page.locator("#import-note")).to_contain_text(told)
    page.locator("#bibcodes").fill("2026ApJ...999....1X, 2026ApJ...999....2X")
    page.get_by_role("button", name="Import these").click()
    expect(page.locator("#import-note")).to_contain_text("1 paper added, 1 not in SciX.")
    page.locator("#query").fill("quasars")
    page.get_by_role("button", name="Import what is found").click()
    expect(page.locator("#import-note")).to_contain_text("0 papers added")
    expect(page.locator("#count-open")).to_have_text(str(before + 4))
    assert store.paper("t1").title == 'Flares, "white"'

    # A page of the queue, a paper by touch, and what came of it.
    page.locator("#order").select_option("date")
    page.locator("#page-more").click()
    expect(page.locator("#queue-note")).to_contain_text("Page 2")
    page.get_by_role("link", name='Flares, "white"').click()
    row(page, 0).get_by_role("button", name="Accept").click()
    saved(page, "accepted")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#act-done").click()
    expect(page.locator("#status")).to_contain_text("Next: ")
    page.get_by_role("link", name="Agreement").click()
    expect(page.locator("#agreement-body")).to_contain_text("model")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert store.paper("t1").state.done_by == ("bea",)
