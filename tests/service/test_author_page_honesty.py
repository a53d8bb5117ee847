"""The author's page says what is so: of copies that failed, of what was tried again, of concepts that are chosen."""

import re
from urllib.parse import urlsplit

import pytest
from author_page_driver import HOSTILE, ODD, PAPER, Watched, chosen, expect, preview, suggest

from service_process import serving

SPELLED = re.compile(r"U\+[0-9A-F]{4,5}")


def test_a_copy_that_fails_is_told_at_the_button(browser, served_model, tmp_path):
    with serving(tmp_path, served_model) as running:
        watched = Watched(browser, running.url)
        page = watched.page(permissions=["clipboard-read", "clipboard-write"])
        suggest(page)
        preview(page, "keywords{")
        page.get_by_role("button", name="Copy as").click()
        expect(page.locator("#status")).to_contain_text("Copied as AASTeX 7")
        older = page.evaluate("navigator.clipboard.readText()")
    page.locator(".suggestion input").nth(19).check()
    added = chosen(page)[-1]
    for button in ("Copy as", f"Copy {len(chosen(page))} keyword"):
        page.get_by_role("button", name=button).click()
        for told in (page.locator("#status"), page.locator("#copy-note")):
            expect(told).to_contain_text("Nothing was copied: the service does not answer. The clipboard is as it was.")
        expect(page.get_by_role("button", name="Copy as")).to_have_accessible_description(
            re.compile("Nothing was copied")
        )
    assert page.evaluate("navigator.clipboard.readText()") == older
    with serving(tmp_path, served_model, port=urlsplit(watched.url).port):
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#status")).to_contain_text("It works again.")
        expect(page.locator("#copy-note")).to_be_empty()
        page.get_by_role("button", name="Copy as").click()
        expect(page.locator("#status")).to_contain_text("Copied as AASTeX 7")
        assert f"{{{added}}}" in page.evaluate("navigator.clipboard.readText()")
        assert all("ERR_CONNECTION" in text for text in watched.told)
        watched.told.clear()
        watched.check()


@pytest.mark.parametrize("tried", ["suggest", "concept"])
def test_trying_again_ends_in_words(watched, tried):
    page = watched.page()
    path = {"suggest": "**/v1/suggest", "concept": "**/v1/concepts/*"}[tried]
    if tried == "concept":
        suggest(page)
    page.route(path, lambda route: route.abort())
    if tried == "concept":
        page.locator(".suggestion .name").first.click()
    else:
        page.get_by_label("Title").fill(PAPER.title)
        page.get_by_role("button", name="Suggest keywords").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#status")).to_contain_text("It failed again.")
    page.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.locator("#status")).to_contain_text("20 suggestions" if tried == "suggest" else "It works again.")
    watched.told.clear()  # of the browser, on what was aborted


def test_a_short_text_says_little(watched):
    page = watched.page()
    note = page.locator("#suggestions-note")
    suggest(page, abstract="")
    expect(note).to_contain_text("So short a text says little")
    page.get_by_role("button", name="Edit").click()
    suggest(page)
    expect(note).to_contain_text("Open one to see why.")
    expect(note).not_to_contain_text("says little")


def test_a_bibcode_that_is_not_found_leaves_nobody_waiting(watched):
    page = watched.page()
    page.get_by_label("Title").fill("2026ApJ...999....9Z")
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.locator("#status")).not_to_contain_text("Asking")
    watched.told.clear()  # of the browser, on the status


def test_the_search_marks_what_is_chosen(watched):
    page = watched.page()
    suggest(page)
    label = chosen(page)[0]
    options = page.get_by_role("option")
    page.get_by_label("Add a concept").fill(label)
    expect(options.first).to_contain_text(f"{label}chosen already")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Remove {label}", exact=True).click()
    page.get_by_label("Add a concept").fill(label[:-1])
    expect(options.first).to_contain_text(label)
    expect(options.first).not_to_contain_text("already")


def test_evidence_shows_the_characters_that_the_text_as_given_shows(watched):
    page = watched.page()
    start = PAPER.abstract[:300]
    abstract = (
        f"{ODD} <b>{HOSTILE}</b> $\\alpha$ &amp; ﬁne\u200b\n\n{start}\u202e{PAPER.abstract[300:]} gal\u200baxy\u202c"
    )
    suggest(page, f"{ODD}{PAPER.title}", abstract)
    fields = [page.locator("#reading-title"), page.locator("#reading-abstract")]
    given = [SPELLED.findall(field.text_content()) for field in fields]
    after = SPELLED.split(fields[1].text_content())[-3:]
    assert len(given[1]) == 12
    for place in range(4):
        suggestion = page.locator(".suggestion").nth(place)
        suggestion.locator(".name").click()
        expect(suggestion.locator(".explanation")).to_be_visible()
        expect(page.locator("#legend")).to_be_visible()
        assert [SPELLED.findall(field.text_content()) for field in fields] == given
        assert SPELLED.split(fields[1].text_content())[-3:] == after  # at the same places
        if suggestion.locator(".phrase").count():
            words = suggestion.locator(".phrase bdi").first.text_content()
            suggestion.locator(".phrase").first.click()
            shown = page.locator("mark.shown").all_text_contents()
            assert words.casefold() in [SPELLED.sub("", mark).casefold() for mark in shown]


def test_abstract_may_be_the_first_word_of_one(watched):
    page = watched.page()
    parted = "async (text) => (await import('/static/pasted.js')).parted(text).abstract"
    for text, abstract in (
        ("T\n\nAbstract here about stars", "Abstract here about stars"),
        ("T\nAbstract: Stars", "Stars"),
        ("T\nAbstract\nStars", "Stars"),
        ("T\nABSTRACT Stars", "Stars"),
        ("T\nabstract. Stars", "Stars"),
    ):
        assert page.evaluate(parted, text) == abstract
