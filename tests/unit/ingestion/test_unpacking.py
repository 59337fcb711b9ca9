"""Compressed logs: unpacked as far as they go, and what broke off is told."""

from __future__ import annotations

import gzip
import io
import json
import random

import pytest

from ingestion.unpacking import UnpackedFile
from tests.unit.ingestion.conftest import Warehouse, message

LINES = b"".join(b"line %d\n" % number for number in range(20_000))
PACKED = gzip.compress(LINES)


def log_of(*message_ids: str) -> bytes:
    return b"".join(json.dumps(message(each)).encode() + b"\n" for each in message_ids)


def unpack(packed: bytes, size: int) -> tuple[bytes, bool]:
    file = UnpackedFile(io.BytesIO(packed))
    parts = []
    while part := file.read(size):
        parts.append(part)
    return b"".join(parts), file.is_broken


@pytest.mark.parametrize("size", [100, 64 << 10, 8 << 20])
@pytest.mark.parametrize(
    ("packed", "unpacked"),
    [
        (b"", b""),
        (LINES, LINES),
        (PACKED, LINES),
        (PACKED + PACKED, LINES + LINES),
        (PACKED + b"\0" * 1024, LINES),
        (gzip.compress(b""), b""),
    ],
    ids=["empty", "plain", "gzip", "two archives", "padded", "an archive of nothing"],
)
def test_whole_files_are_read_whole(packed: bytes, unpacked: bytes, size: int) -> None:
    assert unpack(packed, size) == (unpacked, False)


@pytest.mark.parametrize("size", [100, 8 << 20])
def test_what_came_before_a_cut_is_kept(size: int) -> None:
    # text that packs badly, so that a cut by half leaves about half
    noise = random.Random(1).randbytes(200_000)
    found, is_broken = unpack(gzip.compress(noise)[:100_000], size)
    assert is_broken
    assert noise.startswith(found)
    assert len(found) > 80_000


def test_what_follows_an_archive_and_is_none_is_a_break() -> None:
    assert unpack(PACKED + b"no archive", 8 << 20) == (LINES, True)


def test_a_packed_log_is_the_same_log(loaded: Warehouse) -> None:
    log = log_of("m1", "m2")
    assert loaded.load(gzip.compress(log)).loaded_count == 2
    assert loaded.load(log).duplicate_count == 2


def test_an_archive_cut_off_loads_what_it_has_and_says_so(loaded: Warehouse) -> None:
    log = log_of(*(f"m{number}" for number in range(500)))
    packed = gzip.compress(log)
    row = loaded.load(packed[: len(packed) // 2])
    assert 0 < row.loaded_count < 500
    assert (0, "broken_archive") in loaded.rejected()
    again = loaded.load(packed)
    assert again.loaded_count + row.loaded_count == 500
