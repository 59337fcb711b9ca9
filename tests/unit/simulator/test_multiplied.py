"""A log several times over is the log of as many worlds that have nobody in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import warehouse
from ingestion.loader import load_paths
from ingestion.settings import Settings
from tests.benchmarks.multiplied import multiply
from tests.unit.simulator.conftest import SimulatedLog

TIMES = 3

Rows = list[tuple[Any, ...]]


class Thrice:
    """Queries on the log three times over, in which the log itself is attached as `source`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, events: int) -> None:
        self._connection, self.events = connection, events

    def rows(self, query: str) -> Rows:
        return self._connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def thrice(log: SimulatedLog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thrice]:
    folder = tmp_path_factory.mktemp("multiplied")
    once, target = Settings(data_dir=folder / "once"), Settings(data_dir=folder / "thrice")
    with warehouse.connect(once) as connection:
        load_paths(connection, once, [log.folder])
    events = multiply(once.data_dir, target.data_dir, TIMES)
    with duckdb.connect(target.warehouse, read_only=True) as connection:
        connection.execute(f"attach '{once.warehouse}' as source (read_only)")
        yield Thrice(connection, events)


def test_each_event_is_there_so_often_and_each_time_another(thrice: Thrice) -> None:
    [(before,)] = thrice.rows("select count(*) from source.raw.events")
    assert before > 0
    assert thrice.rows(
        "select count(*), count(distinct event_id), count(distinct event_key) from raw.events"
    ) == [(TIMES * before,) * 3]
    assert thrice.events == TIMES * before


def test_devices_and_addresses_are_of_one_copy_each(thrice: Thrice) -> None:
    for column, is_name in (
        ("anonymous_id", "length(anonymous_id) > 30"),
        ("trim(email)", "contains(email, '@')"),
    ):
        count = f"select count(distinct {column}) from {{}}raw.events where {is_name}"
        [(before,)] = thrice.rows(count.format("source."))
        assert before > 0
        assert thrice.rows(count.format("")) == [(TIMES * before,)]


def test_what_names_nobody_names_nobody_in_any_copy(thrice: Thrice) -> None:
    names = "select distinct anonymous_id from {}raw.events where length(anonymous_id) < 30"
    before = thrice.rows(names.format("source."))
    assert before
    assert sorted(thrice.rows(names.format(""))) == sorted(before)


def test_mail_for_anybody_stays_with_its_host_and_companies_are_others(thrice: Thrice) -> None:
    domains = """
        select count(distinct lower(split_part(trim(email), '@', 2)))
        from {}raw.events
        where {} (ends_with(trim(email), '@gmail.com') or ends_with(trim(email), '@hey.com'))
    """
    assert thrice.rows(domains.format("", "")) == thrice.rows(domains.format("source.", ""))
    [(before,)] = thrice.rows(domains.format("source.", "not"))
    [(after,)] = thrice.rows(domains.format("", "not"))
    assert before < after <= TIMES * before


def test_the_address_of_an_identify_is_the_same_in_its_traits(thrice: Thrice) -> None:
    [(count, agreeing)] = thrice.rows(
        """
        select count(*), count(*) filter (
            trim(lower(json_extract_string(traits, 'email'))) = trim(lower(email))
        )
        from raw.events
        where event_type = 'identify' and contains(email, '@')
        """
    )
    assert count == agreeing > 0


def test_every_load_of_the_ledger_is_its_own(thrice: Thrice) -> None:
    assert thrice.rows(
        "select count(*) - count(distinct load_id), count(*) - count(distinct content_sha256)"
        " from raw.files"
    ) == [(0, 0)]
    [(behind,)] = thrice.rows(
        "select count(*) from raw.events where load_id not in (select load_id from raw.files)"
    )
    assert behind == 0


def test_a_folder_with_a_warehouse_is_left_alone(thrice: Thrice) -> None:
    [(path,)] = thrice.rows("select path from duckdb_databases() where database_name = 'source'")
    with pytest.raises(SystemExit, match="name another folder"):
        multiply(Path(path).parent, Path(path).parent, TIMES)
