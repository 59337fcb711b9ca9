"""Lines of a file as Arrow batches: numpy and Arrow touch the bytes, no loop in Python the lines.

Only a stretch that is not valid UTF-8 is looked at line by line, and only its bad lines are set
aside (`invalid_utf8`, `line_too_long`), with each bad byte written as \\xNN. Memory does not grow
with the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingestion import blocks
from ingestion.blocks import KEPT_OF_LONG_RECORD, MAX_RECORD_BYTES

BLOCK_BYTES = 8 << 20
"""Small enough for the allocator to hand the same memory out again."""

SAMPLE_BYTES = 256 << 10

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class LineStream:
    """One pass over the lines of `source`; `record_count` is final when the batches are used up."""

    def __init__(self, source: io.RawIOBase | BinaryIO) -> None:
        self._source = source
        self._first_block: bytes | None = None
        self.record_count = 0

    def sample(self) -> bytes:
        """The first bytes, to tell the format by; nothing of them is lost to the batches."""
        if self._first_block is None:
            self._first_block = self._source.read(BLOCK_BYTES) or b""
        return self._first_block[:SAMPLE_BYTES]

    def skip(self) -> None:
        """Reads to the end without a look: the bytes count for the hash of the file."""
        while self._source.read(BLOCK_BYTES):
            pass
        self._first_block = b""

    def blocks(self) -> Iterator[bytes]:
        """The bytes, for who looks for records that are no lines; no byte order mark."""
        self.sample()
        block = (self._first_block or b"").removeprefix(BYTE_ORDER_MARK)
        self._first_block = b""
        while block:
            yield block
            block = self._source.read(BLOCK_BYTES)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The lines; each is a record, blank ones included."""
        for text, start, end in self._stretches():
            lines = self._table(text, start, end)
            yield from lines.to_batches(max_chunksize=blocks.BATCH_RECORDS)

    def _stretches(self) -> Iterator[tuple[bytes, int, int]]:
        """Whole lines as (bytes, start, end); nothing is copied but the line that a block cuts."""
        pending: list[bytes] = []
        pending_bytes = 0
        for block in self.blocks():
            start = 0
            if pending:
                start = block.find(b"\n") + 1
                # of a line too long to be read only the head is kept; its length still counts
                if pending_bytes <= MAX_RECORD_BYTES:
                    part = block[: start or len(block)]
                    pending.append(part)
                    pending_bytes += len(part)
                if start:
                    line = b"".join(pending)
                    yield line, 0, len(line)
                    pending, pending_bytes = [], 0
            if not pending:
                end = block.rfind(b"\n") + 1
                if end > start:
                    yield block, start, end
                if end < len(block):
                    pending = [block[end:]]
                    pending_bytes = len(pending[0])
        if pending:
            line = b"".join(pending)
            yield line, 0, len(line)

    def _table(self, text: bytes, start: int, end: int) -> pa.Table:
        is_newline = np.frombuffer(text, np.uint8)[start:end] == ord("\n")
        ends = np.flatnonzero(is_newline) + (start + 1)
        if not is_newline[-1]:
            ends = np.append(ends, end)
        offsets = np.concatenate([[start], ends]).astype(np.int32)
        count = len(ends)
        numbers = np.arange(self.record_count + 1, self.record_count + count + 1)
        self.record_count += count
        lines = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))
        problems = pa.nulls(count, pa.string())
        if not _is_readable(lines) or int(np.diff(offsets).max()) > MAX_RECORD_BYTES:
            lines, problems = _set_bad_lines_aside(text, offsets)
        return blocks.table(pa.array(numbers), lines, problems)


def _is_readable(lines: pa.StringArray) -> bool:
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def readable(record: bytes) -> tuple[str, str | None]:
    """A record's text and the problem with it, if there is one."""
    if len(record) > MAX_RECORD_BYTES:
        head = record[:KEPT_OF_LONG_RECORD]
        return head.decode("utf-8", "backslashreplace") + "\n", "line_too_long"
    try:
        return record.decode("utf-8"), None
    except UnicodeDecodeError:
        return record.decode("utf-8", "backslashreplace"), "invalid_utf8"


def _set_bad_lines_aside(
    block: bytes, offsets: npt.NDArray[np.int32]
) -> tuple[pa.StringArray, pa.StringArray]:
    judged = [
        readable(block[start:end])
        for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]
    texts, problems = zip(*judged, strict=True)
    return pa.array(texts, pa.string()), pa.array(problems, pa.string())
