"""Scores of past days come out as a refresh as of those days writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import loader, warehouse
from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.apart.compiled import Compiled
from orchestration.refreshing import past_scores
from orchestration.refreshing.past_scores import write_past_scores
from orchestration.refreshing.record import RefreshRecord
from tests.compiled_models import CompiledModels
from tests.data_directory import files_of

END = date(2026, 6, 30)
DAYS = [END - timedelta(days=back) for back in (45, 20, 1)]
RECORD = RefreshRecord(
    "20260630T180000Z-1a2b3c4d", "run", END, datetime(2026, 6, 30, 18, tzinfo=UTC), is_built=True
)
History = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def refreshed(
    models: CompiledModels, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, Compiled]:
    """A data directory whose tables are as of END, and what its models are compiled to."""
    folder = tmp_path_factory.mktemp("past_scores")
    simulate(4_000, folder / "log", seed=3, days=90, end=END)
    settings = Settings(data_dir=folder / "data", site_domains=("example.com",))
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(settings.warehouse, END, settings)
    compiled = files_of(models, settings)
    RECORD.save(settings)
    return settings, compiled


def history(path: Path, days: Sequence[date]) -> History:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            f"select * from {path.stem}.marts.fct_score_history"
            " where list_contains(cast(? as date[]), as_of_date) order by all",
            [list(days)],
        ).fetchall()


def test_past_days_are_scored_and_published_as_refreshes_of_them_write(
    models: CompiledModels,
    refreshed: tuple[Settings, Compiled],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings, compiled = refreshed
    monkeypatch.setattr(past_scores, "compiled_models", lambda *_: compiled)
    today = history(settings.marts, [END])
    assert today
    write_past_scores(settings, DAYS[:1])
    written = write_past_scores(settings, DAYS)
    expected: History = []
    for day in DAYS:
        models.run_loaded(settings.warehouse, day, settings)
        rows = models.rows("select * from published.marts.fct_score_history order by all")
        assert written[day] == len(rows) > 0
        expected += rows
    assert sorted(history(settings.analytics, DAYS), key=repr) == sorted(expected, key=repr)
    assert history(settings.analytics, [END]) == today


def test_a_day_before_the_log_begins_has_no_rows(
    refreshed: tuple[Settings, Compiled], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, compiled = refreshed
    monkeypatch.setattr(past_scores, "compiled_models", lambda *_: compiled)
    day = END - timedelta(days=400)
    assert write_past_scores(settings, [day]) == {day: 0}


def test_other_rules_than_those_of_the_published_scores_are_refused(
    refreshed: tuple[Settings, Compiled], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings, compiled = refreshed
    seeds = tmp_path / "other_rules.duckdb"
    with duckdb.connect(str(seeds)) as connection:
        connection.execute(f"attach '{compiled.seeds}' as given (read_only)")
        connection.execute("copy from database given to other_rules")
        connection.execute("update seeds.scoring_rules set weight = weight + 1")
    monkeypatch.setattr(past_scores, "compiled_models", lambda *_: replace(compiled, seeds=seeds))
    before = history(settings.marts, DAYS)
    with pytest.raises(UserError, match="intent refresh"):
        write_past_scores(settings, DAYS)
    assert history(settings.marts, DAYS) == before


def test_what_no_refresh_has_finished_is_not_published(
    refreshed: tuple[Settings, Compiled],
) -> None:
    settings, _ = refreshed
    replace(RECORD, is_built=False).save(settings)
    try:
        with pytest.raises(UserError, match="did not come to its end"):
            write_past_scores(settings, DAYS)
    finally:
        RECORD.save(settings)
