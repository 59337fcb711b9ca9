"""Programs among the visitors: the models' SQL against the oracle, at the edge of every rule."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from tests import model_answers
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.internal_traffic import internal_traffic, rules_with_internal_traffic
from tests.oracle import tables
from tests.oracle.product import run_rows
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, BROWSER, SITE_DOMAINS
from tests.oracle.traffic_strategies import suspicious_rows

RULES = rules_with_internal_traffic(load_rules(SITE_DOMAINS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=suspicious_rows(RULES))
def test_programs_are_told_as_by_the_oracle(
    models: CompiledModels, rows: list[dict[str, Any]]
) -> None:
    result = run_rows(rows, AS_OF, RULES)
    given = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    with internal_traffic(models):
        models.run(frame_of_events(rows, RULES), AS_OF, given)
    labels = model_answers.labels_of(result)
    for name, table in model_answers.TRAFFIC_TABLES.items():
        tables.assert_same(table(models, labels), tables.TRAFFIC_TABLES[name](result))
    for name in ("expected_people.csv", "expected_buckets.csv", "expected_accounts.csv"):
        tables.assert_same(model_answers.TABLES[name](models, labels), tables.TABLES[name](result))


def page_view(device: str, at: datetime, path: str, referrer: str | None = None) -> str:
    """A line of a log: a browser's page view."""
    page = {"url": f"https://www.example.com{path}", "referrer": referrer}
    when = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
    message = {
        "messageId": f"{device} {at} {path}",
        "type": "page",
        "anonymousId": device,
        "timestamp": when,
        "receivedAt": when,
        "context": {"page": page, "userAgent": BROWSER},
    }
    return json.dumps(message)


def hidden_programs() -> dict[str, list[str]]:
    """Programs that call themselves a browser, by the rule that should know them."""
    start, home = datetime(2026, 6, 15, 3, tzinfo=UTC), "https://www.example.com/"
    # between two pages 3 to 5 seconds, without a rhythm
    at = [start + timedelta(seconds=number * 4 + number * number % 4) for number in range(400)]
    return {
        "no_pause": [
            page_view("crawler", moment, f"/blog/{number % 90}", home)
            for number, moment in enumerate(at)
        ],
        "many_pages": [
            page_view("walker", start + timedelta(seconds=17 * number), f"/tag/{number}", home)
            for number in range(211)
        ],
        "sustained_rate": [
            page_view("scraper", start + timedelta(milliseconds=1_500 * number), "/pricing", home)
            for number in range(260)
        ],
        "exact_intervals": [
            page_view("monitor", start + timedelta(minutes=15 * number), "/", None)
            for number in range(60)
        ],
        # it opened the last of the pages hours ago too
        "scanned_links": [
            page_view("scanner", start + timedelta(milliseconds=moment),
                      f"/docs/{number}?utm_medium=email&mc_cid=7f3a")
            for number, moment in ((2, -7_200_000), (0, 0), (1, 700), (2, 1_400))
        ],
        "spam_referrer": [
            page_view("spammer", start, "/", "http://www.semalt.com/project_crawl.php?u=example.com")
        ],
    }  # fmt: skip


def test_hidden_programs_are_known_and_nobody_of_a_simulated_log_is_taken_for_one(
    models: CompiledModels, tmp_path: Path
) -> None:
    programs = hidden_programs()
    simulate(20_000, tmp_path / "log", seed=5, days=60, end=date(2026, 6, 30))
    (tmp_path / "programs.ndjson").write_text("\n".join(chain(*programs.values())) + "\n")
    loaded = Settings(data_dir=tmp_path / "data", site_domains=SITE_DOMAINS)
    files = [*sorted((tmp_path / "log").glob("*.ndjson")), tmp_path / "programs.ndjson"]
    with warehouse.connect(loaded) as connection:
        loader.load_paths(connection, loaded, files)
    models.run_loaded(loaded.warehouse, date(2026, 6, 30), loaded)
    flagged = models.rows(
        "select traffic_rule, count(*) from published.marts.fct_events"
        " where traffic_rule is not null group by all"
    )
    assert dict(flagged) == {rule: len(lines) for rule, lines in programs.items()}
    assert models.rows(
        "select distinct exclusion_reason, intent_score from published.marts.dim_people"
        " where traffic_flag is not null"
    ) == [("bot", 0.0)]
