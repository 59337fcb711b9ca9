"""The ledger of deliveries grows by what it has to know, and not by all that was ever tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.settings import Settings
from orchestration.delivery import ledger as ledgers
from orchestration.delivery.ledger import Delivery, Ledger, State, noted
from orchestration.delivery.smtp import Failure

NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=31)


@pytest.fixture(autouse=True)
def few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "_LINES_WORTH_IT", 3)


def steps(key: str, at: datetime, last: State) -> list[Delivery]:
    """All that is known of a message, step by step."""
    return [
        noted(key, State.waiting, at, attempt=0),
        noted(key, State.intended, at),
        *([] if last is State.intended else [noted(key, last, at, failure=_failure(last))]),
    ]


def _failure(state: State) -> Failure | None:
    return Failure.temporary if state is State.failed else None


@pytest.fixture
def told(settings: Settings) -> Settings:
    """A ledger with old messages in every state, and a young one."""
    with Ledger(settings).opened() as ledger:
        for state in (State.sent, State.failed, State.intended, State.uncertain):
            ledger.note(steps(state.value, LONG_AGO, state))
        ledger.note(steps("overview/2026-W22", LONG_AGO, State.sent))
        ledger.note(steps("young", NOW, State.sent))
    return settings


def lines(settings: Settings) -> list[str]:
    return settings.deliveries.read_text().splitlines()


def test_of_old_messages_the_last_step_is_kept_and_all_is_known_as_before(told: Settings) -> None:
    before = Ledger(told).known()
    assert len(lines(told)) == 17
    with Ledger(told).opened() as ledger:
        assert ledger.known == before
    assert Ledger(told).known() == before
    assert before["intended"].state is State.uncertain
    assert len(lines(told)) == 5 + 3
    assert sum('"young"' in line for line in lines(told)) == 3


def test_few_lines_are_left_as_they_are(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "_LINES_WORTH_IT", 10)
    before = lines(told)
    with Ledger(told).opened():
        pass
    assert lines(told) == before


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
def test_stopped_on_the_way_the_ledger_is_as_it_was(
    told: Settings, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = lines(told)

    class StoppedError(BaseException):
        """As a kill would."""

    def stop(*_: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patched:
        patched.setattr(call, stop)
        with pytest.raises(StoppedError), Ledger(told).opened():
            pass
    assert lines(told) == before
    with Ledger(told).opened() as ledger:
        ledger.note([noted("next", State.sent, NOW)])
    assert set(Ledger(told).known()) == {
        "sent", "failed", "intended", "uncertain", "overview/2026-W22", "young", "next",
    }  # fmt: skip


def test_the_new_file_is_the_one_there_before_anything_is_noted_in_it(
    told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(ledgers, "sync_folder", synced.append)
    with Ledger(told).opened():
        assert synced == [told.data_dir]
