"""What authors paste into the page, and what becomes of the text that was there."""

import re
from importlib.resources import files
from urllib.parse import urlsplit

import httpx
import pytest
from author_page_driver import PAPER, Watched, chosen, expect, suggest
from browsing import new_context

from scixtag.cli.main import call
from service_process import serving

SECOND = (
    "Dust in nearby spiral galaxies\nAbstract: " + "We map the dust of twelve spiral galaxies in the infrared. " * 5
)
TITLE, ABSTRACT = "Flares of M dwarfs", "We report flares."
LATEX = r"""
\documentclass{aastex701} % \title{Not this one}
\title[short]{Flares of \textit{M} dwarfs}
\begin{abstract}
We report % a remark
flares of 5\,\% amplitude.
\end{abstract}
\section{Introduction}
"""
AANDA = r"""
\title{Flares}
\abstract{Context {\it here}.}{Aims.}
{Methods.}{Results.}{Conclusions.}
"""


def paste(page, label, text):
    page.get_by_label(label, exact=True).evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          if (field.dispatchEvent(event)) document.execCommand("insertText", false, text);
        }""",
        text,
    )


def field(page, label):
    return page.get_by_label(label, exact=True).input_value()


def select_all(page, label):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press("Control+A")


def test_a_second_paper_over_the_first_replaces_its_abstract(watched):
    page = watched.page()
    suggest(page)
    page.get_by_role("button", name="Edit").click()
    select_all(page, "Title")
    paste(page, "Title", SECOND)
    assert field(page, "Title") == "Dust in nearby spiral galaxies"
    assert field(page, "Abstract") == SECOND.partition("Abstract: ")[2].strip()
    expect(page.locator("#status")).to_contain_text("replaces the abstract that was here; Undo brings that back")
    page.get_by_role("button", name="Undo").click()
    assert (field(page, "Title"), field(page, "Abstract")) == (PAPER.title, PAPER.abstract)


def test_a_title_on_two_lines_leaves_the_abstract_alone(watched):
    page = watched.page()
    page.get_by_label("Abstract").fill(ABSTRACT)
    page.get_by_label("Title").focus()
    paste(page, "Title", "Flares of\nM dwarfs")
    assert field(page, "Title").split() == ["Flares", "of", "M", "dwarfs"]
    assert field(page, "Abstract") == ABSTRACT


def test_text_put_into_a_title_stays_there(watched):
    page = watched.page()
    page.get_by_label("Title").fill("On ")
    page.get_by_label("Abstract").fill(ABSTRACT)
    page.get_by_label("Title").press("End")
    paste(page, "Title", SECOND)
    assert field(page, "Title").startswith("On Dust")
    assert field(page, "Abstract") == ABSTRACT


@pytest.mark.parametrize(
    ("source", "title", "abstract"),
    [
        (LATEX, r"Flares of \textit{M} dwarfs", r"We report flares of 5\,\% amplitude."),
        (AANDA, "Flares", r"Context {\it here}. Aims. Methods. Results. Conclusions."),
    ],
)
def test_latex_source_is_taken_apart(watched, source, title, abstract):
    page = watched.page()
    page.get_by_label("Title").focus()
    paste(page, "Title", source)
    assert (field(page, "Title"), field(page, "Abstract")) == (title, abstract)
    page.get_by_role("button", name="Suggest keywords").click()
    expect(page.locator(".suggestion").first).to_be_visible()


def test_a_command_of_latex_with_a_title_alone_keeps_the_abstract(watched):
    page = watched.page()
    page.get_by_label("Abstract").fill(ABSTRACT)
    page.get_by_label("Title").focus()
    paste(page, "Title", r"\title{Flares of M dwarfs}")
    assert (field(page, "Title"), field(page, "Abstract")) == (TITLE, ABSTRACT)


PAGES = [
    "https://ui.adsabs.harvard.edu/abs/{}/abstract",
    "ui.adsabs.harvard.edu/abs/{}",
    "https://www.scixplorer.org/abs/{}/abstract",
]


@pytest.mark.parametrize("place", ["Title", "Or fetch it from SciX by bibcode"])
@pytest.mark.parametrize("address", PAGES)
def test_an_address_of_a_paper_fetches_it(watched, scix, place, address):
    bibcode = "2022A&A...655A..65H"
    scix.add(bibcode, TITLE, abstract=ABSTRACT)
    page = watched.page()
    page.get_by_label(place).fill(address.format(bibcode.replace("&", "%26")))
    page.get_by_label(place).press("Enter")
    expect(page.locator(".suggestion").first).to_be_visible()
    expect(page.locator("#reading-title")).to_have_text(TITLE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.3847/1538-4357/ac4f4b", "This is a DOI"),
        ("https://doi.org/10.3847/1538-4357/ac4f4b", "This is a DOI"),
        ("arXiv:2203.01234v2", "This is an arXiv number"),
        ("https://arxiv.org/abs/2203.01234", "This is an arXiv number"),
        ("https://example.org/paper.html", "This is a web address"),
    ],
)
def test_other_names_of_papers_are_no_titles_and_no_bibcodes(watched, text, told):
    page = watched.page()
    for label in ("Title", "Or fetch it from SciX by bibcode"):
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Enter")
        expect(page.locator("#status")).to_contain_text(told)
        expect(page.get_by_label(label)).to_be_focused()
        expect(page.locator("#suggestions")).to_be_hidden()


def test_what_is_no_bibcode_is_told_so_by_the_service_too(service):
    for name in ("10.3847/1538-4357/ac4f4b", "10.3847%2F1538-4357", "nothing"):
        answer = httpx.get(f"{service}/v1/papers/{name}")
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (422, "no-bibcode"), answer.text


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
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


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
