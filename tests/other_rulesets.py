"""Other scoring rules, and what a data directory holds under them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import loader, warehouse
from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.simulator import simulate
from orchestration.apart.compiled import Compiled
from orchestration.apart.database import apart
from orchestration.dbt.staleness import TABLES_DDL
from orchestration.refreshing import unchanged
from orchestration.refreshing.record import RefreshRecord
from orchestration.rulesets import standing
from orchestration.rulesets.comparison import PLACES, WANTED, Comparison
from orchestration.rulesets.files import SEEDS
from tests.compiled_models import CompiledModels
from tests.integration.test_explained_past import files_of
from tests.oracle.strategies import SITE_DOMAINS

END = date(2026, 6, 30)
Tables = dict[str, list[dict[str, Any]]]


OTHERS = {
    "scoring_rules": [
        ("pricing_view,60,page,,pricing,15,14,2,45,", "pricing_view,60,page,,pricing,30,3,2,45,"),
        ("docs,3,10,5,20,false,,Read the docs", "docs,3,10,9,20,false,own,Read the docs"),
        ("blog_view,69,page,,blog,1,7,3,6,false,,Read the blog\n",
         "blog_view,69,page,,blog,1,7,3,16,false,own,Read the blog\n"
         "any_page,200,page,,,1,7,3,6,false,,Looked at a page\n"),
        ("security_view,64,page,,security,10,14,2,30,false,,Viewed security\n", ""),
    ],
    "scoring_groups": [("score_group,group_cap\n", "score_group,group_cap\nown,9\n")],
    "score_bands": [("hot,70", "hot,50"), ("cool,15", "cool,5")],
    "page_classes": [("docs,70,^/(docs|", "pricing,5,^/features(/|$)\ndocs,70,^/(docs|")],
    "opening_lines": [("security_view,", "any_page,")],
}  # fmt: skip
"""Every kind of change at once: of a text in the file, what stands in its place."""


def write_others(folder: Path) -> Path:
    """A proposal of OTHERS."""
    folder.mkdir()
    for seed, edits in OTHERS.items():
        text = (PROJECT_ROOT / SEEDS[seed]).read_text()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (folder / f"{seed}.csv").write_text(text)
    return folder


def with_rules(given: Settings, compiled: Compiled, edits: Sequence[str]) -> Compiled:
    """The same SQL, with seeds that are edited."""
    other = given.data_dir / "other_rules.duckdb"
    shutil.copy(given.warehouse, other)
    with duckdb.connect(str(other)) as connection:
        for edit in edits:
            connection.execute(edit)
    return replace(compiled, seeds=other)


def tables(connection: duckdb.DuckDBPyConnection) -> Tables:
    """All that a comparison reads."""
    found = {}
    for name in WANTED:
        place = "warehouse.intermediate" if name.startswith("int_") else "published.marts"
        rows = connection.execute(f"select * from {place}.{name}")
        names = [column[0] for column in rows.description]
        found[name] = sorted(
            (dict(zip(names, row, strict=True)) for row in rows.fetchall()), key=repr
        )
    return found


@contextmanager
def edited(models: CompiledModels, edits: Sequence[str]) -> Iterator[None]:
    """The models with these rules, all made anew; afterwards they have their own again."""
    kept = ("scoring_rules", "scoring_groups")
    connection = models.connection
    for seed in kept:
        connection.execute(f"create or replace temp table {seed}_kept as from seeds.{seed}")
    try:
        for edit in edits:
            connection.execute(edit)
        models.rebuild(WANTED)
        yield
    finally:
        for seed in kept:
            connection.execute(f"delete from seeds.{seed}")
            connection.execute(f"insert into seeds.{seed} from {seed}_kept")


def assert_told_as_they_are(found: Comparison, before: Tables, after: Tables) -> None:
    """Whoever has another band or score is among the movers, and nobody else."""
    for moves, table, key, band, score in (
        (found.people, "dim_people", "person_id", "intent_band", "intent_score"),
        (found.accounts, "dim_accounts", "account_id", "account_band", "account_score"),
    ):
        was = {str(row[key]): row for row in before[table]}
        counted = {
            str(row[key]): row
            for row in after[table]
            if table == "dim_accounts" or (row["is_identified"] and row["exclusion_reason"] is None)
        }
        others = {
            name
            for name, row in counted.items()
            if row[band] != was[name][band]
            or round(row[score], PLACES) != round(was[name][score], PLACES)
        }
        assert {mover.id for mover in moves.movers} == others
        for mover in moves.movers:
            assert (mover.band_before, mover.score_before) == (
                was[mover.id][band],
                was[mover.id][score],
            )
            assert (mover.band_after, mover.score_after) == (
                counted[mover.id][band],
                counted[mover.id][score],
            )
        assert moves.total == len(counted) == sum(flow.count for flow in moves.flows)
        assert moves.total == sum(square.count for square in moves.squares)
        total = sum(mover.change for mover in moves.movers)
        assert moves.mean_change == pytest.approx(total / max(len(counted), 1), abs=1e-8)


def refreshed(models: CompiledModels, folder: Path) -> Settings:
    """A data directory below `folder` as a refresh of a small simulated log leaves it."""
    simulate(2_000, folder / "log", seed=3, days=60, end=END)
    here = Settings(data_dir=folder / "data", site_domains=SITE_DOMAINS)
    with warehouse.connect(here) as connection:
        loader.load_paths(connection, here, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(here.warehouse, END, here, WANTED)
    compiled = files_of(models, here)
    with apart(here, compiled) as now:
        kept = [
            (node["database"], node["name"], json.dumps(fingerprints.of(node)))
            for fingerprints, node in standing.kept_models(compiled, PROJECT_ROOT, now)
        ]
    for name, path in (("warehouse", here.warehouse), ("published", here.marts)):
        with duckdb.connect(str(path)) as connection:
            connection.execute(TABLES_DDL.format(database=path.stem))
            connection.executemany(
                "insert into ops.model_fingerprints values (?, ?)",
                [row[1:] for row in kept if row[0] == name],
            )
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    unchanged.note_standing(
        here,
        RefreshRecord("1", "1", END, moment, is_built=True, published_at=moment, made_of="x"),
    )
    return here
