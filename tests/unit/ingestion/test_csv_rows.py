"""CSV as people write it: quotes and line ends in cells, and faults that cost their own row."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import blocks
from ingestion.formats.csv_rows import CsvRows, header_of
from ingestion.lines import LineStream
from tests.unit.ingestion.conftest import Warehouse

HEADER = "event_id,type,timestamp,plan\n"


def row(event_id: str, plan: str = "pro") -> str:
    return f"{event_id},page,2026-06-01T09:00:00Z,{plan}\n"


def ids(loaded: Warehouse) -> list[str]:
    return sorted(event["event_id"] for event in loaded.events())


@pytest.mark.parametrize(
    ("line", "separator", "names"),
    [
        ("a,b\n", ",", ("a", "b")),
        ("a;b;c,d\r\n", ";", ("a", "b", "c,d")),
        ("a\tb\n", "\t", ("a", "b")),
        ("a|b\n", "|", ("a", "b")),
        ('"a,1",b\n', ",", ("a,1", "b")),
        ("a", ",", ("a",)),
    ],
)
def test_the_header_says_what_separates(line: str, separator: str, names: tuple[str, ...]) -> None:
    header = header_of(line)
    assert header is not None
    assert (header.separator, header.names) == (separator, names)


def test_a_line_of_separators_is_no_header() -> None:
    assert header_of(",,\n") is None


def test_a_row_may_go_over_several_lines(loaded: Warehouse) -> None:
    loaded.load(HEADER + row("a", '"one\n""two""\n\nthree"') + row("b"))
    first, second = loaded.events()
    assert json.loads(first["properties"]) == {"plan": 'one\n"two"\n\nthree'}
    assert (first["line_number"], second["line_number"]) == (2, 6)


def test_a_stray_quote_costs_its_own_row(loaded: Warehouse) -> None:
    result = loaded.load(
        HEADER + row("a") + row("b", '"open') + row("c") + row("d", '"x\ny"') + row("e")
    )
    assert ids(loaded) == ["a", "c", "d", "e"]
    assert loaded.rejected() == [(3, "unreadable_row")]
    assert result.record_count == 5


def test_a_quote_that_is_never_closed_costs_its_own_row_however_long_the_file(
    loaded: Warehouse,
) -> None:
    loaded.load(HEADER + row("open", '"x') + "".join(row(f"e{n}") for n in range(2_500)))
    assert len(ids(loaded)) == 2_500
    assert loaded.rejected() == [(2, "unreadable_row")]


def test_a_row_with_other_columns_than_the_header_is_rejected_as_it_stands(
    loaded: Warehouse,
) -> None:
    loaded.load(HEADER + "a,page,2026-06-01\n" + row("b", "pro,5") + row("c") + row("d", "pro,,"))
    assert ids(loaded) == ["c", "d"]
    assert loaded.rows("select line_number, reason_code, raw_text, format, header"
                       " from raw.rejected_events order by all") == [
        {"line_number": number, "reason_code": "wrong_column_count", "raw_text": text,
         "format": "csv", "header": HEADER.strip()}
        for number, text in ((2, "a,page,2026-06-01"), (3, row("b", "pro,5").strip()))
    ]  # fmt: skip


def test_a_row_that_is_no_event_is_kept_as_it_stands(loaded: Warehouse) -> None:
    loaded.load(HEADER + 'a,click,2026-06-01,"x, y"\n')
    assert loaded.rows("select reason_code, detail, raw_text from raw.rejected_events") == [
        {
            "reason_code": "unknown_event_type",
            "detail": "click",
            "raw_text": 'a,click,2026-06-01,"x, y"',
        }
    ]


def test_blank_lines_are_counted_and_bad_bytes_cost_their_row(loaded: Warehouse) -> None:
    content = ("\n" + HEADER + row("a") + "\n  \n").encode() + b"b,page,2026-06-01,\xff\n"
    result = loaded.load(content + row("c").encode())
    assert (result.record_count, result.blank_count) == (5, 2)
    assert ids(loaded) == ["a", "c"]
    assert loaded.rejected() == [(6, "invalid_utf8")]


@pytest.mark.parametrize(
    "last", ["b,page,2026-06-01,pro", 'b,page,2026-06-01,"pro"', "b,page", 'b,page,2026-06-01,"p']
)
def test_a_last_line_without_its_end_waits_for_the_rest(loaded: Warehouse, last: str) -> None:
    result = loaded.load(HEADER + row("a") + last)
    assert (result.loaded_count, result.unfinished_count) == (1, 1)
    assert loaded.rejected() == []


def test_a_row_is_one_event_wherever_the_file_was_cut_while_it_grew(loaded: Warehouse) -> None:
    whole = 'type,timestamp,anonymous_id,properties\npage,2026-06-01,a1,"{""plan"":""pro""}"\n'
    for end in range(len(whole) - 24, len(whole) + 1):
        loaded.load(whole[:end])
    [event] = loaded.events()
    assert json.loads(event["properties"]) == {"plan": "pro"}


def test_a_table_with_the_line_ends_of_old_macs_is_refused_with_the_reason(
    loaded: Warehouse,
) -> None:
    content = (HEADER + row("a") + row("b")).replace("\n", "\r")
    for given_format in (None, "csv"):
        result = loaded.load(content, format=given_format)
        assert (result.loaded_count, result.rejected_count) == (0, 1)
    [kept] = loaded.rows("select distinct reason_code, detail from raw.rejected_events")
    assert kept["reason_code"] == "unknown_format"
    assert "carriage returns" in kept["detail"]


def test_a_context_as_json_says_what_that_of_a_message_says(loaded: Warehouse) -> None:
    context = {
        "page": {"url": "https://a.example/pricing", "title": "Pricing"},
        "userAgent": "Firefox",
        "sessionId": "s1",
        "traits": {"email": "anna@acme.example"},
        "consent": {"categoryPreferences": {"Analytics": False}},
        "locale": "de-DE",
    }
    event = {"type": "page", "timestamp": "2026-06-01T09:00:00Z", "anonymousId": "a1"}
    loaded.load_messages({**event, "messageId": "m1", "context": context})
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["message_id", *event, "context"])
    rows.writerow(["m2", *event.values(), " " + json.dumps(context)])
    loaded.load(table.getvalue())
    loaded.load_messages({**event, "messageId": "m3", "context": json.dumps(context)})
    told = loaded.rows(
        "select distinct page_url, page_title, user_agent, client_session_id, email, consent,"
        " cast(context as varchar) as context from raw.events"
    )
    assert told == [
        {
            "page_url": "https://a.example/pricing",
            "page_title": "Pricing",
            "user_agent": "Firefox",
            "client_session_id": "s1",
            "email": "anna@acme.example",
            "consent": "denied",
            "context": told[0]["context"],
        }
    ]
    assert json.loads(told[0]["context"])["locale"] == "de-DE"
    assert len(loaded.events()) == 3


def test_a_last_line_of_an_archive_is_whole(loaded: Warehouse) -> None:
    whole = (HEADER + row("a") + row("b")).strip().encode()
    assert loaded.load(gzip.compress(whole)).loaded_count == 2


def test_a_growing_file_brings_each_row_once(loaded: Warehouse) -> None:
    whole = HEADER + "".join(row(f"e{number}", f'"p\n{number}"') for number in range(6))
    for end in range(len(HEADER) - 4, len(whole) + 1, 7):
        loaded.load(whole[:end])
    loaded.load(whole)
    assert ids(loaded) == [f"e{number}" for number in range(6)]
    assert loaded.rows("select * from raw.event_id_collisions") == []


def test_names_that_stand_twice_or_not_at_all_are_kept(loaded: Warehouse) -> None:
    loaded.load("event_id,type,timestamp,plan,plan,\na,page,2026-06-01,x,y,z\n")
    [event] = loaded.events()
    assert json.loads(event["properties"]) == {"plan": "x", "plan_5": "y", "column_6": "z"}


def test_a_header_alone_holds_no_record(loaded: Warehouse) -> None:
    assert loaded.load(HEADER).record_count == 0


def test_cells_that_are_plainly_numbers_or_booleans_are_such(loaded: Warehouse) -> None:
    cells = ["7", "-7", "007", "0", "0.5", "1.50", "1e5", "true", "FALSE", "1234567890123456", "no"]
    names = [f"c{number}" for number in range(len(cells))]
    loaded.load(f"event_id,type,timestamp,{','.join(names)}\na,page,2026-06-01,{','.join(cells)}\n")
    [event] = loaded.events()
    assert [json.loads(event["properties"])[name] for name in names] == [
        7, -7, "007", 0, 0.5, "1.50", "1e5", True, False, "1234567890123456", "no",
    ]  # fmt: skip


def test_a_wide_file_is_read(loaded: Warehouse) -> None:
    names = ",".join(f"c{number}" for number in range(3_000))
    values = ",".join("x" for _ in range(3_000))
    head = "event_id,type,timestamp,"
    rows = "".join(f"e{number},page,2026-06-01,{values}\n" for number in range(50))
    assert loaded.load(f"{head}{names}\n{rows}").loaded_count == 50
    assert len(json.loads(loaded.events()[0]["properties"])) == 3_000


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0"), max_size=8)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=20), separator=st.sampled_from(",;\t|")
)
def test_what_a_writer_of_csv_wrote_is_read_back(
    rows: list[tuple[str, str, str]], separator: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["one", "two", "three"])
    writer.writerows(rows)
    content = text.getvalue()
    header = header_of(content.splitlines(keepends=True)[0])
    assert header is not None
    read = CsvRows(LineStream(io.BytesIO(content.encode())), header, lambda: False)
    found = [
        cells
        for batch in read.batches()
        for cells in zip(*(batch[f"cell_{number}"].to_pylist() for number in range(3)), strict=True)
    ]
    assert found == [tuple(cell or None for cell in each) for each in rows]
    assert read.record_count == len(rows)


@settings(deadline=None)
@given(content=st.text(st.sampled_from('ab,"\n'), max_size=60), size=st.integers(1, 7))
def test_no_text_is_lost_however_its_quotes_stand(content: str, size: int) -> None:
    header = header_of("a,b\n")
    assert header is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingestion.lines.BLOCK_BYTES", size + 3)
        patch.setattr(blocks, "BATCH_RECORDS", size)
        read = CsvRows(LineStream(io.BytesIO(("a,b\n" + content).encode())), header, lambda: True)
        texts = [text for batch in read.batches() for text in batch["line"].to_pylist()]
    assert "".join(texts).rstrip("\n") == content.rstrip("\n")
    assert read.record_count == len(texts)
