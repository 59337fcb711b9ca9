"""`intent refresh` from end to end: a log in, a published file and lists for sales out.

One refresh of a small simulated log (tests/refreshed_shop.py), and one that a data test stops.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import dagster as dg
import duckdb
import pytest

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from orchestration.dagster_home.instance import open_instance
from orchestration.exports.columns import SALES_TABLES
from orchestration.exports.crm.objects import CRMS, KEY
from orchestration.exports.everything import EXPORTS
from orchestration.exports.leads import UNSEEN
from orchestration.whole_points import whole_score
from tests.command_line import Completed, intent
from tests.refreshed_shop import (
    AS_OF,
    EVENTS,
    HOSTILE_OWNER,
    NO_NETWORK,
    UNSEEN_LEAD,
    Refreshed,
    copy_of_shop,
)
from tests.unit.orchestration.importers import refusals_of_folder


@dataclass(frozen=True)
class Shop:
    """A data directory with a log in landing/, and the command line on it."""

    settings: Settings
    refreshed: Refreshed

    def intent(self, *arguments: str) -> Completed:
        """Runs one command."""
        return intent(self.settings.data_dir, *arguments)

    def published(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(self.settings.analytics, read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    settings = Settings(data_dir=tmp_path_factory.mktemp("shop") / "data")
    return Shop(settings, copy_of_shop(settings.data_dir))


@pytest.fixture(scope="module")
def refreshed(shop: Shop) -> Refreshed:
    """The first refresh, which took up what lies in landing/, with the network denied."""
    return shop.refreshed


@pytest.fixture(scope="module")
def stopped(shop: Shop, refreshed: Refreshed) -> tuple[bytes, Completed]:
    """A second refresh, on a ledger that has lost count; and the published file before it.

    A rule's seed lacks a column, as a version of the product left it that did not know the column.
    """
    before = shop.settings.analytics.read_bytes()
    with duckdb.connect(shop.settings.warehouse) as connection:
        connection.execute("alter table seeds.scoring_rules drop column score_group")
        connection.execute(
            "update raw.files set record_count = record_count + 1 where format = 'segment'"
        )
    return before, shop.intent("refresh", "--as-of", AS_OF.isoformat(), "--full-refresh")


def test_a_refresh_needs_no_network(refreshed: Refreshed) -> None:
    if not refreshed.is_network_denied:
        pytest.skip("this system does not let us deny the network")
    reach_out = "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"
    tried = subprocess.run(
        [*NO_NETWORK, sys.executable, "-c", reach_out], capture_output=True, text=True
    )
    assert "Network is unreachable" in tried.stderr
    assert "\nPublished " in refreshed.stdout


def test_a_refresh_tells_each_stage_with_its_time_and_then_what_it_came_to(
    refreshed: Refreshed,
) -> None:
    assert refreshed.stderr == ""
    lines = refreshed.stdout.splitlines()
    stages = [line.split()[0] for line in lines[: lines.index("")]]
    assert stages == [
        "load", "build", "publish", *["export"] * len(EXPORTS), "tidy", "report", "deliver",
    ]  # fmt: skip
    text = refreshed.stdout
    titles = ["Loaded ", "Rejected ", "Built ", "Tested ", "Published ", "Exported ",
              "Hottest accounts", "Where to look next"]  # fmt: skip
    assert [title for title in titles if f"\n{title}" not in text] == []
    assert "dagster" not in text.lower()
    assert "Traceback" not in text


def test_the_published_file_holds_the_events_and_the_refresh(
    shop: Shop, refreshed: Refreshed
) -> None:
    [(loaded, rejected)] = shop.published(
        "select sum(loaded_count) filter (where format not in ('leads', 'ad_spend')),"
        " sum(rejected_count) from ops.files"
    )
    assert loaded == EVENTS
    [row] = shop.published(
        "select as_of_date, files_loaded, events_loaded, rejected_count, models_built > 0,"
        " tests_passed > 0 from ops.refreshes"
    )
    assert row == (AS_OF, 3, EVENTS, rejected, True, True)
    assert shop.published("select count(*) from marts.fct_events") == [(EVENTS,)]


def test_the_lists_for_sales_are_those_of_the_published_file(
    shop: Shop, refreshed: Refreshed
) -> None:
    for name in ("accounts", "people"):
        path = shop.settings.exports / f"{name}_{AS_OF}.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        seen = [row for row in rows if row.get("why") != UNSEEN]
        assert shop.published(f"select count(*) from marts.sync_{name}") == [(len(seen),)]
        assert (shop.settings.exports / "latest" / path.name).read_bytes() == path.read_bytes()


def test_importers_of_a_crm_take_what_a_refresh_writes_for_them(
    shop: Shop, refreshed: Refreshed
) -> None:
    for crm in CRMS:
        folder = shop.settings.exports / crm.name / str(AS_OF)
        assert refusals_of_folder(folder) == {}
        for each in crm.objects:
            with (folder / f"{each.name}_{AS_OF}.csv").open(encoding="utf-8", newline="") as file:
                keys = {row[each.header_of(KEY)] for row in csv.DictReader(file)}
            assert shop.published(
                f"select count(*), bool_and(idempotency_key in {tuple(keys)})"
                f" from marts.sync_{each.name}"
            ) == [(len(keys), True)]
            assert len(keys) > 1


def test_workbook_and_briefs_are_written_and_told(shop: Shop, refreshed: Refreshed) -> None:
    exports = shop.settings.exports
    names = {f"{table.name}_{AS_OF}.csv" for table in SALES_TABLES}
    names |= {f"sales_{AS_OF}.xlsx", f"overview_{AS_OF}.html"}
    assert {path.name for path in exports.iterdir() if path.is_file()} == names
    folders = {"briefs", "owners", "hubspot", "salesforce"}
    assert {path.name for path in (exports / "latest").iterdir()} == names | folders
    assert [name for name in names if name not in refreshed.stdout] == []
    pages = {path.name for path in (exports / "briefs" / str(AS_OF)).iterdir()}
    [(briefs,)] = shop.published("select count(*) from marts.rpt_account_briefs")
    assert len(pages - {"index.html"}) == briefs
    assert f"index.html ({briefs} brief" in refreshed.stdout


def test_a_lead_whom_nobody_has_seen_is_in_the_list_of_its_owner_and_of_all_and_nowhere_else(
    shop: Shop, refreshed: Refreshed
) -> None:
    [(unseen,)] = shop.published("select count(*) from marts.dim_leads where not is_seen")
    assert unseen > 1
    [path] = [
        path
        for path in (shop.settings.exports / "latest" / "owners").iterdir()
        if path.name.startswith("cmd-")
    ]
    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["email"], row["full_name"]) == (UNSEEN_LEAD, "'=1+1")
    assert (row["owner"], row["intent_score"], row["why"]) == (HOSTILE_OWNER, "0", UNSEEN)
    listed = (shop.settings.exports / f"people_{AS_OF}.csv").read_text(encoding="utf-8")
    assert UNSEEN_LEAD in listed
    for table in ("map_identities where identifier", "sync_people where email",
                  "dim_people where primary_email"):  # fmt: skip
        assert shop.published(f"select count(*) from marts.{table} = '{UNSEEN_LEAD}'") == [(0,)]
    assert re.search(r"\n +\d+ leads from 1 file\n", refreshed.stdout)


def test_every_person_of_the_list_can_be_explained(shop: Shop, refreshed: Refreshed) -> None:
    [(email, score)] = shop.published(
        "select email, intent_score from marts.sync_people order by intent_score desc limit 1"
    )
    done = shop.intent("explain", str(email), "--format", "json")
    (person,) = json.loads(done.stdout)["people"]
    exact = person["profile"]["intent_score"]
    assert whole_score(exact) == score
    assert person["reasons_sum"] == pytest.approx(exact, abs=1e-9)
    assert any(name["link_event_id"] for name in person["identifiers"])


def test_the_ui_lists_the_run_with_rows_and_checks(shop: Shop, refreshed: Refreshed) -> None:
    with open_instance(shop.settings) as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status) == ("refresh", dg.DagsterRunStatus.SUCCESS)
        event = instance.get_latest_materialization_event(dg.AssetKey(["marts", "fct_events"]))
        assert event is not None
        assert event.asset_materialization is not None
        metadata = event.asset_materialization.metadata
        assert metadata["dagster/row_count"].value == EVENTS
        assert "Execution Duration" in metadata
        checks = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    [(tests_passed,)] = shop.published("select tests_passed from ops.refreshes")
    # and two that are no tests of dbt's: whether each request has its report, and mail gets through
    assert len(checks) == tests_passed + 2


def test_status_tells_the_same(shop: Shop, refreshed: Refreshed) -> None:
    status = json.loads(shop.intent("status", "--format", "json").stdout)
    assert status["loaded"]["events"] == EVENTS
    assert status["published"]["as_of_date"] == AS_OF.isoformat()
    assert status["last_refresh"]["result"] == "published"
    assert status["files_waiting"] == 0


def test_a_second_writer_leaves_and_says_who_writes(shop: Shop, refreshed: Refreshed) -> None:
    with writer_lock(shop.settings, 0):
        done = shop.intent("refresh", "--wait", "0")
        assert done.returncode == 3
        assert f"process {os.getpid()}" in done.stderr
        assert "Gave up" in done.stderr
        reading = shop.intent("query", "select count(*) as n from fct_events", "--format", "csv")
        assert reading.stdout == f"n\n{EVENTS}\n"


@pytest.mark.slow  # another whole refresh
def test_a_failing_test_leaves_the_earlier_file_and_says_so(
    shop: Shop, stopped: tuple[bytes, Completed]
) -> None:
    before, done = stopped
    assert done.returncode == 1
    assert shop.settings.analytics.read_bytes() == before
    assert "test assert_ledger_conserves_records found 1 row" in done.stderr
    assert "tests/dbt/assert_ledger_conserves_records.sql" in done.stderr
    assert "analytics.duckdb is untouched" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    (message,) = (shop.settings.logs / "messages").iterdir()
    assert message.read_text().strip() in done.stderr
    status = json.loads(shop.intent("status", "--format", "json").stdout)
    assert status["last_refresh"]["result"] == "failed"
    assert status["last_refresh"]["message"] == str(message)


@pytest.mark.slow  # another whole refresh
def test_a_seed_that_has_got_a_column_is_read_into_an_older_data_directory(
    shop: Shop, stopped: tuple[bytes, Completed]
) -> None:
    with duckdb.connect(shop.settings.warehouse, read_only=True) as connection:
        columns = connection.execute("describe seeds.scoring_rules").fetchall()
    assert "score_group" in [name for name, *_ in columns]


@pytest.mark.slow  # another whole refresh
def test_what_a_failed_test_left_unpublished_cannot_be_published_by_hand(
    shop: Shop,
    stopped: tuple[bytes, Completed],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from orchestration.definitions import definitions

    before, _ = stopped
    monkeypatch.setenv("INTENT_DATA_DIR", str(shop.settings.data_dir))
    job = definitions().resolve_job_def("refresh")
    with open_instance(shop.settings) as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(["published", "analytics"])],
        )
    assert not result.success
    assert shop.settings.analytics.read_bytes() == before
