"""What the desk shows and what its keys do agree, whatever the address, the focus, the service or the token say."""

import json
from urllib.parse import quote

import pytest
from desk_driver import expect, labels, row, saved

from scixtag.corpus.record import Record
from scixtag.review.exchange_jsonl import lines
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.workflows.tagger import Tagger

ODD_IDS = ["../x", "a/../b", ".", "..", "%2e%2e", "a%2Fb", "x?y=1#z \U0001f52d"]


def put(page, wanted):
    """Another address, as somebody types it."""
    page.evaluate("address => { location.hash = address }", f"#/paper/{quote(wanted, safe='')}")


def status(page):
    return page.locator("#status")


def test_a_paper_that_is_not_there(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    put(page, "nope\u202e<i>")
    expect(page.locator("#absent-head")).to_have_text("No such paper")
    expect(page.locator("#absent-head")).to_be_focused()
    expect(page.locator("#absent-note")).to_contain_text("No paper “nopeU+202E<i>” is on this desk")
    expect(page.locator(".standing:visible, #acts:visible")).to_have_count(0)
    for key in ("a", "r", "d", "Enter", "x", "u", "s", "n", "+", "j"):
        page.keyboard.press(key)
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("sessionStorage.getItem('scixtag-desk-outbox')") in (None, "[]")
    page.get_by_role("link", name="To the queue").click()
    expect(page.locator("#queue-head")).to_be_focused()
    expect(page.locator("#absent")).to_be_hidden()
    expect(page.locator("#trouble")).to_be_empty()
    page.get_by_role("link", name="Paper", exact=True).click()  # the one before
    expect(row(page, 0)).to_be_focused()
    assert store.deeds(paper) == []
    assert store.paper(paper).state.progress == "open"


def test_keys_wait_for_the_paper_that_the_address_names(desk, store, papers):
    first, second = next(papers), next(papers)
    page = desk.sits("ann", first)
    page.keyboard.press("n")
    page.keyboard.type("of the first")
    held = []
    page.route("**/v1/review/papers?*", lambda route: held.append(route))
    put(page, second)
    expect(page.locator("#absent-head")).to_have_text("Looking it up …")
    assert page.locator("dialog[open]").count() == 0  # it was about another paper
    for key in ("a", "d", "Enter"):
        page.keyboard.press(key)
    held.pop().continue_()
    expect(row(page, 0)).to_be_focused()
    assert (store.deeds(first), store.deeds(second)) == ([], [])

    # An answer that comes when something else is wanted puts nothing on the desk.
    put(page, first)
    expect(page.locator("#absent-head")).to_have_text("Looking it up …")
    page.get_by_role("link", name="Agreement").click()
    with page.expect_event("requestfinished"):
        held.pop().continue_()
    expect(page.locator("#agreement-head")).to_be_visible()
    expect(page.locator("#paper")).to_be_hidden()

    # No answer: it is told, and goes with the place.
    put(page, first)
    expect(page.locator("#absent")).to_be_visible()
    held.pop().abort()
    expect(page.locator("#absent-head")).to_have_text("The paper is not here yet")
    expect(page.locator("#trouble")).to_contain_text("does not answer")
    page.get_by_role("link", name="To the queue").click()
    expect(page.locator("#trouble")).to_be_empty()
    page.unroute("**/v1/review/papers?*")
    put(page, first)
    expect(row(page, 0)).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#note")).to_have_value("of the first")  # which is not lost


def test_an_answer_that_was_overtaken_changes_nothing(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    page.route("**/v1/review/decisions", lambda route: route.abort())
    page.keyboard.press("a")
    expect(page.locator("#trouble")).to_contain_text("Not saved: 1 decision.")
    page.unroute("**/v1/review/decisions")

    # After a reload it is sent while the paper is looked up, and what was looked up comes last.
    decided, looked_up = [], []
    page.route("**/v1/review/decisions", lambda route: decided.append(route))
    page.route("**/v1/review/papers?*", lambda route: looked_up.append((route, route.fetch())))
    page.reload()
    expect(page.locator("#absent-head")).to_have_text("Looking it up …")
    page.wait_for_function("document.querySelector('#who-name').textContent")
    while not (decided and looked_up):
        page.wait_for_timeout(10)
    decided.pop().continue_()
    expect(row(page, 0)).to_have_attribute("data-status", "accepted")
    route, before = looked_up.pop()
    with page.expect_event("requestfinished"):
        route.fulfill(response=before)
    saved(page, "accepted")
    page.keyboard.press("j")  # once what came has been looked at
    expect(row(page, 1)).to_be_focused()
    expect(row(page, 0)).to_have_attribute("data-status", "accepted")


def test_any_id_can_be_opened(desk, store, served_model):
    records = [Record(one, f"Galaxies of {place}", "Quasars.", None) for place, one in enumerate(ODD_IDS)]
    with Database.open(str(store.path)) as database:
        Queue(database).import_papers(records, Tagger.load(served_model), "odd", "model")
    page = desk.sits("bea", ODD_IDS[0])
    for place, one in enumerate(ODD_IDS):
        put(page, one)
        expect(page.locator("#reading-title")).to_have_text(f"Galaxies of {place}")
        page.keyboard.press("a")
        saved(page, "accepted")
        assert [who for who, *_ in store.deeds(one)] == ["bea"]
    page.reload()
    expect(row(page, 0)).to_have_attribute("data-status", "accepted")


def test_keys_act_on_the_row_that_has_the_focus(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    second, third, fourth = labels(page)[1:4]
    row(page, 2).get_by_role("button", name="Accept").focus()
    expect(row(page, 2)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#detail-head")).to_have_text(third)
    page.keyboard.press("r")
    saved(page, f"rejected {third}")
    row(page, 1).evaluate("row => row.focus()")
    page.keyboard.press("a")
    saved(page, f"accepted {second}")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # its own button
    saved(page, f"rejected {second}")
    # Elsewhere letters act on the row that is marked, and Enter and Space on what has the focus.
    page.locator("#history-box summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#history")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#history")).to_be_hidden()
    page.locator("#act-on").focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        page.locator("#act-on").focus()
    page.keyboard.press("a")
    saved(page, f"accepted {fourth}")
    page.locator("#sign-out").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#token")).to_be_focused()
    told = [("reject", third), ("accept", second), ("reject", second), ("accept", fourth)]
    assert [(action, label) for _, action, label in store.deeds(paper)] == told


def test_the_status_line_tells_what_is_saved_and_what_is_not(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    first, second, third = labels(page)[:3]
    page.keyboard.press("a")
    saved(page, f"accepted {first}")
    held = []
    page.route("**/v1/review/decisions", lambda route: held.append(route))
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert "Saved" not in status(page).text_content()
    expect(status(page)).to_contain_text(f"Saving: reject {second} …")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(row(page, 2)).to_contain_text("saving…: accept")
    held.pop().continue_()
    expect(row(page, 1)).to_have_attribute("data-status", "rejected")
    expect(status(page)).to_contain_text(f"Saving: accept {third} …")
    held.pop().abort()
    expect(status(page)).to_contain_text("Not saved yet")
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert "Saved" not in status(page).text_content()
    expect(status(page)).to_contain_text("Not saved yet")
    page.unroute("**/v1/review/decisions")
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page, "rejected")
    assert len(store.deeds(paper)) == 4


def test_what_can_never_be_saved_holds_nothing_up(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    first, second = labels(page)[:2]
    told = {"type": "urn:scixtag:problem:deprecated-concept", "status": 422, "detail": "it is deprecated; take another"}
    kind = "application/problem+json"
    page.route(
        "**/v1/review/decisions", lambda route: route.fulfill(status=422, content_type=kind, body=json.dumps(told))
    )
    page.keyboard.press("a")
    refused = f"Not saved: accept {first}. It is deprecated; take another."
    expect(page.locator("#trouble")).to_contain_text(refused)
    expect(status(page)).to_contain_text(f"Not saved: accept {first}.")
    page.unroute("**/v1/review/decisions")
    page.keyboard.press("j")
    page.keyboard.press("a")
    saved(page, f"accepted {second}")
    expect(page.locator("#trouble")).to_contain_text(refused)  # also when it has been shown again
    assert store.deeds(paper) == [("ann", "accept", second)]


def test_a_reader_sees_what_a_reader_can_do(desk, papers):
    page = desk.sits("reader", next(papers))
    expect(page.locator("#reader-note")).to_contain_text("needs a curator’s token")
    expect(page.locator("#acts button:visible .title")).to_have_text(["Up", "Down", "Keys"])
    expect(page.locator("#concepts button:visible, #search:visible, .swaps button")).to_have_count(0)
    page.keyboard.press("j")
    expect(row(page, 1)).to_be_focused()
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("#queue-head")).to_be_focused()
    expect(page.locator("#next:visible, #import:visible, #second:visible")).to_have_count(0)
    page.keyboard.press("d")
    expect(status(page)).to_contain_text("decisions need a curator’s")
    page.get_by_role("button", name="Sign out").click()
    page.locator("#token").fill(desk.store.secrets["ann"])
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_visible()
    expect(page.locator("#reader-note")).to_be_hidden()


def import_file(page, name, text):
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    page.get_by_role("button", name="Import the file").click()


def test_decisions_in_a_file_are_not_dropped(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper)
    for key in ("a", "j", "r"):
        page.keyboard.press(key)
    saved(page, "rejected")
    page.get_by_role("link", name="Queue").click()
    page.locator("#import summary").first.click()
    exported = "".join(lines([store.paper(paper)]))
    asked = len(desk.asked)
    for name, text in (
        ("all.jsonl", exported),
        ("all.json", f"[{exported}]"),
        ("decided.tsv", "bibcode\tname\tid\toverride\nx\tQuasars\t1319\t\nx\tGalaxies\t573\treject\n"),
    ):
        import_file(page, name, text)
        expect(page.locator("#import-note")).to_contain_text(
            "This file holds 2 decisions, and the desk takes papers alone"
        )
        expect(page.locator("#import-note")).to_contain_text("scixtag review import")
        import_file(page, "empty.csv", "")  # another message between two that are alike
        expect(page.locator("#import-note")).to_contain_text("first row")
    assert not [url for url in desk.asked[asked:] if url.endswith("/import")]
    fresh = json.loads(exported) | {"id": "from-an-export", "events": []}
    import_file(page, "fresh.jsonl", json.dumps(fresh))
    expect(page.locator("#import-note")).to_contain_text("1 paper added.")


@pytest.mark.parametrize("ends", ["stopped", "failed"])
def test_an_import_that_ends_half_way(desk, store, ends):
    page = desk.sits("bea")
    expect(page.locator("#queue-body tr").first).to_be_visible()
    before = int(page.locator("#count-open").text_content())
    page.locator("#import summary").first.click()
    held = []
    page.route(
        "**/v1/review/import", lambda route: held.append(route) if held else (held.append(None), route.continue_())
    )
    text = "id,title\n" + "".join(f"{ends}-{place},Quasars {place}\n" for place in range(450))
    import_file(page, "many.csv", text)
    expect(page.locator("#import-bar")).to_have_attribute("aria-valuetext", "200 of 450")
    if ends == "stopped":
        page.get_by_role("button", name="Stop").click()
        expect(status(page)).to_contain_text("Stopping")
        held.pop().continue_()
        told, added = "400 papers added. Stopped after 400 of 450; import the same again to go on.", 400
    else:
        held.pop().abort()
        told, added = "does not answer. 200 papers added. Import the same again to go on.", 200
    expect(page.locator("#import-note")).to_contain_text(told)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.locator("#count-open")).to_have_text(str(before + added))
    page.unroute("**/v1/review/import")
    page.get_by_role("button", name="Import the file").click()
    expect(page.locator("#import-note")).to_contain_text(f"{450 - added} papers added, {added} known already.")
    expect(page.locator("#count-open")).to_have_text(f"{before + 450:,}")
