"""Where visits come from: the models against definitions, people's labels and the oracle."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from ingestion import loader, warehouse
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.apart.graph import in_order
from tests.compiled_models import CompiledModels
from tests.dbt_runs import run_dbt
from tests.oracle.arrival_strategies import SITE_DOMAINS, Pair, arrivals
from tests.oracle.channels import SourceLists, arrival, load_source_lists

STORY = Path(__file__).resolve().parents[1] / "stories" / "channels"
HARBOUR = ("harbour.example",)

COLUMNS = (
    "referrer_domain, utm_source, utm_medium, utm_campaign, utm_term, utm_content,"
    " click_id_type, click_id, channel, channel_rule"
)


def story(name: str) -> list[dict[str, str]]:
    with (STORY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_the_models(
    models: CompiledModels, pairs: Sequence[Pair], site_domains: Iterable[str]
) -> list[tuple[Any, ...]]:
    """What the models of attribution alone answer for each pair, in order."""
    connection = models.connection
    connection.execute("delete from warehouse.raw.site_domains")
    for domain in site_domains:
        connection.execute("insert into warehouse.raw.site_domains values (?)", [domain])
    entries = models.relation("int_entries_parsed")
    given = pd.DataFrame(
        {
            "session_id": [f"{number:09}" for number in range(len(pairs))],
            "entry_page_url": [url for url, _ in pairs],
            "exit_page_url": [url for url, _ in pairs],
            "referrer_url": [referrer or "" for _, referrer in pairs],
        }
    )
    connection.register("given", given)
    connection.execute(
        f"create or replace table {entries} as"
        " select * replace (nullif(referrer_url, '') as referrer_url),"
        " md5_number(md5(entry_page_url) || referrer_url) as arrival_id from given"
    )
    connection.unregister("given")
    wanted = {node["name"] for node in in_order(models.manifest, ["int_sessions_channelled"])}
    for node in models.models:
        if node.name in ("stg_run__site_domains", "stg_ads__spend") or (
            node.name in wanted - {"int_entries_parsed"} and node.path.parent.name == "attribution"
        ):
            kind = "view" if node.is_view else "table"
            connection.execute(
                f"create or replace {kind} {node.relation} as {node.path.read_text()}"
            )
    channelled = models.relation("int_sessions_channelled")
    return models.rows(f"select {COLUMNS} from {channelled} order by session_id")


def by_the_oracle(url: str, referrer: str | None, lists: SourceLists) -> tuple[Any, ...]:
    """The same columns, worked out in plain Python."""
    found = arrival(url, referrer, lists)
    utm, click = found.link.utm, found.link.click
    return (
        found.referrer_domain,
        *(utm.get(name) for name in ("source", "medium", "campaign", "term", "content")),
        click.parameter if click else None,
        found.link.click_id,
        found.channel,
        found.channel_rule,
    )


def test_each_visit_of_the_table_has_its_channel_by_its_rule(models: CompiledModels) -> None:
    cases = story("arrivals.csv")
    assert len(cases) >= 200
    events = pd.DataFrame(
        {
            "event_id": f"e{number}",
            "event_type": "page",
            "anonymous_id": f"device-{number}",
            "event_at": pd.Timestamp(2026, 6, 1) + timedelta(seconds=number),
            "page_url": case["url"],
            "page_referrer": case["referrer"],
            "user_agent": case["agent"],
            "source": "segment",
            "load_id": 1,
            "line_number": number,
            "event_key": number,
        }
        for number, case in enumerate(cases)
    )
    given = Settings(data_dir=Path("unused"), site_domains=HARBOUR)
    models.run(events, date(2026, 6, 30), given)
    found = models.rows(
        "select channel, split_part(channel_rule, ':', 1)"
        " from published.marts.fct_sessions order by started_at"
    )
    assert len(found) == len(cases)
    wrong = [
        (case["url"], case["referrer"], answer)
        for case, answer in zip(cases, found, strict=True)
        if answer != (case["channel"], case["rule"])
    ]
    assert wrong == []


def test_every_rule_of_google_analytics_has_a_case() -> None:
    with (PROJECT_ROOT / "seeds" / "channels" / "channel_rules.csv").open() as file:
        rules = {row["rule_id"] for row in csv.DictReader(file)}
    assert rules | {"no_rule"} == {case["rule"] for case in story("arrivals.csv")}


def test_of_the_labelled_hosts_at_least_95_in_100_are_right(models: CompiledModels) -> None:
    labelled = story("referrer_hosts.csv")
    assert len(labelled) >= 300
    schemes = ["android-app" if row["host"].startswith("com.") else "https" for row in labelled]
    pairs: list[Pair] = [
        ("https://www.harbour.example/", f"{scheme}://{row['host']}/")
        for scheme, row in zip(schemes, labelled, strict=True)
    ]
    answers = by_the_models(models, pairs, HARBOUR)
    wrong = [
        (row["host"], row["channel"], answer[-2])
        for row, answer in zip(labelled, answers, strict=True)
        if row["channel"] != answer[-2]
    ]
    assert len(wrong) <= 0.05 * len(labelled), wrong


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(pairs=arrivals())
def test_any_visit_is_answered_as_by_the_oracle(models: CompiledModels, pairs: list[Pair]) -> None:
    lists = load_source_lists(SITE_DOMAINS)
    expected = [by_the_oracle(url, referrer, lists) for url, referrer in pairs]
    assert by_the_models(models, pairs, SITE_DOMAINS) == expected


def assert_sessions_equal_the_oracle(
    rows: Iterable[tuple[Any, ...]], site_domains: tuple[str, ...]
) -> set[str]:
    """Holds rows (entry page, referrer, COLUMNS) against the oracle; gives the channels seen."""
    lists = load_source_lists(site_domains)
    wrong, channels = [], set()
    for url, referrer, *answer in rows:
        if url is not None and tuple(answer) != by_the_oracle(url, referrer, lists):
            wrong.append((url, referrer, answer))
        channels.add(answer[-2])
    assert wrong[:5] == []
    return channels


def test_sessions_of_a_simulated_log_are_answered_as_by_the_oracle(published_log: Settings) -> None:
    with duckdb.connect(str(published_log.analytics), read_only=True) as connection:
        rows = connection.execute(
            f"select entry_page_url, referrer_url, {COLUMNS} from marts.fct_sessions"
        ).fetchall()
    channels = assert_sessions_equal_the_oracle(rows, published_log.site_domains)
    assert {"Direct", "Organic Search", "Paid Search", "Email", "AI Assistant"} <= channels


def test_sessions_of_the_access_log_are_answered_as_by_the_oracle(
    models: CompiledModels, tmp_path: Path, shared_data: Path
) -> None:
    given = Settings(data_dir=tmp_path, site_domains=("semicomplete.com",))
    log = shared_data / "data" / "access_logs" / "apache_logs"
    with warehouse.connect(given) as connection:
        loader.load_paths(connection, given, [log])
    models.run_loaded(given.warehouse, date(2015, 5, 20), given)
    rows = models.rows(
        f"select entry_page_url, referrer_url, {COLUMNS} from published.marts.fct_sessions"
    )
    channels = assert_sessions_equal_the_oracle(rows, given.site_domains)
    # its only campaign is feedburner's feed, a medium that Google Analytics assigns to nothing
    assert channels == {"Direct", "Organic Search", "Organic Social", "Referral", "Unassigned"}


@pytest.fixture(scope="module")
def with_custom_groups(
    models: CompiledModels, tmp_path_factory: pytest.TempPathFactory
) -> CompiledModels:
    """The models, compiled with two channel groups of a company's own."""
    directory = tmp_path_factory.mktemp("custom_groups")
    settings = Settings(data_dir=directory)
    shutil.copy(models.seed_database, settings.warehouse)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            r"""
            insert into seeds.custom_channels by name
            select * from (values
                ('events', 20, 'Trade fairs', null, null, '^qr$', '^fair-', '^/fairs/'),
                ('partners', 10, 'Partners', null, '(^|\.)northquay\.example$', null, null, null)
            ) as rows (rule_id, priority, channel, source_category, source_pattern,
                medium_pattern, campaign_pattern, path_pattern)
            """
        )
    compiled = run_dbt(settings, "compile", target=directory / "target")
    assert compiled.returncode == 0, compiled.stdout
    return CompiledModels(directory / "target", settings.warehouse)


def test_groups_of_a_companys_own_are_asked_before_those_of_google_analytics(
    with_custom_groups: CompiledModels,
) -> None:
    fair = "utm_source=card&utm_medium=qr&utm_campaign=Fair-2026"
    visits: dict[Pair, tuple[str, str]] = {
        ("https://x.test/", "https://blog.northquay.example/"): ("Partners", "partners"),
        ("https://x.test/?utm_source=northquay.example&utm_medium=cpc", None): (
            "Partners",
            "partners",
        ),
        ("https://x.test/", "https://notnorthquay.example/"): ("Referral", "referral"),
        (f"https://x.test/Fairs/a?{fair}", None): ("Trade fairs", "events"),
        # every filled column must match
        (f"https://x.test/?{fair}", None): ("Unassigned", "no_rule"),
    }
    answers = by_the_models(with_custom_groups, list(visits), ())
    assert [(row[-2], row[-1].partition(":")[0]) for row in answers] == list(visits.values())
