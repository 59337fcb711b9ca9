"""A collector on a full disk, and on one that may not be written to: 503, and nothing falsely 200.

In a mount namespace of their own, so that the disk may be made and filled.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT

APART = ("unshare", "--map-root-user", "--mount")

COLLECTOR = f"{sys.executable} -m tests.crash.collector_on_a_disk"

FULL = f"""
mkdir "$0/data" && mount -t tmpfs -o size=1m tmpfs "$0/data" && mkfifo "$0/asked" "$0/answers"
{COLLECTOR} "$0/data" < "$0/asked" > "$0/answers" &
exec 3> "$0/asked" 4< "$0/answers"
post() {{ echo "$1" >&3; IFS= read -r line <&4; printf '%s\\n' "$line" >> "$0/told"; }}
post 50
mount -o remount,size=20m "$0/data"
post 3
exec 3>&-; wait
cat "$0"/data/landing/*.ndjson > "$0/landed"
ls "$0/data/landing" > "$0/files"
"""

READ_ONLY = f"""
mkdir -p "$0/data/landing" && mount --bind "$0/data" "$0/data" && mkfifo "$0/asked" "$0/answers"
{COLLECTOR} "$0/data" < "$0/asked" > "$0/answers" &
exec 3> "$0/asked" 4< "$0/answers"
post() {{ echo "$1" >&3; IFS= read -r line <&4; printf '%s\\n' "$line" >> "$0/told"; }}
mount -o remount,bind,ro "$0/data"
post 2
mount -o remount,bind,rw "$0/data"
post 2
exec 3>&-; wait
cat "$0"/data/landing/*.ndjson > "$0/landed"
ls "$0/data/landing" > "$0/files"
"""


def run_apart(script: str, folder: Path) -> list[list[object]]:
    """What the collector has told, a line for each command that it got."""
    try:
        can = subprocess.run([*APART, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        can = False
    if not can:
        pytest.skip("this system does not let us mount")
    done = subprocess.run(
        [*APART, "sh", "-ec", script, folder],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in (folder / "told").read_text().splitlines()]


@pytest.mark.parametrize(
    ("script", "words"),
    [(FULL, "the disk is full"), (READ_ONLY, "the folder cannot be written to")],
)
def test_what_the_disk_does_not_take_is_answered_503_and_what_is_answered_200_is_there(
    tmp_path: Path, script: str, words: str
) -> None:
    [[while_bad, message, health], [after, _, health_after]] = run_apart(script, tmp_path)
    assert isinstance(while_bad, list)
    assert isinstance(after, list)
    assert {status for _, status in while_bad} <= {200, 503}
    assert while_bad[-1][1] == 503
    assert words in str(message)
    assert (health, health_after) == (503, 200)
    assert [status for _, status in after] == [200] * len(after)
    taken = [name for name, status in while_bad + after if status == 200]
    lines = (tmp_path / "landed").read_text().splitlines()
    # files of the same moment stand in no order
    assert sorted(json.loads(line)["messageId"] for line in lines) == sorted(taken)
    assert ".part" not in (tmp_path / "files").read_text()
