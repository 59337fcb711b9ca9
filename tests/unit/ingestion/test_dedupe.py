"""One event an id: what is kept depends on the set of records and on nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import blocks, dedupe, warehouse
from ingestion.canonical import EVENT_COLUMNS, content_md5, event_key
from ingestion.settings import Settings
from ingestion.staging import make_table
from tests.unit.ingestion.conftest import Message, Warehouse, at, message

IDS, CONTENTS = ("a", "b", "c"), ("x", "y", "z")
NOON = at("2026-06-01 12:00")

Record = tuple[str, str, int | None, int | None, int]
"""event_id, page_title (its content), and received_at, sent_at, event_at in minutes after noon."""

records = st.tuples(
    st.sampled_from(IDS),
    st.sampled_from(CONTENTS),
    st.none() | st.integers(0, 2),
    st.none() | st.integers(0, 2),
    st.integers(0, 1),
)


class History:
    """Schema raw in memory; batches of records go in as the loader would put them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(warehouse.SCHEMA_SQL.read_text())
        self.connection.execute("attach ':memory:' as stage")
        self._load_id = 0

    def clear(self) -> None:
        for table in ("events", "event_id_collisions"):
            self.connection.execute(f"delete from raw.{table}")

    def settle(self, batch: Sequence[Record]) -> dedupe.Verdict:
        self._load_id += 1
        make_table(self.connection, *dedupe.staged_like)
        if batch:
            self.connection.executemany(
                f"""
                insert into stage.staged by name
                select 'event' as outcome, 'page' as event_type, 'segment' as source,
                    cast($1 as varchar) as event_id, cast($2 as varchar) as page_title,
                    $3::timestamp + to_minutes($4::int) as received_at,
                    $3::timestamp + to_minutes($5::int) as sent_at,
                    $3::timestamp + to_minutes($6::int) as event_at,
                    cast($7 as bigint) as line_number,
                    {event_key("cast($1 as varchar)")} as event_key
                """,
                [
                    (event_id, title, NOON, received, sent, happened, number)
                    for number, (event_id, title, received, sent, happened) in enumerate(batch)
                ],
            )
        verdict = dedupe.decide(self.connection)
        assert dedupe.move(self.connection, self._load_id) == verdict.loaded
        return verdict

    def kept(self, table: str) -> list[Record]:
        minutes = ", ".join(
            f"date_diff('minute', timestamp '{NOON}', {name})"
            for name in ("received_at", "sent_at", "event_at")
        )
        return self.connection.execute(
            f"select event_id, page_title, {minutes} from raw.{table} order by all"
        ).fetchall()

    def md5_of(self, record: Record) -> str:
        nulls = ", ".join(f"null as {name}" for name in EVENT_COLUMNS)
        [(md5,)] = self.connection.execute(
            f"""
            with one as (
                select * replace (
                    'page' as event_type, cast($1 as varchar) as event_id,
                    cast($2 as varchar) as page_title
                ) from (select {nulls})
            )
            select {content_md5()} from one
            """,
            record[:2],
        ).fetchall()
        return str(md5)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    """One database for all examples of this module, emptied for each."""
    history = History()
    yield history
    history.connection.close()


def smallest(copies: Sequence[Record]) -> Record:
    def order(record: Record) -> tuple[bool, int, bool, int, int]:
        _, _, received, sent, happened = record
        return (received is None, received or 0, sent is None, sent or 0, happened)

    return min(copies, key=order)


def expected(
    history: History, batches: Sequence[Sequence[Record]]
) -> tuple[list[Record], list[Record]]:
    """What the rules say of all records at once: the events, and the collisions."""
    events, collisions = [], []
    everything = list(itertools.chain.from_iterable(batches))
    for event_id in sorted({record[0] for record in everything}):
        best = [
            smallest([r for r in everything if r[:2] == (event_id, title)])
            for title in CONTENTS
            if any(r[:2] == (event_id, title) for r in everything)
        ]
        best.sort(key=history.md5_of)
        events.append(best[0])
        collisions.extend(best[1:])

    def by_all(record: Record) -> list[tuple[bool, Any]]:
        return [(value is None, value) for value in record]

    return sorted(events, key=by_all), sorted(collisions, key=by_all)


@given(batches=st.lists(st.lists(records, max_size=8), max_size=4))
def test_any_order_any_batches_any_copies_give_the_same_tables(
    history: History, batches: list[list[Record]]
) -> None:
    history.clear()
    loaded = collided = 0
    for batch in batches:
        verdict = history.settle(batch)
        assert verdict.loaded + verdict.duplicate + verdict.collided == len(batch)
        loaded += verdict.loaded
        collided += verdict.collided
    events, collisions = expected(history, batches)
    assert history.kept("events") == events
    assert history.kept("event_id_collisions") == collisions
    assert (loaded, collided) == (len(events), len(collisions))


def test_a_batch_again_changes_nothing_not_even_the_load(history: History) -> None:
    history.clear()
    batch: list[Record] = [("a", "x", 1, 1, 0), ("a", "y", 0, 0, 0), ("b", "x", None, None, 0)]
    history.settle(batch)
    query = "select * from raw.events union all by name select * from raw.event_id_collisions"
    before = history.connection.execute(f"{query} order by all").fetchall()
    verdict = history.settle(batch)
    assert (verdict.loaded, verdict.duplicate, verdict.collided) == (0, 3, 0)
    assert history.connection.execute(f"{query} order by all").fetchall() == before


messages = st.builds(
    message,
    st.sampled_from(["a", "b", None]),
    anonymousId=st.sampled_from(["one", "two"]),
    properties=st.sampled_from([None, {"b": 1, "a": 2}, {"a": 2, "b": 1, "c": None}, {"a": 3}]),
    sentAt=st.sampled_from([None, "2026-06-01T09:00:01Z"]),
    receivedAt=st.sampled_from([None, "2026-06-01T09:00:02Z", "2026-06-01T10:00:02Z"]),
)


@settings(max_examples=8)
@given(data=st.data())
def test_messages_in_any_order_and_pieces_are_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    sent = data.draw(st.lists(messages, min_size=1, max_size=12))
    shuffled = data.draw(st.permutations(sent + sent[:3]))
    cut = data.draw(st.integers(0, len(shuffled)))
    at_once = loaded_from(tmp_path_factory.mktemp("at_once"), [sent])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BATCH_RECORDS", 2)
        in_pieces = loaded_from(tmp_path_factory.mktemp("pieces"), [shuffled[:cut], shuffled[cut:]])
    assert in_pieces == at_once


def loaded_from(folder: Path, files: list[list[Message]]) -> list[list[dict[str, Any]]]:
    """Events and collisions of a fresh warehouse, but for where they came from."""
    its_settings = Settings(data_dir=folder, given_secret_key="key")
    with warehouse.connect(its_settings) as connection:
        loaded = Warehouse(folder, connection, its_settings)
        rows = [loaded.load_messages(*each) for each in files]
        events, collisions = (
            loaded.rows(f"select * exclude (load_id, line_number) from raw.{table} order by all")
            for table in ("events", "event_id_collisions")
        )
    fresh = [row for row in rows if not row.already_loaded]
    assert sum(row.loaded_count for row in fresh) == len(events)
    assert sum(row.collided_count for row in fresh) == len(collisions)
    return [events, collisions]


def test_the_copy_received_first_is_kept_when_it_comes_last(loaded: Warehouse) -> None:
    for received in ("10:00:00", "09:30:00", "11:00:00"):
        loaded.load_messages(message("a", receivedAt=f"2026-06-01T{received}Z"))
    [event] = loaded.events()
    assert (event["received_at"], event["load_id"]) == (at("2026-06-01 09:30"), 2)


def test_a_copy_without_reception_comes_after_all_others(loaded: Warehouse) -> None:
    loaded.load_messages(message("a"))
    loaded.load_messages(message("a", receivedAt="2026-06-01T10:00:00Z"))
    [event] = loaded.events()
    assert event["received_at"] == at("2026-06-01 10:00")


def test_other_content_is_kept_beside_and_may_win_later(loaded: Warehouse) -> None:
    titles = [{"page": {"title": str(number)}} for number in range(4)]
    for context in titles:
        loaded.load_messages(message("a", context=context))
    [event] = loaded.events()
    collisions = loaded.rows("select * from raw.event_id_collisions order by content_md5")
    assert len(collisions) == 3
    [winner] = loaded.rows(f"select {content_md5()} as md5 from raw.events")
    assert all(winner["md5"] < each["content_md5"] for each in collisions)
    assert {event["page_title"]} | {each["page_title"] for each in collisions} == set("0123")


def test_absent_is_null_is_an_empty_object(loaded: Warehouse) -> None:
    row = loaded.load_messages(
        message("a"),
        message("a", properties={}, traits={"x": None}, context={"ip": None}, userId=""),
    )
    assert (row.loaded_count, row.duplicate_count) == (1, 1)


def test_what_the_delivery_adds_is_no_content(loaded: Warehouse) -> None:
    row = loaded.load_messages(
        message("a", originalTimestamp="2026-06-01T09:00:00Z"),
        message(
            "a",
            timestamp="2026-06-01T09:05:00Z",
            originalTimestamp="2026-06-01T09:00:00Z",
            sentAt="2026-06-01T09:00:00Z",
            receivedAt="2026-06-01T09:05:00Z",
        ),
    )
    assert (row.loaded_count, row.duplicate_count, row.collided_count) == (1, 1, 0)
