"""`intent backtest` and the monthly asset, on a small world that recency decides."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from ingestion import loader, warehouse
from ingestion.errors import UserError
from ingestion.lock import writer_lock
from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.backtest.backtesting import backtest_and_print, read_past
from orchestration.defs.backtest import backtest, monthly_backtest
from orchestration.formats import TextOrJson
from orchestration.refreshing.progress import SilentProgress
from orchestration.refreshing.writer import Writer
from tests.command_line import intent
from tests.compiled_models import CompiledModels
from tests.past_days import MODELS

END = date(2026, 6, 30)


@pytest.fixture(scope="module")
def built(models: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory with the tables that a backtest reads, and no others."""
    folder = tmp_path_factory.mktemp("backtest_command")
    simulate(10_000, folder / "log", seed=1, days=200, end=END, world="recency")
    settings = Settings(data_dir=folder / "data", site_domains=("example.com",))
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(settings.warehouse, END, settings, MODELS)
    keep_tables(models, settings)
    return settings


def keep_tables(models: CompiledModels, settings: Settings) -> None:
    """Puts what the models made, and the seeds, into the warehouse of the data directory."""
    connection = models.connection
    connection.execute(f"attach '{settings.warehouse}' as kept")
    seeds = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'warehouse' and schema_name = 'seeds'"
    ).fetchall()
    for schema, names in (("intermediate", MODELS), ("seeds", [name for (name,) in seeds])):
        connection.execute(f"create schema kept.{schema}")
        for name in names:
            connection.execute(
                f"create table kept.{schema}.{name} as from warehouse.{schema}.{name}"
            )
    connection.execute("detach kept")


def test_text_json_and_page_hold_the_same_verdict(built: Settings, tmp_path: Path) -> None:
    page = tmp_path / "backtest.html"
    text = intent(built.data_dir, "backtest", "--html", str(page))
    assert text.returncode == 0, text.stderr
    out = io.StringIO()
    backtest_and_print(built, 26, TextOrJson.json, None, 1, out, io.StringIO())
    said = json.loads(out.getvalue())
    assert said["is_enough"] is True
    assert len(said["weeks"]) == 24  # all that 200 days have room for
    assert said["weeks"][-1]["as_of"] == "2026-05-30"
    assert text.stdout.startswith(said["verdict"][0])
    assert said["verdict"][0] in page.read_text("utf-8")
    assert said["figures"]["score"]["auc"]["low"] > 0.5


def test_of_too_few_conversions_there_are_no_figures_and_no_failure(built: Settings) -> None:
    out = io.StringIO()
    backtest_and_print(built, 1, TextOrJson.text, None, 1, out, io.StringIO())
    assert out.getvalue().startswith("Not enough data: ")
    assert "lift" not in out.getvalue()


def test_before_the_first_refresh_it_says_what_to_run(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with pytest.raises(UserError, match=r"Nothing is built yet .* run: intent refresh"):
        read_past(settings)
    with warehouse.connect(settings):
        pass  # only loaded
    with pytest.raises(UserError, match=r"Nothing is built yet .* run: intent refresh"):
        read_past(settings)


def test_a_page_that_cannot_be_written_is_told_at_once(built: Settings, tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "page.html"
    with pytest.raises(UserError, match="name a file in a folder that is there"):
        backtest_and_print(built, 26, TextOrJson.text, nowhere, 1, io.StringIO(), io.StringIO())


def test_it_waits_for_a_writer_and_leaves_with_a_word(built: Settings) -> None:
    with writer_lock(built, 1):
        done = intent(built.data_dir, "backtest", "--wait", "0")
    assert done.returncode == 3


def test_the_monthly_asset_keeps_page_and_json_and_shows_the_verdict(built: Settings) -> None:
    done = dg.materialize(
        [dg.AssetSpec(["published", "analytics"]), backtest],
        resources={
            "settings": dg.ResourceDefinition.hardcoded_resource(built),
            "writer": dg.ResourceDefinition.hardcoded_resource(Writer(built, 1)),
            "progress": dg.ResourceDefinition.hardcoded_resource(SilentProgress()),
        },
    )
    [told] = done.asset_materializations_for_node("exports__backtest")
    kept = sorted(path.name for path in (built.exports / "backtests").iterdir())
    assert kept == ["backtest_2026-05-30.html", "backtest_2026-05-30.json"]
    said = json.loads((built.exports / "backtests" / kept[1]).read_text("utf-8"))
    assert told.metadata["verdict"].value == " ".join(said["verdict"])
    Writer(built, 0).probe()  # raises where the run has not let the lock go


def test_the_schedule_asks_for_one_run_on_the_first_of_a_month() -> None:
    assert monthly_backtest.default_status is dg.DefaultScheduleStatus.RUNNING
    minute, hour, day, month, weekday = str(monthly_backtest.cron_schedule).split()
    assert (int(minute) < 60, int(hour) < 24, day, month, weekday) == (True, True, "1", "*", "*")
