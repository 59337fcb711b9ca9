"""What a load holds in memory does not grow with the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.test_memory import COPIES, FLAT, peak_of_load

EVENTS = 220_000


def write_log(target: Path, event_count: int) -> Path:
    """Page events, as long and as different from one another as real ones."""
    with target.open("w", encoding="utf-8") as file:
        for number in range(event_count):
            page = {
                "url": f"https://www.example.com/docs/{number % 977}?q={number}",
                "path": f"/docs/{number % 977}",
                "search": f"?q={number}",
                "referrer": "https://www.example.com/docs",
                "title": f"Page {number % 977} of the documentation of what the example does",
            }
            event = {
                "messageId": f"{number:032x}",
                "type": "page",
                "anonymousId": f"{number // 5:032x}",
                "timestamp": f"2026-06-{1 + number % 28:02}T{number % 24:02}:00:00Z",
                "properties": {"path": page["path"], "title": page["title"], "depth": number % 100},
                "context": {
                    "page": page,
                    "ip": f"198.51.100.{number % 256}",
                    "locale": "en-GB",
                    "timezone": "Europe/London",
                    "library": {"name": "analytics.js", "version": f"2.{number % 31}.0"},
                    "userAgent": f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{number % 150}.0.0.0",
                },
            }
            file.write(json.dumps(event) + "\n")
    return target


@pytest.mark.slow
def test_four_times_the_file_takes_no_more_memory(tmp_path: Path) -> None:
    """Slow, since a file must be larger than the memory to show that it is not kept there."""
    small = write_log(tmp_path / "small.ndjson", EVENTS)
    large = write_log(tmp_path / "large.ndjson", COPIES * EVENTS)
    events, peak = peak_of_load(small, tmp_path / "small")
    more_events, larger_peak = peak_of_load(large, tmp_path / "large")
    assert (events, more_events) == (EVENTS, COPIES * EVENTS)
    assert larger_peak < FLAT * peak
