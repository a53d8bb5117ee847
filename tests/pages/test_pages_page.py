import re
from html.parser import HTMLParser

import pytest

from scixtag.pages.page import (
    SEARCHABLE,
    Cell,
    Chart,
    Column,
    Details,
    Facts,
    Section,
    Table,
    Text,
    render,
    shown,
    sort_value,
)

VOID = {"meta", "link", "input"}


class Outline(HTMLParser):
    """Elements with their attributes and texts; fails on tags that do not close."""

    def __init__(self, page):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        element = (tag, dict(attributes), [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for element in self.open:
            element[2].append(data)

    def all(self, wanted):
        return [(attributes, "".join(text)) for tag, attributes, text in self.elements if tag == wanted]


TABLE = Table(
    "Stars & <planets>",
    [Column("name"), Column("count", note="how many"), Column("share", 2), Column("interval")],
    [["Mars", 12345, 0.5, Cell("0.1–0.2", 0.15)], ["<b>Venus</b>", 0, 1.0, None]],
)


def test_a_table_is_accessible_and_escaped():
    outline = Outline(render("T", [Section("S", [TABLE])]))
    assert outline.all("caption") == [({"id": "table-1-1-caption"}, "Stars & <planets>")]
    assert [(a.get("scope"), a.get("title"), text) for a, text in outline.all("th")] == [
        ("col", None, "name"),
        ("col", "how many", "count"),
        ("col", None, "share"),
        ("col", None, "interval"),
        ("row", None, "Mars"),
        ("row", None, "<b>Venus</b>"),
    ]
    assert [(a.get("data-value"), text) for a, text in outline.all("td")] == [
        ("12345", "12,345"),
        ("0.5", "0.50"),
        ("0.15", "0.1–0.2"),
        ("0", "0"),
        ("1.0", "1.00"),
        (None, "–"),
    ]


@pytest.mark.parametrize(("rows", "boxes"), [(SEARCHABLE, 0), (SEARCHABLE + 1, 1)])
def test_long_tables_have_a_search_box_that_only_scripts_show(rows, boxes):
    table = Table("Long", [Column("n")], [[i] for i in range(rows)])
    outline = Outline(render("T", [Section("S", [Text(["p"]), table])]))
    inputs = outline.all("input")
    assert [a["aria-controls"] for a, _ in inputs] == ["table-1-2"] * boxes
    assert sum("hidden" in a for a, _ in outline.all("p")) == boxes


def test_text_and_facts_are_escaped():
    parts = [Text(["a < b", "c"]), Facts([("x & y", "<script>"), ("time", 412.3), ("none", None)])]
    outline = Outline(render("A <title>", [Section("S", parts)], summary="so & so"))
    assert outline.all("title") == [({}, "A <title>")]
    assert outline.all("h1") == [({}, "A <title>")]
    assert [text for _, text in outline.all("p")] == ["so & so", "a < b", "c"]
    assert [text for _, text in outline.all("dt")] == ["x & y", "time", "none"]
    assert [text for _, text in outline.all("dd")] == ["<script>", "412.3", "–"]
    assert len(outline.all("script")) == 1


def test_characters_that_html_forbids_are_shown_by_signs():
    page = render("t", [Section("s", [Text(["a\x00b\x1b[31mc\x7fd\x85e\ufffff\tg"])])])
    assert "a\u2400b\u241b[31mc\u2421d\ufffde\ufffdf\tg" in page


def test_a_chart_stands_in_the_page_as_it_is():
    page = render("T", [Section("S", [Chart('<svg class="chart"></svg>', "What & why")])])
    assert '<svg class="chart"></svg>' in page
    assert Outline(page).all("figcaption") == [({}, "What & why")]


def test_pages_with_several_sections_link_to_them():
    sections = [Section(title, []) for title in ("One", "Two", "Three")]
    outline = Outline(render("T", sections))
    ids = [a["id"] for a, _ in outline.all("h2")]
    assert [(a["href"], text) for a, text in outline.all("a")] == [
        (f"#{i}", title) for i, title in zip(ids, ("One", "Two", "Three"), strict=True)
    ]
    assert Outline(render("T", sections[:2])).all("nav") == []


def test_the_page_asks_for_nothing_from_outside():
    page = render("T", [Section("S", [TABLE])])
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)=["']([^"']*)""", page) == ["data:,"]
    assert "@import" not in page
    assert "url(" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_follows_the_readers_setting():
    assert "@media (prefers-color-scheme: dark)" in render("T", [])


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (None, 3, "–"),
        ("text", 3, "text"),
        (True, 3, "True"),
        (1234567, 3, "1,234,567"),
        (0.12345, 3, "0.123"),
        (0.5, None, "0.5"),
        (2000.0, None, "2,000"),
        (0.123456, None, "0.123"),
        (1234.5, 0, "1,234"),
        (Cell("low", 1), 3, "low"),
    ],
)
def test_shown(value, digits, text):
    assert shown(value, digits) == text


def test_only_numbers_sort_as_numbers():
    assert [sort_value(v) for v in (3, 0.5, Cell("x", 7.0), "9", True, None)] == [3, 0.5, 7.0, None, None, None]


def test_folded_parts_are_whole_and_have_ids_of_their_own():
    folded = Details("More & <more>", [Text(["<i>text"]), TABLE, Details("inner", [TABLE])])
    outline = Outline(render("T", [Section("S", [TABLE, folded])]))
    assert [text.strip() for _, text in outline.all("summary")] == ["More & <more>", "inner"]
    assert "<i>text" in [text for _, text in outline.all("p")]
    ids = [attributes["id"] for attributes, _ in outline.all("table")]
    assert len(set(ids)) == 3
    assert not any("open" in attributes for attributes, _ in outline.all("details"))


def test_a_warning_stands_out():
    page = render("T", [], warning="Flattering & <b>.")
    assert [text for attributes, text in Outline(page).all("p") if attributes.get("class") == "warning"] == [
        "Flattering & <b>."
    ]
    assert 'class="warning"' not in render("T", [])
