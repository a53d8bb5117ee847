"""Where one is on the desk after something was added, done, or looked at; and files that are more than they seem."""

import gzip
import json

from desk_driver import expect, labels, row, saved, type_concept


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
        """() => new MutationObserver((_, observer) => {
            observer.disconnect();
            setTimeout(() => document.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true })), 50);
        }).observe(document.getElementById("reading-title"), { childList: true })"""
    )
    page.keyboard.press("d")
    expect(page.locator("#status")).to_contain_text("This paper has just come")
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
        ("twice.jsonl", twice.encode(), "2 papers added."),
    ):
        page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
        page.get_by_role("button", name="Import the file").click()
        expect(page.locator("#import-note")).to_contain_text(told, timeout=20_000)
    expect(page.locator("#import-note")).to_contain_text("1 row passed over")
    expect(page.locator("#import-note li")).to_have_text(
        "row 3: the id d1 is that of an earlier row, with another text; that one counts"
    )
