"""The oracle's arithmetic and its edges, one rule a test, with numbers that anyone can follow."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.oracle.accounts import Member, roll_up
from tests.oracle.identity import Overrides, RefusedLink
from tests.oracle.lists import email_class, registrable_domain
from tests.oracle.log import from_messages, read_lines
from tests.oracle.names import EMAIL, USER_ID, Node, email_address, identifier
from tests.oracle.pages import page_class
from tests.oracle.product import Result, run_messages, run_rows
from tests.oracle.rules import Rules, ScoringRule, load_rules
from tests.oracle.scoring import band_of, decayed_sum, saturate, score, score_of_points

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
AS_OF = date(2026, 6, 15)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(("example.com",))


def message(event_id: str, kind: str = "page", after: float = 0, **fields: Any) -> dict[str, Any]:
    """A message `after` seconds after noon; `path` makes it a view of that page."""
    path = fields.pop("path", None)
    context = {"page": {"url": f"https://www.example.com{path}"}} if path is not None else {}
    at = (NOON + timedelta(seconds=after)).isoformat()
    return {"messageId": event_id, "type": kind, "timestamp": at, "context": context} | fields


def run(rules: Rules, *messages: dict[str, Any], **options: Any) -> Result:
    return run_messages(messages, AS_OF, rules, **options)


def people_of(result: Result) -> dict[str, str | None]:
    return {event_id: answer.person for event_id, answer in result.events.items()}


def sessions_of(result: Result) -> dict[str, str | None]:
    return {event_id: answer.session_first_event_id for event_id, answer in result.events.items()}


# ---- the worked examples ------------------------------------------------------------------------


def test_a_pricing_view_of_18_days_before_scores_9_484(rules: Rules) -> None:
    found = score({("pricing_view", AS_OF - timedelta(days=18)): 1}, AS_OF, rules)
    assert found.points == pytest.approx(5.750451914, abs=1e-9)
    assert found.intent_score == pytest.approx(9.484378623, abs=1e-9)


def test_five_events_today_and_one_a_week_ago_make_25_then_15_803_then_23_955() -> None:
    rule = ScoringRule("r", 1, "track", "r", None, 10, 7, 2, 25, is_hand_raise=False)
    total = decayed_sum(rule, {AS_OF: 5, AS_OF - timedelta(days=7): 1}, AS_OF)
    assert total == pytest.approx(25)
    assert saturate(total, 25) == pytest.approx(15.803, abs=5e-4)
    assert score_of_points(saturate(total, 25), 40) == pytest.approx(23.955, abs=5e-4)


def test_three_active_people_add_their_bonus(rules: Rules) -> None:
    today = {("pricing_view", AS_OF): 1}
    members = [Member("a", 10, today), Member("b", 40, today), Member("c", 20, today)]
    account = roll_up("north.example", members, AS_OF, rules)
    # 40 + 20/2 + 10/4 = 52.5, and log2(3) = 1.585
    assert account.points == pytest.approx(52.5 * (1 + 0.15 * 1.5849625007), abs=1e-9)
    assert account.person_shares["b"] == pytest.approx(
        account.account_score * 40 / account.points, abs=1e-9
    )


def test_more_than_eight_active_people_add_no_more_than_eight(rules: Rules) -> None:
    today = {("pricing_view", AS_OF): 1}
    members = [Member(str(n), 1.0 if n == 0 else 0.0, today) for n in range(9)]
    assert roll_up("north.example", members, AS_OF, rules).points == pytest.approx(1.45)


def test_surge_compares_a_week_with_a_twelfth_of_the_twelve_weeks_before(rules: Rules) -> None:
    def day(age: int) -> tuple[str, date]:
        return ("pricing_view", AS_OF - timedelta(days=age))

    buckets = {day(0): 5, day(6): 1, day(7): 1, day(90): 1, day(91): 2}
    account = roll_up("north.example", [Member("a", 1, buckets)], AS_OF, rules)
    assert account.surge == pytest.approx((30 + 15) / ((15 + 15) / 12))
    fresh = roll_up("north.example", [Member("a", 1, {day(0): 1})], AS_OF, rules)
    assert fresh.surge is None


# ---- sessions -----------------------------------------------------------------------------------


def test_a_gap_of_1800_seconds_stays_and_of_1801_starts_a_session(rules: Rules) -> None:
    result = run(
        rules,
        message("a", anonymousId="d"),
        message("b", after=1800, anonymousId="d"),
        message("c", after=3601, anonymousId="d"),
    )
    assert sessions_of(result) == {"a": "a", "b": "a", "c": "c"}


def test_a_fraction_of_a_second_beyond_the_gap_starts_a_session(rules: Rules) -> None:
    result = run(
        rules, message("a", anonymousId="d"), message("b", after=1800.000001, anonymousId="d")
    )
    assert sessions_of(result) == {"a": "a", "b": "b"}


def test_midnight_does_not_split(rules: Rules) -> None:
    result = run(
        rules,
        message("a", after=43_199, anonymousId="d"),
        message("b", after=43_201, anonymousId="d"),
    )
    assert sessions_of(result) == {"a": "a", "b": "a"}


def test_of_two_events_at_one_time_the_smaller_id_is_first(rules: Rules) -> None:
    result = run(rules, message("b", anonymousId="d"), message("a", anonymousId="d"))
    assert sessions_of(result) == {"a": "a", "b": "a"}


@pytest.mark.parametrize(("seconds", "is_engaged"), [(9, False), (10, True)])
def test_ten_seconds_are_engaged(rules: Rules, seconds: int, is_engaged: bool) -> None:
    result = run(
        rules, message("a", anonymousId="d"), message("b", "track", seconds, anonymousId="d")
    )
    assert result.sessions["a"].is_engaged is is_engaged
    assert result.sessions["a"].is_bounce is not is_engaged


def test_a_conversion_alone_is_engaged(rules: Rules) -> None:
    result = run(rules, message("a", "track", anonymousId="d", event="demo_request"))
    assert result.sessions["a"].is_engaged


def test_group_and_alias_are_in_no_session(rules: Rules) -> None:
    result = run(
        rules,
        message("a", anonymousId="d"),
        message("b", "group", 1700, anonymousId="d"),
        message("c", after=3400, anonymousId="d"),
    )
    assert sessions_of(result) == {"a": "a", "b": None, "c": "c"}


def test_an_empty_log_has_no_answers(rules: Rules) -> None:
    result = run(rules)
    assert [*result.events, *result.sessions, *result.people, *result.accounts] == []


# ---- identity -----------------------------------------------------------------------------------


def test_an_alias_links_only_a_user_id_that_other_events_carry(rules: Rules) -> None:
    alias = message("a", "alias", userId="new", previousId="old")
    assert set(run(rules, alias).identity.person_of_node) == {Node(USER_ID, "new")}
    joined = run(rules, alias, message("b", "track", 60, userId="old"))
    assert people_of(joined) == {"a": "user_id:new", "b": "user_id:new"}


def test_a_user_id_is_never_read_as_an_email(rules: Rules) -> None:
    result = run(rules, message("a", anonymousId="d", userId="ada@north.example"))
    assert result.people["user_id:ada@north.example"].primary_email is None


def test_a_track_event_with_both_names_links_nothing(rules: Rules) -> None:
    traits = {"traits": {"email": "ada@north.example"}}
    result = run(rules, message("a", "track", userId="u1", context=traits))
    assert result.identity.person_of_node[Node(EMAIL, "ada@north.example")] == (
        "email:ada@north.example"
    )
    assert set(result.people) == {"user_id:u1"}


def test_a_visitor_of_an_access_log_is_never_promoted(rules: Rules) -> None:
    log = from_messages(
        [message("a", anonymousId="v"), message("b", after=1, anonymousId="v", userId="u")], rules
    )
    rows = [
        {
            "event_id": event.event_id,
            "event_type": "page",
            "anonymous_id": event.anonymous_id,
            "user_id": event.user_id,
            "event_at": event.event_at,
            "source": "access_log",
        }
        for event in log.events
    ]
    result = run_rows(rows, AS_OF, rules)
    assert people_of(result) == {"a": "visitor:v", "b": "user_id:u"}
    assert result.sessions["a"].person == "user_id:u"


def test_a_forbidden_pair_comes_apart_and_beats_a_forced_link(rules: Rules) -> None:
    log = [
        message("a", "identify", 0, userId="u1", traits={"email": "ada@north.example"}),
        message("b", "identify", 1, userId="u2", traits={"email": "ada@north.example"}),
    ]
    assert len(run(rules, *log).people) == 1
    pair = (Node(USER_ID, "u2"), Node(USER_ID, "u1"))
    apart = run(rules, *log, overrides=Overrides(forced=(pair,), forbidden=(pair,)))
    assert people_of(apart) == {"a": "user_id:u1", "b": "user_id:u2"}
    reasons = [(link.reason, link.event_id) for link in apart.identity.refused]
    assert reasons == [("forbidden_pair", None), ("forbidden_pair", "b")]


def test_a_forced_link_knows_no_limit(rules: Rules) -> None:
    log = [
        message(f"{user}-{n}", "identify", n, userId=user, traits={"email": f"{user}{n}@b.example"})
        for user in ("u1", "u2")
        for n in range(5)
    ]
    log.append(message("later", "identify", 9, userId="u1", traits={"email": "one@more.example"}))
    names = [Node(EMAIL, f"{user}{n}@b.example") for user in ("u1", "u2") for n in range(5)]
    forced = Overrides(forced=tuple((names[0], name) for name in names[1:]))
    identity = run(rules, *log, overrides=forced).identity
    people = {identity.person_of_node[name] for name in names}
    assert len(people) == 1
    # ten addresses are one person by force; every other link to that person is one too many
    assert {link.reason for link in identity.refused} == {"email_limit"}
    assert identity.person_of_node[Node(EMAIL, "one@more.example")] == "user_id:u1"


def test_a_refused_link_says_which_limit(rules: Rules) -> None:
    log = [
        message(f"e{n:02d}", "identify", n, userId=f"u{n:02d}", traits={"email": "a@b.example"})
        for n in range(11)
    ]
    assert run(rules, *log).identity.refused == [
        RefusedLink(
            Node(USER_ID, "u10"),
            Node(EMAIL, "a@b.example"),
            "user_id_limit",
            "e10",
            int((NOON + timedelta(seconds=10)).timestamp()) * 1_000_000,
        )
    ]


@pytest.mark.parametrize(
    "nothing",
    ["null", "NULL", "undefined", '"null"', "' '", "", "  ", "0", "000", "[object Object]",
     "00000000-0000-0000-0000-000000000000", None, True, 0, {"id": 1}],
)  # fmt: skip
def test_identifiers_that_mean_nothing_name_nobody(rules: Rules, nothing: Any) -> None:
    assert identifier(nothing, rules) is None


def test_an_identifier_is_trimmed_and_keeps_its_case(rules: Rules) -> None:
    assert identifier(" U-1 ", rules) == "U-1"
    assert identifier(17, rules) == "17"


@pytest.mark.parametrize(
    "text", ["ada", "ada@north", "a@b@c.example", "a b@c.example", "@b.example"]
)
def test_texts_that_are_no_addresses(rules: Rules, text: str) -> None:
    assert email_address(text, rules) is None


def test_classes_of_addresses(rules: Rules) -> None:
    assert email_class("a@eu.example.com", rules) == "internal"
    assert email_class("a@mailinator.com", rules) == "disposable"
    assert email_class("a@hey.com", rules) == "free"
    assert email_class("a@notexample.com", rules) == "business"
    assert registrable_domain("a@eu.north.co.uk") == "north.co.uk"
    assert registrable_domain("a@co.uk") is None


# ---- scoring ------------------------------------------------------------------------------------


def test_thirteen_days_after_a_hand_is_still_up_and_after_fourteen_it_is_not(rules: Rules) -> None:
    def bands(age: int) -> str:
        return score({("demo_request", AS_OF - timedelta(days=age)): 1}, AS_OF, rules).band

    assert (bands(13), bands(14)) == ("hot", "warm")


def test_a_hand_raise_is_a_reason_without_a_share(rules: Rules) -> None:
    reasons = score({("demo_request", AS_OF): 2}, AS_OF, rules).reasons
    assert [(reason.rule_id, reason.counted) for reason in reasons] == [
        ("demo_request", 1),
        ("demo_request_hand_raise", 1),
    ]
    assert reasons[1].score_share == 0


def test_twenty_half_lives_score_and_a_day_more_does_not(rules: Rules) -> None:
    def points(age: int) -> float:
        return score({("blog_view", AS_OF - timedelta(days=age)): 1}, AS_OF, rules).points

    assert points(140) == pytest.approx(2**-20, rel=1e-5)
    assert points(141) == 0


def test_an_old_event_counts_as_long_as_a_later_one_is_remembered(rules: Rules) -> None:
    buckets = {
        ("blog_view", AS_OF - timedelta(days=147)): 1,
        ("blog_view", AS_OF - timedelta(days=7)): 1,
    }
    assert (
        score(buckets, AS_OF, rules).points
        > score({("blog_view", AS_OF - timedelta(days=7)): 1}, AS_OF, rules).points
    )


def test_a_leap_day_is_a_day(rules: Rules) -> None:
    found = score({("pricing_view", date(2024, 2, 25)): 1}, date(2024, 3, 10), rules)
    assert found.points == pytest.approx(saturate(7.5, 45))


def test_events_after_the_as_of_day_do_not_score(rules: Rules) -> None:
    assert score({("pricing_view", AS_OF + timedelta(days=1)): 1}, AS_OF, rules).points == 0


def test_bands_go_by_the_score_rounded_to_nine_places(rules: Rules) -> None:
    assert band_of(69.9999999996, rules) == "hot"
    assert band_of(69.9999999994, rules) == "warm"
    assert band_of(0, rules) == "cold"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/Pricing/", "pricing"), ("/pricing?a=/docs", "pricing"), ("", "home"), ("/#x", "home"),
     ("/pricingly", "other"), ("/docs/pricing", "docs")],
)  # fmt: skip
def test_the_class_of_a_page_is_that_of_its_path(rules: Rules, path: str, expected: str) -> None:
    assert page_class(f"https://www.example.com{path}", rules) == expected


# ---- the log ------------------------------------------------------------------------------------


def test_of_two_copies_the_first_received_gives_the_time(rules: Rules) -> None:
    original = message("a", anonymousId="d")
    first = original | {"sentAt": NOON.isoformat(), "receivedAt": NOON.isoformat()}
    second = original | {
        "sentAt": (NOON + timedelta(hours=1)).isoformat(),
        "receivedAt": (NOON + timedelta(hours=2)).isoformat(),
    }
    log = from_messages([second, first], rules)
    assert log.duplicates == 1
    assert log.events[0].event_at == int(NOON.timestamp()) * 1_000_000


def test_lines_without_an_id_are_one_event_when_they_say_the_same(rules: Rules) -> None:
    line = json.dumps({"type": "page", "anonymousId": "d", "timestamp": NOON.isoformat()})
    same = (
        '{"timestamp": "2026-06-15T12:00:00Z", "anonymousId": "d", "userId": null, "type": "page"}'
    )
    log = read_lines([line, same, line.replace('"d"', '"e"')], rules)
    assert (len(log.events), log.duplicates) == (2, 1)


@pytest.mark.parametrize(("ahead", "kept"), [(86_400, 1), (86_401, 0)])
def test_an_event_more_than_a_day_ahead_is_rejected(rules: Rules, ahead: int, kept: int) -> None:
    received = (NOON - timedelta(seconds=ahead)).isoformat()
    log = from_messages([message("a", anonymousId="d", receivedAt=received)], rules)
    assert (len(log.events), log.rejected.total()) == (kept, 1 - kept)
