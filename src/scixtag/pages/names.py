"""Names beside the points of a chart, where they cover neither points nor one another."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scixtag.pages.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

_NEAR = [(8, 4, "left"), (8, -12, "left"), (-8, 4, "right"), (-8, -12, "right"), (0, 9, "center"), (0, -18, "center")]
_SIDES = ((14, "left"), (-14, "right"))
_FAR = [(dx, sign * step, side) for step in (22, 34, 46, 58) for sign in (1, -1) for dx, side in _SIDES]
"""Offsets in points, and which end of the name is there; a name that is far away has a line to its point."""
_POINT = 5
"""Half the width of a point's mark, with some room."""
_ROOM = 1.08
"""The page's font may be wider than the one that is measured."""


def name_points(axes: "Axes", points: Mapping[str, tuple[float, float]]) -> None:
    """Write each name beside its point, from the topmost down; the axes are as they will be."""
    figure = axes.get_figure()
    if figure is None:
        raise ValueError("the axes belong to no figure")
    figure.draw_without_rendering()  # type: ignore[union-attr]
    marks = [_mark(axes, x, y) for x, y in points.values()]
    taken: list[Bbox] = []
    for name, point in sorted(points.items(), key=lambda item: (-item[1][1], item[1][0], item[0])):
        best = min(
            (
                (_trouble(box := _box(axes, name, point, offset), taken, marks, axes), rank, offset, box)
                for rank, offset in enumerate([*_NEAR, *_FAR])
            ),
            key=lambda tried: tried[:2],
        )
        _write(axes, name, point, best[2])
        taken.append(best[3])


def _mark(axes: "Axes", x: float, y: float) -> "Bbox":
    from matplotlib.transforms import Bbox

    across, up = axes.transData.transform((x, y))
    reach = _POINT * axes.get_figure().dpi / 72  # type: ignore[union-attr]
    return Bbox.from_extents(across - reach, up - reach, across + reach, up + reach)


def _box(axes: "Axes", name: str, point: tuple[float, float], offset: tuple[float, float, str]) -> "Bbox":
    """What the name would cover, its line apart."""
    from matplotlib.text import Text

    text = _write(axes, name, point, offset)
    text.get_window_extent()  # puts it where it belongs, and answers with the line
    box: Bbox = Text.get_window_extent(text).expanded(_ROOM, 1)
    text.remove()
    return box


def _write(axes: "Axes", name: str, point: tuple[float, float], offset: tuple[float, float, str]) -> Any:
    across, up, side = offset
    line = {"arrowstyle": "-", "color": INK, "linewidth": 0.5, "alpha": 0.5} if offset in _FAR else None
    look: dict[str, Any] = {"color": INK, "horizontalalignment": side, "arrowprops": line}
    text = axes.annotate(name, point, xytext=(across, up), textcoords="offset points", **look)
    text.set_in_layout(False)
    return text


def _trouble(box: "Bbox", taken: list["Bbox"], marks: list["Bbox"], axes: "Axes") -> int:
    """How many names and points are covered, and whether the name would leave the axes."""
    covered = sum(box.overlaps(other) for other in [*taken, *marks])
    inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1 and axes.bbox.y0 <= box.y0 and box.y1 <= axes.bbox.y1
    return covered + (0 if inside else 2)
