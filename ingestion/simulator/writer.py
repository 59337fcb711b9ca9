"""Files of the log: records become lines, lines go into files, in order of receipt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingestion.simulator.devices import WITHOUT_SENT_AT
from ingestion.simulator.draws import Ints
from ingestion.simulator.faults import BLANK, FAULT_NAMES, NO_BATCH, RESENT
from ingestion.simulator.log import Log
from ingestion.simulator.messages import enveloped, records

LINES_A_FILE = 250_000
_LINES_AT_ONCE = 25_000


@dataclass(frozen=True)
class Written:
    """What was written: `lines` counts all, `records` each message of a batch as well."""

    files: list[str]
    lines: int
    batches: int
    records: int
    by_fault: dict[str, int]


def write_log(log: Log, folder: Path) -> Written:
    """Writes events-0001.ndjson, … into `folder`, LINES_A_FILE lines each but the last."""
    starts = line_starts(log.deliveries.batch)
    bounds = np.append(starts, len(log.deliveries))
    lines = len(starts)
    files = []
    for first in range(0, lines, LINES_A_FILE):
        path = folder / f"events-{first // LINES_A_FILE + 1:04d}.ndjson"
        files.append(path.name)
        last = min(first + LINES_A_FILE, lines)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for part in range(first, last, _LINES_AT_ONCE):
                until = min(part + _LINES_AT_ONCE, last)
                file.write(_text(log, bounds[part : until + 1]))
    counts = np.bincount(log.deliveries.fault, minlength=len(FAULT_NAMES)).tolist()
    return Written(
        files=files,
        lines=lines,
        batches=int(np.count_nonzero(log.deliveries.batch[starts] != NO_BATCH)),
        records=len(log.deliveries),
        by_fault={FAULT_NAMES[fault]: counts[fault] for fault in range(RESENT, BLANK + 1)},
    )


def line_starts(batch: Ints) -> Ints:
    """Where lines begin among records of these batches: one record a line, or one batch."""
    starts = np.ones(len(batch), np.bool_)
    starts[1:] = (batch[1:] == NO_BATCH) | (batch[1:] != batch[:-1])
    return np.flatnonzero(starts)


def _text(log: Log, bounds: Ints) -> str:
    """The lines between those bounds, each with its line end."""
    first, last = int(bounds[0]), int(bounds[-1])
    rows = slice(first, last)
    texts = records(log, rows)
    batch = log.deliveries.batch[rows]
    if not (batch != NO_BATCH).any():
        return "\n".join(texts) + "\n"
    lines = []
    for start, end in zip((bounds[:-1] - first).tolist(), (bounds[1:] - first).tolist(),
                          strict=True):  # fmt: skip
        if batch[start] == NO_BATCH:
            lines.append(texts[start])
        else:
            lines.append(enveloped(texts[start:end], _sent(log, first + start)))
    return "\n".join(lines) + "\n"


def _sent(log: Log, row: int) -> str | None:
    """When the batch of this record was sent, by the sender's clock, where it says so."""
    if log.clocks.times[log.deliveries.event[row]] == WITHOUT_SENT_AT:
        return None
    sent = log.deliveries.sent[row : row + 1].astype("datetime64[ms]")
    return str(np.datetime_as_string(sent, unit="ms")[0])
