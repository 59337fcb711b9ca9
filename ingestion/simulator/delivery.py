"""The way from the browser to the log: clocks, queues and delays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.simulator.agents import APP, MOBILE
from ingestion.simulator.devices import (
    ARCHIVED,
    AS_SENT,
    WITHOUT_SENT_AT,
    Devices,
)
from ingestion.simulator.draws import Draws, Flags, Ints, chance, lognormal
from ingestion.simulator.events import NAME_CODES, ON_SERVER, Events
from ingestion.simulator.faults import NO_BATCH, SOUND, Deliveries, with_faults
from ingestion.simulator.visits import HOUR_MS, MINUTE_MS, Visits, Window

QUEUED_PER_MILLE, QUEUED_MOBILE_PER_MILLE, RETRIED_PER_MILLE = 6, 25, 4
"""Visits kept on a device that was offline, and single events that had to be sent again."""
_LONGEST_DELAY_MS = 24 * 24 * HOUR_MS


@dataclass(frozen=True)
class Clocks:
    """One element an event: its time by the sender's clock, and which times its message has."""

    original: Ints
    times: Ints


def deliver(
    draws: Draws, window: Window, devices: Devices, visits: Visits, events: Events
) -> tuple[Clocks, Deliveries, Ints]:
    """Clocks of all events, every record of the log, and the corrected time of each event.

    The corrected time is what a reader of the log can know: received − (sent − original), or the
    sender's own time where the message does not say when it was sent.
    """
    count = len(events)
    on_web = events.visit != ON_SERVER
    device = visits.device[events.visit]
    skew = np.where(on_web, devices.skew_ms[device], 0)
    flush, batch = _queues(draws, window, devices, visits, events)
    latency = 20 + lognormal(draws.words("latency", count), 240, 0.8)
    wait = lognormal(draws.words("wait", count), 12, 1.0)
    retried = chance(draws.words("retried", count), RETRIED_PER_MILLE)
    delay = np.zeros(count, np.int64)
    delay[retried] = lognormal(draws.words("retry delay", int(retried.sum())), 40 * MINUTE_MS, 1.5)
    # what would arrive after the end of the log was not late after all
    wait += np.where(events.at + wait + delay + latency < window.end_ms, delay, 0)
    is_queued = flush >= 0
    # what was queued goes out together, and arrives together
    latency = np.where(is_queued, 400 + flush % 900, latency)
    sent = np.where(is_queued, flush, events.at + wait)
    clocks = Clocks(
        original=events.at + skew,
        times=_times(devices, device, on_web, batch, events),
    )
    received = sent + latency
    corrected = np.where(
        clocks.times == WITHOUT_SENT_AT, clocks.original, events.at + received - sent
    )
    sound = Deliveries(
        event=np.arange(count),
        sent=sent + skew,
        received=received,
        batch=batch,
        fault=np.full(count, SOUND, np.int64),
        number=np.arange(count),
    )
    return clocks, with_faults(draws, events.type, sound), corrected


def _times(devices: Devices, device: Ints, on_web: Flags, batch: Ints, events: Events) -> Ints:
    """Batches have the times that a client sends; one backend never says when it sent."""
    by_backend = events.name == NAME_CODES["product_active"]
    times = np.where(on_web, devices.times[device], ARCHIVED)
    times[by_backend & ~on_web] = WITHOUT_SENT_AT
    return np.where((batch != NO_BATCH) & (times == ARCHIVED), AS_SENT, times)


def _queues(
    draws: Draws, window: Window, devices: Devices, visits: Visits, events: Events
) -> tuple[Ints, Ints]:
    """For each event the time at which its visit's queue was sent, and the batch; or -1.

    The app sends a visit's events together when it ends; a device that was offline sends them
    hours to weeks later, as a batch or one by one.
    """
    count = len(visits)
    kind = devices.kind()[visits.device]
    ended = np.zeros(count, np.int64)
    web = np.flatnonzero(events.visit != ON_SERVER)
    np.maximum.at(ended, events.visit[web], events.at[web])
    rate = np.where((kind == MOBILE) | (kind == APP), QUEUED_MOBILE_PER_MILLE, QUEUED_PER_MILLE)
    delay = HOUR_MS + lognormal(draws.words("queue", count), 9 * HOUR_MS, 1.7)
    late = chance(draws.words("queued", count), rate) & (delay < _LONGEST_DELAY_MS)
    late &= ended + delay + 2000 < window.end_ms
    flush = np.where(late, ended + delay, np.where(kind == APP, ended + 30_000, -1))
    in_batch = (flush >= 0) & ((kind == APP) | chance(draws.words("in batch", count), 600))
    in_batch &= ~devices.is_snake_case[visits.device]
    batch = np.where(in_batch, np.arange(count), NO_BATCH)
    on_web = events.visit != ON_SERVER
    return (
        np.where(on_web, flush[events.visit], -1),
        np.where(on_web, batch[events.visit], NO_BATCH),
    )
