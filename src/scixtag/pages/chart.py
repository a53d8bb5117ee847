"""Charts as inline SVG: numbers in, text out; no window, no global state of pyplot.

Colours are those of Okabe & Ito (2008) that can be told apart on a light and on a dark page, also by people who confuse
red and green; lines differ by marker and dash, and bars by hatch, as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from scixtag.pages.names import name_points
from scixtag.pages.svg import INK, STYLE, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_MARKERS = ("o", "s", "^", "D")
_DASHES = ("-", "--", "-.", ":")
_HATCHES = ("", "///", "...", "xx")
_WIDTH = 7.0
_HEIGHT = 3.6
_lock = Lock()  # matplotlib's settings are global to the process


@dataclass(frozen=True)
class Line:
    """A line of a chart, and the ends of its interval at each place, if known."""

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    marked: bool = True


@dataclass(frozen=True)
class Bars:
    """The heights of one series of bars, and the ends of their intervals, if known."""

    heights: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


class _Canvas:
    """The axes to draw on, and the finished text once the drawing is done."""

    def __init__(self, axes: "Axes") -> None:
        self.axes = axes
        self.svg = ""


@contextmanager
def _drawing(title: str, description: str, height: float = _HEIGHT) -> Iterator[_Canvas]:
    import matplotlib
    from matplotlib.figure import Figure

    with _lock, matplotlib.rc_context():
        matplotlib.rcdefaults()  # nor do the reader's own settings change a report
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        canvas = _Canvas(figure.subplots())
        yield canvas
        canvas.svg = to_svg(figure, title, description)


def lines(
    title: str, description: str, series: Mapping[str, Line], *, x_label: str, y_label: str, y_from_zero: bool = True
) -> str:
    """Lines over a common axis, each with a band for its interval where one is given.

    Args:
        title: What the chart shows; read aloud by screen readers, not drawn.
        description: What can be learned from it, in a sentence or two, for those who cannot see it.
        series: Lines by name, at most four.
        x_label: What the horizontal axis means, with its unit.
        y_label: What the vertical axis means, with its unit.
        y_from_zero: Whether the vertical axis begins at 0.
    """
    with _drawing(title, description) as canvas:
        for style, (name, line) in enumerate(series.items()):
            colour = PALETTE[style]
            marker = _MARKERS[style] if line.marked else ""
            canvas.axes.plot(
                line.x, line.y, color=colour, linestyle=_DASHES[style], marker=marker, markersize=4, label=name
            )
            if line.low is not None and line.high is not None:
                canvas.axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.18, linewidth=0)
        _label(canvas.axes, x_label, y_label, legend=len(series) > 1)
        if y_from_zero:
            canvas.axes.set_ylim(bottom=0)
    return canvas.svg


def bars(
    title: str,
    description: str,
    categories: Sequence[str],
    series: Mapping[str, Bars],
    *,
    x_label: str,
    y_label: str,
) -> str:
    """Upright bars, side by side where there are several series (at most four); whiskers show intervals."""
    width = 0.8 / max(len(series), 1)
    with _drawing(title, description) as canvas:
        for style, (name, group) in enumerate(series.items()):
            places = [i + (style - (len(series) - 1) / 2) * width for i in range(len(categories))]
            look: dict[str, Any] = {"color": PALETTE[style], "hatch": _HATCHES[style], "edgecolor": "white"}
            canvas.axes.bar(places, group.heights, width * 0.94, linewidth=0, label=name, **look)
            _whiskers(canvas.axes, places, group)
        canvas.axes.set_xticks(range(len(categories)), categories)
        canvas.axes.grid(visible=False, axis="x")
        _label(canvas.axes, x_label, y_label, legend=len(series) > 1)
    return canvas.svg


@dataclass(frozen=True)
class Dot:
    """A named point."""

    x: float
    y: float


def dots(
    title: str, description: str, points: Mapping[str, Dot], *, x_label: str, y_label: str, logarithmic: bool = False
) -> str:
    """Named points, each with its name beside it.

    Args:
        title: What the chart shows.
        description: What can be learned from it.
        points: By name.
        x_label: What the horizontal axis means, with its unit.
        y_label: What the vertical axis means, with its unit.
        logarithmic: Of the horizontal axis, whose values must then be above 0.
    """
    with _drawing(title, description) as canvas:
        axes = canvas.axes
        for style, point in enumerate(points.values()):
            look: dict[str, Any] = {"color": PALETTE[style % len(PALETTE)], "marker": _MARKERS[style % len(_MARKERS)]}
            # The first ones look as in other charts, and no other one does.
            look["fillstyle"] = "full" if style < len(PALETTE) else "none"
            axes.plot([point.x], [point.y], linestyle="none", markersize=7, **look)
        if logarithmic:
            axes.set_xscale("log")
            _plain_logarithm(axes.xaxis)
        axes.margins(x=0.18, y=0.15)
        _label(axes, x_label, y_label, legend=False)
        name_points(axes, {name: (point.x, point.y) for name, point in points.items()})
    return canvas.svg


def ranked_bars(
    title: str, description: str, categories: Sequence[str], lengths: Sequence[float], *, x_label: str
) -> str:
    """Level bars, the first on top, each beside its name: for words and concepts."""
    with _drawing(title, description, height=0.8 + 0.24 * len(categories)) as canvas:
        places = range(len(categories))
        canvas.axes.barh(places, lengths, 0.75, color=PALETTE[0])
        canvas.axes.set_yticks(places, categories)
        canvas.axes.set_ylim(len(categories) - 0.5, -0.5)
        canvas.axes.grid(visible=False, axis="y")
        canvas.axes.locator_params(axis="x", integer=all(float(length).is_integer() for length in lengths))
        canvas.axes.tick_params(axis="y", length=0)
        _label(canvas.axes, x_label, "", legend=False)
    return canvas.svg


def rank_frequency(title: str, description: str, counts: Sequence[int], *, x_label: str, y_label: str) -> str:
    """How often the commonest, the second commonest, ... occurs, on two logarithmic axes (Zipf's plot).

    Zeros are not drawn.
    """
    falling = sorted((count for count in counts if count > 0), reverse=True)
    with _drawing(title, description) as canvas:
        canvas.axes.loglog(range(1, len(falling) + 1), falling, ".", markersize=4, color=PALETTE[0])
        canvas.axes.grid(visible=False, which="minor")
        _plain_logarithms(canvas.axes)
        _label(canvas.axes, x_label, y_label, legend=False)
    return canvas.svg


def reliability(
    title: str, description: str, predicted: Sequence[float], observed: Sequence[float], counts: Sequence[int]
) -> str:
    """The observed share of true cases against the predicted probability, beside the diagonal of perfect calibration.

    Args:
        title: What the chart shows.
        description: What can be learned from it.
        predicted: The mean probability in each bin.
        observed: The share of true cases in each bin.
        counts: The cases in each bin; the area of a point grows with their logarithm.
    """
    from math import log10

    with _drawing(title, description, height=4.2) as canvas:
        canvas.axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle="--", label="perfectly calibrated")
        sizes = [12 + 14 * log10(max(count, 1)) for count in counts]
        canvas.axes.plot(predicted, observed, color=PALETTE[0], linewidth=1)
        canvas.axes.scatter(
            predicted, observed, s=sizes, color=PALETTE[0], zorder=3, clip_on=False, label="bins of candidates"
        )
        canvas.axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        _label(canvas.axes, "predicted probability", "observed share of true", legend=True)
    return canvas.svg


def _whiskers(axes: "Axes", places: Sequence[float], group: Bars) -> None:
    if group.low is not None and group.high is not None:
        axes.vlines(places, group.low, group.high, color=INK, linewidth=1.2)


def _plain_logarithms(axes: "Axes") -> None:
    """Write 100, not 10²: mathematical text would be drawn as paths."""
    for axis in (axes.xaxis, axes.yaxis):
        _plain_logarithm(axis)


def _plain_logarithm(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _label(axes: "Axes", x_label: str, y_label: str, *, legend: bool) -> None:
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    if legend:
        axes.figure.legend(loc="outside upper left", ncols=len(PALETTE))
