"""Lines of a file as Arrow batches: numpy and Arrow touch the bytes, no loop in Python the lines.

A stream yields record batches with the columns

- `line_number` (int64): from 1, blank lines included;
- `line` (string): the text with its line end, which only a last, unfinished line lacks;
- `problem` (string): null, or why the line cannot be read (`invalid_utf8`, `line_too_long`);
- `position`, `envelope_sent_at`, `envelope_received_at`: null; messages of envelopes have them.

Only a stretch that is not valid UTF-8 is looked at line by line, and only its bad lines are set
aside, with each bad byte written as \\xNN. Memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK_BYTES = 8 << 20
"""Small enough for the allocator to hand the same memory out again."""

PART_BYTES = 256 << 20
"""What is staged at once: the memory and the disk of a load do not grow with its file."""

BATCH_LINES = 10_000
"""DuckDB shares the batches of a stream among its threads."""

MAX_LINE_BYTES = 64 << 20
"""A longer line is rejected, with its first kilobytes: it is a file without line ends."""

KEPT_OF_LONG_LINE = 64 << 10

SCHEMA = pa.schema(
    [
        ("line_number", pa.int64()),
        ("line", pa.string()),
        ("problem", pa.string()),
        ("position", pa.int32()),
        ("envelope_sent_at", pa.string()),
        ("envelope_received_at", pa.string()),
    ]
)

SAMPLE_BYTES = 256 << 10

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class HashingFile(io.RawIOBase):
    """Reads a file and takes its SHA-256 and its length on the way, whatever unpacks it above."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._hash = hashlib.sha256()
        self.byte_count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        count = self._file.readinto(view)  # type: ignore[attr-defined]
        self._hash.update(view[:count])
        self.byte_count += count
        return int(count)

    def sha256(self) -> str:
        """Of the bytes read so far, in hexadecimal."""
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()
        super().close()


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hexadecimal; for a file that may be known."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class LineStream:
    """One pass over the lines of `source`; `line_count` is final when the batches are used up."""

    def __init__(self, source: io.RawIOBase | BinaryIO) -> None:
        self._source = source
        self._first_block: bytes | None = None
        self.line_count = 0

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

    def parts(self) -> Iterator[pa.RecordBatchReader]:
        """What DuckDB scans, about PART_BYTES at a time; each part once, before the next."""
        batches = self._batches()
        first = next(batches, None)
        while first is not None:
            yield pa.RecordBatchReader.from_batches(SCHEMA, _part(first, batches))
            first = next(batches, None)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for text, start, end in self._stretches():
            yield from self._table(text, start, end).to_batches(max_chunksize=BATCH_LINES)

    def _stretches(self) -> Iterator[tuple[bytes, int, int]]:
        """Whole lines as (bytes, start, end); nothing is copied but the line that a block cuts."""
        self.sample()
        block = (self._first_block or b"").removeprefix(_BYTE_ORDER_MARK)
        self._first_block = b""
        pending: list[bytes] = []
        pending_bytes = 0
        while block:
            start = 0
            if pending:
                start = block.find(b"\n") + 1
                # of a line too long to be read only the head is kept; its length still counts
                if pending_bytes <= MAX_LINE_BYTES:
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
            block = self._source.read(BLOCK_BYTES)
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
        numbers = np.arange(self.line_count + 1, self.line_count + count + 1)
        self.line_count += count
        lines = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))
        problems = pa.nulls(count, pa.string())
        if not _is_readable(lines) or int(np.diff(offsets).max()) > MAX_LINE_BYTES:
            lines, problems = _set_bad_lines_aside(text, offsets)
        nothing = [pa.nulls(count, field.type) for field in list(SCHEMA)[3:]]
        return pa.Table.from_arrays([pa.array(numbers), lines, problems, *nothing], schema=SCHEMA)


def _part(first: pa.RecordBatch, others: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """`first`, and as many of the others as make a part with it."""
    batch: pa.RecordBatch | None = first
    byte_count = 0
    while batch is not None:
        yield batch
        byte_count += batch.nbytes
        batch = next(others, None) if byte_count < PART_BYTES else None


def _is_readable(lines: pa.StringArray) -> bool:
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _set_bad_lines_aside(
    block: bytes, offsets: npt.NDArray[np.int32]
) -> tuple[pa.StringArray, pa.StringArray]:
    texts: list[str] = []
    problems: list[str | None] = []
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        problem = None
        line = block[start:end]
        if len(line) > MAX_LINE_BYTES:
            problem, line = "line_too_long", line[:KEPT_OF_LONG_LINE]
            texts.append(line.decode("utf-8", "backslashreplace") + "\n")
        else:
            try:
                texts.append(line.decode("utf-8"))
            except UnicodeDecodeError:
                problem = "invalid_utf8"
                texts.append(line.decode("utf-8", "backslashreplace"))
        problems.append(problem)
    return pa.array(texts, pa.string()), pa.array(problems, pa.string())
