"""No cell of an export may become a formula, and no text may be lost by that."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.exports.cells import GUARD, Value, cell, guarded
from orchestration.exports.columns import Column, Kind
from orchestration.exports.csv_lines import LINE_END, Writer, encoded, in_columns, lines
from orchestration.exports.sales import write_csv
from orchestration.exports.texts import encodable
from tests.unit.orchestration.hostile_texts import ANY_TEXT

BERLIN = ZoneInfo("Europe/Berlin")
SIGNS = "=+-@＝＋－＠"
HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(SIGNS + "\t\r\n \u00a0\u200b\ufeff\x00\x0b\x85\u2028;'\",a"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)


def same_width(rows: list[list[str]]) -> list[list[str]]:
    """The rows, each as long as the shortest."""
    return [row[: min(map(len, rows))] for row in rows]


UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def looks_like_a_formula(text: str) -> bool:
    """Judged anew, by Unicode's categories: the first character that is seen, of any line, and of
    all but the first behind quotes, which may open a cell there; at the start of the text a tab or
    line end before it is enough."""
    for number, line in enumerate(re.split(r"[\n\r\x0b\x0c\x85\u2028\u2029;]", text)):
        opening = '"' if number else ""
        seen = next(
            (c for c in line if unicodedata.category(c) not in UNSEEN and c not in opening), ""
        )
        if seen and seen in SIGNS:
            return True
    before = takewhile(lambda c: unicodedata.category(c) in UNSEEN, text)
    return any(character in "\t\r\n" for character in before)


@given(HOSTILE)
def test_no_line_of_a_guarded_text_begins_as_a_formula(text: str) -> None:
    assert not looks_like_a_formula(guarded(text))


def test_every_character_that_is_not_seen_may_stand_before_the_sign() -> None:
    unseen = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in UNSEEN]
    assert len(unseen) > 200
    assert [
        c
        for c in unseen
        if not guarded(f"{c}=1").lstrip(c).startswith(GUARD)
        and not guarded(f"{c}=1").startswith(GUARD)
    ] == []


@given(HOSTILE)
def test_a_guard_adds_apostrophes_and_changes_nothing_else(text: str) -> None:
    assert guarded(text).replace(GUARD, "") == text.replace(GUARD, "")


def texts(*names: str) -> list[Column]:
    return [Column(name, Kind.text, 9) for name in names]


@given(HOSTILE)
def test_harmless_text_is_left_as_it_is(text: str) -> None:
    if not looks_like_a_formula(text):
        assert guarded(text) == text


@given(st.lists(st.lists(ANY_TEXT, min_size=2, max_size=2), max_size=4))
def test_a_csv_reads_back_as_the_guarded_texts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    assert write_csv(path, texts("name", "why"), rows, BERLIN) == len(rows)
    content = path.read_bytes().decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(content, newline="")))
    expected = [[guarded(encodable(text)) for text in row] for row in rows]
    assert read == [["name", "why"], *expected]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\u00a0@SUM(A1)", "'\u00a0@SUM(A1)"),
        ("\tx", "'\tx"),
        ("Anna\n=1+1", "Anna\n'=1+1"),
        ("Anna\r\nAmes", "Anna\r\nAmes"),
        ("a;=1+1", "a;'=1+1"),
        ('Kim;"=1+1;Lee', "Kim;'\"=1+1;Lee"),
        ('Kim\n "-1;"x', 'Kim\n\' "-1;"x'),
        ("-", "'-"),
        ("well-known a+b@c.de", "well-known a+b@c.de"),
        ("", ""),
    ],
)
def test_a_guard_stands_before_what_could_be_a_formula(text: str, written: str) -> None:
    assert guarded(text) == written


def test_no_cell_is_a_formula_where_semicolons_part_them() -> None:
    told = 'Kim;"=1+1;Lee'
    [line] = lines([["anna@acme.example"], [guarded(told)], ["VP"]]).to_pylist()
    for row in csv.reader([line], delimiter=";"):
        assert not [text for text in row if text.startswith(tuple(SIGNS))]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (-3.5, "-3.5"),
        (-0.04, "0.0"),
        (60.49, "60.5"),
        (Decimal("2.25"), "2.2"),
        (-7, "-7"),
        (True, "yes"),
        (datetime(2026, 6, 30, 22, 30), "2026-07-01 00:30"),  # noqa: DTZ001 (UTC, as in the marts)
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "2026-01-01 13:00"),
        (date(2026, 6, 30), "2026-06-30"),
    ],
)
def test_numbers_stay_numbers_and_times_are_local(value: object, written: str) -> None:
    assert cell(value, BERLIN) == written  # type: ignore[arg-type]


def test_a_share_tells_a_hundredth_of_a_percent(tmp_path: Path) -> None:
    columns = [Column("score", Kind.score, 9), Column("share", Kind.share, 9)]
    write_csv(tmp_path / "a.csv", columns, [(0.0714, 0.0714), (1.0, 1.0), (None, None)], BERLIN)
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1:] == ["0.1,0.0714", "1.0,1.0000", ","]


def test_a_csv_begins_with_a_byte_order_mark_and_ends_its_lines_with_crlf(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", texts("a", "b"), [["ü", 1]], BERLIN)
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbfa,b\r\n\xc3\xbc,1\r\n"


@given(st.lists(st.lists(st.sampled_from([1, 1.0, True, "1", None, ""]), min_size=2, max_size=2)))
def test_a_value_is_written_as_it_is_whatever_equals_it(rows: list[list[Value]]) -> None:
    found = [
        list(cells)
        for part in in_columns(rows, [Writer(repr)] * 2)
        for cells in zip(*part, strict=True)
    ]
    assert found == [list(map(repr, row)) for row in rows]


@given(st.lists(st.lists(HOSTILE, min_size=2, max_size=3), max_size=6).map(same_width))
def test_lines_are_those_of_the_standard_library(rows: list[list[str]]) -> None:
    expected = io.StringIO(newline="")
    csv.writer(expected, lineterminator=LINE_END).writerows(rows)
    assert encoded(lines(zip(*rows, strict=True))) == expected.getvalue().encode()


@given(
    st.lists(
        st.tuples(
            st.none() | HOSTILE,
            st.none() | st.sampled_from(["", "=1", 'a "b"', "a,b"]),
            st.none() | st.integers(-9, 9),
            st.none() | st.floats(-9, 9),
            st.none() | st.booleans(),
            st.none() | st.dates(),
            st.none() | st.datetimes().filter(lambda time: 1 < time.year < 9999),
        )
    ),
    st.sampled_from(["UTC", "Etc/UTC", "Europe/Berlin", "Africa/Monrovia"]),
)
def test_the_rows_of_a_query_are_written_as_those_of_python(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Value, ...]], zone: str
) -> None:
    told, queried = (tmp_path_factory.getbasetemp() / f"{name}.csv" for name in ("told", "queried"))
    types = (
        pa.string(), pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(),
        pa.timestamp("us"),
    )  # fmt: skip
    names = list("abcdefg")
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [pa.array(values, type_) for values, type_ in zip(columns, types, strict=True)]
    reader = pa.table(arrays, names).to_reader(max_chunksize=2)
    written = [write_csv(queried, texts(*names), reader, ZoneInfo(zone))]
    assert written == [write_csv(told, texts(*names), rows, ZoneInfo(zone))]
    assert queried.read_bytes() == told.read_bytes()
