"""What the page draws: who is linked to whom by which event, and the score day by day.

Both stay readable on a phone: the graph is a list of rows with arcs beside it, in pixels, and the
chart's places along the axis are percentages, as those of the briefs are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from math import sqrt

from markupsafe import Markup

from orchestration.explain.identity import Identifier, Link, RefusedLink
from orchestration.explain.outlook import DayScore
from orchestration.explain.person import PersonExplained
from orchestration.explain.ruleset import Band
from orchestration.explain.sentences import day_words
from orchestration.exports.columns import BANDS
from orchestration.exports.texts import readable
from orchestration.whole_points import whole_score

ROW_HEIGHT, GUTTER = 46, 96
DRAWN = 40
"""Nodes of a graph; a person with more has hundreds, and nobody looks at an arc among them."""
_NODE_X = GUTTER - 14
_NUMBERED = 60
"""More arcs than that are told apart by no number."""

CHART_HEIGHT = 210
_TOP, _BOTTOM = 8, 182

Key = tuple[str, str]
"""Type and name."""


@dataclass(frozen=True)
class Node:
    """A row of the graph: a name or device of the person, or a name that was kept apart."""

    kind: str
    """user_id, email or anonymous_id."""
    name: str
    identifier: Identifier | None
    """None of a name that is kept apart, or known by an override alone."""
    is_apart: bool = False

    @property
    def kind_words(self) -> str:
        """What it is, for people."""
        return KIND_WORDS.get(self.kind, self.kind)


KIND_WORDS = {"user_id": "user id", "email": "address", "anonymous_id": "device"}


@dataclass(frozen=True)
class Edge:
    """An arc: two rows, and what made or refused it."""

    number: int
    upper: int
    """Place of the row."""
    lower: int
    left: str
    right: str
    made_by: str
    """identify, alias, override, or the event that names somebody on a device."""
    event_id: str | None
    event_at: datetime | None
    refusal: str | None
    """Why it was refused; None of a link that was made."""


@dataclass(frozen=True)
class Graph:
    """The identity of a person, to be drawn."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    left_out: int
    """Devices for which there is no room."""

    @property
    def height(self) -> int:
        """Of the drawing, in pixels."""
        return ROW_HEIGHT * len(self.nodes)

    def numbers_of(self, place: int) -> str:
        """The numbers of the arcs whose lower end is here: what made this one theirs."""
        return ", ".join(str(edge.number) for edge in self.edges if edge.lower == place)


def identity_graph(person: PersonExplained) -> Graph:
    """The graph of all that names the person; links are numbered in the order of their rows."""
    nodes, places, left_out = _nodes(person)
    edges = [
        *(_edge(link, places, link.link_type, None) for link in person.links),
        *(_naming(node, place, places) for place, node in enumerate(nodes)),
        *(_edge(link, places, link.link_type, link.reason) for link in person.refused_links),
    ]
    drawn = sorted(
        (edge for edge in edges if edge is not None), key=lambda edge: (edge.lower, edge.upper)
    )
    numbered = [replace(edge, number=number) for number, edge in enumerate(drawn, 1)]
    return Graph(nodes, numbered, left_out)


def _edge(
    link: Link | RefusedLink, places: Mapping[Key, int], made_by: str, refusal: str | None
) -> Edge:
    left, right = _ends(link)
    upper, lower = sorted((places[left], places[right]))
    return Edge(0, upper, lower, left[1], right[1], made_by, link.event_id, link.event_at, refusal)


def _naming(node: Node, place: int, places: Mapping[Key, int]) -> Edge | None:
    """What made a device somebody's; None where nobody was named on it, or it is no device."""
    device = node.identifier
    if node.kind != "anonymous_id" or device is None or device.named_as is None:
        return None
    owner = places.get((device.named_type or "", device.named_as))
    if owner is None:
        return None
    made_by = device.link_event_name or device.link_event_type or "event"
    return Edge(
        0, owner, place, node.name, f"{device.named_as}’s", made_by, device.link_event_id,
        device.link_event_at, None,
    )  # fmt: skip


def _ends(link: Link | RefusedLink) -> tuple[Key, Key]:
    return (
        (link.left_identifier_type, link.left_identifier),
        (link.right_identifier_type, link.right_identifier),
    )


def _nodes(person: PersonExplained) -> tuple[list[Node], Mapping[Key, int], int]:
    """Names first, then devices, then what was kept apart; and the place of each name."""
    names = [
        Node(each.identifier_type, each.identifier, each)
        for each in person.identifiers
        if each.identifier_type != "anonymous_id"
    ]
    devices = [
        Node(each.identifier_type, each.identifier, each)
        for each in person.identifiers
        if each.identifier_type == "anonymous_id"
    ]
    known = {(node.kind, node.name) for node in names}
    apart: list[Node] = []
    for links, is_apart in ((person.links, False), (person.refused_links, True)):
        for link in links:
            for key in _ends(link):
                if key not in known:
                    known.add(key)
                    apart.append(Node(*key, None, is_apart))
    room = max(DRAWN - len(names) - len(apart), 1)
    nodes = [*names, *devices[:room], *apart]
    places = {
        (node.kind, node.name): place
        for place, node in enumerate(nodes)
        if node.kind != "anonymous_id"
    }
    return nodes, places, max(len(devices) - room, 0)


def graph_svg(graph: Graph) -> Markup:
    """The arcs and marks beside the rows: what was made in full lines, what was refused dashed."""
    longest = max((edge.lower - edge.upper for edge in graph.edges), default=1)
    made = sum(edge.refusal is None for edge in graph.edges)
    label = f"{len(graph.nodes)} names and devices, {made} links"
    if made < len(graph.edges):
        label += f", {len(graph.edges) - made} refused"
    parts = [
        Markup(
            '<svg class="arcs" width="{width}" height="{height}" role="img" aria-label="{label}">'
        ).format(width=GUTTER, height=graph.height, label=label)
    ]
    for edge in graph.edges:
        parts.append(_arc(edge, longest))
    if len(graph.edges) <= _NUMBERED:
        parts += [_arc_number(edge, longest) for edge in graph.edges]
    parts += [_mark(node, place) for place, node in enumerate(graph.nodes)]
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def _middle(place: int) -> float:
    return ROW_HEIGHT * place + ROW_HEIGHT / 2


def _depth(edge: Edge, longest: int) -> float:
    """How far an arc reaches to the left: the longer, the further."""
    return 18 + (_NODE_X - 32) * sqrt((edge.lower - edge.upper) / max(longest, 1))


def _arc(edge: Edge, longest: int) -> Markup:
    # the middle of a cubic curve lies at three quarters of the way to its control points
    bend = _NODE_X - _depth(edge, longest) / 0.75
    y1, y2 = _middle(edge.upper), _middle(edge.lower)
    return Markup(
        '<path class="{kind}" d="M{x},{y1:.0f} C{bend:.1f},{y1:.0f} {bend:.1f},{y2:.0f}'
        ' {x},{y2:.0f}"><title>{words}</title></path>'
    ).format(
        kind="refused" if edge.refusal else "made",
        x=_NODE_X,
        y1=y1,
        y2=y2,
        bend=bend,
        words=readable(f"{edge.left} – {edge.right}: {edge.refusal or edge.made_by}"),
    )


def _arc_number(edge: Edge, longest: int) -> Markup:
    x = _NODE_X - _depth(edge, longest)
    y = (_middle(edge.upper) + _middle(edge.lower)) / 2
    return Markup(
        '<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="8"/>'
        '<text x="{x:.1f}" y="{text_y:.1f}" text-anchor="middle">{number}</text>'
    ).format(x=x, y=y, text_y=y + 3.5, number=edge.number)


def _mark(node: Node, place: int) -> Markup:
    """A dot for a user id, a diamond for an address, a square for a device; hollow if apart."""
    mark = Markup(_MARKS.get(node.kind, _SQUARE))
    return mark.format(x=_NODE_X, y=_middle(place), apart=" apart" if node.is_apart else "")


_MARKS = {
    "user_id": '<circle class="mark user{apart}" cx="{x}" cy="{y:.0f}" r="7"/>',
    "email": '<path class="mark address{apart}" transform="translate({x} {y:.0f})"'
    ' d="M0,-8 L8,0 L0,8 L-8,0 z"/>',
}
_SQUARE = (
    '<rect class="mark device{apart}" transform="translate({x} {y:.0f})"'
    ' x="-6" y="-6" width="12" height="12"/>'
)


def history_chart(
    days: Sequence[DayScore], ahead: Sequence[DayScore], bands: Sequence[Band]
) -> Markup:
    """The score of each day, and of the days ahead without news, before the bands."""
    every = [*days, *ahead]
    first, last = days[0], days[-1]
    label = (
        f"Score from {day_words(first.on)} to {day_words(last.on)}: highest"
        f" {whole_score(max(day.score for day in days))}, at the end {whole_score(last.score)}"
    )
    parts = [
        Markup(
            '<svg class="chart history" width="100%" height="{height}" role="img"'
            ' aria-label="{label}">'
        ).format(height=CHART_HEIGHT, label=label)
    ]
    parts += _grounds(bands)
    parts += _months(every)
    parts.append(_line(days, ahead))
    parts += _raised(every)
    x = _across(len(days) - 1, len(every))
    parts.append(
        Markup('<line class="today" x1="{x}%" x2="{x}%" y1="{top}" y2="{bottom}"/>').format(
            x=x, top=_TOP, bottom=_BOTTOM
        )
    )
    width = 100 / len(every)
    for place, day in enumerate(every):
        words = f"{day_words(day.on)}: {whole_score(day.score)}, {day.band}"
        parts.append(
            Markup(
                '<rect class="day" x="{x:.2f}%" width="{width:.2f}%" y="{top}" height="{height}">'
                "<title>{words}</title></rect>"
            ).format(
                x=place * width, width=width, top=_TOP, height=_BOTTOM - _TOP,
                words=f"{words}, without news" if place >= len(days) else words,
            )
        )  # fmt: skip
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def _across(place: int, count: int) -> str:
    """The middle of a day along the axis, in percent."""
    return f"{100 * (place + 0.5) / count:.2f}"


def _up(score: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * score / 100


def _grounds(bands: Sequence[Band]) -> list[Markup]:
    """A ground for each band from its lowest score up to the next one's, with its name."""
    parts = []
    top = 100.0
    for band in bands:
        low = min(max(band.minimum_score, 0.0), 100.0)
        if low < top:
            parts.append(
                Markup(
                    '<rect class="ground {kind}" x="0" width="100%" y="{y:.1f}"'
                    ' height="{height:.1f}"/><text x="4" y="{text_y:.1f}">{name} {low:g}</text>'
                ).format(
                    kind=band.band if band.band in BANDS else "",
                    y=_up(top),
                    height=_up(low) - _up(top),
                    text_y=_up(low) - 4,
                    name=band.band,
                    low=low,
                )
            )
        top = min(low, top)
    return parts


def _months(days: Sequence[DayScore]) -> list[Markup]:
    """The beginning of each month below the axis, where there is room for its name.

    Near an edge a January goes without its year, of which a phone would show a part.
    """
    parts = []
    for place, day in enumerate(days):
        share = place / len(days)
        if day.on.day == 1 and 0.03 < share < 0.95:
            is_at_an_edge = not 0.08 < share < 0.92
            parts.append(
                Markup('<text x="{x}%" y="{y}" text-anchor="middle">{name}</text>').format(
                    x=_across(place, len(days)),
                    y=CHART_HEIGHT - 10,
                    name=_month(day.on, is_at_an_edge),
                )
            )
    return parts


def _month(day: date, is_at_an_edge: bool) -> str:
    return f"{day:%b} {day.year}" if day.month == 1 and not is_at_an_edge else f"{day:%b}"


def _line(days: Sequence[DayScore], ahead: Sequence[DayScore]) -> Markup:
    """The lines, in a picture of their own that is stretched along the axis."""

    def points(part: Sequence[DayScore], start: int) -> str:
        return " ".join(
            f"{place + start + 0.5:g},{100 - day.score:.2f}" for place, day in enumerate(part)
        )

    return Markup(
        '<svg x="0" width="100%" y="{top}" height="{height}" viewBox="0 0 {count} 100"'
        ' preserveAspectRatio="none"><polyline class="scores" points="{past}"/>'
        '<polyline class="scores ahead" points="{ahead}"/></svg>'
    ).format(
        top=_TOP,
        height=_BOTTOM - _TOP,
        count=len(days) + len(ahead),
        past=points(days, 0),
        ahead=points([days[-1], *ahead], len(days) - 1),
    )


def _raised(days: Sequence[DayScore]) -> list[Markup]:
    """A strip on top of the days on which a raised hand makes the band, whatever the score."""
    parts = []
    place = 0
    for is_raised, run in groupby(days, key=lambda day: day.is_raised):
        length = len(list(run))
        if is_raised:
            parts.append(
                Markup(
                    '<rect class="raised" x="{x:.2f}%" width="{width:.2f}%" y="{y}" height="6"/>'
                ).format(x=100 * place / len(days), width=100 * length / len(days), y=_TOP)
            )
        place += length
    return parts
