"""Hypothesis strategies for small hostile logs: few names, coarse times, every edge close by.

`messages` are Segment messages, `lines` the same as NDJSON among broken and blank lines,
`raw_rows` rows as they stand in raw.events, visits of an access log among them. Measure
them as of `AS_OF`, the day after a leap day, with `SITE_DOMAINS`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.amount_strategies import amounts
from tests.oracle.log import ACCESS_LOG, unique_rows
from tests.oracle.messages import CONTENT_COLUMNS, in_snake_case
from tests.oracle.rules import Rules
from tests.oracle.stored import as_stored

Message = dict[str, Any]

AS_OF = date(2028, 3, 1)
SITE_DOMAINS = ("example.com",)

_MIDNIGHT = datetime(2028, 2, 29, tzinfo=UTC)
_AFTER_AS_OF = datetime(2028, 3, 2, tzinfo=UTC)

# Around one midnight the session gap and one second either side of it, once and twice over.
_AROUND = (-1800, -1799, -1, 0, 1, 9, 10, 1799, 1800, 1801, 3599, 3600, 3601)
INSTANTS: tuple[datetime, ...] = tuple(
    sorted(
        {
            *(_MIDNIGHT + timedelta(seconds=seconds) for seconds in _AROUND),
            *(_MIDNIGHT + timedelta(hours=12, seconds=seconds) for seconds in (0, 1800, 3601)),
            # both sides of the days that matter to activity, hand raises, surge and forgetting
            *(
                _AFTER_AS_OF - timedelta(days=days, seconds=seconds)
                for days in (6, 7, 13, 14, 90, 91, 140, 420)
                for seconds in (0, 1)
            ),
            # the look-back, and a second more
            *(_MIDNIGHT - timedelta(days=30, seconds=seconds) for seconds in (0, 1)),
            _AFTER_AS_OF - timedelta(seconds=1),
            _AFTER_AS_OF,
        }
    )
)

DEVICES = ("d1", "d2", "d3")
USERS = ("u1", "u2", "u3", "U1")
EMAILS = (
    "ada@north.example",
    " Ada@North.Example\n",
    "bob@eu.north.example",
    "cy@south.example",
    "dee@gmail.com",
    "eli@hey.com",
    "fay@cs.north.edu",
)
SPECIAL_EMAILS = (
    "info@north.example",
    "sales@south.example",
    "x@mailinator.com",
    "dev@example.com",
    "ops@eu.example.com",
    "boss@example.com.",
    "stu@uni.edu.",
    "who@co.uk",
)
NOBODIES = ("null", "undefined", "NONE", '"null"', "0", "[object Object]", " ", "")
NO_EMAILS = (
    "ada",
    "ada\xa0x@north.example",
    "ada@north",
    "ada@@north.example",
    "ada bob@north.example",
    "null",
    "",
)
PATHS = (
    "/pricing", "/Pricing/", "/docs/a", "/blog/b", "/contact", "/security", "/", "", "/else",
    "/jobs/1", "/pricing?utm_source=google&utm_medium=cpc&utm_campaign=brand", "/?gclid=g1",
    "/blog/b?utm_source=news&utm_medium=email",
)  # fmt: skip
EVENT_NAMES = (
    "cta_click", "demo_request", "Demo_Request", "form_submit", "signup", "webinar_attend",
    "job_application", "unsubscribe", "mail_subscribe",
)  # fmt: skip
_NONE: st.SearchStrategy[list[Message]] = st.just([])
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def _mostly(usual: Sequence[Any], unusual: Sequence[Any]) -> st.SearchStrategy[Any]:
    """One of `usual`, and once in eight one of `unusual`."""
    return st.integers(0, 7).flatmap(lambda n: st.sampled_from(unusual if n == 0 else usual))


def _sometimes(value: st.SearchStrategy[Any], one_in: int = 3) -> st.SearchStrategy[Any]:
    """None, or once in `one_in` the value."""
    return st.integers(1, one_in).flatmap(lambda n: value if n == one_in else st.none())


def devices() -> st.SearchStrategy[str]:
    """Anonymous ids; a device may have the name of a user, and some mean nothing."""
    return _mostly(DEVICES, (*NOBODIES, "u2", " d1"))


def users() -> st.SearchStrategy[str]:
    """User ids that differ in case, look like an e-mail, need a trim, or mean nothing."""
    return _mostly(USERS, (*NOBODIES, " u1 ", "ada@north.example", "d2"))


def emails() -> st.SearchStrategy[str]:
    """Addresses of people, of roles, thrown away, of staff, and texts that are none."""
    return st.one_of(
        st.sampled_from(EMAILS), st.sampled_from(EMAILS), _mostly(SPECIAL_EMAILS, NO_EMAILS)
    )


def mail_traits() -> st.SearchStrategy[dict[str, Any]]:
    """What somebody says of being written to, in the words of seeds/flags and in others."""
    answers = st.sampled_from((True, False, "No", " yes ", 1, 0, "off", "perhaps", "", None, []))
    names = st.sampled_from(("can_email", "do_not_email", "unsubscribed", "Can_Email"))
    return st.dictionaries(names, answers, min_size=1, max_size=2)


@st.composite
def _clock(draw: st.DrawFn) -> dict[str, str]:
    """The times of a message: in order, a client's wrong clock, a day ahead and a bit more."""
    at = draw(st.sampled_from(INSTANTS))
    kind = draw(_mostly(("plain",), ("no arrival", "original", "skewed", "ahead")))
    if kind == "plain":
        return {"timestamp": _iso(at), "receivedAt": _iso(at + timedelta(seconds=1))}
    if kind == "no arrival":
        return {"timestamp": _iso(at)}
    if kind == "original":
        return {"timestamp": _iso(at), "originalTimestamp": _iso(at - timedelta(hours=5))}
    if kind == "ahead":
        ahead = draw(st.sampled_from((86_400, 86_401)))
        return {"timestamp": _iso(at), "receivedAt": _iso(at - timedelta(seconds=ahead))}
    skew = timedelta(seconds=draw(st.sampled_from((-90_000, -3600, 0, 3600, 90_000))))
    return {
        "timestamp": _iso(at + skew),
        "sentAt": _iso(at + skew + timedelta(seconds=5)),
        "receivedAt": _iso(at + timedelta(seconds=5)),
    }


@st.composite
def message(draw: st.DrawFn, event_ids: st.SearchStrategy[str | None]) -> Message:
    """One message of any type; about one in eight has something strange about it."""
    kind = draw(
        st.sampled_from(
            ("page", "page", "track", "track", "identify", "identify", "alias", "group")
        )
    )
    context: dict[str, Any] = {"userAgent": draw(_mostly((BROWSER,), (BOT,)))}
    fields: Message = {
        "messageId": draw(event_ids),
        "type": kind,
        **draw(_clock()),
        "context": context,
        # an event without a device comes from a server
        "anonymousId": None if draw(_mostly((False,), (True,))) else draw(devices()),
        "userId": draw(users() if kind in {"identify", "alias"} else _sometimes(users(), 6)),
    }
    if kind == "page":
        context["page"] = {"url": "https://www.example.com" + draw(st.sampled_from(PATHS))}
    if kind == "track":
        fields["event"] = draw(st.sampled_from(EVENT_NAMES))
        fields["properties"] = {"email": draw(_sometimes(emails())), **draw(amounts())}
    if kind == "identify":
        said = draw(_sometimes(mail_traits(), 4))
        fields["traits"] = {"email": draw(emails()), **(said or {})}
        fields["userId"] = draw(st.sampled_from((fields["userId"], fields["userId"], None)))
    if kind == "group":
        fields["traits"] = {"email": draw(_sometimes(emails()))}
    if kind == "alias":
        fields["previousId"] = draw(st.one_of(users(), devices(), st.just("nobody-has-it")))
        fields["anonymousId"] = draw(_sometimes(devices()))
    context["traits"] = draw(_sometimes(st.fixed_dictionaries({"email": emails()}), 10))
    if draw(_mostly((False,), (True,))):
        denies = draw(st.booleans())
        context["consent"] = {"categoryPreferences": {"Analytics": not denies}}
    return _without_nulls(fields)


@st.composite
def over_the_email_limit(draw: st.DrawFn) -> list[Message]:
    """One user id with more addresses than a person may have, in any order, some at one time."""
    user = draw(st.sampled_from(USERS))
    addresses = draw(st.permutations([f"n{number}@many.example" for number in range(6)]))
    return [
        _identify(f"over-email-{place}", draw(_second()), user, address)
        for place, address in enumerate(addresses)
    ]


@st.composite
def over_the_user_limit(draw: st.DrawFn) -> list[Message]:
    """One address with more user ids than a person may have, in any order, some at one time."""
    address = draw(st.sampled_from(EMAILS))
    names = draw(st.permutations([f"clerk{number}" for number in range(11)]))
    return [
        _identify(f"over-user-{place}", draw(_second()), name, address)
        for place, name in enumerate(names)
    ]


@st.composite
def two_full_people(draw: st.DrawFn) -> list[Message]:
    """Two people within the limit, and an alias that would make one beyond it, at any time."""
    made = [
        _identify(f"full-{user}-{number}", draw(_second()), user, f"{user}{number}@full.example")
        for user in ("f1", "f2")
        for number in range(draw(st.integers(2, 3)))
    ]
    at = draw(_second())
    made.append(
        {
            "messageId": "full-alias",
            "type": "alias",
            "timestamp": _iso(at),
            "userId": "f2",
            "previousId": "f1",
        }
    )
    return made


@st.composite
def kiosk(draw: st.DrawFn) -> list[Message]:
    """One device on which two people take turns, minutes or no time at all apart."""
    made: list[Message] = []
    for number in range(draw(st.integers(2, 6))):
        turn: Message = {
            "messageId": f"kiosk-{draw(st.integers(0, 9))}-{number}",
            "type": "page",
            "timestamp": _iso(draw(_second())),
            "anonymousId": "d-kiosk",
            "context": {"page": {"url": "https://www.example.com/pricing"}},
        }
        named = draw(st.sampled_from((None, "u1", "u2", "ada@north.example")))
        if named and "@" in named:
            turn |= {"type": "identify", "traits": {"email": named}}
        elif named:
            turn |= {"userId": named}
        made.append(turn)
    return made


@st.composite
def messages(draw: st.DrawFn, max_size: int = 14) -> list[Message]:
    """A small log in any order: ties, re-sends, collisions, events without an id."""
    event_ids = st.integers(-4, 60).map(lambda n: None if n < 0 else f"e{n:02d}")
    log = draw(st.lists(message(event_ids), max_size=max_size))
    for scene in draw(
        st.lists(
            st.sampled_from((over_the_email_limit, over_the_user_limit, two_full_people, kiosk)),
            max_size=1,
        )
    ):
        log.extend(draw(scene()))
    if log:
        for again in draw(st.lists(st.sampled_from(log), max_size=3)):
            log.append(draw(_another_copy(again)))
    return list(draw(st.permutations(log)))


@st.composite
def _another_copy(draw: st.DrawFn, original: Message) -> Message:
    """The same event once more: as it was, received earlier or later, or with other content."""
    change = draw(st.sampled_from(("none", "later", "earlier", "content")))
    if change == "content":
        return original | {"properties": {"version": draw(st.integers(1, 3))}}
    if change == "none" or "receivedAt" not in original:
        return dict(original)
    received = datetime.fromisoformat(original["receivedAt"])
    later = timedelta(seconds=1 if change == "later" else -1)
    return original | {"receivedAt": _iso(received + later)}


@st.composite
def lines(draw: st.DrawFn, max_size: int = 14) -> list[str]:
    """The same as NDJSON: either key style, envelopes, and records that are no events."""
    written: list[str] = []
    waiting = list(draw(messages(max_size)))
    while waiting:
        style = draw(_mostly(("plain",), ("snake", "batch")))
        if style == "batch":
            taken = [waiting.pop() for _ in range(min(len(waiting), draw(st.integers(1, 3))))]
            written.append(json.dumps({"batch": taken}))
        else:
            one = waiting.pop()
            written.append(json.dumps(in_snake_case(one) if style == "snake" else one))
    bad = (
        "",
        "   ",
        "{",
        "nonsense",
        "[]",
        "42",
        '{"type": "page"}',
        '{"type": "purchase", "timestamp": "2028-02-29T00:00:00Z"}',
        '{"type": "page", "anonymousId": "d1", "timestamp": "yesterday"}',
    )
    written.extend(draw(st.lists(st.sampled_from(bad), max_size=2)))
    return list(draw(st.permutations(written)))


@st.composite
def raw_rows(
    draw: st.DrawFn,
    rules: Rules,
    max_size: int = 14,
    more: st.SearchStrategy[list[Message]] = _NONE,
) -> list[dict[str, Any]]:
    """Rows of raw.events: the winners of a log of messages and `more`, and of an access log.

    Times are naive datetimes in UTC, the JSON columns texts, as the warehouse holds them.
    """
    log = [*draw(messages(max_size)), *draw(more)]
    rows = [as_stored(row) for row in unique_rows(log, rules)]
    rows.extend(draw(log_visits()))
    return [{**row, "load_id": 1, "line_number": n} for n, row in enumerate(rows, start=1)]


@st.composite
def log_visits(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of raw.events as an access log makes them: two visitors, some logged in."""
    made = draw(
        st.lists(
            st.builds(
                _log_visit,
                visitor=st.sampled_from(("log-visitor-1", "log-visitor-2")),
                user=_sometimes(st.sampled_from(USERS)),
                at=st.sampled_from(INSTANTS),
                path=st.sampled_from(PATHS),
                agent=_mostly((BROWSER,), (BOT,)),
            ),
            max_size=6,
        )
    )
    return [{**row, "event_id": f"visit-{number}"} for number, row in enumerate(made)]


def _identify(event_id: str, at: datetime, user: str, address: str) -> Message:
    return {
        "messageId": event_id,
        "type": "identify",
        "timestamp": _iso(at),
        "userId": user,
        "traits": {"email": address},
    }


def _second() -> st.SearchStrategy[datetime]:
    return st.integers(0, 5).map(lambda second: _MIDNIGHT + timedelta(seconds=second))


def _log_visit(
    visitor: str, user: str | None, at: datetime, path: str, agent: str
) -> dict[str, Any]:
    return dict.fromkeys((*CONTENT_COLUMNS, "sent_at")) | {
        "event_type": "page",
        "anonymous_id": visitor,
        "user_id": user,
        "event_at": _naive(at),
        "original_timestamp": _naive(at),
        "received_at": _naive(at),
        "page_url": f"https://www.example.com{path}",
        "user_agent": agent,
        "source": ACCESS_LOG,
    }


def _without_nulls(fields: Message) -> Message:
    return {name: value for name, value in fields.items() if value is not None}


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
