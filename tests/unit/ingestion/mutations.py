"""A fuzzer of logs: a good file in each format, harmed in one or a few places.

Each mutation says which of the file's bytes are as they were before the first harm and behind the
last, so a test knows which records must still be there.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.unpacking import zstd

ROWS = [
    {
        "event_id": f"event-{number:03d}",
        "type": "page",
        "anonymous_id": f"visitor {number % 5}",
        "timestamp": f"2026-06-01T09:{number % 60:02d}:00Z",
        "context_page_url": f"https://example.com/pricing?n={number}",
        "plan": 'pro, "yearly"\nor not' if number % 10 == 3 else "pro",
    }
    for number in range(40)
]
LOG_LINES = [
    f"203.0.113.{number} - user-{number:03d} [01/Jun/2026:09:{number:02d}:00 +0000] "
    f'"GET /pricing?n={number} HTTP/1.1" 200 {number} "-" "Mozilla/5.0"\n'
    for number in range(40)
]


@dataclass(frozen=True)
class Log:
    """A good file: `places` are start and end of each record's bytes by its id, in `content`."""

    content: bytes
    places: dict[str, tuple[int, int]]
    header_bytes: int = 0
    """Of a header, without which no row can be read."""
    pack: Callable[[bytes], bytes] | None = None


def _log(head: bytes, records: dict[str, bytes], tail: bytes = b"", between: bytes = b"") -> Log:
    content, places = head, {}
    for number, (name, record) in enumerate(records.items()):
        content += between if number else b""
        places[name] = (len(content), len(content) + len(record))
        content += record
    return Log(content + tail, places)


def _csv_row(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _ndjson() -> Log:
    return _log(b"", {row["event_id"]: json.dumps(row).encode() + b"\n" for row in ROWS})


def _document(indent: int | None) -> Log:
    records = {row["event_id"]: json.dumps(row, indent=indent).encode() for row in ROWS}
    return _log(b"[\n", records, b"\n]\n", b",\n")


def _csv() -> Log:
    header = _csv_row(list(ROWS[0]))
    log = _log(header, {row["event_id"]: _csv_row(list(row.values())) for row in ROWS})
    return replace(log, header_bytes=len(header))


def _access_log() -> Log:
    return _log(b"", {f"user-{n:03d}": line.encode() for n, line in enumerate(LOG_LINES)})


def _packed(log: Log, pack: Callable[[bytes], bytes]) -> Log:
    return replace(log, pack=pack)


def parquet() -> bytes:
    """The same rows as Parquet, in row groups of ten."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), buffer, row_group_size=10, write_page_checksum=True)
    return buffer.getvalue()


LOGS: dict[str, Log] = {
    "ndjson": _ndjson(),
    "json": _document(None),
    "pretty": _document(2),
    "csv": _csv(),
    "access_log": _access_log(),
    "ndjson.gz": _packed(_ndjson(), gzip.compress),
    "csv.zst": _packed(_csv(), zstd.compress),
}


@dataclass(frozen=True)
class Mutated:
    """A harmed file, and the ids of the records that no harm has touched."""

    content: bytes
    unharmed: frozenset[str]


def mutate(log: Log, chance: random.Random) -> Mutated:
    """Flips bytes, cuts lines or the file, or puts bytes in; one to three harms of one file.

    Of a packed file what was unpacked before is harmed, or the archive is cut or flipped, of which
    nothing is expected but that it is accounted for.
    """
    if log.pack is not None and chance.random() < 0.5:
        packed = bytearray(log.pack(log.content))
        if chance.random() < 0.5:
            return Mutated(bytes(packed[: chance.randrange(len(packed))]), frozenset())
        packed[chance.randrange(len(packed))] ^= 1 << chance.randrange(8)
        return Mutated(bytes(packed), frozenset())
    content = log.content
    harmed: list[tuple[int, int]] = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        start = chance.randrange(len(log.content))
        end = min(len(log.content), start + chance.choice((1, 1, 2, 8, 40)))
        # of two that overlap the second would reach farther than it says
        if all(end <= first or start >= last for first, last in harmed):
            harmed.append((start, end))
    # from the end, so that the places of the earlier harms stay true
    for start, end in sorted(harmed, reverse=True):
        match chance.randrange(4):
            case 0:
                new = bytes(byte ^ (1 << chance.randrange(8)) for byte in content[start:end])
            case 1:
                new = b""
            case 2:
                new = chance.choice((b'"', b"\0", b"\xff", b"{", b"}", b"[", b"\\", b",", b"\n"))
            case _:
                new = chance.randbytes(end - start)
        content = content[:start] + new + content[end:]
    unharmed = frozenset(
        name
        for name, (first, last) in log.places.items()
        # the byte behind a record is its separator, the one before it that of its neighbour
        if all(end < first or start > last for start, end in harmed)
        and all(start > log.header_bytes for start, _ in harmed)
    )
    return Mutated(log.pack(content) if log.pack else content, unharmed)
