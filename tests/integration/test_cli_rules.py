"""Rules that cannot be carried out: `intent refresh` says which line, and leaves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dbt.process import DbtProcess
from orchestration.dbt.seed_texts import table_in
from orchestration.overrides import COLUMNS, OVERRIDES
from tests.command_line import Completed, intent

CONTRADICTORY = (
    "force,user_id,u1,email,ada@acme.example,Ada said so",
    "force,email,ada@acme.example,user_id,u2,",
    "forbid,user_id,u2,user_id,u1,two people",
)
MESSAGE = {
    "messageId": "1",
    "type": "identify",
    "timestamp": "2026-06-30T09:00:00Z",
    "userId": "u1",
    "traits": {"email": "ada@acme.example"},
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with decisions that contradict each other."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("ingestion", "orchestration", "dbt_project", "seeds", "tests/dbt"):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT_ROOT / folder, root / folder, ignore=without)
    for file in ("dbt_project.yml", "profiles.yml", "pyproject.toml"):
        shutil.copy(PROJECT_ROOT / file, root / file)
    lines = (",".join(COLUMNS), *CONTRADICTORY, "")
    (root / OVERRIDES).write_text("\n".join(lines), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory with a log in landing/."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("shop") / "data")
    settings.landing.mkdir(parents=True)
    (settings.landing / "log.ndjson").write_text(json.dumps(MESSAGE) + "\n", encoding="utf-8")
    return settings


@pytest.fixture(scope="module")
def refused(checkout: Path, settings: Settings) -> Completed:
    """What a refresh by such decisions left behind."""
    return intent(settings.data_dir, "refresh", "--as-of", "2026-06-30", root=checkout)


def test_contradictory_decisions_are_a_mistake_of_the_caller(refused: Completed) -> None:
    assert refused.returncode == 2, refused.stderr
    assert (
        "seeds/identity/identity_overrides.csv, line 4: forbids user_id u1 and user_id u2 to be one"
        " person, which lines 2 and 3 together force; remove one of these lines"
    ) in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr + refused.stdout


def test_nothing_is_built_or_published_by_them(refused: Completed, settings: Settings) -> None:
    assert not settings.analytics.exists()
    assert not settings.marts.exists()


@pytest.mark.usefixtures("refused")
def test_a_weight_that_is_none_is_told_by_its_line(checkout: Path, settings: Settings) -> None:
    rules = checkout / "seeds/scoring/scoring_rules.csv"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("pricing,15,14", "pricing,fifteen,14"), encoding="utf-8")
    done = intent(settings.data_dir, "refresh", "--as-of", "2026-06-30", root=checkout)
    assert done.returncode == 2, done.stderr
    assert (
        "seeds/scoring/scoring_rules.csv, line 16: weight is 'fifteen', which is no number"
    ) in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr + done.stdout
    assert not settings.marts.exists()


@pytest.mark.usefixtures("refused")
def test_a_seed_is_loaded_as_it_was_read_whatever_its_first_lines_look_like(
    checkout: Path, tmp_path: Path
) -> None:
    users = checkout / "seeds/traffic/internal_users.csv"
    rows = [("'ada'", "'tester'"), *((f"u{n}", "x") for n in range(20_480)), ("bob", "a, b")]
    text = "".join(f'{user},"{meaning}"\n' if "," in meaning else f"{user},{meaning}\n"
                   for user, meaning in [("user_id", "meaning"), *rows])  # fmt: skip
    users.write_text(text, encoding="utf-8-sig")
    assert [tuple(row.cells.values()) for row in table_in(users.read_bytes()).rows] == rows
    settings = Settings(data_dir=tmp_path / "data")
    list(DbtProcess(settings, checkout).stream(["seed", "--select", users.stem], tmp_path / "dbt"))
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        loaded = connection.execute("select * from seeds.internal_users").fetchall()
    assert sorted(loaded) == sorted(rows)
