"""A data directory, and one in which the small marts are published."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingestion.settings import Settings
from tests.unit.orchestration.small_marts import publish_story

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
