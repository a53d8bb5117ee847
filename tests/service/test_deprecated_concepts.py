"""Concepts that the vocabulary has deprecated, although the papers that a model has learned from carry them."""

import json
import re
from importlib.resources import files

import httpx
import pytest

from scixtag.cli.main import call
from scixtag.corpus.record import Record
from service_process import serving

TITLE = "White-light flares from fast-rotating red dwarfs"
OLD, NEW = 1603, 982
"""Stellar flares, which we deprecate here, and what we say to use instead."""


@pytest.fixture(scope="module")
def old_model(tmp_path_factory):
    """A tagger that selects a deprecated concept."""
    folder = tmp_path_factory.mktemp("deprecated")
    vocabulary = (files("scixtag.corpus.sample") / "vocabulary.ttl").read_text()
    deprecating = f"uat:{OLD} a skos:Concept ;\n    owl:deprecated true ; dcterms:isReplacedBy uat:{NEW} ;"
    (folder / "vocabulary.ttl").write_text(vocabulary.replace(f"uat:{OLD} a skos:Concept ;", deprecating))
    asked = ["train", "sample:train", "--vocabulary", str(folder / "vocabulary.ttl"), "--model", "centroid"]
    assert call([*asked, "--output", str(folder / "model"), "--quiet"]) == 0
    return folder / "model"


@pytest.fixture(scope="module")
def address(old_model, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("service"), old_model) as running:
        yield running.url


def test_commands_say_so_and_leave_it_out_of_keywords(scixtag, old_model, tmp_path):
    asked = ("suggest", old_model, "--title", TITLE)
    [old] = [one for one in json.loads(scixtag(*asked, "--json")[1]) if one["id"] == OLD]
    assert (old["deprecated"], old["selected"]) == (True, True)
    assert "Stellar flares (deprecated)" in scixtag(*asked)[1]
    code, out, err = scixtag(*asked, "--as", "aastex7")
    assert code == 0
    assert "Stellar flares" not in out
    assert "left out, for the vocabulary has deprecated it: Stellar flares (1603)" in err
    (tmp_path / "papers.jsonl").write_text(json.dumps({"id": "p", "title": TITLE}))
    scixtag("tag", old_model, tmp_path / "papers.jsonl", "--output", tmp_path / "tagged.jsonl")
    [paper] = map(json.loads, (tmp_path / "tagged.jsonl").read_text().splitlines())
    assert [one["id"] for one in paper["suggestions"] if one.get("deprecated")] == [OLD]


def test_a_set_of_nothing_else_names_the_best_that_may_be_assigned(scixtag, old_model):
    asked = ("suggest", old_model, "--title", "Stellar flares", "--as", "text", "--threshold", "1")
    code, _, err = scixtag(*asked)
    assert code == 2
    assert "the most probable is '" in err
    assert "'Stellar flares'" not in err
    code, _, err = scixtag(*asked, "--limit", "1")
    assert code == 2
    assert "only deprecated concepts are found: 'Stellar flares'; pass a higher --limit" in err


def test_the_service_says_so(address):
    told = httpx.post(f"{address}/v1/suggest", json={"title": TITLE}).json()["suggestions"]
    assert [one["id"] for one in told if one.get("deprecated")] == [OLD]
    explained = httpx.post(f"{address}/v1/suggest", json={"title": TITLE, "explain": True}).json()["suggestions"]
    assert [one["id"] for one in explained if one.get("deprecated")] == [OLD]
    keywords = httpx.post(f"{address}/v1/keywords", json={"concepts": [OLD, NEW, OLD], "form": "text"}).json()
    assert [one["id"] for one in keywords["deprecated"]] == [OLD]


def test_the_page_says_so_and_leaves_it_to_the_author(browser, address):
    from author_page_driver import Watched, chosen, expect, suggest

    watched = Watched(browser, address)
    page = watched.page()
    suggest(page, title=TITLE, abstract="")
    row = page.locator(".suggestion", has_text="Stellar flares")
    expect(row.locator(".old")).to_have_text("deprecated")
    expect(row.get_by_role("checkbox")).not_to_be_checked()
    expect(row.locator(".accept")).to_have_count(0)
    assert not any("Stellar flares" in name for name in chosen(page))
    row.get_by_role("checkbox").check()
    expect(page.locator(".keyword", has_text="Stellar flares").locator(".old")).to_have_text("deprecated")
    page.reload()
    keyword = page.locator(".keyword", has_text="Stellar flares")
    expect(keyword.locator(".old")).to_have_text("deprecated")
    keyword.get_by_role("button", name=re.compile("^Stellar flares")).click()
    keyword.get_by_role("button", name="Swap for M dwarf stars").first.click()
    expect(page.locator(".keyword .old")).to_have_count(0)
    watched.check()


def test_the_desk_says_so_and_counts_it_only_when_it_is_accepted(browser, old_model, tmp_path):
    from desk_driver import Curators, Store, expect, saved

    paper = Record("2026ApJ...999....1X", TITLE, "", None)
    store = Store(tmp_path / "decisions.sqlite", old_model, [paper])
    with serving(tmp_path, old_model, "--database", store.path) as running:
        curators = Curators(browser, store)
        curators.url = running.url
        page = curators.sits("ann", paper.id)
        row = page.locator(".standing", has_text="Stellar flares")
        expect(row).to_contain_text("deprecated: counts only if you accept it")
        expect(row).to_have_attribute("data-counts", "false")
        assert "Stellar flares" not in {one.label for one in store.paper(paper.id).state.labels}
        row.get_by_role("button", name="Accept Stellar flares").click()
        saved(page, "accepted Stellar flares")
        expect(row).to_contain_text("accepted by ann; deprecated")
        assert "Stellar flares" in {one.label for one in store.paper(paper.id).state.labels}
        curators.check()
