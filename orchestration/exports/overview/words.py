"""How figures of the overview are said: amounts, changes, shares, each as people write them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orchestration.exports.overview.figures import Figure

MINUS = "−"


def number(value: Decimal | float | None) -> str:
    """12,345; what is not whole and below 100 has one decimal; a dash for none."""
    if value is None:
        return "–"
    exact = Decimal(value)
    is_small = abs(exact) < 100 and exact != exact.to_integral_value()
    return rounded(exact, 1 if is_small else 0)


def rounded(value: Decimal | float, places: int) -> str:
    """With so many decimals, halves away from zero, thousands apart."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{exact:,}".replace("-", MINUS)


def amount(value: Decimal | float | None, currency: str) -> str:
    """1,234 EUR, and 4.56 EUR below 10; a dash for none."""
    if value is None:
        return "–"
    exact = Decimal(value)
    return f"{rounded(exact, 2 if 0 < abs(exact) < 10 else 0)} {currency}"


def difference(figure: Figure) -> str:
    """+12, −3, or ±0."""
    if not figure.change:
        return "±0"
    return f"{'+' if figure.change > 0 else ''}{number(figure.change)}"


def percent_change(figure: Figure) -> str:
    """+12 %, −3 %, 14 ×; `new` where there was none before, `as before` for no change."""
    if not figure.change:
        return "as before"
    if not figure.earlier:
        return "new"
    if figure.current >= 10 * figure.earlier:
        return f"{rounded(figure.current / figure.earlier, 0)} ×"
    percent = rounded(100 * figure.change / figure.earlier, 0)
    if percent.strip(f"{MINUS}0") == "":
        return "±0 %"
    return f"{'' if percent.startswith(MINUS) else '+'}{percent} %"


def duration(seconds: float | None) -> str:
    """45 s, 12 min, 3.5 h or 2 days, whichever has few digits; – for none."""
    if seconds is None:
        return "–"
    for most, unit_seconds, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < most:
            return f"{number(seconds / unit_seconds)} {unit}"
    return f"{number(seconds / 86_400)} days"


def share(part: Decimal | int, whole: Decimal | int) -> str:
    """12 %; one decimal below 10; 0 % of nothing."""
    if not whole:
        return "0 %"
    percent = 100 * Decimal(part) / Decimal(whole)
    return f"{rounded(percent, 1 if 0 < percent < 10 else 0)} %"


def width(part: Decimal | int, whole: Decimal | int) -> str:
    """The length of a bar, in percent of the longest."""
    return f"{100 * part / whole if whole else 0:.1f}"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "rounded": rounded,
    "amount": amount,
    "difference": difference,
    "percent_change": percent_change,
    "share": share,
    "duration": duration,
    "width": width,
}
