"""Who a person is, as text: names, devices, and the events that link them."""

from __future__ import annotations

from typing import TextIO
from zoneinfo import ZoneInfo

from orchestration import console
from orchestration.explain.identity import Identifier
from orchestration.explain.lines import NAME_WIDTH, cut_name, paragraph
from orchestration.explain.person import PersonExplained


def print_identity(person: PersonExplained, zone: ZoneInfo, out: TextIO) -> None:
    """Names, devices and links; times in `zone`."""
    names = [each for each in person.identifiers if each.identifier_type != "anonymous_id"]
    devices = [each for each in person.identifiers if each.identifier_type == "anonymous_id"]
    if names:
        print(f"\nNames (times in {zone.key})", file=out)
        console.table(
            ["type", "name", "first seen", "last seen"],
            [
                (
                    each.identifier_type,
                    console.cut(each.identifier, NAME_WIDTH),
                    console.shown_time(each.first_seen_at, zone),
                    console.shown_time(each.last_seen_at, zone),
                )
                for each in names
            ],
            indent=2,
            out=out,
        )
    if devices:
        print("\nDevices, each for the time in which it was theirs", file=out)
        console.table(
            ["device", "from", "to", "last seen"],
            [
                (
                    console.cut(each.identifier, NAME_WIDTH),
                    console.shown_time(each.valid_from, zone) or "its beginning",
                    console.shown_time(each.valid_to, zone) or "now",
                    console.shown_time(each.last_seen_at, zone),
                )
                for each in devices
            ],
            indent=2,
            out=out,
        )
    if person.links or any(each.link_event_id for each in devices):
        print("\nLinks, each with the first event that made it", file=out)
    for link in person.links:
        if link.event_at is None:
            made = "forced by seeds/identity/identity_overrides.csv"
        else:
            at = console.shown_time(link.event_at, zone)
            made = f"{link.link_type} on {at}, event {link.event_id}"
        paragraph(
            f"{cut_name(link.left_identifier)} is {cut_name(link.right_identifier)}: {made}", out
        )
    for device in devices:
        if device.link_event_id:
            evidence = _evidence(device, zone)
            paragraph(f"{cut_name(device.identifier)} is {_owner(device)}: {evidence}", out)
    for refused in person.refused_links:
        asked = f", event {refused.event_id}" if refused.event_id else ""
        paragraph(
            f"refused: {cut_name(refused.left_identifier)} and {cut_name(refused.right_identifier)}"
            " stay apart"
            f" ({refused.reason}; asked for by {refused.link_type}{asked})",
            out,
        )


def _owner(device: Identifier) -> str:
    return f"{cut_name(device.named_as)}'s" if device.named_as else "theirs"


def _evidence(identifier: Identifier, zone: ZoneInfo) -> str:
    event = identifier.link_event_name or identifier.link_event_type or "event"
    at = console.shown_time(identifier.link_event_at, zone)
    return f"{event} on {at}, event {identifier.link_event_id}"
