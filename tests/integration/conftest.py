"""What the integration tests share: the models, compiled once, and a log that they were run on."""

from __future__ import annotations

import pytest

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels, compile_models
from tests.published_log import publish_simulated


@pytest.fixture(scope="session")
def models() -> CompiledModels:
    """All models of the project, ready to run on small logs."""
    return compile_models()


@pytest.fixture(scope="session")
def published_log(models: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory with analytics.duckdb of a small simulated log; to be read only."""
    return publish_simulated(models, tmp_path_factory.mktemp("published_log"))
