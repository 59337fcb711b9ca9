"""The tracker as a file: small, sound, and of one mind with the rules."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT
from ingestion.tracker import TRACKER, tracker_script

SEEDS = PROJECT_ROOT / "seeds"
SCRIPT = tracker_script().decode("utf-8")


def parameters(path: Path, **wanted: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["parameter"] for row in rows if wanted.items() <= row.items()]


def campaign_pattern() -> re.Pattern[str]:
    found = re.search(r"CAMPAIGN =\s*/(\^.+\$)/;", SCRIPT)
    assert found
    return re.compile(found[1])


def test_it_is_below_six_kilobytes_as_a_browser_gets_it() -> None:
    assert len(gzip.compress(tracker_script(), 9)) < 6_000


def test_the_language_is_one_that_node_reads() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here; the tests in a browser read it too")
    checked = subprocess.run([node, "--check", TRACKER], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_it_makes_no_code_and_no_markup_of_text() -> None:
    risky = (
        r"\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacent|document\.write|createElement"
    )
    assert re.findall(risky, SCRIPT) == []


def test_it_knows_the_click_ids_of_the_rules() -> None:
    known = parameters(SEEDS / "channels/click_ids.csv")
    assert known
    assert [name for name in known if not campaign_pattern().match(name)] == []
    assert campaign_pattern().match("utm_source")
    assert [
        name for name in ("q", "page", "id", "utm_", "email") if campaign_pattern().match(name)
    ] == []


def test_it_takes_no_parameter_that_names_a_person_out_of_the_url() -> None:
    """In the URL the loader masks them, and nowhere else."""
    personal = parameters(SEEDS / "channels/click_ids.csv", names_person="true")
    personal += parameters(SEEDS / "ingestion/masked_url_parameters.csv")
    others = parameters(SEEDS / "channels/click_ids.csv", names_person="false")
    kept_back = {
        name for name in personal + others if (m := campaign_pattern().match(name)) and m[2]
    }
    assert kept_back == set(personal)


def test_an_installed_package_has_it_too() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["ingestion"]
    inside = TRACKER.relative_to(PROJECT_ROOT / "ingestion")
    assert any(inside.match(pattern.removeprefix("**/")) for pattern in patterns)
