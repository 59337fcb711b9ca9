"""JSON that is not one message a line: an array of messages as a file, or pretty-printed ones.

The records are the outermost objects, whatever arrays they stand in, so a batch envelope that goes
over several lines is read too. Memory does not grow with the file. A stretch that is no object is
one record, to be rejected; it ends where the next object can begin: on a line of its own, or behind
a comma or a bracket.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

import pyarrow as pa

from ingestion import blocks, lines
from ingestion.lines import LineStream

INVALID_JSON = "invalid_json"
NOT_AN_OBJECT = "not_an_object"

_BETWEEN = re.compile(r"[\s,\[\]]*")
_NEXT_START = re.compile(r"(?<=[,\[\]}\n])[ \t\r]*(?=\{)")
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\]]')
_MAY_BE_CUT = 8
"""An error so near to the end of what was read may be the end's: half an escape, half a `false`."""

# numbers are of no interest, and a very long one cannot be made an int
_DECODER = json.JSONDecoder(parse_int=len, parse_float=len)


class JsonDocuments:
    """The records of a file, as batches of `ingestion.blocks`; `record_count` as there."""

    def __init__(self, source: LineStream) -> None:
        self._source = source
        self._text = ""
        self._place = 0
        self._line_number = 1
        self._is_end = False
        self.record_count = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All records, in the file's order."""
        found: list[tuple[int, str, str | None]] = []
        byte_count = 0
        for record in self._records():
            found.append(record)
            byte_count += len(record[1])
            if len(found) == blocks.BATCH_RECORDS or byte_count > lines.BLOCK_BYTES:
                yield self._batch(found)
                found, byte_count = [], 0
        if found:
            yield self._batch(found)

    def _batch(self, found: list[tuple[int, str, str | None]]) -> pa.RecordBatch:
        self.record_count += len(found)
        numbers, texts, problems = zip(*found, strict=True)
        return blocks.batch(numbers, texts, problems)

    def _records(self) -> Iterator[tuple[int, str, str | None]]:
        """Line number, text with a line end, and problem of each."""
        pieces = self._pieces()
        while True:
            self._advance(self._match_end(_BETWEEN))
            if self._place == len(self._text):
                if self._is_end:
                    return
                self._read_on(pieces)
                continue
            end, problem = self._end_of_record(pieces)
            text = self._text[self._place : end]
            number = self._line_number
            self._advance(end)
            is_last = self._is_end and end == len(self._text)
            yield number, *_judged(text, problem, is_cut=problem is not None and is_last)

    def _pieces(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        for block in self._source.blocks():
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)

    def _read_on(self, pieces: Iterator[str]) -> None:
        """More text behind what is not used up yet."""
        piece = next(pieces, None)
        if piece is None:
            self._is_end = True
        self._text = self._text[self._place :] + (piece or "")
        self._place = 0

    def _advance(self, end: int) -> None:
        self._line_number += self._text.count("\n", self._place, end)
        self._place = end

    def _match_end(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._place)
        return match.end() if match else self._place

    def _end_of_record(self, pieces: Iterator[str]) -> tuple[int, str | None]:
        """Where the record that begins here ends, and what is wrong with it."""
        if self._text[self._place] != "{":
            return self._next_start(pieces), NOT_AN_OBJECT
        while True:
            end, may_be_cut = _end_of_object(self._text, self._place)
            if end:
                return end, None
            if not may_be_cut or self._is_too_long():
                return self._next_start(pieces), INVALID_JSON
            if self._is_end:
                return len(self._text), INVALID_JSON
            self._read_on(pieces)

    def _is_too_long(self) -> bool:
        return len(self._text) - self._place > blocks.MAX_RECORD_BYTES

    def _next_start(self, pieces: Iterator[str]) -> int:
        """Where the next object may begin, or the text ends."""
        searched = self._place + 1
        while True:
            match = _NEXT_START.search(self._text, searched)
            if match:
                return match.end()
            if self._is_end or self._is_too_long():
                return len(self._text)
            # from the last character that is no blank: the object may begin right behind it
            searched = max(1, len(self._text[self._place :].rstrip()) - 1)
            self._read_on(pieces)


def _end_of_object(text: str, start: int) -> tuple[int | None, bool]:
    """Where the object at `start` ends; None where it does not, and whether more text may help."""
    try:
        return _DECODER.raw_decode(text, start)[1], False
    except json.JSONDecodeError as error:
        rest = text[error.pos : error.pos + _MAY_BE_CUT + 1]
        is_cut = len(rest) <= _MAY_BE_CUT and not set(rest) & set("]}")
        return None, is_cut or error.msg.startswith("Unterminated")
    except RecursionError:
        return _end_of_deep_object(text, start)


def _end_of_deep_object(text: str, start: int) -> tuple[int | None, bool]:
    """The same by brackets alone, for one too deep for Python's own reader."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if depth == 0:
                return token.end(), False
    return None, True


def _judged(text: str, problem: str | None, is_cut: bool) -> tuple[str, str | None]:
    """The record with its line end, which one that is cut off lacks, and why it cannot be read."""
    readable, fault = lines.readable(text.encode("utf-8", "surrogateescape"))
    return readable.rstrip() + ("" if is_cut else "\n"), fault or problem
