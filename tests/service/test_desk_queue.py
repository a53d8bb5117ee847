"""Who holds a paper, and how one is found: what the queue and the paper say."""

import re

from desk_driver import expect, row

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
