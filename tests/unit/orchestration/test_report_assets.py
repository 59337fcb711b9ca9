"""What the UI shows of mini-reports, and what starts their delivery between two refreshes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from ingestion.lock import check_free
from ingestion.settings import Settings
from orchestration.defs.lead_magnet import (
    DELIVERIES,
    MINI_REPORTS,
    QUALIFIED,
    deliveries,
    due_reports_sensor,
    mini_reports,
    qualified,
    report_and_deliver,
)
from orchestration.defs.publication import ANALYTICS, RETENTION
from orchestration.delivery.ledger import Ledger, State, noted
from orchestration.delivery.smtp import Failure
from orchestration.plots import escaped
from orchestration.refreshing.outcomes import Delivered, Outcome, Reported
from orchestration.refreshing.progress import SilentProgress
from orchestration.refreshing.writer import Writer
from tests.unit.orchestration.mail_server import Inbox, free_port, mail_server
from tests.unit.orchestration.small_requests import ADA, BOB, CLEO, Asked, publish_requests

pytestmark = pytest.mark.usefixtures("small_pdf")

ASSETS = [mini_reports, qualified, deliveries]


class Heard(SilentProgress):
    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def finished(self, stage: str, seconds: float, words: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def now() -> datetime:
    return datetime.now(UTC)


def lately(*requests: Asked) -> list[Asked]:
    """The requests, of a minute ago."""
    at = now() - timedelta(minutes=1)
    return [replace(each, requested_at=at, received_at=at) for each in requests]


@pytest.fixture
def asked(settings: Settings) -> Settings:
    """A data directory in which three requests of today are published."""
    publish_requests(settings, lately(ADA, BOB, CLEO), now())
    return replace(settings, mail_from="reports@ours.example")


def materialize(
    settings: Settings, instance: dg.DagsterInstance, **config: Any
) -> tuple[dg.ExecuteInProcessResult, Heard]:
    """The three assets after a publish, by a run that holds the writer lock."""
    heard, writer = Heard(), Writer(settings, 0)
    writer.hold()
    try:
        result = dg.materialize(
            ASSETS,
            resources={"settings": settings, "writer": writer, "progress": heard},
            instance=instance,
            run_config={"ops": {"reports__deliveries": {"config": config}}},
            raise_on_error=False,
        )
        check_free(settings)  # nobody waits for a mail server
    finally:
        writer.release()
    return result, heard


def metadata_of(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str, Any]:
    [event] = [each for each in result.get_asset_materialization_events() if each.asset_key == key]
    return {name: each.value for name, each in event.materialization.metadata.items()}


def checks_of(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str]]:
    return {
        each.check_name: (each.passed, str(each.metadata["why"].value))
        for each in result.get_asset_check_evaluations()
    }


def test_reports_are_made_judged_and_delivered_without_the_writer_s_lock(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    result, heard = materialize(asked, instance)
    assert result.success
    reported, delivered = heard.outcomes
    assert reported == Reported(3, 0)
    assert isinstance(delivered, Delivered)
    assert delivered.words.startswith("3 reports written into outbox/, since INTENT_SMTP_URL is")
    assert sorted(path.name for path in asked.reports.rglob("*.*")) == sorted(
        f"{each.request_id}.{kind}" for each in (ADA, BOB, CLEO) for kind in ("html", "pdf")
    )
    shown = metadata_of(result, DELIVERIES)
    assert (shown["sent_now"], shown["in_outbox"], shown["uncertain"]) == (3, 3, 0)
    assert shown["events_told"] == 8
    judged = metadata_of(result, QUALIFIED)
    assert (judged["qualified"], judged["requests"]) == (2, 3)
    assert "No company's address" in judged["by_reason"]
    assert {passed for passed, _ in checks_of(result).values()} == {True}


def test_a_server_that_is_away_is_a_warning_and_fails_no_refresh(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    away = replace(asked, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    result, heard = materialize(away, instance)
    assert result.success
    assert metadata_of(result, DELIVERIES)["waiting"] == 3
    passed, why = checks_of(result)["mail_gets_through"]
    assert (passed, "cannot be reached" in why) == (False, True)
    [check] = [
        each for each in result.get_asset_check_evaluations() if each.asset_key == DELIVERIES
    ]
    assert check.severity is dg.AssetCheckSeverity.WARN
    delivered = heard.outcomes[-1]
    assert isinstance(delivered, Delivered)
    assert "cannot be reached" in delivered.warnings[0]


def test_what_an_earlier_run_left_is_told_when_nothing_is_due(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    with Ledger(asked).opened() as ledger:
        ledger.note(
            [
                noted("request-ada", State.failed, now(), failure=Failure.unreachable),
                noted("request-bob", State.intended, now()),
                noted("request-cleo", State.sent, now()),
            ]
        )
    _, heard = materialize(asked, instance)
    delivered = heard.outcomes[-1]
    assert isinstance(delivered, Delivered)
    assert delivered.is_news
    due, waits, uncertain = delivered.words.split("; ")
    assert due == "no report is due"
    assert waits.startswith("1 waits for another try, at 20")
    assert "retry_now: true" in waits
    assert uncertain == "1 uncertain from before (intent status says what to do)"


def test_no_address_is_in_what_dagster_keeps_or_prints(
    asked: Settings,
    instance: dg.DagsterInstance,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    inbox = Inbox(refuses=frozenset({"bob@example.org"}))
    inbox.answers = {"cleo@acme.example": "451 cleo@acme.example: later"}
    publish_requests(
        asked, lately(ADA, BOB, CLEO, replace(ADA, request_id="eve", email="eve@x@y.z")), now()
    )
    with mail_server(inbox) as port:
        result, _ = materialize(replace(asked, smtp_url=f"smtp://127.0.0.1:{port}"), instance)
    assert len(inbox.messages) == 1
    kept = "".join(str(entry) for entry in instance.all_logs(result.run_id))
    assert "request-bob: the server refuses it for good (it answered 550)" in kept
    printed = capfd.readouterr()
    for address in ("ada@acme", "bob@example", "cleo@acme", "eve@x"):
        assert address not in kept + caplog.text + printed.out + printed.err


def test_an_uncertain_message_stays_in_sight_until_an_operator_settles_it(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    with Ledger(asked).opened() as ledger:
        ledger.note([noted("request-ada", State.intended, now())])
    for _ in range(2):
        result, _ = materialize(asked, instance)
        assert escaped("send_again: [request-ada]") in metadata_of(result, DELIVERIES)["messages"]
        assert not checks_of(result)["mail_gets_through"][0]
    result, _ = materialize(asked, instance, send_again=["request-ada"])
    assert metadata_of(result, DELIVERIES)["sent_now"] == 1
    assert checks_of(result)["mail_gets_through"][0]


def test_an_order_that_cannot_be_followed_fails_in_plain_words(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    result, _ = materialize(asked, instance, send_again=["anna@acme.example"])
    assert not result.success
    [failed] = result.get_step_failure_events()
    description = failed.step_failure_data.user_failure_data.description  # type: ignore[union-attr]
    assert "no published request has the id id-" in str(description)
    assert "anna" not in str(description)


def test_a_request_without_a_report_is_named_and_fails_nothing(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    publish_requests(asked, lately(ADA, replace(BOB, offer_id="gone")), now())
    result, heard = materialize(asked, instance)
    assert result.success
    assert heard.outcomes[0] == Reported(1, 1)
    assert checks_of(result)["every_request_has_its_report"] == (
        False,
        "1 request without a report",
    )
    assert "offers" in metadata_of(result, MINI_REPORTS)["without_report"]


def test_a_request_that_no_refresh_saw_in_time_is_told(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    at = now() - timedelta(days=asked.report_days, minutes=1)
    late = replace(BOB, request_id="late", requested_at=at, received_at=at)
    publish_requests(asked, [*lately(ADA), late], now())
    result, _ = materialize(asked, instance)
    told = metadata_of(result, DELIVERIES)
    assert (told["in_outbox"], told["came_too_late"]) == (1, 1)
    assert "| late |" in told["too_late"]
    result, _ = materialize(asked, instance, send_again=["late"])
    told = metadata_of(result, DELIVERIES)
    assert (told["in_outbox"], told["came_too_late"]) == (2, 0)


def test_as_of_another_day_nothing_is_made_or_sent(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    publish_requests(asked, lately(ADA), now() - timedelta(days=1))
    result, _ = materialize(asked, instance)
    assert result.success
    assert not asked.reports.exists()
    assert not asked.outbox.exists()
    assert {passed for passed, _ in checks_of(result).values()} == {True}


def test_without_published_requests_a_refresh_goes_on(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    settings.make_folder(settings.data_dir)
    result, _ = materialize(settings, instance)
    assert result.success
    assert not checks_of(result)["mail_gets_through"][0]


def test_a_refresh_that_finds_nothing_new_delivers_what_is_due_too(
    asked: Settings, instance: dg.DagsterInstance
) -> None:
    writer = Writer(asked, 0)

    @dg.asset
    def build(context: dg.AssetExecutionContext) -> None:
        writer.hold()
        report_and_deliver(context, asked, writer, SilentProgress())
        check_free(asked)

    result = dg.materialize([build], instance=instance)
    assert metadata_of(result, MINI_REPORTS)["made"] == 3
    assert metadata_of(result, DELIVERIES)["in_outbox"] == 3


def tick(settings: Settings, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    context = dg.build_sensor_context(instance, resources={"settings": settings})
    answer = due_reports_sensor(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_a_report_that_is_due_starts_a_run_and_one_that_is_not_does_not(
    asked: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def why() -> str:
        answer = tick(asked, instance)
        assert isinstance(answer, dg.SkipReason)
        return answer.skip_message or ""

    assert why() == "No report is due"
    with Ledger(asked).opened() as ledger:
        ledger.note([noted("request-ada", State.failed, now() - timedelta(minutes=4))])
        assert why() == "No report is due"
        ledger.note([noted("request-ada", State.failed, now() - timedelta(minutes=6))])
    assert isinstance(tick(asked, instance), dg.RunRequest)
    publish_requests(asked, lately(ADA), now() - timedelta(days=1))
    assert why().startswith("What is published is as of ")
    monkeypatch.setattr(dg.DagsterInstance, "get_runs", lambda *_, **__: [object()])
    assert why() == "A run that delivers is under way"


@pytest.mark.parametrize("is_broken", [False, True])
def test_reports_are_made_after_the_exports_also_where_one_of_them_failed(
    asked: Settings, instance: dg.DagsterInstance, is_broken: bool
) -> None:
    order: list[str] = []

    @dg.asset(key=ANALYTICS)
    def analytics() -> None: ...

    @dg.asset(key=["exports", "people"], deps=[ANALYTICS])
    def people() -> None:
        order.append("people")
        if is_broken:
            raise OSError("no room")

    @dg.asset(key=RETENTION, deps=[people])
    def retention() -> None:
        order.append("retention")

    class Told(SilentProgress):
        def started(self, stage: str) -> None:
            order.append(stage)

    writer = Writer(asked, 0)
    writer.hold()
    dg.materialize(
        [mini_reports, analytics, people, retention],
        resources={"settings": asked, "writer": writer, "progress": Told()},
        instance=instance,
        raise_on_error=False,
    )
    assert order == (["people", "report"] if is_broken else ["people", "retention", "report"])
