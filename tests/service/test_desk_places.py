"""Where one is on the desk after something was added, done, or looked at; and files that are more than they seem."""

import gzip
import json

from desk_driver import expect, labels, row, saved, type_concept

from scixtag.corpus.record import Record
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database


def chosen(page):
    return page.locator(".standing[aria-selected=true] .label")


def test_what_was_added_is_what_keys_act_on(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    page.keyboard.press("j")
    for name in [name for name in ("Hot Jupiters", "Solar wind", "Quasars") if name not in labels(page)][:2]:
        page.keyboard.press("+")
        type_concept(page, name)
        saved(page, f"added {name}")
        expect(chosen(page)).to_have_text(name)
        expect(page.locator(".standing[aria-selected=true]")).to_be_focused()
    page.keyboard.press("r")
    saved(page, f"rejected {name}")
    assert store.deeds(paper)[-1] == ("ann", "reject", name)


def test_a_key_that_is_hit_twice_is_not_meant_for_the_next_paper(desk, store, papers):
    page = desk.sits("ann", next(papers))
    done = int(page.locator("#count-done").text_content())
    page.evaluate(
        """(here) => new MutationObserver((_, observer) => {
            if (location.hash === here) return; // only the evidence has come
            observer.disconnect();
            setTimeout(() => document.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true })), 50);
        }).observe(document.getElementById("reading-title"), { childList: true })""",
        page.evaluate("location.hash"),
    )
    page.keyboard.press("d")
    expect(page.locator("#status")).to_contain_text("it may be a slip: press again")
    expect(page.locator("#count-done")).to_have_text(str(done + 1))
    page.wait_for_timeout(500)
    page.keyboard.press("u")
    expect(page.locator("#status")).to_contain_text("“Back” of the browser leads to the one before")
    page.keyboard.press("d")  # on purpose
    expect(page.locator("#count-done")).to_have_text(str(done + 2))


def test_what_was_said_is_not_said_of_another_paper(desk, papers):
    page = desk.sits("ann", next(papers))
    page.keyboard.press("a")
    saved(page, "accepted")
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("#queue-head")).to_be_focused()
    expect(page.locator("#status")).not_to_contain_text("Saved")


def test_the_queue_stays_on_its_page(desk):
    page = desk.sits("bea")
    page.locator("#progress").select_option("all")
    page.locator("#page-more").click()
    expect(page.locator("#queue-note")).to_contain_text("Page 2")
    page.locator("#queue-body a").first.click()
    expect(row(page, 0)).to_be_focused()
    with page.expect_response("**/v1/review/queue?*") as asked:
        page.go_back()
    assert "after=" in asked.value.url
    expect(page.locator("#queue-head")).to_be_focused()
    expect(page.locator("#queue-note")).to_contain_text("Page 2")


def test_files_that_are_more_than_they_seem(desk):
    page = desk.sits("ann")
    page.locator("#import summary").first.click()
    huge = gzip.compress(b'{"id": "a", "title": "' + b"x" * (101 << 20) + b'"}')
    rows = [("d1", "Quasars"), ("d1", "Quasars"), ("d1", "Galaxies"), ("d2", "Galaxies")]
    twice = "".join(json.dumps({"id": name, "title": title}) + "\n" for name, title in rows)
    for name, content, told in (
        ("huge.jsonl.gz", huge, "The file is too large for a browser; use `scixtag review import`."),
        ("europe.csv", b"bibcode;title\nx;Quasars\n", "columns are parted by commas, or by tabs."),
        ("cells.csv", b"id,title\nx,Quasars, and galaxies\n", "row 1: 3 cells under 2 names"),
        ("half.jsonl", b'{"id": "h1", "title": "Quasars"}\n{"id": "h\\ud800", "title": "Quasars"}\n', "1 paper added."),
        ("twice.jsonl", twice.encode(), "2 papers added."),
    ):
        page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
        page.get_by_role("button", name="Import the file").click()
        expect(page.locator("#import-note")).to_contain_text(told, timeout=20_000)
    expect(page.locator("#import-note")).to_contain_text("1 row passed over")
    expect(page.locator("#import-note li")).to_have_text(
        "row 3: the id d1 is that of an earlier row, with another text; that one counts"
    )


def test_a_paper_that_cannot_be_taken_keeps_no_other_out(desk, store):
    page = desk.sits("ann")
    page.locator("#import summary").first.click()
    rows = [{"id": f"e{number}", "title": "Quasars"} for number in range(20)]
    rows[3]["abstract"] = "quasar " * 200_000
    rows[11]["id"] = "e\t11"
    rows[12]["id"] = "\ufeffe12"
    rows[15]["abstract"] = {"en": "Quasars"}
    content = "".join(json.dumps(one) + "\n" for one in rows)
    page.locator("#file").set_input_files({"name": "e.jsonl", "mimeType": "text/plain", "buffer": content.encode()})
    page.get_by_role("button", name="Import the file").click()
    expect(page.locator("#import-note")).to_contain_text("16 papers added.")
    page.get_by_text("4 rows passed over").click()
    passed = page.locator("#import-note li")
    expect(passed.nth(0)).to_have_text("row 16: the abstract is an object, not a text")
    expect(passed.nth(1)).to_contain_text("e3: the body has more than")
    expect(passed.nth(2)).to_contain_text("U+0009")
    expect(passed.nth(3)).to_contain_text("U+FEFF")
    assert store.paper("e19").title == "Quasars"


def test_only_what_was_found_for_what_is_typed_is_taken(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    first, second = [name for name in ("Hot Jupiters", "Solar wind", "Quasars") if name not in labels(page)][:2]
    page.keyboard.press("+")
    page.keyboard.insert_text(first)
    expect(page.get_by_role("option", name=first).first).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("sta")  # no concept has this name
    page.keyboard.press("Enter")
    expect(page.get_by_role("option", name="star").first).to_be_visible()
    assert store.deeds(paper) == []
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(second)  # and one has
    page.keyboard.press("Enter")
    saved(page, f"added {second}")
    assert store.deeds(paper) == [("ann", "add", second)]
    page.keyboard.press("Escape")


def test_enter_that_is_hit_twice_adds_and_does_no_more(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    name = next(name for name in ("Hot Jupiters", "Solar wind", "Quasars") if name not in labels(page))
    page.keyboard.press("+")
    page.keyboard.insert_text(name)
    option = page.get_by_role("option", name=name).first
    expect(option).to_be_visible()
    page.evaluate(
        """() => { for (const _ of "ab") document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })) }"""
    )
    saved(page, f"added {name}")
    assert store.deeds(paper) == [("ann", "add", name)]


def test_a_paper_without_concepts_and_who_leaves_with_work(desk, store, papers):
    with Database.open(str(store.path)) as database:
        Queue(database).import_papers([Record("bare", "Quasars", "Galaxies.", None)], None, "bare")
    page = desk.sits("ann", "bare", focus=False)
    expect(page.locator("#reading-title")).to_have_text("Quasars")
    for key in ("a", "r", "s"):
        page.keyboard.press(key)
        expect(page.locator("#status")).to_contain_text("No concept is here; “Add” (+) adds one.")
    page.route("**/v1/review/decisions", lambda route: route.abort())
    page.keyboard.press("n")
    page.keyboard.insert_text("see later")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_contain_text("Not saved: 1 decision.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#sign-in-trouble")).to_have_text("1 decision is kept in this tab, and sent when you sign in.")
