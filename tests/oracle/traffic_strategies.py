"""Hypothesis strategies for visitors at the edge of a rule of traffic, one step either side of it.

A scene is many events made from few choices, since no small log reaches hundreds of page views.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.log import unique_rows
from tests.oracle.messages import CONTENT_COLUMNS
from tests.oracle.rules import Rules
from tests.oracle.stored import as_stored
from tests.oracle.strategies import BOT, BROWSER, messages

Row = dict[str, Any]

_START = datetime(2028, 2, 29, 12, tzinfo=UTC)
_ONE_MICROSECOND = timedelta(microseconds=1)
SITE = "https://www.example.com"
SCANNER = "Mozilla/5.0 (compatible; Mimecast-URL-Protect)"
LINKS = (
    "utm_medium=email",
    "a=1&UTM_Source=E-Mail",
    "mc_cid=1",
    "utm_medium=emailing",
    "utm_medium=social",
    "xmc_cid=1",
    "mc_cid",
)
REFERRERS = (
    "https://semalt.com/x",
    "http://WWW.Semalt.com",
    "https://spam.semalt.com:80/?q",
    "https://notsemalt.com/",
    "https://semalt.com.example/",
    "https://example.org/semalt.com",
)
PREFIXES = ("203.0.113.0/24", "2001:db8:12::/48", "198.18.5.0/24", None)
"""Networks, of which the first two are the company's own (tests/internal_traffic.py)."""


def _view(device: str, at: datetime, url: str, referrer: str | None, agent: str) -> Row:
    return dict.fromkeys((*CONTENT_COLUMNS, "sent_at")) | {
        "event_id": f"{device}-{at:%d%H%M%S%f}-{url[-12:]}",
        "event_type": "page",
        "anonymous_id": device,
        "event_at": at.replace(tzinfo=None),
        "original_timestamp": at.replace(tzinfo=None),
        "received_at": at.replace(tzinfo=None),
        "page_url": url,
        "page_referrer": referrer,
        "user_agent": agent,
        "source": "segment",
    }


def _views(
    device: str,
    gaps: Sequence[timedelta],
    pages: int,
    start: datetime = _START,
    agent: str = BROWSER,
) -> list[Row]:
    """Page views with these gaps between them, over so many pages in turn."""
    at, rows = start, []
    for number, gap in enumerate((timedelta(0), *gaps)):
        at += gap
        url = f"{SITE}/pricing/{number % pages}?n={number}"
        rows.append(_view(device, at, url, f"{SITE}/", agent))
    return rows


@st.composite
def crawls(draw: st.DrawFn) -> list[Row]:
    """Hundreds of page views: as many as the rules say or one fewer, a pause or a bit less."""
    count = draw(st.sampled_from((199, 200, 201)))
    gap = timedelta(seconds=draw(st.sampled_from((1, 9, 10, 17)))) + draw(
        st.sampled_from((timedelta(0), _ONE_MICROSECOND, timedelta(milliseconds=700)))
    )
    gaps = [gap] * (count - 1)
    if draw(st.booleans()):
        gaps[draw(st.sampled_from((0, 100, -1)))] = timedelta(seconds=11)
    # across midnight, where every day is measured by itself, or across an hour
    start = draw(st.sampled_from((_START, _START + timedelta(hours=11, minutes=50))))
    pages = draw(st.sampled_from((1, 199, 200)))
    return _views("crawler", gaps, pages, start, draw(st.sampled_from((BROWSER, BROWSER, BOT))))


@st.composite
def bursts(draw: st.DrawFn) -> list[Row]:
    """Some minutes with page after page."""
    rows = []
    for minute in range(draw(st.sampled_from((4, 5, 6)))):
        count = draw(st.sampled_from((29, 30, 30, 30)))
        start = _START + timedelta(minutes=2 * minute)
        rows += _views("burst", [timedelta(seconds=1)] * (count - 1), 7, start)
    return rows


@st.composite
def pings(draw: st.DrawFn) -> list[Row]:
    """A page that is seen again and again at nearly the same interval, and at times a click."""
    count = draw(st.sampled_from((20, 21, 30)))
    seconds = draw(st.sampled_from((4, 5, 60, 1_000)))
    gaps = [timedelta(seconds=seconds)] * count
    for place in draw(st.lists(st.integers(0, count - 1), max_size=4, unique=True)):
        gaps[place] += timedelta(
            milliseconds=draw(st.sampled_from((499, 500, 2_000, 2_501, 9_000)))
        )
    rows = _views("ping", gaps, 1)
    if draw(st.integers(0, 3)) == 0:
        click = {**rows[0], "event_id": "click", "event_type": "track", "event_name": "cta_click"}
        rows.append(click)
    return rows


@st.composite
def mails(draw: st.DrawFn) -> list[Row]:
    """Links of a mail that are opened within seconds, and perhaps something else later."""
    rows = []
    for number in range(draw(st.sampled_from((2, 3, 4, 4)))):
        link = draw(st.sampled_from(LINKS[:3] if draw(st.integers(0, 9)) else LINKS))
        page = draw(st.sampled_from((number, number, number, 0)))
        at = _START + timedelta(seconds=draw(st.sampled_from((0, 5, 5, 10, 11))))
        referrer = draw(st.sampled_from((*(None,) * 8, " ", f"{SITE}/")))
        url = f"{SITE}/p{page}?{link}#{number}"
        rows.append(_view("mail", at, url, referrer, BROWSER))
    if draw(st.integers(0, 3)) == 0:
        rows += _views("mail", [], 1, _START + timedelta(hours=1))
    return [{**row, "event_id": f"mail-{number}"} for number, row in enumerate(rows)]


@st.composite
def spam(draw: st.DrawFn) -> list[Row]:
    """Page views of which some have a referrer that is known for spam."""
    rows = []
    for number in range(draw(st.integers(1, 4))):
        at = _START + timedelta(seconds=40 * number)
        referrer = draw(st.sampled_from((*REFERRERS, None)))
        agent = draw(st.sampled_from((BROWSER, BROWSER, BROWSER, BOT, SCANNER)))
        rows.append(_view("spam", at, f"{SITE}/docs/{number}", referrer, agent))
    return rows


@st.composite
def offices(draw: st.DrawFn) -> list[Row]:
    """Events of any kind from networks of our own and of others, some of them by a server."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        device = draw(st.sampled_from(("laptop", "laptop", "guest")))
        at = _START + timedelta(seconds=draw(st.sampled_from((0, 60, 3_600))) * number)
        row = _view(device, at, f"{SITE}/pricing?{number}", None, draw(_agents()))
        kind = draw(st.sampled_from(("page", "page", "track", "identify", "group")))
        by_server = draw(st.integers(0, 5)) == 0
        rows.append(
            row
            | {
                "event_id": f"office-{number}",
                "event_type": kind,
                "event_name": "cta_click" if kind == "track" else None,
                "ip_prefix": draw(st.sampled_from(PREFIXES)),
                "user_id": draw(st.sampled_from((None, None, "u1", "tester"))),
                "email": draw(st.sampled_from((None, None, None, "ada@north.example"))),
            }
            | ({"anonymous_id": None} if by_server else {})
        )
    return rows


def _agents() -> st.SearchStrategy[str]:
    return st.sampled_from((BROWSER, BROWSER, BROWSER, BOT))


@st.composite
def suspicious_rows(draw: st.DrawFn, rules: Rules) -> list[Row]:
    """Rows of raw.events: a scene or two, among other events, one of which may name its device."""
    scenes = draw(
        st.lists(st.sampled_from((crawls, bursts, pings, mails, spam, offices)), min_size=1,
                 max_size=2, unique=True)
    )  # fmt: skip
    rows = [row for scene in scenes for row in draw(scene())]
    if draw(st.booleans()):
        name = draw(st.sampled_from(("ada@north.example", "dev@example.com", "x@mailinator.com")))
        rows.append({**rows[0], "event_id": "naming", "event_type": "group", "email": name})
    rows += [
        as_stored(row) | {"ip_prefix": draw(st.sampled_from(PREFIXES))}
        for row in unique_rows(draw(messages(max_size=4)), rules)
    ]
    return [{**row, "load_id": 1, "line_number": number} for number, row in enumerate(rows, 1)]
