"""The tracker: one file of plain JavaScript that a site includes (see docs/tracker.md).

It posts Segment messages to the collector that serves it.
"""

from __future__ import annotations

from pathlib import Path

TRACKER = Path(__file__).with_name("tracker.js")


def tracker_script() -> bytes:
    """The script as browsers get it, to be served as text/javascript; UTF-8."""
    return TRACKER.read_bytes()
