import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import pytest

from scixtag.pages import chart
from scixtag.pages.svg import INK

SVG = "{http://www.w3.org/2000/svg}"
LINE = chart.Line([1, 2, 3], [0.1, 0.5, 0.4], [0.05, 0.4, 0.3], [0.2, 0.6, 0.5])

DRAW = {
    "lines": lambda: chart.lines("T < t", "D & d", {"a": LINE, "b $x$": LINE}, x_label="size k", y_label="F1"),
    "bars": lambda: chart.bars(
        "T < t",
        "D & d",
        ["head", "tail"],
        {"recall": chart.Bars([0.5, 0.2], [0.4, 0.1], [0.6, 0.3]), "F1": chart.Bars([0.4, 0.3])},
        x_label="band",
        y_label="recall",
    ),
    "ranked_bars": lambda: chart.ranked_bars("T < t", "D & d", ["galaxy", "star"], [9, 4], x_label="papers"),
    "rank_frequency": lambda: chart.rank_frequency(
        "T < t", "D & d", [1, 0, 1200, 30, 1], x_label="rank", y_label="papers"
    ),
    "dots": lambda: chart.dots(
        "T < t",
        "D & d",
        {"a & b": chart.Dot(1, 0.5), "c": chart.Dot(90, 0.6)},
        x_label="s",
        y_label="F1",
        logarithmic=True,
    ),
    "reliability": lambda: chart.reliability("T < t", "D & d", [0.1, 0.5], [0.2, 0.4], [100, 10]),
}


def texts(svg):
    return ["".join(e.itertext()) for e in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture(params=DRAW)
def drawn(request):
    return DRAW[request.param]


def test_a_chart_can_be_read_aloud(drawn):
    root = ElementTree.fromstring(drawn())
    assert root.get("role") == "img"
    named = [next(e for e in root if e.get("id") == name) for name in root.get("aria-labelledby").split()]
    assert [(e.tag, e.text) for e in named] == [(f"{SVG}title", "T < t"), (f"{SVG}desc", "D & d")]


def test_a_chart_takes_the_colour_and_the_font_of_the_page(drawn):
    svg = drawn()
    assert svg.count("currentColor") > 5
    assert INK not in svg
    assert "#000000" not in svg
    assert "font-family" not in svg
    assert "DejaVu" not in svg
    fills = [re.search(r"fill: ([^;]+)", e.get("style", "")) for e in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert {fill.group(1) for fill in fills} == {"currentColor"}


def test_a_chart_has_no_fixed_size_and_no_background(drawn):
    root = ElementTree.fromstring(drawn())
    assert root.get("width") is None
    assert root.get("height") is None
    assert root.get("viewBox").startswith("0 0 504 ")
    background = next(e for e in root.iter(f"{SVG}g") if e.get("id", "").endswith("-patch_1"))
    assert "fill: none" in background[0].get("style")


def test_a_chart_brings_no_style_sheet_and_no_metadata(drawn):
    tags = {e.tag.removeprefix(SVG) for e in ElementTree.fromstring(drawn()).iter()}
    assert tags.isdisjoint({"style", "metadata", "script", "image"})


def test_ids_are_the_charts_own_and_every_reference_finds_one(drawn):
    root = ElementTree.fromstring(drawn())
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert len({re.match(r"chart-[0-9a-f]{10}-", name).group() for name in ids}) == 1
    values = " ".join(value for e in root.iter() for value in e.attrib.values())
    wanted = {e.get("href")[1:] for e in root.iter(f"{SVG}use")} | set(re.findall(r"url\(#([^)]*)\)", values))
    assert wanted
    assert wanted <= set(ids)


def test_charts_on_one_page_share_no_id():
    ids = [set(re.findall(r'id="([^"]*)"', draw())) for draw in DRAW.values()]
    assert len(set.union(*ids)) == sum(map(len, ids))


def test_the_same_numbers_give_the_same_text(drawn):
    assert drawn() == drawn()


def test_another_process_gives_the_same_text():
    code = (
        "from scixtag.pages import chart\n"
        "print(chart.ranked_bars('T < t', 'D & d', ['galaxy', 'star'], [9, 4], x_label='papers'), end='')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == DRAW["ranked_bars"]()


def test_a_readers_own_settings_change_nothing_and_stay(drawn):
    expected = drawn()
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path"}):
        assert drawn() == expected
        assert matplotlib.rcParams["font.size"] == 30
        assert matplotlib.rcParams["svg.fonttype"] == "path"


def test_drawing_leaves_pyplot_alone():
    code = "from scixtag.pages import chart; import sys\n"
    code += "chart.ranked_bars('t', 'd', ['a'], [1], x_label='x'); print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_importing_the_charts_does_not_import_matplotlib():
    code = "import scixtag.pages.chart, scixtag.pages.page, sys; print({'matplotlib', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_labels_are_text_and_not_mathematics():
    assert {"a", "b $x$", "size k", "F1"} <= set(texts(DRAW["lines"]()))
    assert {"head", "tail", "recall", "F1", "band"} <= set(texts(DRAW["bars"]()))


def test_ranked_bars_begin_at_the_top():
    root = ElementTree.fromstring(DRAW["ranked_bars"]())
    heights = {e.text: float(e.get("y")) for e in root.iter(f"{SVG}text")}
    assert heights["galaxy"] < heights["star"]


def test_rank_frequency_writes_plain_numbers():
    found = texts(DRAW["rank_frequency"]())
    assert {"1", "10", "100", "1,000"} <= set(found)
    assert not any("10^" in text for text in found)


def test_one_series_needs_no_legend():
    svg = chart.lines("t", "d", {"alone": LINE}, x_label="x", y_label="y")
    assert "alone" not in texts(svg)
