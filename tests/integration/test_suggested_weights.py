"""`intent backtest --suggest`, on a small world that recency decides."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from ingestion import loader, warehouse
from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.backtest.frames import HORIZON_DAYS, dates_of
from orchestration.backtest.history import day_of
from orchestration.backtest.weights.evidence import split_of
from orchestration.backtest.weights.seed_files import SEEDS, read_seeds
from orchestration.backtest.weights.suggesting import suggest_and_print
from orchestration.backtest.weights.suggestion import Fitted, fit_rules
from orchestration.formats import TextOrJson
from tests.command_line import intent
from tests.compiled_models import CompiledModels
from tests.integration.test_backtest_command import END, keep_tables
from tests.past_days import MODELS, past_of


@pytest.fixture(scope="module")
def built(models: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory with the tables that a backtest reads, and no others."""
    folder = tmp_path_factory.mktemp("suggested_weights")
    simulate(30_000, folder / "log", seed=1, days=215, end=END, world="recency")
    settings = Settings(data_dir=folder / "data", site_domains=("example.com",))
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(settings.warehouse, END, settings, MODELS)
    keep_tables(models, settings)
    return settings


def seeds_now() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in SEEDS.rglob("*.csv")}


def test_what_is_suggested_stands_in_files_beside_the_seeds_and_in_text_and_page(
    built: Settings, tmp_path: Path
) -> None:
    before = seeds_now()
    folder, page = tmp_path / "suggested", tmp_path / "suggested.html"
    done = intent(built.data_dir, "backtest", "--suggest", str(folder), "--html", str(page))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The suggested weights tell better than today's who converts")
    assert "intent refresh" in done.stdout
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["scoring_groups.csv", "scoring_rules.csv"]
    old = (SEEDS / "scoring" / "scoring_rules.csv").read_text("utf-8").splitlines()
    new = (folder / "scoring_rules.csv").read_text("utf-8").splitlines()
    for one, other in zip(old, new, strict=True):
        is_number = [5 <= place <= 8 for place in range(len(one.split(",")))]
        kept = [
            cell for cell, may_change in zip(one.split(","), is_number, strict=True)
            if not may_change
        ]  # fmt: skip
        assert [
            cell for cell, may_change in zip(other.split(","), is_number, strict=True)
            if not may_change
        ] == kept  # fmt: skip
    assert old != new
    shown = page.read_text("utf-8")
    assert done.stdout.split("\n", 1)[0].replace("'", "&#39;") in shown
    assert shown.count("<svg") == 3
    assert seeds_now() == before


def test_json_holds_the_dates_apart_and_each_rule_with_its_interval(
    built: Settings, tmp_path: Path
) -> None:
    out = io.StringIO()
    suggest_and_print(
        built, 26, tmp_path / "new", TextOrJson.json, None, 1, out, io.StringIO()
    )  # fmt: skip
    said = json.loads(out.getvalue())
    assert said["is_suggested"] is True
    assert said["differences"]["today"]["auc"]["low"] > 0
    assert said["fitted_on"]["dates"][-1] < said["held_out"]["dates"][0]
    rules = {rule["rule_id"]: rule for rule in said["rules"]}
    assert rules["demo_request"]["why"] == "converts"
    assert rules["demo_request"]["suggested"] == rules["demo_request"]["today"]
    assert rules["booking_click"]["why"] == "too few people"
    weight = rules["form_submit"]["weight"]
    assert weight["low"] <= weight["value"] <= weight["high"]
    assert [Path(path).name for path in said["files"]] == [
        "scoring_rules.csv", "scoring_groups.csv"
    ]  # fmt: skip


def test_of_too_few_conversions_nothing_is_suggested_and_nothing_written(
    built: Settings, tmp_path: Path
) -> None:
    for weeks, words in ((3, "the log is too short, or --weeks too few"), (8, "each needs 20")):
        out = io.StringIO()
        page = tmp_path / f"{weeks}.html"
        suggest_and_print(
            built, weeks, tmp_path / "new", TextOrJson.text, page, 1, out, io.StringIO()
        )
        assert out.getvalue().startswith("Not enough data: ")
        assert words in out.getvalue()
        assert words in page.read_text("utf-8")
    assert not (tmp_path / "new").exists()


def test_into_the_seeds_it_does_not_write(built: Settings) -> None:
    done = intent(built.data_dir, "backtest", "--suggest", str(SEEDS / "scoring"))
    assert done.returncode == 2
    assert "a suggestion is not adopted by itself" in done.stderr


def test_a_folder_that_cannot_be_made_is_told(built: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written to"):
        suggest_and_print(
            built, 26, tmp_path / "file" / "in", TextOrJson.text, None, 1,
            io.StringIO(), io.StringIO(),
        )  # fmt: skip


def test_what_happens_after_the_labels_of_the_dates_fitted_changes_nothing_of_the_fit(
    models: CompiledModels, built: Settings
) -> None:
    models.run_loaded(built.warehouse, END, built, MODELS)
    past = past_of(models)
    assert past.history is not None
    days = split_of(dates_of(past.history, 26)).fitted
    known = fit_of(models, days)
    models.connection.execute(
        "delete from warehouse.raw.events where event_at >= ?",
        [day_of(days[-1]) + timedelta(days=HORIZON_DAYS + 1)],
    )
    models.rebuild(MODELS)
    cut = fit_of(models, days)
    for name in ("weight", "half_life_days", "daily_cap", "saturation"):
        assert np.array_equal(getattr(cut.rules, name), getattr(known.rules, name))
    assert cut.variant == known.variant
    assert cut.people.tolist() == known.people.tolist()
    assert [one and one.value for one in cut.weights] == [
        one and one.value for one in known.weights
    ]
    assert any(one is not None for one in cut.weights)


def fit_of(models: CompiledModels, days: list[int]) -> Fitted:
    past = past_of(models)
    assert past.history is not None
    return fit_rules(past.history, past.rules, read_seeds(past.rules).is_conversion, days)
