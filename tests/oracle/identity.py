"""Who is who: nodes, links, the ordered walk, slices of devices, owners of events."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.oracle.lists import BUSINESS, DISPOSABLE, email_class
from tests.oracle.log import Event
from tests.oracle.names import ANONYMOUS_ID, EMAIL, USER_ID, Node, is_role_address
from tests.oracle.rules import Rules

Moment = tuple[int, str]
"""An event's (event_at, event_id)."""

Pair = tuple[Node, Node]

_EARLIEST: Moment = (-(2**63), "")


@dataclass(frozen=True)
class Overrides:
    """Pairs of nodes that a person has decided upon; the order within a pair means nothing."""

    forced: tuple[Pair, ...] = ()
    forbidden: tuple[Pair, ...] = ()


class Link(NamedTuple):
    """Two nodes and the earliest event that says they are one person."""

    left: Node
    right: Node
    event_at: int
    event_id: str
    link_type: str


class RefusedLink(NamedTuple):
    """A link that was not taken: reason is forbidden_pair, user_id_limit or email_limit.

    A forced link that is refused has no event.
    """

    left: Node
    right: Node
    reason: str
    event_id: str | None
    event_at: int | None


class Slice(NamedTuple):
    """A stretch of a device's time that names one node, or none on a device without any name.

    `start` is the moment of the event that began it, None for the first, which reaches back
    without end; `named_by` is that event's id.
    """

    start: Moment | None
    node: Node | None
    person: str
    named_by: str | None


class MappedIdentifier(NamedTuple):
    """One row of the identity map; times in microseconds, None where open or never seen."""

    identifier_type: str
    identifier: str
    person: str
    valid_from: int | None
    valid_to: int | None
    first_seen_at: int | None
    last_seen_at: int | None
    link_event_id: str | None


@dataclass
class Identity:
    """The answers. People have labels: `user_id:…` or `email:…` of the canonical node, or
    `visitor:…` of a device that nobody was ever named on."""

    owners: dict[str, str] = field(default_factory=dict)
    person_of_node: dict[Node, str] = field(default_factory=dict)
    members: dict[str, list[Node]] = field(default_factory=dict)
    slices: dict[str, list[Slice]] = field(default_factory=dict)
    accepted: list[Link] = field(default_factory=list)
    refused: list[RefusedLink] = field(default_factory=list)
    mapped: list[MappedIdentifier] = field(default_factory=list)


def resolve(events: Sequence[Event], rules: Rules, overrides: Overrides | None = None) -> Identity:
    """People of all events that have consent and a name or a device."""
    heard = [event for event in events if not event.is_denied]
    sightings = _sightings(heard)
    identity = Identity()
    components = _walk(_links(heard, rules), sightings, rules, overrides or Overrides(), identity)
    for nodes in components:
        person = _canonical(nodes, sightings).label
        identity.members[person] = sorted(nodes)
        for node in nodes:
            identity.person_of_node[node] = person
    _own_events(heard, identity)
    identity.mapped = _map_identities(heard, sightings, identity)
    return identity


def primary_email(own_events: Iterable[Event], members: Iterable[Node], rules: Rules) -> str | None:
    """The last business address on the person's own events, else the last address."""
    counting = counting_addresses(own_events, members, rules)
    business = [(at, address) for at, address in counting if _class(address, rules) == BUSINESS]
    return max(business or counting, default=((0, ""), None))[1]


def counting_addresses(
    own_events: Iterable[Event], members: Iterable[Node], rules: Rules
) -> list[tuple[Moment, str]]:
    """Addresses on own events: those of the component; role and disposable ones with a user id."""
    own = {node.value for node in members if node.kind == EMAIL}
    return [
        (event.moment, event.email)
        for event in own_events
        if event.email is not None
        and (event.email in own or (event.user_id is not None and never_links(event.email, rules)))
    ]


def never_links(address: str, rules: Rules) -> bool:
    """Role and disposable addresses name, but say nothing about who is who."""
    return is_role_address(address, rules) or _class(address, rules) == DISPOSABLE


def _class(address: str, rules: Rules) -> str:
    return email_class(address, rules)


# ---- nodes and links ----------------------------------------------------------------------------


class _Sighting(NamedTuple):
    first_at: int
    last_at: int


def _sightings(events: Iterable[Event]) -> dict[Node, _Sighting]:
    """When each node was seen first and last, on whichever event carries it."""
    seen: dict[Node, _Sighting] = {}
    for event in events:
        for kind, value in ((USER_ID, event.user_id), (EMAIL, event.email)):
            if value is None:
                continue
            node = Node(kind, value)
            known = seen.get(node, _Sighting(event.event_at, event.event_at))
            seen[node] = _Sighting(
                min(known.first_at, event.event_at), max(known.last_at, event.event_at)
            )
    return seen


def _links(events: Iterable[Event], rules: Rules) -> list[Link]:
    """The links in the order in which they are taken: by first evidence, ties by the pair."""
    carried = {event.user_id for event in events}
    earliest: dict[Pair, Link] = {}
    for event in events:
        link = _link_of(event, carried, rules)
        if link is None:
            continue
        known = earliest.get((link.left, link.right))
        if known is None or (link.event_at, link.event_id) < (known.event_at, known.event_id):
            earliest[link.left, link.right] = link
    return sorted(
        earliest.values(),
        key=lambda link: (link.event_at, link.event_id, link.left.order, link.right.order),
    )


def _link_of(event: Event, carried: set[str | None], rules: Rules) -> Link | None:
    if event.user_id is None:
        return None
    user = Node(USER_ID, event.user_id)
    if event.event_type == "identify":
        if event.email is None or never_links(event.email, rules):
            return None
        return Link(user, Node(EMAIL, event.email), *event.moment, "identify")
    if event.event_type == "alias":
        # an alias whose previous id is a device names that device, and links nothing
        if event.previous_id in (None, event.user_id) or event.previous_id not in carried:
            return None
        assert event.previous_id is not None
        left, right = sorted((user, Node(USER_ID, event.previous_id)))
        return Link(left, right, *event.moment, "alias")
    return None


# ---- the ordered walk ---------------------------------------------------------------------------


def _walk(
    links: Iterable[Link],
    sightings: Mapping[Node, _Sighting],
    rules: Rules,
    overrides: Overrides,
    identity: Identity,
) -> list[list[Node]]:
    """Takes forced links first, then each link in order unless its union must not be."""
    component: dict[Node, list[Node]] = {node: [node] for node in sightings}

    def of(node: Node) -> list[Node]:
        return component.setdefault(node, [node])

    def join(left: Node, right: Node) -> None:
        larger, smaller = sorted((of(left), of(right)), key=len, reverse=True)
        larger.extend(smaller)
        for node in smaller:
            component[node] = larger

    def conflict(left: Node, right: Node, *, with_limits: bool) -> str | None:
        ours, theirs = of(left), of(right)
        for one, other in overrides.forbidden:
            if any(of(one) is a and of(other) is b for a, b in ((ours, theirs), (theirs, ours))):
                return "forbidden_pair"
        if with_limits:
            kinds = Counter(node.kind for node in ours + theirs)
            for kind in (USER_ID, EMAIL):
                if kind in rules.limits and kinds[kind] > rules.limits[kind]:
                    return f"{kind}_limit"
        return None

    for left, right in sorted(
        {(min(pair, key=_order), max(pair, key=_order)) for pair in overrides.forced},
        key=lambda pair: (pair[0].order, pair[1].order),
    ):
        if of(left) is of(right):
            continue
        reason = conflict(left, right, with_limits=False)
        if reason:
            identity.refused.append(RefusedLink(left, right, reason, None, None))
        else:
            join(left, right)
    for link in links:
        if of(link.left) is of(link.right):
            identity.accepted.append(link)
            continue
        reason = conflict(link.left, link.right, with_limits=True)
        if reason:
            identity.refused.append(
                RefusedLink(link.left, link.right, reason, link.event_id, link.event_at)
            )
        else:
            join(link.left, link.right)
            identity.accepted.append(link)
    distinct = {id(nodes): nodes for nodes in component.values()}
    # a node that only an override knows is nobody until an event carries it
    return [seen for nodes in distinct.values() if (seen := [n for n in nodes if n in sightings])]


def _order(node: Node) -> tuple[int, str]:
    return node.order


def _canonical(nodes: Iterable[Node], sightings: Mapping[Node, _Sighting]) -> Node:
    return min(nodes, key=lambda node: (sightings[node].first_at, node.order))


# ---- devices and owners -------------------------------------------------------------------------


def _own_events(events: Sequence[Event], identity: Identity) -> None:
    """Cuts every device's time where another node is named, and gives each event its owner."""
    devices: dict[str, list[Event]] = {}
    for event in events:
        if event.anonymous_id is not None:
            devices.setdefault(event.anonymous_id, []).append(event)
    namings: dict[str, list[tuple[Moment, Node]]] = {}
    for event in events:
        if event.node is None:
            continue
        if event.anonymous_id is not None:
            namings.setdefault(event.anonymous_id, []).append((event.moment, event.node))
        if event.event_type == "alias" and event.previous_id is not None:
            namings.setdefault(event.previous_id, []).append((event.moment, event.node))
    for device, own_events in devices.items():
        # made from address and agent: whoever shares both is not whoever signed in
        promotes = not any(event.is_from_access_log for event in own_events)
        named = sorted(namings.get(device, ())) if promotes else []
        identity.slices[device] = _slices(device, named, identity.person_of_node)
    for event in events:
        if event.node is not None:
            identity.owners[event.event_id] = identity.person_of_node[event.node]
        elif event.anonymous_id is not None:
            cut = slice_at(identity.slices[event.anonymous_id], event.moment)
            identity.owners[event.event_id] = cut.person


def _slices(
    device: str, named: list[tuple[Moment, Node]], person_of_node: Mapping[Node, str]
) -> list[Slice]:
    if not named:
        return [Slice(None, None, f"visitor:{device}", None)]
    slices: list[Slice] = []
    for moment, node in named:
        if slices and slices[-1].node == node:
            continue
        start = moment if slices else None
        slices.append(Slice(start, node, person_of_node[node], moment[1]))
    return slices


def slice_at(slices: Sequence[Slice], moment: Moment) -> Slice:
    """The slice that holds a moment: the last one that starts at it or before."""
    return slices[bisect_right(slices, moment, lo=1, key=lambda cut: cut.start or _EARLIEST) - 1]


# ---- the map ------------------------------------------------------------------------------------


def _map_identities(
    events: Iterable[Event], sightings: Mapping[Node, _Sighting], identity: Identity
) -> list[MappedIdentifier]:
    evidence: dict[Node, str] = {}
    for link in identity.accepted:
        for node in (link.left, link.right):
            evidence.setdefault(node, link.event_id)
    rows = [
        MappedIdentifier(
            identifier_type=node.kind,
            identifier=node.value,
            person=identity.person_of_node[node],
            valid_from=None,
            valid_to=None,
            first_seen_at=seen.first_at,
            last_seen_at=seen.last_at,
            link_event_id=evidence.get(node),
        )
        for node, seen in sightings.items()
    ]
    within: dict[tuple[str, Moment | None], list[int]] = {}
    for event in events:
        if event.anonymous_id is not None:
            cut = slice_at(identity.slices[event.anonymous_id], event.moment)
            within.setdefault((event.anonymous_id, cut.start), []).append(event.event_at)
    for device, slices in identity.slices.items():
        ends = [*(cut.start for cut in slices[1:]), None]
        for cut, end in zip(slices, ends, strict=True):
            times = within.get((device, cut.start), [])
            rows.append(
                MappedIdentifier(
                    ANONYMOUS_ID,
                    device,
                    cut.person,
                    cut.start[0] if cut.start else None,
                    end[0] if end else None,
                    min(times, default=None),
                    max(times, default=None),
                    cut.named_by,
                )
            )
    return rows
