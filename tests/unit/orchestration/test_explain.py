"""Who somebody is and why they score so, from the published tables."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.explain.account import AccountExplained
from orchestration.explain.explaining import explain
from orchestration.explain.page import explanation_page
from orchestration.explain.person import PersonExplained
from orchestration.explain.report import explanation_json, print_explanation
from tests.oracle.ids import id_named
from tests.unit.orchestration.small_marts import ANNA, BOB

DEVICE, LOW, HIGH = (str(id_named(name)) for name in ("p-device-1", "p-low", "p-high"))


def text_of(settings: Settings, who: str) -> str:
    out = io.StringIO()
    print_explanation(*explain(settings, who, None), settings, out)
    return out.getvalue()


def one_line(text: str) -> str:
    """The text as if it had not been wrapped."""
    return " ".join(text.split())


@contextmanager
def rewritten(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, to be made to say something else."""
    settings.analytics.chmod(0o600)
    with duckdb.connect(settings.analytics) as connection:
        connection.execute("set search_path = 'marts'")
        yield connection


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("anna@acme.com", "email"),
        (" Anna@ACME.com ", "email"),
        ("u-anna", "user_id"),
        ("dev-1", "anonymous_id"),
        (ANNA, "person_id"),
        (ANNA.replace("-", "").upper(), "person_id"),
        ("acme.com", "domain"),
        ("www.acme.com", "domain"),
    ],
)
def test_a_name_is_found_as_what_it_is(published: Settings, who: str, kind: str) -> None:
    found, explained = explain(published, who, None)
    assert found.kind == kind
    assert len(explained) == 1


def test_the_request_of_somebody_excluded_is_told(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute(
            "insert into marts.fct_events by name select 'r-2' as event_id, 'track' as event_type,"
            f" 'report_form_submit' as event_name, '{BOB}' as person_id;"
            "insert into marts.fct_lead_magnet_requests select * replace ('r-2' as request_id,"
            " null as person_id) from marts.fct_lead_magnet_requests;"
            "insert into marts.fct_lead_magnet_requests select * replace ('r-3' as request_id)"
            " from marts.fct_lead_magnet_requests where request_id = 'r-2'"
        )
    assert requests_of(published, "u-bob") == ["r-2"]
    assert "r-2" not in requests_of(published, "anna@acme.com")


def requests_of(settings: Settings, who: str) -> list[str]:
    _, (person,) = explain(settings, who, None)
    assert isinstance(person, PersonExplained)
    return [request.request_id for request in person.requests]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("New@ACME.com", "; for the company, run: intent explain acme.com"),
        ("zoe@zeta.com", ""),
    ],
)
def test_a_lead_that_was_never_on_the_site_is_told_to_be_one(
    published: Settings, who: str, words: str
) -> None:
    with pytest.raises(UserError) as caught:
        explain(published, who, None)
    assert str(caught.value) == f"{who!r} is a lead of the CRM, not seen on the site yet{words}"


@pytest.mark.parametrize("who", ["U-ANNA", "nobody@acme.com", "dev", "", "'; drop table x; --"])
def test_an_unknown_name_is_the_callers_mistake(published: Settings, who: str) -> None:
    with pytest.raises(
        UserError, match="is no e-mail, user id, anonymous id, person id or account"
    ):
        explain(published, who, None)


def test_a_person_id_from_before_a_merge_is_the_persons_of_now(published: Settings) -> None:
    found, (anna,) = explain(published, DEVICE, None)
    assert (found.name, found.ids) == (DEVICE, (ANNA,))
    assert isinstance(anna, PersonExplained)
    assert anna.profile is not None
    assert anna.profile.person_id == ANNA


def test_reasons_sum_to_the_score(published: Settings) -> None:
    _, (anna,) = explain(published, "anna@acme.com", None)
    assert isinstance(anna, PersonExplained)
    assert anna.profile is not None
    assert anna.reasons_sum == pytest.approx(anna.profile.intent_score, abs=1e-9)
    _, (acme,) = explain(published, "acme.com", None)
    assert isinstance(acme, AccountExplained)
    assert acme.reasons_sum == pytest.approx(acme.profile.account_score, abs=1e-9)


def test_the_points_of_people_and_bonus_sum_to_the_accounts_points(published: Settings) -> None:
    _, (acme,) = explain(published, "acme.com", None)
    assert isinstance(acme, AccountExplained)
    added = sum(reason.added_points for reason in acme.reasons)
    assert added == pytest.approx(acme.profile.points, abs=1e-9)
    assert [reason.reason_type for reason in acme.reasons] == ["person", "person", "diversity"]


def test_the_evidence_of_a_name_is_its_linking_event(published: Settings) -> None:
    _, (anna,) = explain(published, "u-anna", None)
    assert isinstance(anna, PersonExplained)
    evidence = {
        (name.identifier, name.link_event_id, name.link_event_type) for name in anna.identifiers
    }
    assert evidence == {
        ("u-anna", None, None),
        ("anna@acme.com", "e2", "identify"),
        ("dev-1", "e2", "identify"),
        ("dev-2", "e3", "page"),
    }
    assert [link.right_identifier for link in anna.refused_links] == ["info@acme.com"]


def test_a_shared_device_is_explained_by_each_of_its_people(published: Settings) -> None:
    found, explained = explain(published, "dev-2", None)
    assert found.ids == (ANNA, BOB)
    assert len(explained) == 2
    assert "dev-2 has served 2 people" in text_of(published, "dev-2")


def test_a_name_without_events_has_no_person_to_score(published: Settings) -> None:
    _, (nobody,) = explain(published, "info@acme.com", None)
    assert isinstance(nobody, PersonExplained)
    assert nobody.profile is None
    assert "owns no event" in text_of(published, "info@acme.com")


def test_of_a_shared_mailbox_whoever_scores_most_there_is_told_first(published: Settings) -> None:
    with duckdb.connect(str(published.analytics)) as connection:
        for person_id, score in ((LOW, 1), (HIGH, 90)):
            connection.execute(
                "insert into marts.dim_people by name select * replace (? as person_id,"
                " ? as intent_score, 'info@acme.com' as primary_email)"
                f" from marts.dim_people where person_id = '{BOB}'",
                [person_id, score],
            )
    found, _ = explain(published, "info@acme.com", None)
    assert found.ids == (HIGH, LOW)


def test_a_past_day_needs_what_the_published_tables_were_made_of(published: Settings) -> None:
    found, _ = explain(published, "acme.com", date(2026, 6, 30))
    assert found.name == "acme.com"
    with pytest.raises(UserError, match="Nothing is built yet"):
        explain(published, "acme.com", date(2026, 6, 1))


def test_the_text_of_a_person_shows_score_reasons_identifiers_and_sessions(
    published: Settings,
) -> None:
    lines = [line.split() for line in text_of(published, "anna@acme.com").splitlines()]
    assert ["Score", "60,", "warm,", "as", "of", "2026-06-30", "(+4", "in", "7", "days;",
            "53.6", "points)"] in lines  # fmt: skip
    assert ["Flags", "student:", "Address", "at", "a", "university", "(uni.edu)"] in lines
    assert ["60", "sum:", "the", "score"] in [line[-4:] for line in lines]
    assert any(line[:2] == ["email", "anna@acme.com"] for line in lines)
    assert any(line[-1:] == ["https://example.com/pricing"] for line in lines)


def test_a_raised_hand_comes_after_the_reasons_with_points_and_is_said_to_make_the_band(
    published: Settings,
) -> None:
    _, (anna,) = explain(published, "anna@acme.com", None)
    assert isinstance(anna, PersonExplained)
    assert [reason.rule_id for reason in anna.reasons] == [
        "pricing_view", "demo_request", "demo_request_hand_raise",
    ]  # fmt: skip
    text = text_of(published, "anna@acme.com")
    told = "A raised hand adds no points and makes the band warm while it lasts: Hand raised"
    assert told in text
    assert text.index("sum: the score") < text.index(told)
    assert "A raised hand" not in text_of(published, BOB)


def test_one_of_a_kind_is_told_in_the_singular(published: Settings) -> None:
    assert ", 1 event in 1 session; first by" in text_of(published, BOB)
    assert ", 3 events in 2 sessions; first by" in text_of(published, ANNA)


def test_a_person_without_a_score_is_told_why_nothing_counts(published: Settings) -> None:
    assert "Why none" not in text_of(published, ANNA)
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("delete from marts.fct_person_score_reasons")
        connection.execute("update marts.fct_events set is_bot = true where event_id = 'e1'")
        connection.execute("update marts.fct_events set traffic_flag = 'x' where event_id = 'e2'")
        connection.execute(
            "insert into marts.fct_events by name"
            " select * exclude (n) replace (if(n > 0, 'r', rule_id) as rule_id)"
            " from marts.fct_events, range(3) as copies (n) where event_id = 'e3'"
        )
        connection.execute(
            "insert into marts.fct_events by name select * replace ('internal' as traffic_flag)"
            " from marts.fct_events where event_id = 'e2'"
        )
    assert (
        "Why none 1 event of a bot's agent, 1 from one of your own networks,"
        " 1 of a visitor flagged as no person, 2 that no rule matches,"
        " 2 too long ago, or after that day"
    ) in one_line(text_of(published, ANNA))
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.dim_people set exclusion_reason = 'bot'")
    assert "Why none" not in text_of(published, ANNA)


def test_json_holds_all_that_the_text_tells(published: Settings) -> None:
    document = json.loads(explanation_json(*explain(published, "dev-1", None)))
    assert (document["asked_for"], document["is"]) == ("dev-1", "anonymous_id")
    (anna,) = document["people"]
    assert anna["profile"]["first_seen_at"] == "2026-06-28T09:00:00Z"
    assert anna["reasons"][0]["event_ids"] == ["e3"]
    account = json.loads(explanation_json(*explain(published, "acme.com", None)))["account"]
    assert account["profile"]["domain"] == "acme.com"


def test_the_reports_that_somebody_asked_for_are_told_with_every_step(published: Settings) -> None:
    text = text_of(published, "anna@acme.com")
    asked = text.partition("Reports asked for, newest first")[2]
    assert "no: Not warm or hot yet" in asked
    assert "63 %" in asked
    steps = asked.partition("Steps of the lead magnet")[2]
    assert steps.index("Saw the call to action") < steps.index("Asked for the report")
    assert "Steps of the lead magnet" not in text_of(published, "u-bob")
    document = json.loads(explanation_json(*explain(published, "anna@acme.com", None)))
    [anna] = document["people"]
    assert [request["request_id"] for request in anna["requests"]] == ["r-1"]
    assert [step["step"] for step in anna["steps"]] == ["cta_view", "report_form_submit"]


def test_what_one_more_event_would_make_of_the_score_is_told_as_is_the_way_to_the_next_band(
    published: Settings,
) -> None:
    with rewritten(published) as connection:
        connection.execute("update fct_events set rule_id = 'pricing_view' where event_id = 'e3'")
    text = text_of(published, ANNA).replace("\N{NO-BREAK SPACE}", " ")
    lines = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    # R = 15 · 2^(−1/14) = 14.28, Y = 12.23, a score of 19.1; 15 more make R 29.28, Y 21.52, 31.1
    assert ["Viewed pricing", "again", "19 → 31", "still cool"] in lines
    assert ["Asked for a demo", "new", "19 → 77",
            "hot, raised hand until 13 Jul"] in lines  # fmt: skip
    assert (
        "The shortest way to warm (40 or more), a raised hand aside: viewed pricing 2 times, read"
        " the blog 2 times, on one day: 19 → 40."
    ) in one_line(text)


def test_when_the_band_falls_without_news_is_told_with_the_day(published: Settings) -> None:
    with rewritten(published) as connection:
        connection.execute("update fct_events set rule_id = 'pricing_view' where event_id = 'e3'")
    # below 15 is R below 10.52, 7.2 days after the view of 29 June
    assert "Without news: cold on 7 Jul 2026 (in 7 days)." in text_of(published, ANNA)
    assert "Without news: stays cold." in text_of(published, BOB)
    with rewritten(published) as connection:
        connection.execute("update fct_events set rule_id = 'demo_request' where event_id = 'e1'")
    text = one_line(text_of(published, ANNA))
    assert "A raised hand keeps them hot until 11 Jul 2026; the score alone makes" in text
    assert "(in 12 days, when the raised hand ends)" in text


def test_rules_are_the_published_ones_whatever_the_seeds_say_by_now(published: Settings) -> None:
    with rewritten(published) as connection:
        connection.execute("update fct_events set rule_id = 'pricing_view' where event_id = 'e3'")
        connection.execute("update dim_scoring_rules set weight = 30, half_life_days = 1")
    _, (anna,) = explain(published, ANNA, None)
    assert isinstance(anna, PersonExplained)
    assert anna.outlook is not None
    [rule] = anna.outlook.standing.rules
    assert rule.decayed_points == pytest.approx(15)
    assert (anna.reasons[0].worth_points, anna.reasons[0].decayed_points) == (60, 30)


def test_whoever_is_excluded_is_told_why_and_gets_no_lift(published: Settings) -> None:
    with rewritten(published) as connection:
        connection.execute("update dim_people set exclusion_reason = 'internal'")
        connection.execute("delete from fct_person_score_reasons")
    _, (anna,) = explain(published, ANNA, None)
    assert isinstance(anna, PersonExplained)
    assert (anna.outlook, anna.reasons) == (None, [])
    text = text_of(published, ANNA)
    assert "Excluded   internal (one of your own people): not scored" in text
    assert "One more event" not in text
    assert "Without news" not in text
    page = explanation_page(*explain(published, ANNA, None), "UTC")
    assert "Excluded: internal (one of your own people)" in page
    assert "What would lift it" not in page


def test_the_accounts_arithmetic_is_told_step_by_step(published: Settings) -> None:
    text = text_of(published, "acme.com")
    lines = [line.split() for line in text.splitlines()]
    assert ["1", "53.6000", "1", "53.6000", "no", "Anna", "Ames"] in lines
    assert ["2", "6.1000", "0.5", "3.0500", "no", BOB] in lines
    assert ["56.6500", "sum"] in lines
    assert "Bonus: 1 + 0.15 · log2(2) = 1.1500" in text
    assert "A = 56.6500 · 1.1500 = 65.1475" in text
    assert "Score = 100 · (1 − 2^(−A/50)) = 59.4703" in text
