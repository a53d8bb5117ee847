"""The desk in windows of many sizes: nothing covers what somebody works with."""

import pytest
from desk_driver import expect, labels, row, saved, type_concept

from scixtag.review.desk import Desk
from scixtag.review.store.database import Database

SIZES = [(1280, 720), (1440, 900), (360, 740), (740, 360), (320, 500)]
COVERED = """(list) => {
    const seen = list.getBoundingClientRect();
    const bar = document.querySelector("#bar").getBoundingClientRect();
    const over = document.querySelector("dialog[open]");
    const wrong = [];
    const floor = over ? innerHeight : bar.top;
    if (seen.top < 0 || seen.bottom > floor) wrong.push(["outside", seen.top, seen.bottom, floor]);
    if (seen.height < 90) wrong.push(["too low to read", seen.height]);
    for (const option of list.children) {
        option.scrollIntoView({ block: "nearest" });
        const { left, top, width, height } = option.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        if (!option.contains(there)) wrong.push([option.textContent, top, there?.outerHTML]);
    }
    return wrong;
}"""


def found(page, field, name):
    """The list of what a field has found, where it stands now."""
    page.locator(field).fill(name)
    options = page.locator(f"{field}-list")
    expect(options.get_by_role("option").first).to_be_visible()
    box, bar = (page.locator(one).bounding_box() for one in (field, "#bar"))
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= bar["y"]
    return options


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_is_found_is_never_covered(desk, papers, width, height):
    page = desk.sits("ann", next(papers), viewport={"width": width, "height": height})
    for block in ("start", "center", "end"):
        page.locator("#search").evaluate("(field, block) => field.scrollIntoView({ block })", block)
        options = found(page, "#search", "gal")
        assert options.evaluate(COVERED) == []
        page.mouse.wheel(0, 60)  # and it follows the page
        expect(options).to_be_visible()
        assert options.evaluate(COVERED) == []
        page.locator("#search").press("Escape")
    page.locator("#act-swap").click()
    assert found(page, "#swap-search", "gal").evaluate(COVERED) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_phone(desk, store, papers):
    """The bar leaves most of the screen to the paper; add and swap by touch."""
    paper = next(papers)
    page = desk.sits("ann", paper, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    small = """() => [...document.querySelectorAll("button, input, a, summary, select")]
        .filter((one) => one.checkVisibility() && !one.closest(".skips"))
        .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24).map(([name]) => name)"""
    assert page.evaluate(small) == []
    first, second = labels(page)[:2]
    row(page, 0).get_by_role("button", name="Accept").tap()
    saved(page, f"accepted {first}")
    assert page.locator("#bar").bounding_box()["height"] <= 740 / 6
    expect(found(page, "#search", first).get_by_role("option").first).to_contain_text(f"{first}accepted already")
    page.locator("#search").fill("")
    new = [name for name in ("Hot Jupiters", "Solar wind", "Quasars", "Polarimetry") if name not in labels(page)]
    page.locator("#act-add").tap()
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type(new[0])
    page.get_by_role("option", name=new[0]).first.tap()
    saved(page, f"added {new[0]}")
    row(page, 1).locator(".label").tap()
    page.locator("#act-swap").tap()
    expect(page.locator("#swap-search")).to_be_focused()
    page.keyboard.type(new[1])
    page.get_by_role("option", name=new[1]).first.tap()
    saved(page, f"swapped {second} for {new[1]}")
    row(page, 2).locator(".label").tap()
    page.locator("#act-swap").tap()
    near = page.locator("#swap-near .chip").first
    label = near.locator("bdi").text_content()
    near.tap()
    saved(page, f"swapped {labels(page)[2]} for {label}")
    page.locator("#act-undo").tap()
    saved(page, "took back: swapped")
    assert page.evaluate(small) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("location.hash = '#/paper/nope'")
    expect(page.locator("#absent-head")).to_have_text("No such paper")
    assert page.evaluate(small) == []
    assert [action for _, action, _ in store.deeds(paper)] == ["accept", "add", "swap", "swap", "undo"]


@pytest.mark.parametrize("width", [1280, 760, 360])
def test_long_words_stay_in_their_places(desk, papers, width):
    page = desk.sits("ann", next(papers), viewport={"width": width, "height": 800})
    name = "Magnetohydrodynamics"
    if name not in labels(page):
        page.keyboard.press("+")
        type_concept(page, name)
        saved(page, f"added {name}")
    page.keyboard.press("n")
    page.keyboard.insert_text("W" * 300)
    page.keyboard.press("Control+Enter")
    saved(page, "noted")
    page.locator(".standing .label bdi").evaluate_all("(all) => all.forEach((one) => { one.style.fontWeight = 600 })")
    over = """(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
    assert page.locator(".term, .remark, #paper").evaluate_all(over) == []


def test_what_can_be_taken_stands_before_what_the_concept_means(desk, papers):
    page = desk.sits("ann", next(papers))
    page.keyboard.press("s")
    expect(page.locator("#swap-near .swaps").first).to_be_visible()
    kinds = page.locator("#swap-near .concept > *").evaluate_all("(all) => all.map(({ className }) => className)")
    last = max(place for place, kind in enumerate(kinds) if kind == "swaps")
    assert set(kinds[: last + 1]) <= {"swaps", "warning"}
    assert len(kinds) > last + 1


def test_who_taps_is_told_of_buttons_and_not_of_keys(desk, store, papers):
    paper = next(papers)
    page = desk.sits("ann", paper, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    with Database.open(str(store.path)) as database:
        Desk(database).record(paper, 0, "note", text="Hm.", who="bea")
    row(page, 0).get_by_role("button", name="Accept").tap()
    told = page.locator("#status")
    expect(told).to_have_text("Not saved: somebody was faster. Choose “Record mine, too” or “Leave it so” above.")
    expect(page.locator("#conflict kbd").first).to_be_hidden()
    page.get_by_role("button", name="Record mine, too").tap()
    saved(page, "accepted")
    page.locator("#act-note").tap()
    expect(page.locator("#note-box .hint")).to_have_text("Other curators see it. Ctrl Enter saves.")
    expect(page.locator("#note-box kbd").first).to_be_hidden()
