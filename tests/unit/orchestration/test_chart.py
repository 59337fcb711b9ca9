"""The chart of a brief: bars where they belong, and an axis that can be read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest

from orchestration.exports.chart import Bar, bars, round_top

FIRST, LAST = date(2026, 4, 2), date(2026, 6, 30)


def chart(*found: Bar) -> ET.Element:
    return ET.fromstring(str(bars(found, FIRST, LAST)))


def bar(day: date, points: float) -> Bar:
    return Bar(day, points, f"{day}: <{points}>")


def test_the_first_and_the_last_day_stand_at_the_ends() -> None:
    first, last = (rect.attrib for rect in chart(bar(FIRST, 10), bar(LAST, 10)).iter("rect"))
    assert 0 <= float(first["x"].rstrip("%")) < 100 / 90
    end = float(last["x"].rstrip("%")) + float(last["width"].rstrip("%"))
    assert 100 - 100 / 90 < end <= 100


def test_days_outside_of_the_chart_are_not_drawn() -> None:
    outside = [FIRST - timedelta(days=1), LAST + timedelta(days=1)]
    assert list(chart(*(bar(day, 5) for day in outside)).iter("rect")) == []


def test_a_bar_is_as_high_as_its_share_of_the_axis() -> None:
    full, half, none = (
        float(rect.attrib["height"])
        for rect in chart(bar(FIRST, 100), bar(LAST, 50), bar(date(2026, 5, 1), 0)).iter("rect")
    )
    assert full == pytest.approx(2 * half)
    assert 0 < none < half / 10


def test_the_axis_names_days_and_points() -> None:
    labels = [text.text for text in chart(bar(LAST, 31)).iter("text")]
    assert labels == ["50 points", "25", None, "2 Apr", "2 May", "31 May", "30 Jun"]


def test_a_bar_says_what_it_stands_for_and_says_it_as_text() -> None:
    [title] = chart(bar(LAST, 31)).iter("title")
    assert title.text == "2026-06-30: <31>"
    assert not re.search(r"<31>", str(bars([bar(LAST, 31)], FIRST, LAST)))


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 10), (10, 10), (10.5, 20), (20, 20), (31, 50), (51, 100), (100, 100), (1_001, 2_000)],
)
def test_the_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert round_top(highest) == top
