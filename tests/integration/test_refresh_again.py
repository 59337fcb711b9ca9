"""Refresh upon refresh: what is as it was is left alone, and what has changed is built anew.

Run on a copy of the project, whose seeds are changed between refreshes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.settings import Settings
from ingestion.simulator import simulate
from tests.conftest import PROJECT_ROOT

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)
RECORDS = {"fct_score_history", "fct_band_history", "fct_alerts"}
"""What was said on a day, which no rebuild touches."""

Tables = dict[str, Counter[tuple[Any, ...]]]


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, and a data directory that its command line works on."""

    root: Path
    settings: Settings

    def refresh(self, *arguments: str) -> str:
        """What one `intent refresh` printed."""
        main = "from orchestration.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", main, "refresh", "--as-of", AS_OF.isoformat(), *arguments],
            env={**os.environ, "INTENT_DATA_DIR": str(self.settings.data_dir)},
            cwd=self.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def edit(self, seed: str, change: Callable[[str], str]) -> None:
        path = self.root / "seeds" / seed
        text = path.read_text(encoding="utf-8")
        assert change(text) != text
        path.write_text(change(text), encoding="utf-8")

    def tables(self) -> Tables:
        """Every row of every published table but the records."""
        with duckdb.connect(self.settings.analytics, read_only=True) as connection:
            names = connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts'"
            ).fetchall()
            return {
                name: Counter(map(str, connection.execute(f"from marts.{name}").fetchall()))
                for (name,) in names
                if name not in RECORDS
            }

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.settings.warehouse, read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("again")
    root = folder / "project"
    for part in ("dbt_project", "seeds", "tests/dbt", "ingestion", "orchestration"):
        shutil.copytree(PROJECT_ROOT / part, root / part)
    for name in ("dbt_project.yml", "profiles.yml", "pyproject.toml"):
        shutil.copy(PROJECT_ROOT / name, root / name)
    settings = Settings(data_dir=folder / "data")
    simulate(600, settings.landing, seed=7, days=30, end=AS_OF)
    shutil.rmtree(settings.landing / "truth")
    return Checkout(root, settings)


@dataclass(frozen=True)
class Told:
    """What each refresh printed, and the tables after it."""

    first: str
    again: str
    is_again_untouched: bool
    decided: str
    undone: str
    after: dict[str, Tables]


def pricing_counts_more(text: str) -> str:
    return text.replace("pricing_view,60,page,,pricing,15,", "pricing_view,60,page,,pricing,20,")


def pricing_counts_as_before(text: str) -> str:
    return text.replace("pricing_view,60,page,,pricing,20,", "pricing_view,60,page,,pricing,15,")


@pytest.fixture(scope="module")
def told(checkout: Checkout) -> Told:
    """Five refreshes: of all; of nothing; of a weight and a forbidden pair; of both undone and a
    page pattern; and of everything."""
    after = {}
    first = checkout.refresh()
    after["first"] = checkout.tables()
    before = checkout.settings.analytics.stat()
    lost = checkout.settings.exports / "latest" / f"people_{AS_OF}.csv"
    lost.unlink()
    dbt_log = checkout.settings.dbt_logs / "dbt.log"
    logged = dbt_log.stat().st_size
    again = checkout.refresh()
    now = checkout.settings.analytics.stat()
    is_untouched = (
        lost.exists()
        and (before.st_ino, before.st_mtime_ns) == (now.st_ino, now.st_mtime_ns)
        and dbt_log.stat().st_size == logged
    )
    [(user_id, email)] = checkout.rows(
        "select split_part(right_node_id, ':', 2), split_part(left_node_id, ':', 2)"
        " from intermediate.int_links_decided where is_accepted"
        " and left_node_id like 'email:%' and right_node_id like 'user_id:%' order by all limit 1"
    )
    checkout.edit("scoring/scoring_rules.csv", pricing_counts_more)
    forbidden = f"forbid,user_id,{user_id},email,{email},\n"
    checkout.edit("identity/identity_overrides.csv", lambda text: text + forbidden)
    decided = checkout.refresh()
    after["decided"] = checkout.tables()
    checkout.edit("scoring/scoring_rules.csv", pricing_counts_as_before)
    checkout.edit("identity/identity_overrides.csv", lambda text: text.replace(forbidden, ""))
    checkout.edit("pages/page_classes.csv", lambda text: text.replace("(pricing|plans)", "(plans)"))
    undone = checkout.refresh()
    after["undone"] = checkout.tables()
    checkout.refresh("--full-refresh")
    after["all"] = checkout.tables()
    return Told(first, again, is_untouched, decided, undone, after)


def line(printed: str, title: str) -> list[str]:
    """The lines of a summary under one title, without it."""
    return [
        text.removeprefix(title).strip() for text in printed.splitlines() if text.startswith(title)
    ]


def test_a_first_refresh_rebuilds_nothing(told: Told) -> None:
    assert line(told.first, "Rebuilt") == []


def test_a_refresh_of_nothing_new_leaves_all_as_it_was_and_says_so(told: Told) -> None:
    [words] = line(told.again, "Unchanged")
    assert words.startswith("nothing new since 2")
    assert "Built" not in told.again
    assert told.is_again_untouched
    assert [path for path in line(told.again, "Exported") if "people" not in path] == []


def test_a_weight_rebuilds_points_alone_and_a_forbidden_pair_nothing(told: Told) -> None:
    # days and rules of people, what they add up to, and the reasons
    [words] = line(told.decided, "Rebuilt")
    assert words == "4 tables, since seeds/scoring/scoring_rules.csv has changed"
    [built] = line(told.decided, "Built")
    assert built.endswith(", 2 seeds")
    first, decided = told.after["first"], told.after["decided"]
    assert first["fct_person_scores"] != decided["fct_person_scores"]
    assert first["map_refused_links"] != decided["map_refused_links"]


def test_a_page_pattern_rebuilds_what_depends_on_it_and_says_why(told: Told) -> None:
    # the weight that was taken back is named beside it
    causes = [words.partition(", since ")[2] for words in line(told.undone, "Rebuilt")]
    assert "seeds/pages/page_classes.csv has changed" in causes


def test_what_was_brought_up_to_date_is_as_if_built_from_everything(told: Told) -> None:
    undone, everything = told.after["undone"], told.after["all"]
    assert undone.keys() == everything.keys()
    assert [name for name in undone if undone[name] != everything[name]] == []
