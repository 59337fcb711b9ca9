"""Two loads that make a refresh do everything that it can: the second has late events, a collision
whose winner comes later, logins that promote what was anonymous, and a merge of two people."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.simulator import simulate

AS_OF = (date(2026, 6, 29), date(2026, 6, 30))
"""Of the first refresh and of the second."""
SITE = "example.com"
EVENTS, DAYS = 250, 40

_ACCESS_LOG = """\
192.0.2.7 - - [20/Jun/2026:09:00:00 +0000] "GET /pricing HTTP/1.1" 200 512 "-" "Mozilla/5.0"
192.0.2.7 - story-3 [20/Jun/2026:09:05:00 +0000] "GET /docs/a HTTP/1.1" 200 512 "-" "Mozilla/5.0"
"""


@dataclass(frozen=True)
class Loads:
    """A folder for each of the two refreshes."""

    first: Path
    second: Path


def write_loads(folder: Path) -> Loads:
    """Writes both loads below `folder`."""
    simulate(EVENTS, folder / "log", seed=5, days=DAYS, end=AS_OF[1])
    lines = [
        line
        for path in sorted((folder / "log").glob("*.ndjson"))
        for line in path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    ]
    random.Random(5).shuffle(lines)
    share = len(lines) * 6 // 10
    leads, spend = (
        (folder / "log" / name).read_text(encoding="utf-8").splitlines(keepends=True)
        for name in ("leads.csv", "ad_spend.csv")
    )
    loads = Loads(folder / "first", folder / "second")
    _write(
        loads.first, lines[:share] + _earlier(), leads[: len(leads) // 2], spend[: len(spend) // 2]
    )
    # a fifth of the first load comes again
    _write(loads.second, lines[share * 4 // 5 :] + _later(), leads, spend)
    (loads.second / "access.log").write_text(_ACCESS_LOG)
    return loads


def _write(folder: Path, lines: list[str], leads: list[str], spend: list[str]) -> None:
    folder.mkdir()
    text = "\n".join(lines)
    (folder / "events.ndjson").write_text(text, encoding="utf-8", errors="surrogateescape")
    (folder / "leads.csv").write_text("".join(leads), encoding="utf-8")
    (folder / "ad_spend.csv").write_text("".join(spend), encoding="utf-8")


def _earlier() -> list[str]:
    return [
        _page("p1", "d1", "2026-06-10T10:00:00Z", "/pricing"),
        _page("p2", "d1", "2026-06-10T10:50:00Z", "/docs/a"),
        _page("p3", "d2", "2026-06-28T09:00:00Z", "/pricing"),
        _identify("i1", "d2", "2026-06-28T09:01:00Z", "story-2", "bo@south-story.example"),
        _identify("i2", "d3", "2026-06-20T09:01:00Z", "story-3", "cy@south-story.example"),
        _page("p4", "d3", "2026-06-20T09:02:00Z", "/pricing"),
        _track("c1", "d2", "2026-06-28T09:03:00Z", "cta_click", version=1),
        _track("c2", "d2", "2026-06-28T09:04:00Z", "cta_click", version=2),
        '{"type": "page", "anonymousId": "story-d1", "timestamp": "yesterday"}',
    ]


def _later() -> list[str]:
    return [
        # between two sessions, which it makes one
        _page("p5", "d1", "2026-06-10T10:25:00Z", "/security"),
        _identify("i3", "d1", "2026-06-29T10:00:00Z", "story-1", "al@north-story.example"),
        _track("t1", "d1", "2026-06-29T10:01:00Z", "demo_request"),
        # one of the two wins over what was there
        _track("c1", "d2", "2026-06-28T19:03:00Z", "cta_click", version=2),
        _track("c2", "d2", "2026-06-28T19:04:00Z", "cta_click", version=1),
        '{"type": "purchase", "timestamp": "2026-06-29T12:00:00Z"}',
        json.dumps(
            {
                "messageId": "a1",
                "type": "alias",
                "timestamp": "2026-06-29T12:00:00Z",
                "userId": "story-3",
                "previousId": "story-2",
            }
        ),
    ]


def _message(event_id: str, kind: str, device: str, at: str, **fields: Any) -> str:
    return json.dumps(
        {
            "messageId": f"story-{event_id}",
            "type": kind,
            "anonymousId": f"story-{device}",
            "timestamp": at,
            **fields,
        }
    )


def _page(event_id: str, device: str, at: str, path: str) -> str:
    page = {"url": f"https://www.{SITE}{path}"}
    return _message(event_id, "page", device, at, context={"page": page})


def _identify(event_id: str, device: str, at: str, user: str, email: str) -> str:
    return _message(event_id, "identify", device, at, userId=user, traits={"email": email})


def _track(event_id: str, device: str, at: str, name: str, **properties: Any) -> str:
    return _message(event_id, "track", device, at, event=name, properties=properties)
