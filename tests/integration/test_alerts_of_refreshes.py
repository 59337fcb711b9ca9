"""An alert from end to end: who rises between two refreshes is told once, and not again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from ingestion.settings import Settings
from tests.command_line import Completed, intent

pytestmark = pytest.mark.slow

ADA, BOB = "ada@north.example", "bob@south.example"
RECORDS = ("fct_score_history", "fct_alerts")
RISEN = "Risen since the refresh before"


@dataclass(frozen=True)
class Refreshed:
    """What one refresh printed, and the alerts of the file that it published."""

    completed: Completed
    alerts: list[tuple[str, ...]]
    id_types: set[str]

    @property
    def told(self) -> list[str]:
        """The lines of the summary about who has risen, without the head of their table."""
        lines = iter(self.completed.stdout.splitlines())
        if RISEN not in lines:
            return []
        until_blank: Iterator[str] = iter(lines.__next__, "")
        return [" ".join(line.split()) for line in until_blank][1:]


def message(number: int, at: datetime, email: str, **fields: object) -> str:
    """A line of a log: somebody with this address does something at their own computer."""
    name = email.partition("@")[0]
    when = f"{at:%Y-%m-%dT%H:%M:%S}Z"
    return json.dumps(
        {"messageId": f"{name}-{number}", "anonymousId": f"device of {name}", "timestamp": when}
        | {"context": {"traits": {"email": email}}}
        | fields
    )


def refresh(settings: Settings, *arguments: str) -> Refreshed:
    """Refreshes with what is new in landing/."""
    completed = intent(settings.data_dir, "refresh", *arguments)
    assert completed.returncode == 0, completed.stderr
    with duckdb.connect(settings.analytics, read_only=True) as connection:
        rows = connection.execute(
            """
            select coalesce(accounts.domain, people.primary_email), band_before, alerts.band
            from marts.fct_alerts as alerts
            left join marts.dim_accounts as accounts on alerts.entity_id = accounts.account_id
            left join marts.dim_people as people on alerts.entity_id = people.person_id
            order by all
            """
        ).fetchall()
        types = connection.execute(
            "select data_type from duckdb_columns() where column_name = 'entity_id'"
            " and list_contains(?, table_name)",
            [RECORDS],
        ).fetchall()
    return Refreshed(completed, rows, {type_ for (type_,) in types})


@pytest.fixture(scope="module")
def refreshes(tmp_path_factory: pytest.TempPathFactory) -> list[Refreshed]:
    """One as of yesterday, when Ada and Bob only read; then two as of today, on which Ada asks
    for a demo and reads prices; and one that builds everything anew on the records of a version
    whose ids were text."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("shop") / "data")
    settings.landing.mkdir(parents=True)
    # by the clock, since only a refresh as of today alerts; what is new lies an hour back, so that
    # it is of no later day than the refresh that reads it
    now = datetime.now(UTC)
    yesterday, page = now - timedelta(days=1), {"type": "page"}
    pages = [
        message(number, yesterday - timedelta(hours=number), email, **page)
        for email in (ADA, BOB)
        for number in (1, 2)
    ]
    (settings.landing / "yesterday.ndjson").write_text("\n".join(pages) + "\n", encoding="utf-8")
    first = refresh(settings, "--as-of", f"{yesterday:%Y-%m-%d}")
    prices = {"type": "page", "context": {
        "page": {"url": "https://www.shop.example/pricing"}, "traits": {"email": ADA},
    }}  # fmt: skip
    since = [
        message(3, now - timedelta(minutes=70), ADA, **prices),
        message(4, now - timedelta(minutes=65), ADA, **prices),
        message(5, now - timedelta(minutes=60), ADA, type="track", event="demo_request"),
        message(3, now - timedelta(minutes=60), BOB, **page),
    ]
    (settings.landing / "today.ndjson").write_text("\n".join(since) + "\n", encoding="utf-8")
    today = [refresh(settings), refresh(settings)]
    write_ids_as_text(settings)
    return [first, *today, refresh(settings, "--full-refresh")]


def write_ids_as_text(settings: Settings) -> None:
    """Makes the records what a version wrote whose ids were 32 digits."""
    with duckdb.connect(settings.marts) as connection:
        for table in RECORDS:
            connection.execute(
                f"alter table marts.marts.{table} alter entity_id type varchar"
                " using replace(cast(entity_id as varchar), '-', '')"
            )


def test_the_first_refresh_alerts_nobody(refreshes: list[Refreshed]) -> None:
    assert refreshes[0].alerts == []
    assert refreshes[0].told == []


def test_who_has_risen_is_told_and_nobody_else(refreshes: list[Refreshed]) -> None:
    risen = [(ADA, "cold", "hot"), ("north.example", "cold", "hot")]
    assert refreshes[1].alerts == risen
    assert sorted(refreshes[1].told) == [" ".join(row) for row in risen]


def test_the_next_refresh_of_the_day_tells_nothing_new(refreshes: list[Refreshed]) -> None:
    assert refreshes[2].alerts == refreshes[1].alerts


def test_records_of_a_version_whose_ids_were_text_tell_who_was_told(
    refreshes: list[Refreshed],
) -> None:
    assert refreshes[3].alerts == refreshes[1].alerts
    assert refreshes[3].id_types == {"UUID"}
