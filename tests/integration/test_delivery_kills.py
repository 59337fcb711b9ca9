"""A run that sends mini-reports may be killed anywhere: nothing is sent twice, and what nobody
knows of is listed. See tests/crash/deliveries.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import PROJECT_ROOT


def report_of(folder: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.deliveries", folder, *arguments],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_killed_about_a_message_a_run_sends_nothing_twice_and_lists_what_is_uncertain(
    tmp_path: Path,
) -> None:
    report = report_of(tmp_path)
    assert report["wrong"] == []
    assert [name.partition(" in ")[0] for name in report["chosen"]] == [
        "before fsync", "before fsync", "before _hand_over", "after _hand_over", "before fsync",
    ]  # fmt: skip
    assert report["ended"] == {"at a point": 5}


@pytest.mark.slow
def test_killed_at_every_point_and_at_any_moment_too(tmp_path: Path) -> None:
    report = report_of(tmp_path, "--every-point", "--kills", "100")
    assert report["wrong"] == []
    assert report["ended"]["at a point"] > 100
    assert report["ended"]["at a moment"] > 30
