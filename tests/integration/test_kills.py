"""A refresh that is killed anywhere and run again is as if nobody had killed it, and a reader who
looks all the while sees whole versions only: see tests/crash/rig.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT
from tests.compiled_models import CompiledModels


def test_killed_anywhere_and_run_again_a_refresh_is_as_if_undisturbed(
    models: CompiledModels, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--kills")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.crash.rig", models.target.parent, tmp_path),
            *("--kills", str(kills or 8), "--running", "1" if kills else "4"),
        ],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["differences"] == []
    assert report["strange_versions"] == []
    assert report["versions_seen"] == 2
    # some are to come after the end, where a refresh was faster than the undisturbed one
    assert sum(report["ended"].values()) > report["kills"] / 2
