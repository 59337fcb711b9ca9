"""People who may be several, or nobody: how much they hold of what one person seldom has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.names import EMAIL, USER_ID
from tests.oracle.product import Result

REASONS = ("refused_links", "many_devices", "many_user_ids", "many_addresses", "many_agents")


@dataclass(frozen=True)
class Suspect:
    """The numbers of one person, by reason, and for how many times what is seldom they stand."""

    person: str
    counts: Mapping[str, int]
    reasons: tuple[str, ...]
    suspicion: Fraction


def suspects(result: Result, thresholds: Mapping[str, int]) -> list[Suspect]:
    """Everybody known who reaches a threshold; `thresholds` are the least numbers by reason."""
    found = []
    for person in result.people:
        if person.startswith("visitor:"):
            continue
        counts = _counts(result, person)
        reached = tuple(reason for reason in REASONS if counts[reason] >= thresholds[reason])
        suspicion = sum((Fraction(counts[one], thresholds[one]) for one in reached), Fraction(0))
        if reached:
            found.append(Suspect(person, counts, reached, suspicion))
    return found


def _counts(result: Result, person: str) -> dict[str, int]:
    own = [event for event in result.log.events if result.events[event.event_id].person == person]
    nodes = {node for node, owner in result.identity.person_of_node.items() if owner == person}
    refused = {
        frozenset((link.left, link.right))
        for link in result.identity.refused
        if link.left in nodes or link.right in nodes
    }
    return {
        "refused_links": len(refused),
        "many_devices": len({event.anonymous_id for event in own} - {None}),
        "many_user_ids": sum(node.kind == USER_ID for node in nodes),
        "many_addresses": sum(node.kind == EMAIL for node in nodes),
        "many_agents": len({event.user_agent for event in own} - {None}),
    }
