"""A refresh of what is new says the same as one of everything, whatever came when.

A log is cut into batches in any order; after each the models are brought up to date, now and then
cut short, as by a kill, before some model. Then every published table is held against the same
models built from everything, and against the oracle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path
from pprint import pformat
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.settings import Settings
from tests.campaign_answers import assert_equal_campaigns
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events, frame_of_leads, frame_of_spend
from tests.integration.test_models_equal_the_oracle import assert_equal_answers
from tests.lead_magnet_answers import assert_equal_lead_magnet
from tests.oracle.ad_spend import settled
from tests.oracle.lead_magnet_strategies import steps
from tests.oracle.lead_strategies import raw_leads
from tests.oracle.leads import from_raw_rows
from tests.oracle.log import unique_rows
from tests.oracle.override_strategies import overrides
from tests.oracle.overrides import read_overrides
from tests.oracle.product import run_rows
from tests.oracle.rules import load_rules
from tests.oracle.spend_strategies import raw_spend
from tests.oracle.stored import as_stored
from tests.oracle.strategies import (
    AS_OF,
    NOBODIES,
    SITE_DOMAINS,
    SPECIAL_EMAILS,
    Message,
    log_visits,
    messages,
)
from tests.overview_answers import assert_equal_overview

RULES = load_rules(SITE_DOMAINS)

RECORDS = {"fct_score_history", "fct_band_history", "fct_alerts"}
"""What was done and said, which no rebuild touches."""

LEADS = ("ada@north.example", "bob@eu.north.example", "info@north.example", "new@unseen.example")

Row = dict[str, Any]
Rows = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class Arrival:
    """What comes in one load, and the refresh after it: by what a person has decided about who is
    who until then, as of so many days after the log's last, and ended before model `cut_short`."""

    messages: Sequence[Message]
    visits: Sequence[Row]
    leads: Sequence[Row]
    spend: Sequence[Row]
    overrides: Sequence[Row]
    cut_short: int | None
    days_later: int


@st.composite
def arrivals(draw: st.DrawFn) -> list[Arrival]:
    """A small hostile log, in one to five loads, with some of it loaded twice."""
    log: list[Message] = [*draw(messages()), *draw(steps())]
    visits: list[Row] = draw(log_visits())
    count = draw(st.integers(1, 5))
    places = st.integers(0, count - 1)
    of_messages = draw(st.lists(places, min_size=len(log), max_size=len(log)))
    of_visits = draw(st.lists(places, min_size=len(visits), max_size=len(visits)))
    leads: list[Row] = draw(raw_leads(st.sampled_from(LEADS), max_size=3))
    of_leads = draw(st.lists(places, min_size=len(leads), max_size=len(leads)))
    spend: list[Row] = draw(raw_spend(max_size=3))
    of_spend = draw(st.lists(places, min_size=len(spend), max_size=len(spend)))
    return [
        Arrival(
            [message for place, message in zip(of_messages, log, strict=True) if place == number],
            [visit for place, visit in zip(of_visits, visits, strict=True) if place == number],
            [lead for place, lead in zip(of_leads, leads, strict=True) if place == number],
            [row for place, row in zip(of_spend, spend, strict=True) if place == number],
            draw(st.one_of(st.just([]), st.just([]), overrides(max_size=2))),
            draw(st.one_of(st.none(), st.none(), st.integers(0, 130))) if number else None,
            draw(st.sampled_from((0, 0, 1, -1, -20, 400))),
        )
        for number in range(count)
    ]


class Loads:
    """What schema raw holds after each load, and by which load each row came to be as it is."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._visits: list[Row] = []
        self._rows: dict[str, Row] = {}

    def add(self, arrival: Arrival, load_id: int) -> list[Row]:
        """The rows of raw.events after one more load."""
        self._messages.extend(arrival.messages)
        self._visits.extend(arrival.visits)
        winners = [as_stored(row) for row in unique_rows(self._messages, RULES)]
        now = {row["event_id"]: row for row in (*winners, *self._visits)}
        for event_id, row in now.items():
            before = self._rows.get(event_id)
            unchanged = before is not None and row.items() <= before.items()
            self._rows[event_id] = (
                before if unchanged and before else {**row, "load_id": load_id, "line_number": 1}
            )
        return list(self._rows.values())


def published_tables(models: CompiledModels) -> dict[str, Rows]:
    """Every row of every table that readers see, but for the records of what was said."""
    return {
        node.name: Counter(map(_hashable, models.rows(f"from {node.relation}")))
        for node in models.models
        if node.place[0] == "published" and node.name not in RECORDS
    }


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


BUNDLE = 100
"""Logs that are run side by side in one database: a statement costs the same for one or many."""
ALONE = 20
"""One log in so many is run by itself too: beside others, whose events came on the same days and by
the same channels, what is kept by day or by channel is worked out again whoever else changed."""


def small_logs(count: int) -> list[list[Arrival]]:
    """So many logs of Hypothesis' making."""
    made: list[list[Arrival]] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(loads=arrivals())
    def collect(loads: list[Arrival]) -> None:
        made.append(loads)

    collect()
    return made


def side_by_side(logs: Sequence[list[Arrival]]) -> list[Arrival]:
    """One log of several: the same loads, the names of each log made its own."""
    if len(logs) == 1:
        return logs[0]
    apart = [[in_room(arrival, room) for arrival in log] for room, log in enumerate(logs)]
    return [
        Arrival(
            [message for arrival in together if arrival for message in arrival.messages],
            [visit for arrival in together if arrival for visit in arrival.visits],
            [lead for arrival in together if arrival for lead in arrival.leads],
            [row for arrival in together if arrival for row in arrival.spend],
            [pair for arrival in together if arrival for pair in arrival.overrides],
            next((one.cut_short for one in together if one and one.cut_short), None),
            next(arrival.days_later for arrival in together if arrival),
        )
        for together in zip_longest(*apart)
    ]


def in_room(arrival: Arrival, room: int) -> Arrival:
    """The same load with names that no other room has, but for those that name or link nobody."""
    return Arrival(
        [_renamed(message, room) for message in arrival.messages],
        [_renamed(visit, room) for visit in arrival.visits],
        [_renamed(lead, room) for lead in arrival.leads],
        arrival.spend,
        [_decided_in(pair, room) for pair in arrival.overrides],
        arrival.cut_short,
        arrival.days_later,
    )


_IDS = {
    "messageId", "anonymousId", "userId", "previousId", "event_id", "anonymous_id", "user_id",
    "request_id",
}  # fmt: skip


def _decided_in(pair: Row, room: int) -> Row:
    """The decision on the names of the room."""
    kinds = {"user_id": "userId", "email": "email"}
    return {"action": pair["action"]} | {
        column: value
        for place in ("first", "second")
        for column, value in (
            (f"{place}_type", pair[f"{place}_type"]),
            (
                f"{place}_identifier",
                _renamed(pair[f"{place}_identifier"].strip(), room, kinds[pair[f"{place}_type"]]),
            ),
        )
    }


def _renamed(value: Any, room: int, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _renamed(member, room, name) for name, member in value.items()}
    if key in _IDS and isinstance(value, str) and value not in NOBODIES:
        return f"{value}~{room}"
    if key == "email" and isinstance(value, str) and value not in SPECIAL_EMAILS:
        return value.replace("@", f".{room}@", 1)
    return value


def compare(models: CompiledModels, loads: Sequence[Arrival]) -> None:
    """Brings the models up to date load by load, then builds them from everything."""
    given_settings = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    history = Loads()
    rows: list[Row] = []
    leads: list[Row] = []
    spend: dict[str, Row] = {}
    for number, arrival in enumerate(loads, start=1):
        rows = history.add(arrival, models.next_load())
        leads.extend(arrival.leads)
        spend |= {row["content_md5"]: row for row in arrival.spend}
        as_of = AS_OF + timedelta(days=arrival.days_later)
        models.override(arrival.overrides)
        frames = frame_of_events(rows, RULES), as_of, given_settings, frame_of_leads(leads)
        models.load(*frames, frame_of_spend(list(spend.values())))
        if number == 1:
            models.rebuild()
        else:
            models.update(stop_before=arrival.cut_short)
    frames = frame_of_events(rows, RULES), AS_OF, given_settings, frame_of_leads(leads)
    models.load(*frames, frame_of_spend(list(spend.values())))
    models.update()
    updated = published_tables(models)
    models.rebuild()
    for name, rebuilt in published_tables(models).items():
        assert updated[name] == rebuilt, _difference(name, updated[name], rebuilt)
    decided = read_overrides(loads[-1].overrides, RULES)
    by_crm = from_raw_rows(leads)
    result = run_rows(rows, AS_OF, RULES, decided, by_crm)
    assert_equal_answers(models, result)
    assert_equal_campaigns(models, result, settled(spend.values(), RULES), RULES)
    assert_equal_overview(models, result, settled(spend.values(), RULES), RULES)
    assert_equal_lead_magnet(models, result, RULES)


def compare_one(models: CompiledModels, log: Sequence[Arrival]) -> None:
    """The same, and tells the log where they differ."""
    try:
        compare(models, log)
    except AssertionError as error:
        raise AssertionError(f"{error}\n\n{pformat(log)}") from error


def _difference(name: str, updated: Rows, rebuilt: Rows) -> str:
    surplus, missing = updated - rebuilt, rebuilt - updated
    return f"{name}: brought up to date it has {list(surplus)}, built anew {list(missing)}"


def test_what_is_brought_up_to_date_is_as_if_built_from_everything(
    models: CompiledModels, request: pytest.FixtureRequest
) -> None:
    logs = small_logs(int(request.config.getoption("--logs")))
    for log in logs[::ALONE]:
        compare_one(models, log)
    for start in range(0, len(logs), BUNDLE):
        bundle = logs[start : start + BUNDLE]
        try:
            compare(models, side_by_side(bundle))
        except AssertionError:
            for log in bundle:
                compare_one(models, log)
            raise


def login(event_id: str, device: str, user_id: str, minute: int, received: int) -> Message:
    """Somebody logs in, at a minute of the last day, as received some minutes after it began."""
    return {
        "messageId": event_id,
        "type": "identify",
        "anonymousId": device,
        "userId": user_id,
        "timestamp": f"{AS_OF}T10:{minute:02}:00.000Z",
        "receivedAt": f"{AS_OF}T10:{received:02}:00.000Z",
    }


def test_a_session_is_again_of_the_earlier_person_where_the_later_one_was_never_there(
    models: CompiledModels,
) -> None:
    both = [login("a", "d1", "ada", 0, 0), login("b", "d1", "bob", 5, 9)]
    elsewhere = [login("b", "d2", "bob", 5, 5)]
    loads = [Arrival(messages, [], [], [], [], None, 0) for messages in (both, elsewhere)]
    compare(models, loads)
    found = models.rows("select session_count from published.marts.dim_people")
    assert [*found] == [(1,), (1,)]


def event(event_id: str, kind: str, minute: int, day: int = 0, **told: Any) -> Message:
    """An event of device d1, at a minute past ten so many days before the log's last."""
    at = f"{AS_OF - timedelta(days=day)}T10:{minute:02}:00.000Z"
    return {"messageId": event_id, "type": kind, "timestamp": at, "anonymousId": "d1", **told}


def test_a_step_loses_its_visit_where_whoever_ended_it_turns_out_to_be_internal(
    models: CompiledModels,
) -> None:
    page = {"url": "https://shop.example/?utm_source=news&utm_medium=email"}
    step = {"event": "cta_view", "properties": {"offer_id": "site_readiness"}}
    shared = [
        event("a", "identify", 0, userId="ada"),
        event("b", "page", 1, context={"page": page}),
        event("c", "track", 2, **step),
        event("d", "identify", 3, userId="bob"),
    ]
    elsewhere = event("e", "identify", 0, userId="bob", traits={"email": "bob@example.com"})
    loads = [
        Arrival(messages, [], [], [], [], None, 0)
        for messages in (shared, [{**elsewhere, "anonymousId": "d2"}])
    ]
    compare(models, loads[:1])
    assert models.rows("select channel from published.marts.fct_lead_magnet_funnel") == [("Email",)]
    compare(models, loads)
    assert models.rows("select channel from published.marts.fct_lead_magnet_funnel") == [
        ("Unassigned",)
    ]


def test_days_are_counted_again_of_who_turns_out_to_be_internal_and_of_nobody_else(
    models: CompiledModels,
) -> None:
    long_ago = [event("a", "page", 0, day=9), event("b", "page", 0, day=3)]
    known = event("c", "identify", 0, userId="bob", traits={"email": "bob@example.com"})
    loads = [Arrival(messages, [], [], [], [], None, 0) for messages in (long_ago, [known])]
    compare(models, loads)
    days = "select event_date from published.marts.fct_excluded_traffic where reason = 'internal'"
    assert len(models.rows(days)) == 3


def test_a_day_counts_one_person_where_two_devices_with_a_programs_page_are_of_one_now(
    models: CompiledModels,
) -> None:
    crawler = {"context": {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}}
    first = [
        {**event(f"{device}{number}", "page", number, day=9, **agent), "anonymousId": device}
        for device in ("d1", "d2")
        for number, agent in enumerate((crawler, {}))
    ]
    known = [
        {**event(f"known{device}", "identify", 0, userId="ada"), "anonymousId": device}
        for device in ("d1", "d2")
    ]
    loads = [Arrival(messages, [], [], [], [], None, 0) for messages in (first, known)]
    counted = "select person_count from published.marts.fct_excluded_traffic where reason = 'bot'"
    compare(models, loads[:1])
    assert models.rows(counted) == [(2,)]
    compare(models, loads)
    assert models.rows(counted) == [(1,)]


def test_a_colleague_who_becomes_known_has_a_share_of_what_the_company_did_before(
    models: CompiledModels,
) -> None:
    page = {"context": {"page": {"url": "https://shop.example/?utm_source=google&utm_medium=cpc"}}}
    asked = {"event": "demo_request", "userId": "ada", "traits": {"email": "ada@north.example"}}
    first = [
        event("a", "page", 0, day=9, **page),
        {**event("b", "identify", 0, day=2, **asked), "anonymousId": "d2"},
        {**event("c", "track", 1, day=2, **asked), "anonymousId": "d2"},
    ]
    known = event("d", "identify", 0, userId="bob", traits={"email": "bob@north.example"})
    loads = [Arrival(messages, [], [], [], [], None, 0) for messages in (first, [known])]
    compare(models, loads)
    channels = "select distinct channel from published.marts.fct_account_attribution"
    assert models.rows(channels) == [("Paid Search",)]
