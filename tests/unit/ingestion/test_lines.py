"""Lines of a file, whatever its bytes: every line comes out once, with its number."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import blocks, lines
from ingestion.hashing import HashingFile, sha256_of
from ingestion.lines import LineStream

Line = tuple[int, str, str | None]


def whole(stream: LineStream) -> pa.Table:
    """All batches as one table."""
    return pa.Table.from_batches(list(stream.batches()), schema=blocks.SCHEMA)


def read(content: bytes) -> list[Line]:
    stream = LineStream(io.BytesIO(content))
    table = whole(stream)
    columns = (table.column(name).to_pylist() for name in ("line_number", "line", "problem"))
    found = list(zip(*columns, strict=True))
    assert stream.record_count == len(found)
    return found


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"", []),
        (b"\n", ["\n"]),
        (b"a", ["a"]),
        (b"a\n", ["a\n"]),
        (b"a\nb", ["a\n", "b"]),
        (b"a\r\n\r\nb\n", ["a\r\n", "\r\n", "b\n"]),
        ("é\u2028x\n".encode(), ["é\u2028x\n"]),
        (b"\xef\xbb\xbfa\n", ["a\n"]),
        (b"a\x00b\n", ["a\x00b\n"]),
    ],
)
def test_lines_end_at_newlines_only(content: bytes, texts: list[str]) -> None:
    assert read(content) == [(number + 1, text, None) for number, text in enumerate(texts)]


@given(
    parts=st.lists(st.binary(max_size=12).map(lambda part: part.replace(b"\n", b"")), max_size=30),
    block_bytes=st.integers(min_value=1, max_value=40),
    is_ended=st.booleans(),
)
def test_where_blocks_are_cut_makes_no_difference(
    parts: list[bytes], block_bytes: int, is_ended: bool
) -> None:
    content = b"\n".join(parts) + (b"\n" if is_ended and parts else b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block_bytes)
        found = read(content)
    expected = content.removeprefix(b"\xef\xbb\xbf") if block_bytes >= 3 else content
    if content.startswith(b"\xef\xbb\xbf") and block_bytes < 3:
        return
    assert [number for number, _, _ in found] == list(range(1, len(found) + 1))
    rebuilt = b""
    for _, text, problem in found:
        if problem is None:
            rebuilt += text.encode()
        else:
            start = len(rebuilt)
            end = expected.find(b"\n", start) + 1 or len(expected)
            assert text == expected[start:end].decode("utf-8", "backslashreplace")
            rebuilt = expected[:end]
    assert rebuilt == expected


def test_only_the_bad_lines_of_a_block_are_set_aside() -> None:
    assert read(b"good\n\xff\xfe\nalso good\nbad \xc3\n") == [
        (1, "good\n", None),
        (2, "\\xff\\xfe\n", "invalid_utf8"),
        (3, "also good\n", None),
        (4, "bad \\xc3\n", "invalid_utf8"),
    ]


def test_a_surrogate_in_utf8_is_no_character() -> None:
    assert [problem for _, _, problem in read(b"\xed\xa0\x80\n")] == ["invalid_utf8"]


def test_a_line_without_end_is_cut_and_the_next_ones_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 100)
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 1_000)
    monkeypatch.setattr(lines, "KEPT_OF_LONG_RECORD", 10)
    assert read(b"first\n" + b"x" * 5_000 + b"\nlast\n") == [
        (1, "first\n", None),
        (2, "x" * 10 + "\n", "line_too_long"),
        (3, "last\n", None),
    ]


def test_a_line_of_exactly_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 1_000)
    [(_, text, problem)] = read(b"x" * 999 + b"\n")
    assert (len(text), problem) == (1_000, None)


def test_batches_are_small_enough_to_be_shared_among_threads() -> None:
    batches = whole(LineStream(io.BytesIO(b"x\n" * 25_000))).to_batches()
    assert [batch.num_rows for batch in batches] == [10_000, 10_000, 5_000]


def test_a_sample_takes_nothing_away() -> None:
    stream = LineStream(io.BytesIO(b"a\nb\n"))
    assert stream.sample() == b"a\nb\n"
    assert whole(stream).num_rows == 2


def test_hash_and_size_are_those_of_the_bytes(tmp_path: Path) -> None:
    content = b"a\n\xff\nb" * 1_000
    path = tmp_path / "file"
    path.write_bytes(content)
    with HashingFile(path) as file:
        whole(LineStream(file))
        assert file.sha256() == hashlib.sha256(content).hexdigest() == sha256_of(path)
        assert file.byte_count == len(content)


def test_skipping_hashes_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100_000)
    with HashingFile(path) as file:
        stream = LineStream(file)
        stream.sample()
        stream.skip()
        assert file.sha256() == sha256_of(path)
        assert whole(stream).num_rows == 0
