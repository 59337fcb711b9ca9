"""Files that were harmed: no load fails, every record is accounted for, what is unharmed is kept.

`pytest -m slow` tries ten thousand; eighty are tried always.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingestion.loader import load_paths
from tests.unit.ingestion.conftest import Warehouse
from tests.unit.ingestion.mutations import LOGS, Mutated, mutate, parquet

TABLES = ("events", "event_id_collisions", "rejected_events", "files", "leads", "ad_spend")
FEW = 10
MANY = 10_000


def load(loaded: Warehouse, path: Path, mutated: Mutated) -> None:
    """Loads one harmed file into an empty warehouse, and judges what became of it."""
    path.write_bytes(mutated.content)
    for table in TABLES:
        loaded.connection.execute(f"delete from raw.{table}")
    [row] = load_paths(loaded.connection, loaded.settings, [path])
    counts = loaded.rows(
        "select (select count(*) from raw.events) as loaded,"
        " (select count(*) from raw.rejected_events) as rejected"
    )
    assert counts == [{"loaded": row.loaded_count, "rejected": row.rejected_count}]
    kept = {event["event_id"] for event in loaded.events()}
    kept |= {event["user_id"] for event in loaded.events() if event["user_id"]}
    assert mutated.unharmed - kept == set(), row.format


@pytest.mark.parametrize("name", LOGS)
def test_a_harmed_file_costs_what_was_harmed(loaded: Warehouse, name: str) -> None:
    chance = random.Random(name)
    for number in range(FEW):
        load(loaded, loaded.folder / f"{number}.log", mutate(LOGS[name], chance))


def harmed_parquet(chance: random.Random) -> Mutated:
    content = bytearray(parquet())
    if chance.random() < 0.2:
        return Mutated(bytes(content[: chance.randrange(len(content))]), frozenset())
    for _ in range(chance.choice((1, 1, 4))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return Mutated(bytes(content), frozenset())


def test_harmed_parquet_is_accounted_for(loaded: Warehouse) -> None:
    chance = random.Random("parquet")
    for number in range(FEW):
        load(loaded, loaded.folder / f"{number}.parquet", harmed_parquet(chance))


@pytest.mark.slow
def test_ten_thousand_harmed_files_cost_what_was_harmed(loaded: Warehouse) -> None:
    chance = random.Random("ten thousand")
    names = [*LOGS, "parquet"]
    for number in range(MANY):
        name = names[number % len(names)]
        mutated = harmed_parquet(chance) if name == "parquet" else mutate(LOGS[name], chance)
        load(loaded, loaded.folder / f"{number % 100}.log", mutated)
