"""Mends a DuckDB file in which a write was cut short: a process killed, a machine without power.

DuckDB writes its pages of metadata in place: what is new goes into parts of them that are free, and
the sum at their head is of the whole page. A write that is cut short leaves some of the new bytes
under a sum that does not hold, and DuckDB opens the file no more. The parts that are in use are the
same before and after such a write, so the page is as good as before once its sum is reckoned anew.
Other pages are never written to while anything points to them: a sum of theirs that does not hold
is true damage, and stays.

A file is three headers of 4 KiB, the last two of which take turns, and pages, each behind its sum.
Numbers are little-endian and of 8 bytes where nothing else is said.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_HEADER_SIZE, _SUM_SIZE = 4096, 8
_MAGIC = b"DUCK"
_HEADER = struct.Struct("<8x Q 8x Q Q Q")
"""How often the file was written down, its list of free pages, how many there are, their size."""
_PARTS = 64
"""Of a page of metadata. A list says in the highest byte of a number which of them it means."""
_PART_SHIFT, _NO_PART = 56, (1 << 64) - 1
_FREE, _SHARED, _METADATA = 8, 12, 16
"""Bytes of an entry in the three lists, one behind the other: free pages, pages that columns
share, pages of metadata."""
_SUM_START, _SUM_FACTOR = 5381, 0xBF58476D1CE4E5B9


def mend_torn_pages(path: Path) -> list[int]:
    """Sets the sums right that a write cut short has left wrong, and returns those pages' numbers.

    A file that is not there, or is laid out in another way, is left as it is. The caller holds the
    writer lock and has no connection open to the file: DuckDB's own lock on it would be lost.
    """
    try:
        with path.open("rb") as file:
            layout = _Layout(file)
            right = {page: layout.sum_of(page) for page in layout.metadata_pages()}
            torn = [page for page, sum_ in right.items() if layout.stored_sum(page) != sum_]
    except (FileNotFoundError, _OtherLayoutError):
        return []
    if torn:
        with path.open("r+b", buffering=0) as file:
            for page in torn:
                file.seek(layout.at(page))
                file.write(right[page])
            os.fsync(file.fileno())
    return torn


class _OtherLayoutError(Exception):
    """The file's pages of metadata cannot be told."""


class _Layout:
    """Where everything is in an open file, by the newer of its two headers."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if self._read(_SUM_SIZE, len(_MAGIC)) != _MAGIC:
            raise _OtherLayoutError
        headers = [self._read(turn * _HEADER_SIZE, _HEADER.size) for turn in (1, 2)]
        newer: tuple[int, ...] = max(map(_HEADER.unpack, headers))
        _, self._lists, self._page_count, self._page_size = newer
        self._part_size = (self._page_size - _SUM_SIZE) // _PARTS // 8 * 8

    def metadata_pages(self) -> list[int]:
        """The pages that say what lies where."""
        lists = b"".join(self._parts(self._lists))
        place = 0
        for size in (_FREE, _SHARED):
            place += 8 + size * _number(lists, place)
        count, place = _number(lists, place), place + 8
        return [_number(lists, place + _METADATA * entry) for entry in range(count)]

    def _parts(self, part: int) -> Iterator[bytes]:
        """The parts of the lists, each of which begins with where the next one is."""
        for _ in range(_PARTS * self._page_count):
            if part == _NO_PART:
                return
            index, page = part >> _PART_SHIFT, part & ((1 << _PART_SHIFT) - 1)
            place = self.at(page) + _SUM_SIZE + index * self._part_size
            content = self._read(place, self._part_size)
            part = _number(content, 0)
            yield content[8:]
        raise _OtherLayoutError

    def sum_of(self, page: int) -> bytes:
        """The sum that belongs at the head of a page."""
        content = self._read(self.at(page) + _SUM_SIZE, self._page_size - _SUM_SIZE)
        mixed = 0
        for (word,) in struct.iter_unpack("<Q", content):
            mixed ^= word * _SUM_FACTOR
        return (mixed % (1 << 64) ^ _SUM_START).to_bytes(_SUM_SIZE, "little")

    def stored_sum(self, page: int) -> bytes:
        return self._read(self.at(page), _SUM_SIZE)

    def at(self, page: int) -> int:
        """Where a page begins."""
        return 3 * _HEADER_SIZE + page * self._page_size

    def _read(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        content = self._file.read(size)
        if len(content) < size:
            raise _OtherLayoutError
        return content


def _number(content: bytes, place: int) -> int:
    if place + 8 > len(content):
        raise _OtherLayoutError
    return int.from_bytes(content[place : place + 8], "little")
