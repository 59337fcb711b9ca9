"""Compressed logs: unpacked as far as they go, and what broke off is told."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable

import pytest

from ingestion.unpacking import UnpackedFile, zstd
from tests.unit.ingestion.conftest import Warehouse, message

LINES = b"".join(b"line %d\n" % number for number in range(20_000))
PACKED = gzip.compress(LINES)
ZSTANDARD = zstd.compress(LINES)


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
        (ZSTANDARD, LINES),
        (ZSTANDARD + ZSTANDARD, LINES + LINES),
        (ZSTANDARD + b"\0" * 1024, LINES),
        (zstd.compress(b""), b""),
        (zstd.compress(b"x" * 50_000_000), b"x" * 50_000_000),
    ],
    ids=[
        "empty",
        "plain",
        "gzip",
        "two archives",
        "padded",
        "an archive of nothing",
        "zstandard",
        "two of zstandard",
        "padded zstandard",
        "zstandard of nothing",
        "much of it",
    ],
)
def test_whole_files_are_read_whole(packed: bytes, unpacked: bytes, size: int) -> None:
    assert unpack(packed, size) == (unpacked, False)


@pytest.mark.parametrize("size", [100, 8 << 20])
@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_what_came_before_a_cut_is_kept(size: int, compress: Callable[[bytes], bytes]) -> None:
    # text that packs badly, so that a cut by half leaves about half
    noise = random.Random(1).randbytes(400_000)
    found, is_broken = unpack(compress(noise)[:290_000], size)
    assert is_broken
    assert noise.startswith(found)
    assert len(found) >= 2 * 128 << 10


def test_gzip_gives_all_that_stands_before_the_damage() -> None:
    noise = random.Random(2).randbytes(100_000)
    packed = bytearray(gzip.compress(noise, compresslevel=0))
    # a header of 10 bytes, then stored blocks of 5 bytes and their length; of the second one the
    # length no longer agrees with its complement
    length = int.from_bytes(packed[11:13], "little")
    packed[10 + 5 + length + 1] ^= 0xFF
    assert unpack(bytes(packed), 1 << 20) == (noise[:length], True)


def test_zstandard_gives_all_blocks_before_the_damaged_one() -> None:
    lines = b"".join(b"%d %d\n" % (n, n * n) for n in range(100_000))
    options = {zstd.CompressionParameter.checksum_flag: 1}
    packed = bytearray(zstd.compress(lines, options=options))
    packed[len(packed) // 2 :] = b"\xff" * (len(packed) - len(packed) // 2)
    found, is_broken = unpack(bytes(packed), 1 << 20)
    assert is_broken
    assert lines.startswith(found)
    assert len(found) > len(lines) // 3


def test_what_follows_an_archive_and_is_none_is_a_break() -> None:
    assert unpack(PACKED + b"no archive", 8 << 20) == (LINES, True)
    assert unpack(ZSTANDARD + b"no archive", 8 << 20) == (LINES, True)


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
