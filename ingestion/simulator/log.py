"""All that the records of a log are made of."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.simulator.delivery import Clocks
from ingestion.simulator.devices import Devices
from ingestion.simulator.draws import Ints
from ingestion.simulator.events import Events
from ingestion.simulator.faults import Deliveries
from ingestion.simulator.identifiers import Identifiers
from ingestion.simulator.namings import Namings
from ingestion.simulator.people import People
from ingestion.simulator.visits import Visits


@dataclass(frozen=True)
class Log:
    """The world and its records; `namings`, `clocks` and `requests` are parallel to `events`.

    `requests`: the person's request for the report that an event comes after, as
    `offer.requests_of` has it.
    """

    identifiers: Identifiers
    people: People
    devices: Devices
    visits: Visits
    events: Events
    namings: Namings
    clocks: Clocks
    deliveries: Deliveries
    requests: Ints
