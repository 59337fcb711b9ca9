"""Suggested weights in worlds in which it is known who wants the product.

What each has to say was written down before anybody looked at a log of this seed; the method was
made on other ones.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from orchestration.backtest.backtesting import Past
from orchestration.backtest.frames import Frames, dates_of, frames_of
from orchestration.backtest.history import day_number
from orchestration.backtest.measures import AUC, contest
from orchestration.backtest.weights import fitting, variants
from orchestration.backtest.weights.findings import verdict
from orchestration.backtest.weights.seed_files import read_seeds
from orchestration.backtest.weights.suggestion import (
    SUGGESTED,
    TODAY,
    Suggestion,
    suggestion_of,
)
from tests.compiled_models import CompiledModels
from tests.past_days import MODELS, past_of

END, SEED = date(2026, 6, 30), 31
EVENTS, DAYS, WEEKS = 200_000, 365, 26

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Looked:
    """A world, what is suggested in it, and who wants the product from when until when."""

    past: Past
    suggestion: Suggestion
    wants: dict[int, tuple[int, int]]


def looked(models: CompiledModels, folder: Path, world: str) -> Looked:
    """Simulates, loads, builds, and fits."""
    simulate(EVENTS, folder / "log", seed=SEED, days=DAYS, end=END, world=world)
    settings = Settings(data_dir=folder / "data", site_domains=("example.com",))
    with warehouse.connect(settings) as connection:
        loader.load_paths(connection, settings, sorted((folder / "log").glob("*.ndjson")))
    models.run_loaded(settings.warehouse, END, settings, MODELS)
    past = past_of(models)
    with (folder / "log" / "truth" / "world.csv").open(encoding="utf-8") as file:
        wants = {
            int(row["person"][1:]): (
                day_number(date.fromisoformat(row["wants_from"])),
                day_number(date.fromisoformat(row["wants_until"])),
            )
            for row in csv.DictReader(file)
            if row["wants_from"]
        }
    return Looked(past, suggested(past), wants)


def suggested(past: Past) -> Suggestion:
    assert past.history is not None
    seeds = read_seeds(past.rules)
    days = dates_of(past.history, WEEKS)
    return suggestion_of(past.history, past.rules, seeds.is_conversion, days)


def who_wants(found: Looked, frames: Frames) -> Frames:
    """The same rows, labelled by whether the person wants the product on the date, which no log
    tells. A person's number stands before the @ of their address."""
    assert found.past.history is not None
    names = found.past.history.nodes["node_id"][frames.node]
    persons = [int(str(name).rpartition("@")[0].rpartition(".")[2]) for name in names]
    never = (1, 0)
    wanting = [
        first <= day <= last
        for person, day in zip(persons, frames.day.tolist(), strict=True)
        for first, last in [found.wants.get(person, never)]
    ]
    return replace(frames, days_to_conversion=np.array(wanting, np.int64))


def test_where_intent_decides_fitted_weights_tell_better_than_todays_who_wants_and_who_converts(
    models: CompiledModels, tmp_path: Path
) -> None:
    found = looked(models, tmp_path, "intent")
    suggestion = found.suggestion
    assert suggestion.judged is not None
    assert suggestion.fitted is not None
    assert suggestion.judged.contest.differences[TODAY][AUC].low > 0
    assert suggestion.is_suggested
    assert verdict(suggestion)[0].startswith("The suggested weights tell better than today's")
    assert found.past.history is not None
    today, new = (
        frames_of(found.past.history, rules, suggestion.late.days)
        for rules in (found.past.rules, suggestion.fitted.rules)
    )
    told = contest(who_wants(found, today), {SUGGESTED: new.points, TODAY: today.points})
    assert told.figures[TODAY][AUC].low > 0.5
    assert told.differences[TODAY][AUC].low > 0


def test_where_nothing_decides_nothing_is_suggested_even_of_a_fit_that_follows_chance(
    models: CompiledModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = looked(models, tmp_path, "null")
    assert_refused(found.suggestion)
    # hardly drawn to today's weights, and each week's row taken for news: only the judging is left
    monkeypatch.setattr(fitting, "ROW_WEIGHT", 1.0)
    for module in (fitting, variants):
        monkeypatch.setattr(module, "SPREAD", 3.0)
    loose = suggested(found.past)
    assert loose.fitted is not None
    apart = np.abs(np.log(loose.fitted.rules.weight / loose.today.weight))
    assert int((apart > np.log(2)).sum()) > 5
    assert_refused(loose)


def assert_refused(suggestion: Suggestion) -> None:
    assert suggestion.judged is not None
    assert not suggestion.is_suggested
    assert verdict(suggestion)[0].startswith("Nothing better than today's weights is shown")
