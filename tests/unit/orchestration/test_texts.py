"""Text for documents: what XML and HTML cannot hold is shown, and all else is kept."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import partial
from itertools import chain
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.exports.cells import cell
from orchestration.exports.crm import values
from orchestration.exports.crm.objects import HUBSPOT, SALESFORCE, Field, Kind
from orchestration.exports.csv_lines import Writer, as_list, in_columns
from orchestration.exports.texts import SIMPLE, cut, encodable, readable
from tests.unit.orchestration.hostile_texts import ANY_TEXT

SIMPLE_TEXT = st.from_regex(SIMPLE.removeprefix("^").removesuffix("$"), fullmatch=True)
WRITERS = [
    Writer(partial(cell, zone=ZoneInfo("UTC"))),
    *(
        Writer(
            partial(values.cell, field=Field("x", "x", kind, longest, required), crm=crm), longest
        )
        for kind in (Kind.name, Kind.phone, Kind.key)
        for longest, required, crm in ((None, False, HUBSPOT), (4, True, SALESFORCE))
    ),
]


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(ANY_TEXT)
def test_a_readable_text_may_stand_in_xml(text: str) -> None:
    shown = readable(text)
    parsed = ET.fromstring(f"<a>{escape(shown, {chr(13): '&#13;'})}</a>")
    assert (parsed.text or "") == shown


@given(ANY_TEXT)
def test_only_what_cannot_be_shown_is_replaced_and_each_by_one_sign(text: str) -> None:
    shown = readable(text)
    assert len(shown) == len(text)
    changed = {before for before, after in zip(text, shown, strict=True) if before != after}
    assert all(
        sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff"
        for sign in changed
    )


@given(ANY_TEXT)
def test_an_encodable_text_loses_only_half_pairs(text: str) -> None:
    kept = encodable(text)
    assert kept.encode().decode() == kept
    assert len(kept) == len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b", "a␀b␛"),
        ("\x7f", "␡"),
        ("a\tb\r\nc", "a\tb\r\nc"),
        ("\ud800", "\ufffd"),
        ("\u202eabc\u200f", "\u202eabc\u200f"),
    ],
)
def test_control_characters_are_shown_by_their_pictures(text: str, shown: str) -> None:
    assert readable(text) == shown


@given(st.text(max_size=30), st.integers(min_value=1, max_value=20))
def test_a_cut_text_fits_and_ends_in_an_ellipsis(text: str, limit: int) -> None:
    text = encodable(text)
    short = cut(text, limit)
    assert utf16_length(short) <= limit
    if utf16_length(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [("abcd", 4, "abcd"), ("abcde", 4, "abc…"), ("😀😀", 4, "😀😀"), ("😀😀a", 4, "😀…")],
)
def test_a_sign_beyond_the_first_plane_counts_as_two(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


@pytest.mark.parametrize("writer", WRITERS)
@given(SIMPLE_TEXT)
def test_no_writer_changes_a_simple_text_but_a_long_one(writer: Writer, text: str) -> None:
    assert writer.write(text) == text or (writer.longest and utf16_length(text) > writer.longest)


@pytest.mark.parametrize("writer", WRITERS)
@given(st.lists(st.none() | ANY_TEXT.map(encodable) | SIMPLE_TEXT))
def test_what_is_written_does_not_depend_on_which_texts_are_simple(
    writer: Writer, texts: list[str | None]
) -> None:
    reader = pa.table([pa.array(texts, pa.string())], ["x"]).to_reader()
    found = chain.from_iterable(as_list(column) for [column] in in_columns(reader, [writer]))
    assert list(found) == [writer.write(text) for text in texts]
