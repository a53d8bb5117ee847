from itertools import combinations

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from scixtag.pages.names import name_points

CROWDS = {
    "neighbours": {
        "minilm": (96, 0.631),
        "ensemble": (126, 0.624),
        "linear": (89, 0.569),
        "ridge": (92, 0.567),
    },
    "at the edge": {"a long name": (1, 1), "another long name": (1.01, 1), "and one more": (0, 0.99)},
    "one place": {f"system {number}": (5, 0.5) for number in range(9)},
}


def named(points):
    axes = Figure(figsize=(7, 3.6), layout="constrained").subplots()
    for x, y in points.values():
        axes.plot([x], [y], "o")
    axes.margins(x=0.18, y=0.15)
    name_points(axes, points)
    axes.figure.draw_without_rendering()
    return axes, {child.get_text(): child for child in axes.get_children() if isinstance(child, Annotation)}


@pytest.mark.parametrize("crowd", CROWDS)
def test_no_name_covers_another_or_leaves_the_axes(crowd):
    axes, names = named(CROWDS[crowd])
    assert names.keys() == CROWDS[crowd].keys()
    boxes = {name: Text.get_window_extent(text) for name, text in names.items()}  # without the line to the point
    for (_, one), (_, other) in combinations(boxes.items(), 2):
        assert not one.overlaps(other)
    for box in boxes.values():
        assert axes.bbox.x0 <= box.x0
        assert box.x1 <= axes.bbox.x1


def test_a_name_that_stands_alone_is_at_the_upper_right():
    _, names = named({"alone": (1, 1), "far": (9, 0)})
    assert names["alone"].xyann == (8, 4)
    assert names["alone"].arrow_patch is None
