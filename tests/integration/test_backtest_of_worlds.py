"""Backtests of worlds in which it is known what decides who converts.

What each has to say was written down before anybody looked at the log of this seed; the worlds were
made on another one.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.backtest.backtesting import findings_of_past
from orchestration.backtest.findings import Findings, verdict
from orchestration.backtest.measures import AUC, COUNT, LIFT, RANKINGS, RECENCY, SCORE
from tests.compiled_models import CompiledModels
from tests.past_days import MODELS, past_of

END, SEED = date(2026, 6, 30), 7
EVENTS, DAYS, WEEKS = 60_000, 300, 26

pytestmark = pytest.mark.slow


def findings(models: CompiledModels, folder: Path, world: str) -> Findings:
    """Simulates, loads, builds, and looks back."""
    simulate(EVENTS, folder / "log", seed=SEED, days=DAYS, end=END, world=world)
    settings = Settings(data_dir=folder / "data", site_domains=("example.com",))
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(settings.warehouse, END, settings, MODELS)
    return findings_of_past(past_of(models), WEEKS)


def test_where_intent_decides_the_score_beats_both_baselines(
    models: CompiledModels, tmp_path: Path
) -> None:
    found = findings(models, tmp_path, "intent")
    assert found.compared is not None
    for baseline in (RECENCY, COUNT):
        assert found.compared.differences[baseline][AUC].low > 0
        assert found.compared.differences[baseline][LIFT].low > 0
    assert found.compared.figures[SCORE][LIFT].low > 2
    assert verdict(found)[0].startswith("The score beats both baselines")
    assert found.are_bands_in_order


def test_where_nothing_decides_no_lift_is_claimed(models: CompiledModels, tmp_path: Path) -> None:
    found = findings(models, tmp_path, "null")
    assert found.compared is not None
    for ranking in RANKINGS:
        assert not found.compared.figures[ranking][AUC].excludes(0.5)
        assert not found.compared.figures[ranking][LIFT].excludes(1)
    first, second, *_ = verdict(found)
    assert first.startswith("The score does not tell who converts")
    assert second.startswith("No lift can be claimed")


def test_where_recency_decides_it_wins_and_the_report_says_so(
    models: CompiledModels, tmp_path: Path
) -> None:
    found = findings(models, tmp_path, "recency")
    assert found.compared is not None
    assert found.compared.differences[RECENCY][AUC].high < 0
    assert verdict(found)[0].startswith("Recency alone tells better than the score who converts")
