"""What the integration tests share: the models, compiled once."""

from __future__ import annotations

import pytest

from tests.compiled_models import CompiledModels, compile_models


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    """All models of the project, ready to run on small logs."""
    return compile_models(tmp_path_factory.mktemp("compiled"))
