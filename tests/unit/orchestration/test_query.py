"""Rows on the screen, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.commands.query import TABLE_ROWS, in_one_line, query, statement_of
from orchestration.formats import Format
from tests.unit.orchestration.small_marts import ANNA


def printed(settings: Settings, sql: str, form: Format) -> tuple[str, str]:
    out, notes = io.StringIO(), io.StringIO()
    query(settings, sql, form, out, notes)
    return out.getvalue(), notes.getvalue()


def test_a_table_is_aligned_with_numbers_flush_right(published: Settings) -> None:
    text, _ = printed(published, "select 'a' as name, 1 as n union all select 'bcd', 200", "table")
    assert text == "name    n\na       1\nbcd   200\n"


def test_control_characters_of_the_data_never_reach_the_terminal(published: Settings) -> None:
    text, _ = printed(published, "select chr(27) || '[31mred' || chr(10) || 'x' as t", Format.table)
    assert text == "t\n\\x1b[31mred\\x0ax\n"


def test_a_long_table_is_cut_and_says_so(published: Settings) -> None:
    text, notes = printed(published, f"from range({TABLE_ROWS + 1})", Format.table)
    assert len(text.splitlines()) == TABLE_ROWS + 1
    assert "--format csv" in notes
    text, notes = printed(published, f"from range({TABLE_ROWS})", Format.table)
    assert notes == ""


def test_csv_gives_all_rows_as_they_are(published: Settings) -> None:
    text, _ = printed(published, "select i, '=a,\"b\"' as t from range(25000) r(i)", Format.csv)
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["i", "t"]
    assert rows[25_000] == ["24999", '=a,"b"']


def test_ids_are_text_in_lists_too(published: Settings) -> None:
    sql = f"select [uuid '{ANNA}'] as ids, {{'who': uuid '{ANNA}'}} as named"
    for form in (Format.csv, Format.table):
        text, _ = printed(published, sql, form)
        assert "UUID(" not in text
        assert f"['{ANNA}']" in text


def test_csv_puts_quotes_round_a_line_end_of_any_kind(published: Settings) -> None:
    sql = "select 'a' || chr(13) || 'b' as x, 'c' || chr(10) || 'd' as y"
    text, _ = printed(published, sql, Format.csv)
    assert text == 'x,y\n"a\rb","c\nd"\n'


def test_json_tells_columns_of_one_name_apart(published: Settings) -> None:
    text, _ = printed(published, "select 1 as x, 2 as x, 3 as x_1, 4 as x", Format.json)
    assert json.loads(text) == [{"x": 1, "x_2": 2, "x_1": 3, "x_3": 4}]


def test_json_is_one_array_of_objects(published: Settings) -> None:
    sql = "select date '2026-06-30' as d, 1.5::decimal(4,1) as n, 'nan'::double as x, ['a'] as l"
    text, _ = printed(published, sql, Format.json)
    assert json.loads(text) == [{"d": "2026-06-30", "n": 1.5, "x": None, "l": ["a"]}]
    sql = "select map {date '2026-06-30': 'nan'::double} as m, [{'a': 'inf'::double}] as l"
    text, _ = printed(published, sql, Format.json)
    assert json.loads(text) == [{"m": {"2026-06-30": None}, "l": [{"a": None}]}]
    text, _ = printed(published, "select 1 where false", Format.json)
    assert json.loads(text) == []


def test_sql_that_is_no_utf_8_is_told() -> None:
    with pytest.raises(UserError, match="UTF-8"):
        statement_of(io.TextIOWrapper(io.BytesIO(b"select 'M\xfcnchen'"), encoding="utf-8"))


@pytest.mark.parametrize(
    "sql",
    ["selekt", "select * from nowhere", "drop table dim_people", "select 'a'::integer", ""],
)
@pytest.mark.parametrize("form", list(Format))
def test_sql_that_cannot_be_run_is_told_in_one_line(
    published: Settings, sql: str, form: Format
) -> None:
    with pytest.raises(UserError) as caught:
        query(published, sql, form, io.StringIO(), io.StringIO())
    assert "\n" not in str(caught.value)


def why(settings: Settings, sql: str) -> str:
    with pytest.raises(UserError) as caught:
        query(settings, sql, Format.table, io.StringIO(), io.StringIO())
    return str(caught.value)


@pytest.mark.parametrize("column", ["intent_scor", "people.intent_scor"])
def test_a_column_that_is_not_there_is_told_with_those_that_are_like_it(
    published: Settings, column: str
) -> None:
    told = why(published, f"select {column} from dim_people as people")
    assert '"intent_scor"' in told
    assert '. Candidate bindings: "intent_score"' in told.replace("!", ".")
    assert "LINE" not in told


@pytest.mark.parametrize(
    ("sql", "suggestion"),
    [
        ("select * from dim_peple", ' Did you mean "dim_people"?'),
        ("select * from marts.file", ' Did you mean "analytics.ops.files"?'),
        ("select * from zzz", ""),
        ("describe pg_clas", ""),
        ("select * from elsewhere.dim_people", ""),
    ],
)
def test_a_table_that_is_not_there_is_told_with_all_that_are(
    published: Settings, sql: str, suggestion: str
) -> None:
    said, tables = why(published, sql).split(" There are: ")
    assert "does not exist" in said
    assert ("Did you mean" in said) is bool(suggestion)
    assert said.endswith(suggestion)
    names = tables.removesuffix(".").split(", ")
    assert {"dim_people", "fct_events", "fct_person_scores", "files"} <= set(names)
    assert not [name for name in names if name.startswith("pg_")]


def test_of_functions_that_would_take_other_arguments_no_screenful_is_told() -> None:
    message = "Binder Error: No function.\n\tCandidate functions:\n\t+(a)\n\n\nLINE 1: x\n   ^"
    assert in_one_line(message) == "Binder Error: No function."


@pytest.mark.parametrize("sql", ["select 1; select 2", "select 1;\n-- and\nselect 2;"])
def test_of_several_statements_none_is_run(published: Settings, sql: str) -> None:
    assert why(published, sql) == "The SQL is 2 statements; give one at a time"


@pytest.mark.parametrize(
    "sql", ["select ';' as a; ", "select 1; -- and no more;", "pivot (select 1 as a) on a"]
)
def test_one_statement_is_one_whatever_stands_behind_it(published: Settings, sql: str) -> None:
    assert printed(published, sql, Format.csv)[0]


def test_decimals_are_plain_for_the_eye_and_whole_for_programs(published: Settings) -> None:
    sql = (
        "select n::decimal(38, 12) as n"
        " from (values (0), (99.1), (0.363636363637), (-100)) as numbers (n)"
    )
    text, _ = printed(published, sql, Format.table)
    assert [line.strip() for line in text.splitlines()] == [
        "n", "0", "99.1", "0.363636363637", "-100",
    ]  # fmt: skip
    text, _ = printed(published, sql, Format.csv)
    assert text.splitlines()[2] == "99.100000000000"
