"""What becomes of the author's work: steps back and forth, answers that come late, a page that is not whole."""

import re
from contextlib import suppress
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from author_page_driver import PAPER, SECOND, Watched, chosen, expect, field, paste, select_all, suggest
from browsing import new_context
from playwright.sync_api import Error

from scixtag.cli.main import call
from service_process import serving

TITLE = "Flares of M dwarfs"


def test_suggestions_say_that_the_text_has_changed_since(watched):
    page = watched.page()
    note = page.locator("#suggestions-note")
    stale = "for your text as it was before you changed it"
    suggest(page)
    before = page.locator(".suggestion .name").all_text_contents()
    page.get_by_role("button", name="Edit").click()
    expect(note).to_contain_text("Open one to see why.")
    page.get_by_label("Title").fill("Galaxy clusters in X-rays")
    expect(note).to_contain_text(stale)
    page.get_by_label("Abstract").fill("")
    page.get_by_role("button", name="Suggest keywords").click()
    expect(note).to_contain_text("So short a text")
    assert page.locator(".suggestion .name").all_text_contents() != before
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(note).to_contain_text(stale)
    assert field(page, "Title") == "Galaxy clusters in X-rays"
    assert page.locator(".suggestion .name").all_text_contents() == before


def test_every_step_can_be_undone_after_a_reload(watched):
    page = watched.page()
    suggest(page)
    first = chosen(page)
    box = page.locator(".suggestion:not(.chosen) input").first
    box.check()
    with_one = chosen(page)
    page.locator(".keyword button[data-does=remove]").first.click()
    page.reload()
    expect(page.locator(".keyword")).to_have_count(len(with_one) - 1)
    page.get_by_role("button", name="Undo").click()
    assert chosen(page) == with_one
    page.reload()
    page.keyboard.press("Control+z")
    assert chosen(page) == first
    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    undo.click()
    expect(page.locator("#suggestions")).to_be_hidden()
    page.reload()
    for left in ((PAPER.title, ""), ("", "")):  # each field was typed at a stretch
        undo.click()
        assert (field(page, "Title"), field(page, "Abstract")) == left
    expect(undo).to_be_hidden()
    expect(page.get_by_label("Title")).to_be_focused()
    for _ in range(4):
        page.reload()
        redo.click()
    assert chosen(page) == with_one
    page.keyboard.press("Control+Shift+z")
    assert len(chosen(page)) == len(with_one) - 1
    expect(redo).to_be_hidden()
    undo.click()
    page.locator(".keyword button[data-does=remove]").nth(1).click()
    expect(redo).to_be_hidden()


def test_undo_gives_back_what_was_typed_over(watched):
    page = watched.page()
    suggest(page)
    page.get_by_role("button", name="Edit").click()
    select_all(page, "Abstract")
    page.keyboard.type("Dust in galaxies.")
    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    undo.click()
    assert field(page, "Abstract") == PAPER.abstract
    redo.click()
    assert field(page, "Abstract") == "Dust in galaxies."
    undo.click()
    undo.click()
    assert field(page, "Abstract") == PAPER.abstract
    expect(page.locator("#suggestions")).to_be_hidden()


@pytest.mark.parametrize("is_touched", [False, True])
def test_undo_can_be_pressed_when_nothing_is_said(watched, is_touched):
    page = watched.page(has_touch=is_touched)
    suggest(page)
    page.get_by_role("button", name="New paper").click()
    page.reload()
    undo = page.get_by_role("button", name="Undo")
    undo.tap() if is_touched else undo.click()
    expect(page.locator("#reading-title")).to_have_text(PAPER.title)


@pytest.fixture
def slow(watched):
    """A page, the requests that it waits for, and what lets them through, also those that it gave up."""
    page, held, is_over = watched.page(), [], []
    page.route(
        re.compile(r"/v1/(suggest|papers/.*)$"), lambda route: route.continue_() if is_over else held.append(route)
    )

    def answer():
        is_over.append(True)
        for route in held:
            with suppress(Error):  # what the page gave up is gone
                route.continue_()

    yield page, held, answer
    watched.told.clear()  # of the browser, on what was given up


def waits(page, held):
    """Until the page has asked."""
    while not held:
        page.wait_for_timeout(20)


def test_a_new_paper_is_not_overtaken_by_the_answer_for_the_old_one(slow):
    page, held, answer = slow
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("button", name="Suggest keywords").click()
    waits(page, held)
    page.get_by_role("button", name="New paper").click()
    answer()
    page.wait_for_timeout(300)
    expect(page.locator("#suggestions")).to_be_hidden()
    assert field(page, "Title") == ""
    expect(page.get_by_role("button", name="Suggest keywords")).to_have_attribute("aria-busy", "false")


def test_what_is_typed_while_suggestions_come_stays_in_sight(slow):
    page, held, answer = slow
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("button", name="Suggest keywords").click()
    waits(page, held)
    page.get_by_label("Abstract").press_sequentially("More.")
    answer()
    expect(page.locator("#suggestions-note")).to_contain_text("for your text as it was before you changed it")
    assert field(page, "Abstract") == "More."
    expect(page.get_by_label("Abstract")).to_be_focused()


@pytest.mark.parametrize("how", ["typed", "pasted"])
def test_a_paper_that_is_being_fetched_does_not_take_the_place_of_ones_own(slow, scix, how):
    page, held, answer = slow
    scix.add("2019arXiv190109999S", "Something else", abstract="Of another kind.")
    page.get_by_label("Or fetch it from SciX").fill("2019arXiv190109999S")
    page.get_by_role("button", name="Fetch").click()
    waits(page, held)
    if how == "typed":
        page.get_by_label("Title").press_sequentially(TITLE)
        expect(page.locator("#status")).to_contain_text("no longer asked for")
    else:
        page.get_by_label("Title").focus()
        paste(page, "Title", SECOND)
    answer()
    page.wait_for_timeout(300)
    assert field(page, "Title") == (TITLE if how == "typed" else SECOND.partition("\n")[0])


def test_what_was_chosen_for_one_paper_is_not_for_the_next(watched):
    page = watched.page()
    suggest(page)
    page.get_by_label("Add a concept").fill("Quasars")
    page.get_by_role("option", name=re.compile("^Quasars")).first.click()
    page.get_by_role("button", name="Edit").click()
    select_all(page, "Title")
    paste(page, "Title", f"A later version\n{PAPER.abstract} And more.")
    expect(page.locator("#status")).to_contain_text("It replaces the abstract that was here")
    assert "Quasars" in chosen(page)
    select_all(page, "Title")
    paste(page, "Title", SECOND)
    expect(page.locator("#status")).to_contain_text("It replaces the paper that was here")
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.locator(".suggestion").first).to_be_visible()
    assert "Quasars" not in chosen(page)


def test_a_paper_whose_title_is_a_bibcode_is_fetched_once(watched, scix):
    scix.add("2019arXiv190108888S", "2019arXiv190108888S")
    before = len(scix.asked)
    page = watched.page()
    page.get_by_label("Title").fill("2019arXiv190108888S")
    page.get_by_label("Title").press("Enter")
    expect(page.locator(".suggestion").first).to_be_visible()
    page.wait_for_timeout(300)
    assert len(scix.asked) == before + 1


def test_own_concepts_in_another_vocabulary_are_kept_or_named(browser, served_model, tmp_path):
    vocabulary = (files("scixtag.corpus.sample") / "vocabulary.ttl").read_text()
    changed = vocabulary.replace('"Stellar flares"', '"Flares of stars"').replace("uat:1319 ", "uat:991319 ")
    (tmp_path / "other.ttl").write_text(changed)
    other = tmp_path / "other"
    asked = ["train", "sample:train", "--vocabulary", str(tmp_path / "other.ttl"), "--model", "prior"]
    assert call([*asked, "--output", str(other), "--quiet"]) == 0
    with serving(tmp_path, served_model, other) as running:
        watched = Watched(browser, running.url)
        page = watched.page()
        suggest(page, title="Galaxies", abstract="")
        for name in ("Stellar flares", "Quasars"):
            page.get_by_label("Add a concept").fill(name)
            page.get_by_role("option", name=re.compile(f"^{name}")).first.click()
        page.get_by_role("button", name="Edit").click()
        page.get_by_label("Model").select_option("other")
        page.get_by_role("button", name="Suggest keywords").click()
        status = page.locator("#status")
        expect(status).to_contain_text("this model’s vocabulary has no such concept: Quasars. Undo brings back")
        assert "Flares of stars" in chosen(page)
        page.get_by_role("button", name="Undo").click()
        assert {"Stellar flares", "Quasars"} <= set(chosen(page))
        assert all("404" in told for told in watched.told)
        watched.told.clear()
        watched.check()


@pytest.mark.parametrize(("path", "missing"), [("/", "copy.js"), ("/", "api.js"), ("/desk", "dom.js")])
def test_a_page_of_which_a_part_has_not_come_says_so(browser, service, path, missing):
    context = new_context(browser)
    page = context.new_page()
    page.route(f"**/static/{missing}", lambda route: route.fulfill(status=429))
    page.goto(service + path)
    told = page.get_by_text("A part of this page has not come")
    expect(told).to_be_visible(timeout=15_000)
    page.unroute(f"**/static/{missing}")
    page.get_by_role("link", name="Load it again").click()
    expect(told).to_have_count(0)
    context.close()


def test_a_page_that_works_never_says_so(watched):
    page = watched.page()
    expect(page.get_by_text("A part of this page has not come")).to_have_count(0)


def test_the_page_sees_by_itself_that_the_service_is_back(browser, served_model, tmp_path):
    with serving(tmp_path, served_model) as running:
        watched = Watched(browser, running.url)
        page = watched.page()
        suggest(page)
    alert = page.get_by_role("alert")
    page.locator(".suggestion input").nth(19).check()
    expect(alert).to_contain_text("does not answer")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("Galaxy clusters")
    page.get_by_role("button", name="Suggest keywords").click()
    page.get_by_label("Title").focus()
    with serving(tmp_path, served_model, port=urlsplit(watched.url).port):
        expect(alert).to_contain_text("The service answers again.", timeout=30_000)
        expect(alert).not_to_contain_text("does not answer")
        expect(page.locator("#preview")).to_contain_text("keywords{")
        expect(page.get_by_label("Title")).to_be_focused()
        page.get_by_role("button", name="Try again").click()
        expect(alert).to_be_empty()
        expect(page.locator("#reading-title")).to_have_text("Galaxy clusters")
        watched.told.clear()
        watched.check()


@pytest.mark.parametrize("status", [None, 429, 503])
def test_what_did_not_come_when_the_page_was_opened_is_asked_for_again(browser, service, status):
    context = new_context(browser)
    page = context.new_page()
    failing = (lambda route: route.abort()) if status is None else (lambda route: route.fulfill(status=status))
    page.route("**/v1/models", failing)
    page.goto(service)
    alert = page.get_by_role("alert")
    expect(alert).not_to_be_empty()
    page.unroute("**/v1/models")
    expect(alert).to_be_empty(timeout=15_000)
    expect(page.locator("#tabs button")).to_have_count(7)
    context.close()


def test_a_model_that_was_replaced_meanwhile_is_told_of(browser, served_model, tmp_path):
    """By one of another vocabulary, under the same name, while the page lies open."""
    vocabulary = (files("scixtag.corpus.sample") / "vocabulary.ttl").read_text()
    (tmp_path / "other.ttl").write_text(vocabulary.replace('"5.1.0"', '"9.9"').replace("uat:1319 ", "uat:991319 "))
    other = tmp_path / "other"
    asked = ["train", "sample:train", "--vocabulary", str(tmp_path / "other.ttl"), "--model", "prior"]
    assert call([*asked, "--output", str(other), "--quiet"]) == 0
    with serving(tmp_path, f"uat={served_model}") as running:
        watched = Watched(browser, running.url)
        page = watched.page()
        suggest(page, title="Quasars", abstract="")
    with serving(tmp_path, f"uat={other}", port=urlsplit(watched.url).port):
        page.get_by_role("tab", name="JATS").click()
        expect(page.locator("#preview")).to_contain_text("replaced by one of another vocabulary: suggest again")
        page.locator(".suggestion", has_text="Quasars").locator(".name").first.click()
        expect(page.locator(".why")).to_contain_text("it has been replaced since. Suggest again.")
        page.get_by_role("button", name="Edit").click()
        page.get_by_role("button", name="Suggest keywords").click()
        expect(page.locator("#about")).to_contain_text("9.9")
        expect(page.locator("#preview")).not_to_contain_text("replaced")
        watched.told.clear()
        watched.check()


def test_suggestions_say_whose_they_are_when_another_model_is_chosen(browser, served_model, model_of_names, tmp_path):
    with serving(tmp_path, served_model, f"names={model_of_names}") as running:
        watched = Watched(browser, running.url)
        page = watched.page()
        suggest(page)
        note, choice = page.locator("#suggestions-note"), page.get_by_label("Model")
        page.get_by_role("button", name="Edit").click()
        choice.select_option("names")
        expect(note).to_have_text("These are by the model “model”. Suggest again for those of “names”.")
        expect(page.locator("#about")).to_contain_text("Model model (centroid")
        page.get_by_role("button", name="Suggest keywords").click()
        expect(page.locator("#about")).to_contain_text("Model names (lexical")
        for _ in range(2):
            page.get_by_role("button", name="Undo").click()
        expect(choice).to_have_value("model")
        expect(page.locator("#about")).to_contain_text("Model model (centroid")
        watched.check()


@pytest.fixture(scope="module")
def model_of_names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names") / "model"
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(folder), "--quiet"]) == 0
    return folder
