"""Matplotlib's SVG made fit to stand inside a page: it takes the page's colours and fonts, and can be read aloud."""

import hashlib
import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#010203"
"""Drawn in this colour, a line or a text takes the colour of the page's text."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "scixtag",
    "text.parse_math": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}
"""What differs from matplotlib's defaults while a figure is made and written."""

_NAMESPACE = re.compile(r"\{.*\}")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")


def to_svg(figure: "Figure", title: str, description: str) -> str:
    """A figure as an SVG element for HTML: text as text, no fixed size, ids of its own, a title and a description.

    The same figure gives the same text, whenever and wherever it is drawn with the same matplotlib.
    """
    stream = io.StringIO()
    no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(stream, format="svg", transparent=True, metadata=no_metadata)
    root = ElementTree.fromstring(stream.getvalue())
    digest = hashlib.sha256("\0".join((title, description, stream.getvalue())).encode()).hexdigest()
    prefix = f"chart-{digest[:10]}"
    for element in root.iter():
        element.tag = _NAMESPACE.sub("", element.tag)
        element.attrib = {
            _NAMESPACE.sub("", name): _attribute(_NAMESPACE.sub("", name), value, prefix)
            for name, value in element.attrib.items()
        }
    _remove_styles(root)
    _name(root, title, description, prefix)
    return ElementTree.tostring(root, encoding="unicode")


def _attribute(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return f"{prefix}-{value}"
    if name == "href" and value.startswith("#"):
        return f"#{prefix}-{value[1:]}"
    value = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    if name == "style":
        value = _without_font_family(value)
    return value.replace(INK, "currentColor")


def _without_font_family(style: str) -> str:
    """Only the size of a font is the chart's; the family is the page's."""
    style = re.sub(r"font: ([\d.]+px)[^;]*", r"font-size: \1", style)
    return re.sub(r"font-family:[^;]*;?\s*", "", style)


def _remove_styles(root: ElementTree.Element) -> None:
    """Matplotlib's style sheet holds for `*`, which inside a page would be the whole page."""
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag == "style"]:
            parent.remove(child)
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")


def _name(root: ElementTree.Element, title: str, description: str, prefix: str) -> None:
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(tag, {"id": f"{prefix}-{tag}"})
        element.text = text
        root.insert(place, element)
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "chart",
        "role": "img",
        "aria-labelledby": f"{prefix}-title {prefix}-desc",
    }
