"""Who holds a paper, and how one is found: what the queue and the paper say."""

import re

from desk_driver import expect, row

from scixtag.corpus.record import Record
from scixtag.review.desk import Desk as Decisions
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database


def test_who_holds_a_paper_can_give_it_back_after_a_reload(desk):
    page = desk.sits("ann")
    page.locator("#next").click()
    expect(row(page, 0)).to_be_focused()
    hold, back = page.locator("#hold"), page.get_by_role("button", name="Give it back")
    expect(hold).to_have_text(re.compile(r"You hold this paper until \d"))
    here = page.url
    page.reload()
    expect(hold).to_contain_text("You hold this paper until")
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("#queue-head")).to_be_focused()
    page.go_back()
    expect(back).to_be_visible()
    for name in ("bea", "reader"):
        other = desk.sits(name, focus=False)
        other.goto(here)
        expect(other.locator("#hold")).to_have_text("ann is looking at it")
        expect(other.locator("#give-back")).to_be_hidden()
    back.click()
    expect(page.locator("#queue-head")).to_be_focused()
    page.go_back()
    expect(row(page, 0)).to_be_focused()
    expect(hold).to_be_empty()
    expect(back).to_be_hidden()
    other.reload()
    expect(row(other, 0)).to_be_focused()
    expect(other.locator("#hold")).to_be_empty()


def test_a_hold_that_ends_is_looked_up_again(desk, store):
    page = desk.sits("bea")
    page.clock.install()
    page.locator("#next").click()
    expect(page.locator("#give-back")).to_be_visible()
    paper = page.evaluate("decodeURIComponent(location.hash.split('/')[2])")
    with Database.open(str(store.path)) as database:
        Queue(database).release(paper, "bea")
    expect(page.locator("#give-back")).to_be_visible()
    page.clock.fast_forward("15:05")
    expect(page.locator("#give-back")).to_be_hidden()
    expect(page.locator("#hold")).to_be_empty()


def test_a_paper_is_found_in_the_queue_by_keyboard(desk, store):
    with Database.open(str(store.path)) as database:
        papers = [
            Record("find-1", "Zebra stripes & <b>rings</b>", None, None),
            Record("find-2", "On zebras", None, None),
        ]
        Queue(database).import_papers(papers, None, "tests")
    page = desk.sits("cleo")
    note, links = page.locator("#queue-note"), page.locator("#queue-body a")
    expect(page.locator("#queue-head")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("ZEBRA")
    expect(note).to_have_text("Page 1, 2 papers for “ZEBRA”")
    assert page.url.endswith("#/queue?q=ZEBRA")
    page.reload()
    expect(page.locator("#find")).to_have_value("ZEBRA")
    expect(note).to_have_text("Page 1, 2 papers for “ZEBRA”")
    page.locator("#find").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#reading-title")).to_be_focused()
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("#queue-head")).to_be_focused()
    expect(page.locator("#find")).to_have_value("ZEBRA")
    page.keyboard.press("/")
    page.keyboard.type("find-2")
    expect(links).to_have_text(["On zebras"])
    for text in ("a/b?#<i>&+%", "%z"):
        page.locator("#find").fill(text)
        expect(note).to_contain_text(f"No paper fits “{text}” among those that are open; show all to look")
        page.reload()
        expect(page.locator("#find")).to_have_value(text)
    page.locator("#progress").select_option("all")
    expect(note).to_have_text("No paper fits “%z”.")
    page.go_back()
    expect(page.locator("#reading-title")).to_be_visible()
    page.go_forward()
    expect(page.locator("#find")).to_have_value("%z")
    page.locator("#find").press("Escape")
    expect(note).to_have_text("Page 1, 25 papers; more follow")
    assert page.url.endswith("#/queue")
    page.locator("#find").press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("in the queue: find a paper")


def test_an_answer_that_comes_late_does_not_stand_for_what_is_typed(desk):
    page = desk.sits("cleo")
    held = []
    page.route(re.compile("[?&]q=qua(&|$)"), lambda route: held.append(route))
    page.locator("#find").fill("qua")
    page.wait_for_timeout(400)
    page.locator("#find").fill("no such paper")
    expect(page.locator("#queue-note")).to_contain_text("No paper fits “no such paper”")
    assert len(held) == 1
    with page.expect_response("**/v1/review/queue?*q=qua*"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#queue-note")).to_contain_text("No paper fits “no such paper”")


def test_the_last_page_is_known_as_such(desk, store):
    papers = [Record(f"page-{n}", f"Hydrangea {n}", None, None) for n in range(50)]
    with Database.open(str(store.path)) as database:
        Queue(database).import_papers(papers, None, "tests")
    page = desk.sits("cleo")
    note, links = page.locator("#queue-note"), page.locator("#queue-body a")
    page.locator("#find").fill("hydrangea")
    expect(note).to_have_text("Page 1, 25 papers for “hydrangea”; more follow")
    page.get_by_role("button", name="Page after").click()
    expect(note).to_have_text("Page 2, 25 papers for “hydrangea”")
    expect(page.get_by_role("button", name="Page after")).to_have_attribute("aria-disabled", "true")
    links.first.click()
    expect(page.locator("#reading-title")).to_contain_text("Hydrangea")
    with Database.open(str(store.path)) as database:
        for paper in papers:
            Decisions(database).record(paper.id, 0, "done", who="ann")
    page.get_by_role("link", name="Queue").click()
    expect(note).to_contain_text("No paper fits “hydrangea” among those that are open")
    page.locator("#progress").select_option("done")
    expect(links).to_have_count(25)
    page.reload()
    expect(page.locator("#progress")).to_have_value("done")
    expect(note).to_have_text("Page 1, 25 papers for “hydrangea”; more follow")


def test_a_paper_stays_with_who_decides_on_it(desk, store):
    page = desk.sits("ann")
    page.locator("#next").click()
    expect(page.locator("#hold")).to_contain_text("You hold this paper until")
    paper = page.evaluate("decodeURIComponent(location.hash.split('/')[2])")
    before = store.paper(paper).claim
    page.keyboard.press("a")
    expect(page.locator("#status")).to_contain_text("Saved: accepted")
    after = store.paper(paper).claim
    assert after.who == before.who == "ann"
    assert after.until > before.until
    page.get_by_role("button", name="Give it back").click()


def test_a_long_word_that_nothing_fits_stays_in_the_window(desk):
    page = desk.sits("cleo", viewport={"width": 360, "height": 740})
    page.locator("#find").fill("https://ui.adsabs.harvard.edu/abs/" + "x" * 150)
    expect(page.locator("#queue-note")).to_contain_text("No paper fits")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_keys_work_from_a_ticked_box(desk):
    page = desk.sits("cleo")
    expect(page.locator("#queue-head")).to_be_focused()
    page.get_by_label("second opinion").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    page.keyboard.press("d")
    expect(page.locator("#hold")).to_contain_text("You hold this paper")
    page.get_by_role("button", name="Give it back").click()


def test_a_skipped_second_opinion_leaves_the_paper_done(desk, store, papers):
    paper = next(papers)
    with Database.open(str(store.path)) as database:
        Decisions(database).record(paper, 0, "done", who="ann")
    page = desk.sits("bea", paper)
    page.wait_for_timeout(500)
    page.keyboard.press("x")
    expect(page.locator("#status")).to_contain_text("Next: ")
    assert store.paper(paper).state.progress == "done"
