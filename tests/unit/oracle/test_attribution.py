"""The oracle's attribution: the example of docs/attribution.md, and the edges of each rule."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.oracle.attribution import MODELS, Conversion, Touchpoint, credits_of, led_to, value_of
from tests.oracle.channel_paths import Path as ChannelPath
from tests.oracle.channel_paths import (
    channel_credits,
    conversion_probability,
    removal_effects,
    steps_of,
)
from tests.oracle.rules import ConversionRule

PAGE = Path(__file__).resolve().parents[3] / "docs" / "attribution.md"
RULE = ConversionRule("Bought", Decimal(50), "EUR", "value", "currency")
NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
MAY = date(2026, 5, 1)


def at(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def conversion() -> Conversion:
    return Conversion("c1", "p1", None, None, RULE, Decimal(100), "EUR", False, at(NOON))


def visit(before: timedelta, channel: str, name: str = "") -> Touchpoint:
    return Touchpoint(at(NOON - before), name, name, "p1", channel)


def test_the_example_of_the_page_is_as_worked_out() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    start = next(n for n, line in enumerate(lines) if line.startswith("| session | channel |"))
    table = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines[start:]]
    models = table[0][2:]
    rows = [row for row in table[2:] if row[0].endswith(" May")]
    visits = []
    for day, channel, *_ in rows:
        moment = datetime.strptime(f"{day} 2026 12:00 +0000", "%d %B %Y %H:%M %z")
        an_hour = timedelta(hours=1) if day.startswith("31") else timedelta()
        visits.append(visit(NOON - moment + an_hour, channel, day))
    assert models == list(MODELS)
    assert len(rows) == 5
    credit = {
        (one.model, one.touchpoint.session): one.credit
        for one in credits_of(conversion(), visits)
        if one.touchpoint
    }
    for day, _, *shares in rows:
        for model, share in zip(models, shares, strict=True):
            assert credit.get((model, day), 0) == pytest.approx(float(share), abs=1e-12)


def test_the_shipped_lines_of_the_page_are_columns_of_the_seed() -> None:
    seed = PAGE.parents[1] / "seeds" / "attribution" / "conversion_events.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        header = ",".join(next(csv.reader(file)))
    assert f"\n{header}\n" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "is_led"),
    [
        (timedelta(), True),
        (timedelta(microseconds=-1), False),
        (timedelta(days=30), True),
        (timedelta(days=30, microseconds=1), False),
    ],
)
def test_the_look_back_is_thirty_days_to_the_microsecond(before: timedelta, is_led: bool) -> None:
    one = visit(before, "Email")
    assert led_to(conversion(), [one]) == [one] * is_led


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_credit_sums_to_one_by_every_model(count: int) -> None:
    visits = [visit(timedelta(days=count - n), "Email", str(n)) for n in range(count)]
    for model in MODELS:
        shares = [one.credit for one in credits_of(conversion(), visits) if one.model == model]
        assert sum(shares) == pytest.approx(1, abs=1e-12)
    ends = [one.credit for one in credits_of(conversion(), visits) if one.model == "position_based"]
    assert ends[0] == ends[-1] == {1: 1.0, 2: 0.5}.get(count, pytest.approx(0.4))


def test_without_a_touchpoint_direct_has_it_all() -> None:
    found = credits_of(conversion(), [])
    assert [(one.model, one.touchpoint, one.credit) for one in found] == [
        (model, None, 1.0) for model in MODELS
    ]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (("12.34567", "usd"), (Decimal("12.3457"), "USD", True)),
        (("0.00005", "USD"), (Decimal("0.0001"), "USD", True)),
        (("0", None), (Decimal(0), "EUR", True)),
        (("12", "dollars"), (Decimal(12), "EUR", True)),
        (("-1", "USD"), (Decimal(50), "EUR", False)),
        (("1e3", "USD"), (Decimal(50), "EUR", False)),
        (("99999999999999.99995", "USD"), (Decimal(50), "EUR", False)),
        ((None, "USD"), (Decimal(50), "EUR", False)),
    ],
)
def test_an_amount_that_is_one_goes_before_the_usual(
    stated: tuple[str | None, str | None], expected: tuple[Decimal, str, bool]
) -> None:
    assert value_of(RULE, stated) == expected


def path(person: str, channels: str, converts: bool) -> ChannelPath:
    return ChannelPath(
        person, f"of {person}" if converts else None, MAY, tuple(channels.split(" > ")), 1, 0
    )


PATHS = [
    *(path(f"user_id:e{n}", "Email", converts=n < 2) for n in range(4)),
    path("user_id:s1", "Search > Email", converts=True),
    path("user_id:s2", "Search > Email", converts=False),
    path("user_id:s3", "Search", converts=False),
    path("user_id:s4", "Search", converts=False),
]


def test_what_is_lost_without_a_channel_is_what_comes_by_it() -> None:
    steps = steps_of(PATHS)
    assert conversion_probability(steps) == Fraction(3, 8)
    assert removal_effects(steps) == {"Email": 1, "Search": Fraction(1, 3)}
    shares = {one.channel: one.credit for one in channel_credits(PATHS)}
    assert shares == {"Email": 0.75, "Search": 0.25}


def test_a_way_back_and_forth_is_followed_to_its_end() -> None:
    paths = [path("user_id:a", "Email > Direct > Email > Direct", converts=True),
             path("user_id:b", "Email", converts=False)]  # fmt: skip
    effects = removal_effects(steps_of(paths))
    assert effects == {"Email": 1, "Direct": 1}


def test_a_month_without_a_conversion_has_no_credit() -> None:
    [one] = channel_credits([path("user_id:a", "Email", converts=False)])
    assert (one.path_count, one.removal_effect, one.credit, one.interval) == (1, None, None, None)
