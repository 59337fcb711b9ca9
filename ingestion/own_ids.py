"""The ids of the events that the product itself tells: those of its pages, and of its delivery.

Such an id can be worked out by whoever has a link to a report, since it follows from the request's.
Of two events of one id the loader keeps one, so no other sender may use one: the collector's API
refuses what begins like these.
"""

from __future__ import annotations

OWN = "intent-own-"


def own_id(name: str) -> str:
    """An id that is ours alone."""
    return f"{OWN}{name}"


def is_own(event_id: str) -> bool:
    """Whether the id is ours alone. Those of requests that an earlier version took are not: they
    were plain UUIDs."""
    return event_id.startswith(OWN)
