"""The data tests of each refresh leave what is right alone, and find a row that is there twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingestion.settings import Settings
from orchestration.apart.graph import compiled_at
from orchestration.refreshing import whole_tests
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events, frame_of_leads, frame_of_spend
from tests.integration.test_updates_equal_a_rebuild import (
    BUNDLE,
    RULES,
    Arrival,
    Loads,
    event,
    side_by_side,
    small_logs,
)
from tests.oracle.strategies import AS_OF, SITE_DOMAINS, Message


def failing_tests(models: CompiledModels, reading: str = "") -> dict[str, list[Any]]:
    """What the tests of each refresh find, by name; `reading` one model, or all that read any."""
    found = {name: models.rows(sql) for name, sql in _tests(models, reading)}
    return {name: list(rows) for name, rows in found.items() if rows}


def failing_after(models: CompiledModels, defect: str, reading: str = "") -> dict[str, list[Any]]:
    """What they find of a defect, which is undone again."""
    models.connection.begin()
    models.connection.execute(defect)
    found = failing_tests(models, reading)
    models.connection.rollback()
    return found


def found_in_seeds(models: CompiledModels, test: str, defect: str = "") -> list[Any]:
    """What a test of seeds finds, after a defect that is undone again."""
    [node] = [node for node in models.manifest["nodes"].values() if node["name"] == test]
    models.connection.begin()
    models.connection.execute(defect or "select 1")
    found = models.rows(compiled_at(node, models.target).read_text(encoding="utf-8"))
    models.connection.rollback()
    return found


def _tests(models: CompiledModels, reading: str) -> Iterator[tuple[str, str]]:
    for node in models.manifest["nodes"].values():
        if node["resource_type"] != "test" or whole_tests.TAG in node["tags"]:
            continue
        read = {name.rpartition(".")[2] for name in node["depends_on"]["nodes"] if "model." in name}
        if reading in read if reading else read:
            # those that a model's YAML asks for lie in a folder named for it
            path = compiled_at(node, models.target)
            path = path if path.is_file() else path / node["path"]
            yield node["name"], path.read_text(encoding="utf-8")


def refreshes(models: CompiledModels, loads: Sequence[Arrival]) -> Iterator[int]:
    """Brings the models up to date load by load; the number of each, when it is done."""
    given_settings = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    history = Loads()
    leads: list[dict[str, Any]] = []
    spend: dict[str, dict[str, Any]] = {}
    for number, arrival in enumerate(loads, start=1):
        rows = history.add(arrival, models.next_load())
        leads.extend(arrival.leads)
        spend |= {row["content_md5"]: row for row in arrival.spend}
        models.override(arrival.overrides)
        models.load(
            frame_of_events(rows, RULES),
            AS_OF + timedelta(days=arrival.days_later),
            given_settings,
            frame_of_leads(leads),
            frame_of_spend(list(spend.values())),
        )
        if number == 1:
            models.rebuild()
        else:
            models.update()
        yield number


def test_they_find_nothing_however_the_loads_come(models: CompiledModels) -> None:
    # a pair that is decided on twice is for a test of the overrides to find
    loads = [replace(arrival, overrides=[]) for arrival in side_by_side(small_logs(BUNDLE))]
    for number in refreshes(models, loads):
        assert failing_tests(models) == {}, f"after load {number}"


BROWSER = {"userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
ASKED: dict[str, Any] = {
    "event": "demo_request",
    "userId": "ada",
    "traits": {"email": "ada@north.example"},
}
STEP: dict[str, Any] = {"event": "cta_view", "properties": {"offer_id": "site_readiness"}}
PAGE: dict[str, Any] = {
    "context": {
        **BROWSER,
        "page": {"url": "https://shop.example/pricing?utm_source=google&utm_medium=cpc"},
    }
}


def loads_of(*batches: list[Message]) -> list[Arrival]:
    return [Arrival(messages, [], [], [], [], None, 0) for messages in batches]


LEFT_TO_BOB = loads_of(
    [
        event("a", "page", 0, day=3, **PAGE),
        event("b", "identify", 1, day=3, **ASKED),
        event("c", "track", 2, day=3, **ASKED),
    ],
    [
        event("d", "page", 0, **PAGE),
        event("e", "track", 1, **ASKED),
        event("f", "identify", 2, userId="bob"),
        event("g", "page", 3, **PAGE),
    ],
)
"""A device that ada leaves to bob in the midst of a session of the last day."""

WRITTEN_ANEW = (
    "dim_people", "fct_account_attribution", "fct_attribution", "fct_channel_paths",
    "fct_person_score_reasons", "fct_session_people", "fct_sessions", "fct_touchpoints",
    "int_agents_seen", "int_buckets_counted", "int_people_summarised", "int_people_visited",
    "int_person_days_counted", "int_sessions_aggregated", "int_slice_days_counted",
    "int_slices_counted", "map_identities", "map_person_ids",
)  # fmt: skip
BY_DAY = {"int_agents_seen", "int_buckets_counted"}
"""Of these the days alone are looked at that events came to."""


def test_a_row_that_a_refresh_has_written_twice_is_found(models: CompiledModels) -> None:
    assert list(refreshes(models, LEFT_TO_BOB)) == [1, 2]
    for table in WRITTEN_ANEW:
        relation = models.relation(table)
        of_the_day = f"where event_date = '{AS_OF}'" if table in BY_DAY else ""
        rows = models.rows(f"select rowid from {relation} {of_the_day}")
        assert rows, table
        for (row,) in rows:
            copied = f"insert into {relation} select * from {relation} where rowid = {row}"
            assert failing_after(models, copied, table), (table, row)


def test_a_rule_that_is_summed_twice_shows_in_reasons_that_are_not_the_score(
    models: CompiledModels,
) -> None:
    assert list(refreshes(models, LEFT_TO_BOB)) == [1, 2]
    relation = models.relation("int_rules_summed")
    models.connection.execute(f"insert into {relation} from {relation} limit 1")
    models.update()
    assert "assert_reasons_sum_to_scores" in failing_tests(models)


FOUND_OUT = loads_of(
    [
        event(f"{kind}{device}", kind, minute, day=3, **told) | {"anonymousId": device}
        for device in ("d1", "d2")
        for minute, (kind, told) in enumerate((("page", PAGE), ("track", STEP)))
    ],
    [
        event(f"known{device}", "identify", 0, **ASKED) | {"anonymousId": device}
        for device in ("d1", "d2")
    ]
    + [event("asked", "track", 1, **ASKED)],
)
"""Two devices that turn out to be ada's, so that the person of the later one is gone."""


def test_what_is_still_told_of_a_person_who_is_gone_is_found(models: CompiledModels) -> None:
    assert list(refreshes(models, FOUND_OUT)) == [1, 2]
    gone, *_ = models.rows(
        f"select person_id from {models.relation('int_people_touched')}"
        f" except select person_id from {models.relation('dim_people')}"
    )
    for table in ("fct_channel_paths", "fct_conversions", "fct_lead_magnet_funnel", "fct_sessions"):
        stale = f"update {models.relation(table)} set person_id = '{gone[0]}'"
        found = failing_after(models, stale, table)
        assert "assert_touched_people_are_known_once" in found, table


def test_a_touchpoint_in_a_session_that_is_no_more_is_found(models: CompiledModels) -> None:
    assert list(refreshes(models, FOUND_OUT)) == [1, 2]
    renamed = f"update {models.relation('fct_touchpoints')} set session_id = uuid()"
    found = failing_after(models, renamed, "fct_touchpoints")
    assert "assert_touched_people_are_known_once" in found


def test_a_person_who_is_told_of_wrongly_is_found(models: CompiledModels) -> None:
    assert list(refreshes(models, LEFT_TO_BOB)) == [1, 2]
    people = models.relation("dim_people")
    for defect, test in (
        ("set intent_band = 'hot'", "assert_bands_follow_from_scores"),
        ("set intent_band = 'cold'", "assert_bands_follow_from_scores"),
        ("set intent_band = 'none'", "assert_bands_follow_from_scores"),
        ("set intent_score = intent_score + 1e-6", "assert_reasons_sum_to_scores"),
        ("set intent_score = 0", "assert_reasons_sum_to_scores"),
        (
            "set exclusion_reason = 'bot'",
            "assert_excluded_people_score_nothing_and_stay_inside",
        ),
        ("set person_id = uuid()", "assert_people_told_of_are_in_dim_people"),
    ):
        assert test in failing_after(models, f"update {people} {defect}"), defect


def test_credit_that_is_not_that_of_the_conversion_is_found(models: CompiledModels) -> None:
    assert list(refreshes(models, FOUND_OUT)) == [1, 2]
    for table in ("fct_attribution", "fct_account_attribution"):
        relation = models.relation(table)
        for defect in (
            f"delete from {relation} where model = 'linear'",
            f"delete from {relation}",
            f"update {relation} set credit = 0.5 where model = 'last'",
            f"update {relation} set credited_value = credited_value + 1 where model = 'first'",
            f"update {relation} set conversion_id = 'none'",
        ):
            found = failing_after(models, defect, table)
            assert "assert_credit_sums_to_conversions" in found, defect


MISWRITTEN = {
    "flags/flagged_domains.email_domain": (
        "Rival.test", " rival.test", "@rival.test", "*.rival.test", "www.rival.test", ".edu",
    ),
    "identity/email_domain_overrides.email_domain": ("Rival.test", "rival.test.", "a@rival.test"),
    "traffic/spam_referrers.host": ("Spam.test", "www.spam.test", "//spam.test", "\u00a0s.test"),
    "channels/source_aliases.alias": ("NL", "nl "),
    "channels/click_ids.parameter": ("GCLID",),
    "identity/role_local_parts.local_part": ("Info", "info "),
    "ad_spend/currency_rates.currency": ("eur", "EU", "EUR "),
    "attribution/conversion_events.currency": ("eur", "€"),
    "attribution/conversion_events.event_name": ("signup ",),
    "scoring/scoring_rules.event_name": ("signup ", "\tsignup"),
    "scoring/scoring_rules.event_type": ("Track",),
    "traffic/internal_users.user_id": ("u1 ", " u1"),
    "pages/page_classes.path_pattern": (
        "^/Preise(/|$)", "^/\\D+/Preise$", "^/preise$ ", "^/Übersicht",
    ),
    "channels/custom_channels.source_pattern": ("Partner", "^(?P<name>Partner)"),
    "channels/custom_channels.medium_pattern": ("QR",),
    "channels/custom_channels.campaign_pattern": ("^Fair-",),
    "channels/custom_channels.path_pattern": ("^/Fairs",),
}  # fmt: skip
"""Values that are compared with what is never written so, by file and column."""

WELL_WRITTEN = {
    "flags/flagged_domains.email_domain": ("rival.test", "münchen.example", "edu"),
    "attribution/conversion_events.currency": ("CHF",),
    "attribution/conversion_events.event_name": ("Order Completed",),
    "scoring/scoring_rules.event_name": ("Signed Up", None),
    "traffic/internal_users.user_id": ("U1",),
    "pages/page_classes.path_pattern": (
        "^/[A-Za-z]+/\\S+$", "(?i)^/Preise", "^/\\p{Lu}?\\PN$", "^/(?P<Name>preise)$", "^/(?U)a+",
    ),
    "channels/custom_channels.path_pattern": ("^/fairs", None),
}  # fmt: skip


def test_what_a_seed_has_as_it_is_never_compared_is_found_with_its_file_and_column(
    models: CompiledModels,
) -> None:
    test = "assert_seeds_are_written_as_they_are_compared"
    assert found_in_seeds(models, test) == []
    for place, values in MISWRITTEN.items():
        for value in values:
            [(file, column, found, fault)] = found_in_seeds(models, test, _written(place, value))
            assert (file, column, found) == (*_place(place), value), fault
    for place, allowed in WELL_WRITTEN.items():
        for value in allowed:
            assert found_in_seeds(models, test, _written(place, value)) == [], (place, value)


def _place(place: str) -> tuple[str, str]:
    file, column = place.split(".")
    return f"seeds/{file}.csv", column


def _written(place: str, value: str | None) -> str:
    """A line of the seed with nothing but the value, which is all that the test looks at."""
    file, column = place.split(".")
    text = "null" if value is None else "'" + value.replace("'", "''") + "'"
    return f"insert into seeds.{file.split('/')[1]} ({column}) values ({text})"


def test_a_lowest_band_from_above_zero_is_found(models: CompiledModels) -> None:
    test, bands = "assert_score_bands_begin_at_zero", "seeds.score_bands"
    assert found_in_seeds(models, test) == []
    for defect, lowest in (
        (f"delete from {bands} where minimum_score = 0", 15),
        (f"update {bands} set minimum_score = 0.5 where band = 'cold'", 0.5),
        (f"delete from {bands}", None),
    ):
        assert found_in_seeds(models, test, defect) == [(lowest,)], defect
    below = f"update {bands} set minimum_score = -1 where band = 'cold'"
    assert found_in_seeds(models, test, below) == []


def test_a_box_that_no_form_has_is_found(models: CompiledModels) -> None:
    test, words = "assert_words_of_forms_are_of_the_box_that_they_have", "seeds.mail_words"
    assert found_in_seeds(models, test) == []
    other = f"insert into {words} values ('form', 'no_mails', true)"
    assert found_in_seeds(models, test, other) == [("no_mails", True)]
    turned = f"update {words} set refuses_when = true where said_in = 'form'"
    assert found_in_seeds(models, test, turned) == [("marketing_consent", True)]


def test_a_request_for_a_report_whose_address_nobody_reads_is_found(models: CompiledModels) -> None:
    test = "assert_the_request_for_a_report_tells_an_address"
    assert found_in_seeds(models, test) == []
    own = "update seeds.lead_magnet_steps set event_name = 'asked' where step_number = 4"
    assert found_in_seeds(models, test, own) == [("asked",)]
    elsewhere = "update seeds.email_properties set property = 'mail'"
    assert found_in_seeds(models, test, elsewhere) == [("report_form_submit",)]
