"""What authors paste into the page, and what becomes of the text that was there."""

import httpx
import pytest
from author_page_driver import PAPER, SECOND, expect, field, paste, select_all, suggest

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


def test_a_second_paper_over_the_first_replaces_its_abstract(watched):
    page = watched.page()
    suggest(page)
    page.get_by_role("button", name="Edit").click()
    select_all(page, "Title")
    paste(page, "Title", SECOND)
    assert field(page, "Title") == "Dust in nearby spiral galaxies"
    assert field(page, "Abstract") == SECOND.partition("Abstract: ")[2].strip()
    expect(page.locator("#status")).to_contain_text("replaces the paper that was here; Undo brings that back")
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
@pytest.mark.parametrize(
    ("address", "bibcode"),
    [*((page, "2022A&A...655A..65H") for page in PAGES), ("{}", "2019arXiv190101234S"), ("{}", "2018SPIE10702E..07R")],
)
def test_an_address_of_a_paper_fetches_it(watched, scix, place, address, bibcode):
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
        ("doi.org/10.3847/1538-4357/ac4f4b", "This is a DOI"),
        ("arXiv:2203.01234v2", "This is an arXiv number"),
        ("arXiv:2203.01234 [astro-ph.SR]", "This is an arXiv number"),
        ("astro-ph/0601234", "This is an arXiv number"),
        ("https://arxiv.org/abs/2203.01234", "This is an arXiv number"),
        ("https://example.org/paper.html", "This is a web address"),
    ],
)
def test_other_names_of_papers_are_no_titles_and_no_bibcodes(watched, text, told):
    page = watched.page()
    for label in ("Title", "Abstract", "Or fetch it from SciX by bibcode"):
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Control+Enter" if label == "Abstract" else "Enter")
        expect(page.locator("#status")).to_contain_text(told)
        expect(page.get_by_label(label)).to_be_focused()
        expect(page.locator("#suggestions")).to_be_hidden()
        page.get_by_label(label).fill("")


def test_what_is_no_bibcode_is_told_so_by_the_service_too(service):
    for name in ("10.3847/1538-4357/ac4f4b", "10.3847%2F1538-4357", "nothing"):
        answer = httpx.get(f"{service}/v1/papers/{name}")
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (422, "no-bibcode"), answer.text
