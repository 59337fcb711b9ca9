"""A data directory, and one in which the small marts are published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingestion.settings import Settings
from tests.unit.orchestration.small_marts import publish_story


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
