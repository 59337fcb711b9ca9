"""A figure of matplotlib as SVG that fits into a page: its fonts, its colours, its dark mode."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

_NAMESPACE = "http://www.w3.org/2000/svg"
_FONT = re.compile(r"\s*font-family:[^;]*;")
_PIXELS_PER_INCH = 72
"""A unit of the drawing is a pixel."""


def figure_of(width: float, height: float) -> Figure:
    """An empty figure of so many pixels, without a ground of its own."""
    figure = Figure(figsize=(width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH))
    figure.patch.set_visible(False)
    return figure


def inline_svg(
    figure: Figure, label: str, titles: Mapping[str, str], colours: Mapping[str, str]
) -> Markup:
    """The figure as an element of a page, the same bytes for the same figure.

    label: what the picture shows, for who cannot see it. titles: what to say of the part with this
    gid when it is pointed at. colours: the style sheet's name of each colour that was drawn with,
    as `#rrggbb` to `--name`; what it lacks stays as it is. Text stays text.
    """
    drawn = io.StringIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "overview"}):
        figure.savefig(drawn, format="svg", metadata=metadata)
    root = ElementTree.fromstring(drawn.getvalue())
    view_box = root.get("viewBox", "")
    for name in list(root.attrib):
        del root.attrib[name]
    root.attrib |= {"class": "plot", "viewBox": view_box, "role": "img", "aria-label": label}
    for parent in root.iter():
        for child in list(parent):
            # a style sheet would speak of the whole page; nothing drawn is cut off
            if child.tag in {f"{{{_NAMESPACE}}}defs", f"{{{_NAMESPACE}}}metadata"}:
                parent.remove(child)
    for element in root.iter():
        _fit(element, titles, colours)
    ElementTree.register_namespace("", _NAMESPACE)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def png(figure: Figure, scale: float = 2) -> bytes:
    """The figure as a picture on white, `scale` times as many pixels, for where no SVG can be."""
    figure.patch.set_visible(True)
    drawn = io.BytesIO()
    figure.savefig(
        drawn,
        format="png",
        dpi=_PIXELS_PER_INCH * scale,
        facecolor="white",
        metadata={"Software": None},
    )
    figure.patch.set_visible(False)
    return drawn.getvalue()


def _fit(
    element: ElementTree.Element, titles: Mapping[str, str], colours: Mapping[str, str]
) -> None:
    """Takes out what only matplotlib reads, and puts titles and names of colours in."""
    # of several figures in a page each would have the same ids
    gid = element.attrib.pop("id", "")
    element.attrib.pop("clip-path", None)
    if element.tag.endswith("}text"):
        element.attrib.pop("transform", None)
    if words := titles.get(gid):
        title = ElementTree.Element(f"{{{_NAMESPACE}}}title")
        title.text = words
        element.insert(0, title)
    if style := element.get("style"):
        style = _FONT.sub("", style)
        for colour, name in colours.items():
            style = style.replace(colour, f"var({name})")
        element.set("style", style)
