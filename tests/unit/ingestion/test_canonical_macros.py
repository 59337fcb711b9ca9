"""The rules of single columns, at their edges."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT
from tests.unit.ingestion.conftest import at


def said(macros: duckdb.DuckDBPyConnection, macro: str, given: str | None) -> Any:
    [(answer,)] = macros.execute(f"select {macro}(cast(? as varchar))", [given]).fetchall()
    return answer


def canonical(macros: duckdb.DuckDBPyConnection, text: str) -> Any:
    [(answer,)] = macros.execute("select canonical_object(cast(? as json))", [text]).fetchall()
    return answer


NINE = at("2026-06-01 09:00:00")


@pytest.mark.parametrize(
    ("spelling", "meant"),
    [
        ("2026-06-01T09:00:00Z", NINE),
        ("2026-06-01T09:00:00.000Z", NINE),
        ("2026-06-01t09:00:00z", NINE),
        ("2026-06-01 09:00:00", NINE),
        ("2026-06-01T09:00:00", NINE),
        ("2026-06-01T09:00Z", NINE),
        ("2026-06-01T11:00:00+02:00", NINE),
        ("2026-06-01T11:00:00+0200", NINE),
        ("2026-06-01T11:00:00+02", NINE),
        ("2026-06-01 11:00:00 +0200", NINE),
        ("2026-06-01 09:00:00 UTC", NINE),
        ("2026-06-01T03:30:00-05:30", NINE),
        ("2026-06-01T09:00:00.5Z", at("2026-06-01 09:00:00.500000")),
        ("2026-06-01T09:00:00.123456789Z", at("2026-06-01 09:00:00.123456")),
        ("2026-06-01", at("2026-06-01 00:00:00")),
        ("2024-02-29T23:59:59Z", at("2024-02-29 23:59:59")),
        ("1780304400", NINE),
        ("1780304400.25", at("2026-06-01 09:00:00.250000")),
        ("1780304400000", NINE),
        ("1780304400000.0", NINE),
        ("1780304400000000", NINE),
        ("999999999", at("2001-09-09 01:46:39")),
        ("1970-01-01T00:00:00.000001Z", at("1970-01-01 00:00:00.000001")),
        ("2199-12-31T23:59:59Z", at("2199-12-31 23:59:59")),
    ],
)
def test_a_time_is_read_as_utc(
    macros: duckdb.DuckDBPyConnection, spelling: str, meant: datetime
) -> None:
    assert said(macros, "utc_time", spelling) == meant


@pytest.mark.parametrize(
    "spelling",
    [
        "yesterday",
        "",
        "0",
        "12345678",
        "17803044000",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-06-01T25:00:00Z",
        "20260601T090000Z",
        "01/06/2026 09:00",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "epoch",
        "infinity",
        "-infinity",
        "now",
        "99999999999999999999999999",
    ],
)
def test_what_is_no_time_is_not_read(macros: duckdb.DuckDBPyConnection, spelling: str) -> None:
    assert said(macros, "utc_time", spelling) is None


def test_the_times_that_the_page_on_formats_shows_are_read_or_refused_as_it_says(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    page = (PROJECT_ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    [texts] = re.findall(r"^## Times\n(.*)(Anything else.*?)^## ", page, re.S | re.M)
    shown = [re.findall(r"`([^`]*\d[^`]*)`", text) for text in texts]
    assert [len(spellings) for spellings in shown] == [4, 3]
    read = [[said(macros, "utc_time", spelling) for spelling in group] for group in shown]
    assert None not in read[0]
    assert set(read[1]) == {None}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Anna@Acme.co.uk ", "anna@acme.co.uk"),
        ("\u00a0anna@acme.co\t", "anna@acme.co"),
        ("a@b.c", "a@b.c"),
        ("ann+tag@sub.acme.co", "ann+tag@sub.acme.co"),
        ("ÄNNE@bücher.example", "änne@bücher.example"),
    ],
)
def test_an_address_is_trimmed_and_in_lower_case(
    macros: duckdb.DuckDBPyConnection, given: str, kept: str
) -> None:
    assert said(macros, "valid_email", given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "anna",
        "anna@acme",
        "@acme.co",
        "anna@acme@acme.co",
        "an na@acme.co",
        "anna@ac\u00a0me.co",
        "anna@",
        "",
        "anna@.",
    ],
)
def test_what_is_no_address_names_nobody(macros: duckdb.DuckDBPyConnection, given: str) -> None:
    assert said(macros, "valid_email", given) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" u-1 ", "u-1"),
        ("\u3000u 1\ufeff", "u 1"),
        ("U", "U"),
        ("é", "é"),
        ("\x00x", "\x00x"),
        (" \t\u2003\n", None),
        ("", None),
    ],
)
def test_text_is_trimmed_of_every_white_space_and_blank_is_null(
    macros: duckdb.DuckDBPyConnection, given: str, kept: str | None
) -> None:
    assert said(macros, "clean_text", given) == kept


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.77, 10.0.0.1", "203.0.113.0/24"),
        ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::/48"),
        ("2001:0DB8:0000:0001::1", "2001:db8::/48"),
        ("2001:db8::1", "2001:db8::/48"),
        ("2001:db8:1::", "2001:db8:1::/48"),
        ("1::2:3:4:5:6:7", "1:0:2::/48"),
        ("::1", "::/48"),
        ("::", "::/48"),
        ("fe80::1%eth0", None),
        ("00:1a:2b:3c:4d:5e", None),
        ("1:2:3:4:5:6:7:8:9", None),
        ("localhost", None),
        ("203.0.113", None),
        ("", None),
    ],
)
def test_an_address_is_cut_to_its_network(
    macros: duckdb.DuckDBPyConnection, address: str, prefix: str | None
) -> None:
    assert said(macros, "address_prefix", address) == prefix


@pytest.mark.parametrize(
    ("word", "consent"),
    [
        ("false", "denied"),
        ("Denied", "denied"),
        (" NO ", "denied"),
        ("0", "denied"),
        ("true", "granted"),
        ("granted", "granted"),
        ("yes", "granted"),
        ("1", "granted"),
        ("maybe", None),
        ("", None),
    ],
)
def test_consent_is_what_the_word_says(
    macros: duckdb.DuckDBPyConnection, word: str, consent: str | None
) -> None:
    assert said(macros, "consent_word", word) == consent


@pytest.mark.parametrize(
    ("given", "canonical_text"),
    [
        ('{"b": 1, "a": {"z": 1, "y": [ {"d": 1, "c": 2} ]}}',
         '{"a":{"y":[{"c":2,"d":1}],"z":1},"b":1}'),
        ('{"b": null, "a": {"c": null}}', '{"a":{}}'),
        ('{"a": [null, 1]}', '{"a":[null,1]}'),
        ('{"a": null}', None),
        ("{}", None),
        ('{"B":1,"a":2,"é":3,"Z":4}', '{"B":1,"Z":4,"a":2,"é":3}'),
        ('{"a": "\\u00e9\\u0026\\/"}', '{"a":"é&/"}'),
        ('{"a": ":null"}', '{"a":":null"}'),
        ('{"n": 12345678901234567890123}', '{"n":12345678901234567890123}'),
        ('{"n": 1.0}', '{"n":1.0}'),
    ],
)  # fmt: skip
def test_an_object_is_written_in_one_way_only(
    macros: duckdb.DuckDBPyConnection, given: str, canonical_text: str | None
) -> None:
    assert canonical(macros, given) == canonical_text


def test_writing_an_object_twice_changes_nothing(macros: duckdb.DuckDBPyConnection) -> None:
    once = canonical(
        macros, '{"b": 1e3, "a": "\\ud83d\\ude00 \\u0000", "c": 0.1000000000000000055}'
    )
    assert canonical(macros, once) == once
