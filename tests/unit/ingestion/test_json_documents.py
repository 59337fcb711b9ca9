"""JSON over several lines: the outermost objects are the records, and a fault costs its own one."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import lines
from ingestion.formats.json_documents import JsonDocuments
from ingestion.lines import LineStream
from tests.unit.ingestion.conftest import Warehouse, message

Record = tuple[int, str, str | None]


def read(content: bytes | str, block_bytes: int = 8 << 20) -> list[Record]:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block_bytes)
        records = JsonDocuments(LineStream(io.BytesIO(raw)))
        found = [
            row
            for batch in records.batches()
            for row in zip(
                *(batch[name].to_pylist() for name in ("line_number", "line", "problem")),
                strict=True,
            )
        ]
    assert records.record_count == len(found)
    return found


def document(*ids: str, indent: int | None = 2) -> str:
    return json.dumps([message(each, properties={"a": [{"b": 1}]}) for each in ids], indent=indent)


def ids(loaded: Warehouse) -> list[str]:
    return sorted(event["event_id"] for event in loaded.events())


@pytest.mark.parametrize(
    ("content", "records"),
    [
        ("[]", []),
        ("[\n\n]\n", []),
        ('[\n{"a":1},\n{"b":2}\n]\n', [(2, '{"a":1}\n', None), (3, '{"b":2}\n', None)]),
        ('{\n"a":1\n}\n{"b":2}', [(1, '{\n"a":1\n}\n', None), (4, '{"b":2}\n', None)]),
        ('[{"a":1}{"b":2}]', [(1, '{"a":1}\n', None), (1, '{"b":2}\n', None)]),
        ('[[{"a":1}],\n[{"b":2}]]', [(1, '{"a":1}\n', None), (2, '{"b":2}\n', None)]),
        ('[1, "x",\n{"a":1}]', [(1, '1, "x",\n', "not_an_object"), (2, '{"a":1}\n', None)]),
        ('[{"a":\n1}, {"a', [(1, '{"a":\n1}\n', None), (2, '{"a', "invalid_json")]),
        ("[\n", []),
    ],
)
def test_the_outermost_objects_are_the_records(content: str, records: list[Record]) -> None:
    assert read(content) == records


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("old", ['"type"', '"anonymousId": "a1"', '"messageId": "two",'])
def test_a_fault_costs_its_own_record(loaded: Warehouse, indent: int | None, old: str) -> None:
    one, two, three = (document(each, indent=indent)[1:-1].strip("\n") for each in
                       ("one", "two", "three"))  # fmt: skip
    for broken in (two.replace(old, old[1:], 1), two.replace(old, old[:-1], 1)):
        row = loaded.load(f"[\n{one},\n{broken},\n{three}\n]\n", format="json")
        assert row.rejected_count >= 1
        assert ids(loaded) == ["one", "three"]


def test_an_object_that_does_not_close_costs_its_own_record(loaded: Warehouse) -> None:
    one, two = (json.dumps(message(each)) for each in ("one", "two"))
    loaded.load(f'[{one},\n{{"a": {{"b": 1,\n{two}]\n')
    assert ids(loaded) == ["one", "two"]


def test_bad_bytes_cost_their_record(loaded: Warehouse) -> None:
    text = document("one", "two").encode().replace(b'"two"', b'"t\xffo"')
    row = loaded.load(text)
    assert (row.format, row.record_count) == ("json", 2)
    assert ids(loaded) == ["one"]
    [(number, reason)] = loaded.rejected()
    assert (number > 10, reason) == (True, "invalid_utf8")


def test_an_envelope_over_several_lines_is_opened(loaded: Warehouse) -> None:
    envelope = {"batch": [message("one"), message("two")], "sentAt": "2026-06-01T10:00:00Z"}
    row = loaded.load(json.dumps(envelope, indent=4))
    assert (row.format, row.record_count, ids(loaded)) == ("json", 2, ["one", "two"])


def test_envelopes_on_one_line_are_opened_each_for_itself(loaded: Warehouse) -> None:
    one = {"batch": [message("one"), message("two")]}
    content = f"[\n{json.dumps(one)},{json.dumps({'batch': [message('three')]})},"
    row = loaded.load(content + '{"batch":[]}\n]')
    assert (row.record_count, row.loaded_count, row.skipped_count) == (4, 3, 1)
    assert ids(loaded) == ["one", "three", "two"]


def test_a_document_that_grows_brings_each_record_once(loaded: Warehouse) -> None:
    whole = document("one", "two", "three")
    for end in range(20, len(whole), 37):
        loaded.load(whole[:end], format="json")
    loaded.load(whole)
    assert ids(loaded) == ["one", "three", "two"]
    assert loaded.rejected() == []


def test_deep_and_long_records_of_a_document_are_read(loaded: Warehouse) -> None:
    deep: str = '{"a":' * 3_000 + "1" + "}" * 3_000
    long = "x" * 10_000_000
    text = (
        '[{"messageId":"deep","type":"page","timestamp":"2026-06-01","properties":' + deep + "},\n"
        '{"messageId":"long","type":"page","timestamp":"2026-06-01","properties":{"a":"'
        + long
        + '"}},\n{"messageId":"digits","type":"page","timestamp":"2026-06-01","properties":{"n":'
        + "9" * 5_000
        + "}}]"
    )
    loaded.load(text)
    assert ids(loaded) == ["deep", "digits", "long"]


def test_a_record_without_end_is_cut_and_the_next_ones_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingestion.blocks.MAX_RECORD_BYTES", 200)
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 200)
    monkeypatch.setattr(lines, "KEPT_OF_LONG_RECORD", 10)
    found = read('[{"a":1},\n{"x": "' + "y" * 1_000 + ',\n{"b":2}]', block_bytes=64)
    assert found[0] == (1, '{"a":1}\n', None)
    assert found[-1] == (3, '{"b":2}\n', None)
    assert {problem for _, _, problem in found[1:-1]} <= {"line_too_long", "not_an_object"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    objects=st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=8),
    indent=st.sampled_from([None, 0, 1, 4]),
    block_bytes=st.integers(1, 50),
)
def test_every_object_comes_out_as_it_is_wherever_blocks_are_cut(
    objects: list[dict[str, Any]], indent: int | None, block_bytes: int
) -> None:
    text = json.dumps(objects, indent=indent, ensure_ascii=False)
    if any(0xD800 <= ord(letter) < 0xE000 for letter in text):
        text = json.dumps(objects, indent=indent)
    found = read(text, block_bytes)
    assert [(json.loads(line), problem) for _, line, problem in found] == [
        (each, None) for each in objects
    ]
