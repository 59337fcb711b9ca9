"""A data directory, and one in which the small marts are published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingestion.settings import Settings
from orchestration.delivery import report_files
from orchestration.reports import report_mail
from tests.unit.orchestration.mail_server import Inbox, mail_server
from tests.unit.orchestration.report_deliveries import SENDER, to_port
from tests.unit.orchestration.small_marts import publish_story
from tests.unit.orchestration.small_requests import ADA, BOB, CLEO, publish_requests

if TYPE_CHECKING:
    from tests.unit.orchestration.offer_visits import Visit


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An absent data directory."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the small marts are published; to be copied, not changed."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("published") / "data")
    publish_story(settings)
    return settings.data_dir


@pytest.fixture
def published(settings: Settings, published_once: Path) -> Settings:
    """A data directory of its own in which the small marts are published."""
    shutil.copytree(published_once, settings.data_dir)
    return settings


@pytest.fixture
def visit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Somebody who visits the pages of an offer; tokens go by their clock, too."""
    # here, since the many tests that see no page need not wait for it
    from itsdangerous import TimestampSigner

    from tests.unit.orchestration.offer_visits import Visit

    made = Visit(settings)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(made.now.timestamp()))
    return made


@pytest.fixture
def small_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one takes its time, and is looked at where it is made."""
    for module in (report_files, report_mail):
        monkeypatch.setattr(module, "report_pdf", lambda _: b"%PDF-1.7\n")


@pytest.fixture
def asked(settings: Settings, small_pdf: None) -> Settings:
    """A data directory in which Ada's, Bob's and Cleo's requests are published."""
    publish_requests(settings, [ADA, BOB, CLEO])
    return replace(settings, mail_from=SENDER, public_url="https://go.example")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def mailing(asked: Settings, inbox: Inbox) -> Iterator[Settings]:
    """The same, with a mail server that is up."""
    with mail_server(inbox) as port:
        yield to_port(asked, port)
