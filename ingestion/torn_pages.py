"""Mends a DuckDB file after an interrupted write: a process killed, a machine without power.

DuckDB writes its pages of metadata in place: what is new goes into parts of them that are free, and
the checksum at their head is of the whole page. An interrupted write leaves some of the new bytes
under a checksum that does not hold, and DuckDB no longer opens the file. The parts that are in use
are the same before and after such a write, so the page is as good as before once its checksum is
recomputed. Other pages are never written to while anything points to them: a checksum of theirs
that does not hold is true damage, and stays.

A file is three headers of 4 KiB, the last two of which take turns, and pages, each behind its
checksum. Numbers are little-endian and of 8 bytes where nothing else is said.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

_HEADER_SIZE, _SUM_SIZE = 4096, 8
_MAGIC = b"DUCK"
_HEADER = struct.Struct("<8x Q 8x Q Q Q")
"""How often the file was written down, its list of free pages, how many there are, their size."""
_DEFAULT_PAGE_SIZE = 262_144
_PARTS = 64
"""Of a page of metadata. A list says in the highest byte of a number which of them it means."""
_PART_SHIFT, _NO_PART = 56, (1 << 64) - 1
_FREE, _SHARED, _METADATA = 8, 12, 16
"""Bytes of an entry in the three lists, one behind the other: free pages, pages that columns
share, pages of metadata."""
_SUM_START, _SUM_FACTOR = 5381, 0xBF58476D1CE4E5B9


def mend_torn_pages(path: Path) -> dict[int, str]:
    """Sets the checksums right that an interrupted write has left wrong.

    Returns the numbers of these pages, each with the checksum that was there, in hexadecimal. A
    file that is not there, is open elsewhere, is laid out in another way, or is not whole with the
    checksums set right, is left as it was. The caller holds the writer lock and has no connection
    open to the file: DuckDB's own lock on it would be lost.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return {}
        with path.open("r+b", buffering=0) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            layout = _Layout(file)
            found = {page: layout.stored_sum(page) for page in layout.metadata_pages()}
            right = {page: layout.sum_of(page) for page in found}
            torn = {page: found[page] for page in found if found[page] != right[page]}
            layout.set_sums({page: right[page] for page in torn})
        if torn and not _is_whole(path):
            with path.open("r+b", buffering=0) as file:
                _Layout(file).set_sums(torn)
            return {}
    except (OSError, _OtherLayoutError):
        return {}
    return {page: sum_.hex() for page, sum_ in torn.items()}


def _is_whole(path: Path) -> bool:
    """Whether DuckDB opens the file and finds everything that its pages of metadata tell of."""
    import duckdb

    try:
        with duckdb.connect(path, read_only=True) as connection:
            for (table,) in connection.execute(
                'select format(\'"{}"."{}"."{}"\', database_name, schema_name, table_name)'
                " from duckdb_tables() where not temporary"
            ).fetchall():
                connection.execute("select count(*) from pragma_storage_info(?)", [table])
    except duckdb.Error:
        return False
    return True


class _OtherLayoutError(Exception):
    """The file's pages of metadata cannot be determined."""


class _Layout:
    """Where everything is in an open file, by the newer of its two headers."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        headers = [self._read(turn * _HEADER_SIZE, _HEADER_SIZE) for turn in range(3)]
        whole = [header for header in headers[1:] if _checksum(header) == header[:_SUM_SIZE]]
        if not headers[0][_SUM_SIZE:].startswith(_MAGIC) or not whole:
            raise _OtherLayoutError
        newer: tuple[int, ...] = max(_HEADER.unpack(header[: _HEADER.size]) for header in whole)
        _, self._lists, self._page_count, page_size = newer
        self._page_size = page_size or _DEFAULT_PAGE_SIZE
        if self._page_size % _HEADER_SIZE or self.at(self._page_count) > self._size:
            raise _OtherLayoutError
        self._part_size = (self._page_size - _SUM_SIZE) // _PARTS // 8 * 8

    def metadata_pages(self) -> list[int]:
        """The pages that say what lies where."""
        lists = b"".join(self._parts(self._lists))
        place = 0
        entries: list[list[int]] = []
        for size in (_FREE, _SHARED, _METADATA):
            count, place = _number(lists, place), place + 8
            end = place + size * count
            if end > len(lists):
                raise _OtherLayoutError
            entries.append([_number(lists, at) for at in range(place, end, size)])
            place = end
        free, _, pages = entries
        is_in_order = all(one < other for one, other in pairwise(free))
        if not is_in_order or max(free + pages, default=0) >= self._page_count:
            raise _OtherLayoutError
        if len(set(pages)) < len(pages) or set(pages) & set(free):
            raise _OtherLayoutError
        return pages

    def _parts(self, part: int) -> Iterator[bytes]:
        """The parts of the lists, each of which begins with where the next one is."""
        for _ in range(_PARTS * self._page_count):
            if part == _NO_PART:
                return
            index, page = part >> _PART_SHIFT, part & ((1 << _PART_SHIFT) - 1)
            if index >= _PARTS or page >= self._page_count:
                raise _OtherLayoutError
            place = self.at(page) + _SUM_SIZE + index * self._part_size
            content = self._read(place, self._part_size)
            part = _number(content, 0)
            yield content[8:]
        raise _OtherLayoutError

    def sum_of(self, page: int) -> bytes:
        """The checksum that belongs at the head of a page."""
        return _checksum(self._read(self.at(page), self._page_size))

    def stored_sum(self, page: int) -> bytes:
        """The checksum that stands at the head of a page."""
        return self._read(self.at(page), _SUM_SIZE)

    def set_sums(self, sums: Mapping[int, bytes]) -> None:
        """Writes the checksums of pages, durably."""
        for page, sum_ in sums.items():
            self._file.seek(self.at(page))
            self._file.write(sum_)
        if sums:
            os.fsync(self._file.fileno())

    def at(self, page: int) -> int:
        """Where a page begins."""
        return 3 * _HEADER_SIZE + page * self._page_size

    def _read(self, place: int, size: int) -> bytes:
        if place + size > self._size:
            raise _OtherLayoutError
        return os.pread(self._file.fileno(), size, place)


def _checksum(content: bytes) -> bytes:
    """Of a header or page: of all behind the place for it."""
    mixed = 0
    for (word,) in struct.iter_unpack("<Q", content[_SUM_SIZE:]):
        mixed ^= word * _SUM_FACTOR
    return (mixed % (1 << 64) ^ _SUM_START).to_bytes(_SUM_SIZE, "little")


def _number(content: bytes, place: int) -> int:
    if place + 8 > len(content):
        raise _OtherLayoutError
    return int.from_bytes(content[place : place + 8], "little")
