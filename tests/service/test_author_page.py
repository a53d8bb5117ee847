"""The author's page, driven in a real browser before a real service."""

import re
from urllib.parse import quote, urlsplit

import httpx
import pytest
from author_page_driver import HOSTILE, ODD, PAPER, Watched, chosen, expect, preview, suggest

from service_process import serving

NONE_WANTED = """() => {
    const seen = (element) => element.checkVisibility();
    const named = (e) => e.ariaLabel || e.textContent.trim() || e.labels?.length || e.getAttribute("aria-labelledby");
    const wrong = [...document.querySelectorAll("button, a, input, textarea, select, summary, [role=tab], pre")]
        .filter((element) => seen(element) && !named(element));
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
    const dangling = ["aria-controls", "aria-labelledby", "aria-describedby", "for"].flatMap((name) =>
        [...document.querySelectorAll(`[${name}]`)].map((e) => e.getAttribute(name)).filter((id) => !ids.includes(id)));
    const small = [...document.querySelectorAll("button, input, textarea, select, summary, a")]
        .filter((e) => seen(e) && !e.closest(".skips")).map((e) => e.getBoundingClientRect())
        .filter(({ width, height }) => width < 24 || height < 24).length;
    return [wrong.map((e) => e.outerHTML), twice, dangling, small];
}"""
CONTRAST = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (e) => {
        for (let now = e; now; now = now.parentElement) {
            const color = rgba(getComputedStyle(now).backgroundColor);
            if (color[3] === 255) return color;
        }
        return [255, 255, 255, 255];
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const e = node.parentElement;
        if (!node.data.trim() || !e.checkVisibility() || e.closest("[aria-disabled=true], .unseen")) continue;
        const [one, other] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
        if ((one + 0.05) / (other + 0.05) < 4.5) found.push([node.data, (one + 0.05) / (other + 0.05)]);
    }
    return found;
}"""


def no_scroll_to_the_side(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_an_author_pastes_looks_swaps_adds_and_copies(watched, service):
    page = watched.page(permissions=["clipboard-read", "clipboard-write"], viewport={"width": 1280, "height": 800})
    page.evaluate("text => navigator.clipboard.writeText(text)", f"{PAPER.title}\n\n{PAPER.abstract}")
    page.get_by_label("Title").focus()
    page.keyboard.press("Control+v")
    expect(page.get_by_label("Title")).to_have_value(PAPER.title)
    assert page.get_by_label("Abstract").input_value().split() == PAPER.abstract.split()
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.locator(".suggestion")).to_have_count(20)
    expect(page.get_by_role("heading", name="Suggestions")).to_be_focused()

    # What the model's rule takes is marked, and chosen.
    asked = {"title": PAPER.title, "abstract": PAPER.abstract, "limit": 20, "explain": True}
    told = httpx.post(f"{service}/v1/suggest", json=asked).json()
    accepted = [one["label"] for one in told["suggestions"] if one["selected"]]
    assert page.locator(".suggestion:has(.accept) bdi:first-child").all_text_contents() == accepted
    assert chosen(page) == accepted
    expect(page.locator("#status")).to_contain_text(f"20 suggestions, {len(accepted)} chosen")

    # Evidence is marked where the service says.
    first = next(one for one in told["suggestions"] if one["explanation"]["evidence"])
    row = page.locator(".suggestion", has=page.get_by_role("button", name=first["label"], exact=False)).first
    row.locator(".name").click()
    expect(row.locator(".name")).to_have_attribute("aria-expanded", "true")
    words = first["explanation"]["evidence"][0]["words"]
    expect(row.locator(".phrase").first).to_contain_text(words)
    marks = page.locator("#reading mark").all_text_contents()
    assert words in marks
    row.locator(".phrase").first.click()
    expect(page.locator("#reading mark.shown").first).to_have_text(re.compile(re.escape(words), re.IGNORECASE))

    # Swap it for a neighbour, which takes its place; undo; swap again.
    concept = httpx.get(f"{service}/v1/concepts/{first['id']}").json()
    other = (concept["siblings"] + concept["parents"] + concept["children"])[0]["label"]
    expect(row.locator(".path li")).to_have_text(concept["path"])
    before = chosen(page)
    row.get_by_role("button", name=f"Swap for {other}", exact=True).first.click()
    swapped = [other if label == first["label"] else label for label in before]
    if first["label"] not in before:
        swapped = [*before, other]
    assert chosen(page) == swapped
    expect(row).to_contain_text(f"swapped for {other}")
    page.get_by_role("button", name="Undo").click()
    assert chosen(page) == before
    row.get_by_role("button", name=f"Swap for {other}", exact=True).first.click()

    # Add one by search, move it to the top, remove the second.
    page.get_by_label("Add a concept").press_sequentially("cosmolog")
    expect(page.get_by_role("option").first).to_be_visible()
    label = page.get_by_role("option").first.locator(".term").text_content()
    page.keyboard.press("Enter")
    assert chosen(page) == [*swapped, label]
    for _ in swapped:
        page.get_by_role("button", name=f"Move {label} up", exact=True).click()
    assert chosen(page) == [label, *swapped]
    page.get_by_role("button", name=f"Remove {other}", exact=True).click()
    final = [name for name in [label, *swapped] if name != other]
    assert chosen(page) == final

    # Copy what the preview shows.
    ids = {concept["label"]: concept["id"] for one in final for concept in search(service, one)}
    text = "\\keywords{" + " --- ".join(f"\\uat{{{one}}}{{{ids[one]}}}" for one in final) + "}"
    expect(page.locator("#preview")).to_have_text(text)
    page.get_by_role("button", name="Copy as AASTeX 7").click()
    expect(page.locator("#status")).to_contain_text("Copied as AASTeX 7")
    assert page.evaluate("navigator.clipboard.readText()") == text
    page.get_by_role("tab", name="Plain text").click()
    expect(page.locator("#preview")).to_have_text(", ".join(final))
    page.get_by_role("button", name=f"Copy {len(final)} keyword").click()
    expect(page.locator("#status")).to_contain_text("Copied as Plain text")
    assert page.evaluate("navigator.clipboard.readText()") == ", ".join(final)


def search(service, query):
    return httpx.get(f"{service}/v1/concepts", params={"q": query}).json()["concepts"]


def focused(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")


def test_all_of_it_by_keyboard(watched):
    page = watched.page(permissions=["clipboard-read", "clipboard-write"])
    press = page.keyboard.press
    press("Tab")
    assert focused(page) == "Skip to your paper"
    press("Enter")
    press("Tab")
    page.keyboard.insert_text(PAPER.title)
    press("Tab")
    page.keyboard.insert_text(PAPER.abstract)
    press("Control+Enter")
    expect(page.get_by_role("heading", name="Suggestions")).to_be_focused()
    names = page.locator(".suggestion .name bdi:first-child").all_text_contents()
    boxes = page.locator(".suggestion input")
    press("Tab")
    assert focused(page) == f"Choose {names[0]}"
    was = boxes.nth(2).is_checked()
    for key in ("ArrowDown", "ArrowDown", "Space"):
        press(key)
    assert boxes.nth(2).is_checked() is not was
    assert (names[2] in chosen(page)) is not was
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        press(key)
    expect(page.locator(".suggestion").nth(1).locator(".definition, .concept .hint").first).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    press("Escape")
    assert page.locator(".suggestion .place:visible").count() == 0
    assert focused(page).startswith(names[1])
    press("Control+z")
    assert boxes.nth(2).is_checked() is was

    # The field that finds concepts, and the forms.
    page.get_by_label("Add a concept").focus()
    page.keyboard.type("galax")
    expect(page.get_by_role("option").nth(2)).to_be_visible()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        press(key)
    active = page.get_by_label("Add a concept").get_attribute("aria-activedescendant")
    label = page.locator(f"#{active} .term").text_content()
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    press("Enter")
    assert label in chosen(page)
    page.keyboard.type("galax")
    expect(page.get_by_role("option").first).to_be_visible()
    press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    press("Escape")
    expect(page.get_by_label("Add a concept")).to_have_value("")
    page.get_by_role("button", name=f"Remove {label}", exact=True).focus()
    press("Enter")
    assert label not in chosen(page)
    # The focus is not lost with what it was on.
    assert page.evaluate("document.activeElement.matches('.keyword *, #keywords-head')")
    page.get_by_role("tab", selected=True).focus()
    press("ArrowRight")
    expect(page.get_by_role("tab", name="AASTeX 6.3")).to_be_focused()
    press("End")
    assert page.get_by_role("tab", selected=True).text_content() == "Plain text"
    press("Tab")
    expect(page.locator("#preview")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(page.locator("#status")).to_contain_text("Copied as Plain text")


def test_a_reload_loses_nothing(watched):
    page = watched.page()
    page.get_by_label("Title").fill("Half a title")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Half a title")
    suggest(page)
    page.locator(".suggestion input").nth(15).check()
    page.get_by_role("tab", name="BibTeX").click()
    page.locator(".suggestion .name").first.click()
    expect(page.locator("#reading mark").first).to_be_visible()
    marks, labels = page.locator("#reading mark").all_text_contents(), chosen(page)
    text = preview(page, labels[-1])
    page.reload()
    expect(page.locator("#reading mark").first).to_be_visible()
    assert page.locator("#reading mark").all_text_contents() == marks
    assert chosen(page) == labels
    assert preview(page, labels[-1]) == text
    # Another text keeps what the author chose, and drops what the rule took.
    page.get_by_role("button", name="Edit").click()
    suggest(page, abstract="")
    expect(page.get_by_role("heading", name="Suggestions")).to_be_focused()
    assert labels[-1] in chosen(page)
    page.get_by_role("button", name="New paper").click()
    expect(page.get_by_label("Title")).to_have_value("")
    page.get_by_role("button", name="Undo").click()
    assert labels[-1] in chosen(page)


def test_without_a_clipboard_the_text_is_selected(watched):
    gone = "Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})"
    page = watched.page(script=gone)
    suggest(page)
    page.locator(".suggestion input").first.check()
    text = preview(page, "keywords{")
    page.get_by_role("button", name="Copy as").click()
    expect(page.locator("#status")).to_contain_text("press Ctrl+C")
    assert page.evaluate("getSelection().toString()") == text


def test_a_bibcode_is_enough(watched, scix):
    scix.add("2018ApJS..236...24F", PAPER.title, abstract=PAPER.abstract)
    page = watched.page()
    page.get_by_label("bibcode").fill("2018ApJS..236...24F")
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator("#reading-title")).to_have_text(PAPER.title)
    found = chosen(page)
    assert found
    page.get_by_role("button", name="New paper").click()
    page.get_by_label("Title").fill("2018ApJS..236...24F")
    page.keyboard.press("Enter")
    expect(page.locator("#reading-title")).to_have_text(PAPER.title)
    assert chosen(page) == found


def test_hostile_texts_are_inert(watched):
    page = watched.page()
    images = page.locator("img").count()
    suggest(page, HOSTILE, f"{ODD} \U0001f52d {PAPER.abstract} {HOSTILE}")
    expect(page.locator("#reading-title")).to_have_text(HOSTILE)
    text = page.locator("#reading-abstract").text_content()
    assert "U+202Egalaxy" in text
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\u200b\ufeff]", page.locator("body").inner_text()
    )
    row = page.locator(".suggestion").first
    for place in range(5):
        row = page.locator(".suggestion").nth(place)
        row.locator(".name").click()
        expect(row.locator(".explanation")).to_be_visible()
        # Places are right behind characters that JavaScript counts twice.
        marks = {mark.casefold() for mark in page.locator("#reading mark").all_text_contents()}
        phrases = row.locator(".phrase bdi").all_text_contents()
        assert {phrase.casefold() for phrase in phrases} <= marks
    assert page.locator("img").count() == images
    assert page.locator("script:not([src]), svg, iframe").count() == 0


def test_a_hostile_vocabulary_is_inert(watched):
    """No vocabulary of ours is: the service's answers are changed on their way."""
    page = watched.page()
    suggest(page)
    label = f"{HOSTILE} {ODD}"
    found = {"id": 1, "uri": "javascript:alert(5)", "label": label, "deprecated": False, "alternatives": [label]}
    found["path"] = [HOSTILE, label]
    near = {"parents": [found], "children": [], "siblings": [found] * 30, "related": [], "successors": []}
    page.route("**/v1/concepts?*", lambda route: route.fulfill(json={"concepts": [found]}))
    page.route("**/v1/concepts/*", lambda route: route.fulfill(json={**found, **near, "definition": label}))
    page.get_by_label("Add a concept").fill("x")
    expect(page.get_by_role("option")).to_contain_text("<img src=x")
    assert "U+202E" in page.get_by_role("option").inner_text()
    page.locator(".suggestion .name").first.click()
    expect(page.locator(".definition")).to_contain_text("<script>")
    assert page.locator(".address a").count() == 0
    page.locator(".more").click()
    assert page.locator(".swaps [aria-label^='Swap for <img']").count() == 31
    assert page.locator("#suggestions img, #keywords img, main script").count() == 0


def test_errors_are_told_and_the_page_works_on(watched):
    page = watched.page()
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.locator("#status")).to_contain_text("Paste a title or an abstract first")
    page.get_by_label("Abstract").fill("x " * 30_000)
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.get_by_role("alert")).to_contain_text("at most 50,000")
    expect(page.get_by_label("Abstract")).to_have_value("x " * 30_000)
    page.get_by_label("bibcode").fill("2099ApJS..236...24F")
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_role("alert")).to_contain_text("2099ApJS..236...24F")
    expect(page.get_by_role("alert")).not_to_contain_text("50,000")
    suggest(page)
    expect(page.get_by_role("alert")).to_be_empty()
    # A browser says on its own that an answer was an error.
    assert all("the server responded with a status of 4" in text or "a status of 50" in text for text in watched.told)
    watched.told.clear()


def test_a_service_that_is_gone_is_told_and_the_work_is_kept(browser, served_model, tmp_path):
    with serving(tmp_path, served_model) as running:
        watched = Watched(browser, running.url)
        page = watched.page()
        suggest(page)
        labels = page.locator(".suggestion .name bdi:first-child").all_text_contents()
    page.locator(".suggestion input").nth(19).check()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("does not answer. Your text and keywords are kept")
    page.get_by_label("Add a concept").fill("galaxy")
    expect(page.get_by_role("listbox")).to_contain_text("does not answer")
    assert labels[19] in chosen(page)
    page.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("does not answer")
    with serving(tmp_path, served_model, port=urlsplit(watched.url).port):
        page.get_by_role("button", name="Try again").click()
        expect(alert).to_be_empty()
        assert f"{{{labels[19]}}}" in preview(page, labels[19])
        assert all("ERR_CONNECTION" in text for text in watched.told)
        watched.told.clear()
        watched.check()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (768, "dark"), (1920, "light")])
def test_any_width_and_scheme(watched, width, scheme):
    page = watched.page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    assert no_scroll_to_the_side(page)
    assert page.evaluate(NONE_WANTED) == [[], [], [], 0]
    assert page.evaluate(CONTRAST) == []
    suggest(page, title="W" * 300)
    page.locator(".suggestion .name").first.click()
    expect(page.locator(".explanation")).to_be_visible()
    page.get_by_label("Add a concept").fill("galaxy")
    expect(page.get_by_role("option").first).to_be_visible()
    assert no_scroll_to_the_side(page)
    assert page.evaluate(NONE_WANTED) == [[], [], [], 0]
    assert page.evaluate(CONTRAST) == []
    shade = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (shade == "rgb(13, 18, 32)") is (scheme == "dark")
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    for region in ("Your paper", "Suggestions", "Your keywords"):
        assert page.get_by_role("region", name=region, exact=True).count() == 1


def test_browsers_are_told_to_be_strict(service):
    answer = httpx.get(service)
    policy = answer.headers["content-security-policy"]
    for wanted in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"):
        assert wanted in policy
    # Nothing for it to forbid.
    assert not re.search(r"<script(?![^>]*src=)|style=|<style|\son\w+=|https?://", answer.text)
    assert 'href="/desk"' not in answer.text
    for name in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
        assert httpx.get(service + name).status_code == 200
    again = httpx.get(service, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_concept_is_found_by_its_uri(service):
    """Where no short ids can be made, URIs are the ids."""
    concept = search(service, "galax")[0]
    address = f"{service}/v1/concepts/{quote(concept['uri'], safe='')}"
    assert httpx.get(address).json()["id"] == concept["id"]
    assert httpx.get(address).json()["children"] == httpx.get(f"{address}/children").json()["concepts"]
    assert "'a/b'" in httpx.get(f"{service}/v1/concepts/a%2Fb").json()["detail"]
