"""What goes wrong with records on their way: repeats, collisions of ids, damage, blank lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.simulator.draws import Draws, Ints, chance, lognormal
from ingestion.simulator.events import PAGE

NO_BATCH = -1
(SOUND, RESENT, COLLIDED, TRUNCATED, NOT_JSON, NOT_OBJECT, NO_TIME, UNKNOWN_TYPE, FAR_FUTURE,
 BLANK) = range(10)  # fmt: skip
FAULT_NAMES = ("sound", "resent", "collided", "truncated_json", "not_json", "not_an_object",
               "no_time", "unknown_type", "far_future", "blank")  # fmt: skip
BROKEN = (TRUNCATED, NOT_JSON, NOT_OBJECT, NO_TIME, UNKNOWN_TYPE, FAR_FUTURE)
FAULTS_PER_MILLE = {
    RESENT: 20.0, COLLIDED: 1.0, TRUNCATED: 0.8, NOT_JSON: 0.6, NOT_OBJECT: 0.2, NO_TIME: 0.5,
    UNKNOWN_TYPE: 0.5, FAR_FUTURE: 0.4, BLANK: 0.5,
}  # fmt: skip
_NEVER_IN_BATCH = (RESENT, COLLIDED, TRUNCATED, NOT_JSON, NOT_OBJECT, BLANK)
"""What is repeated or is no JSON has a line of its own; others may lie in a batch."""


@dataclass(frozen=True)
class Deliveries:
    """One element a record of the log, in order of receipt.

    `event` is a position in the events; `sent` is by the sender's clock, `received` by the
    server's (epoch milliseconds, UTC); records of one batch lie together; `fault` is what became
    of the record (SOUND … BLANK), `number` its own number among all records.
    """

    event: Ints
    sent: Ints
    received: Ints
    batch: Ints
    fault: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.event)


def fault_counts(events: int) -> dict[int, int]:
    """How many records of each fault a log of so many events has: at least one in a larger log."""
    least = 1 if events >= 1000 else 0
    return {
        fault: max(round(events * rate / 1000), least) for fault, rate in FAULTS_PER_MILLE.items()
    }


def with_faults(draws: Draws, event_type: Ints, sound: Deliveries) -> Deliveries:
    """The sound records, one an event, and all others, in order of receipt.

    `event_type` has the type of each event. The others are made from events drawn by lot: a few
    of them are repeated, a few stand for a record that was damaged.
    """
    counts = fault_counts(len(sound))
    shuffled = np.argsort(draws.words("victims", len(sound)), kind="stable")
    # a collision changes the properties of a page view: nothing that says whose it is, or when
    collided = shuffled[event_type[shuffled] == PAGE][: counts[COLLIDED]]
    others = shuffled[~np.isin(shuffled, collided)]
    chosen, faults = [np.arange(len(sound)), collided], [SOUND, COLLIDED]
    for kind, wanted in counts.items():
        if kind != COLLIDED:
            chosen.append(others[:wanted])
            faults.append(kind)
            others = np.roll(others, -wanted)
    base = np.concatenate(chosen)
    fault = np.repeat(np.array(faults, np.int64), [len(rows) for rows in chosen])
    repeats = np.isin(fault, (RESENT, COLLIDED))
    repeated = int(repeats.sum())
    later = np.zeros(len(base), np.int64)
    later[repeats] = 1 + lognormal(draws.words("repeat delay", repeated), 30_000, 2.2)
    received, sent = sound.received[base] + later, sound.sent[base]
    # a client that tries again says when it did; a queue that delivers twice does not
    told = np.flatnonzero(repeats)[
        (fault[repeats] == COLLIDED) | chance(draws.words("told", repeated), 500)
    ]
    sent[told] += later[told]
    batch = np.where(np.isin(fault, _NEVER_IN_BATCH), NO_BATCH, sound.batch[base])
    number = np.arange(len(base))
    order = np.lexsort((number, batch, received))
    return Deliveries(
        event=base[order],
        sent=sent[order],
        received=received[order],
        batch=batch[order],
        fault=fault[order],
        number=number[order],
    )
