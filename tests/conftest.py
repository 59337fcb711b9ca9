"""What all tests share: how deep Hypothesis looks, and which skips are honest."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROJECT_ROOT = Path(__file__).resolve().parent.parent

SHARED_DATA = PROJECT_ROOT.parent / "shared"
"""Golden stories and real logs that lie beside a checkout, not in it."""

SHARED_DATA_ABSENT = "shared data absent"
"""How the reason begins of the only skip that a complete run allows."""

_SLOW_TO_START = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("ci", max_examples=12, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "deep", max_examples=3_000, deadline=None, suppress_health_check=_SLOW_TO_START
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--deep", action="store_true", help="let Hypothesis look at 3,000 examples a property"
    )
    parser.addoption(
        "--examples", type=int, metavar="N", help="let Hypothesis look at N examples a property"
    )
    parser.addoption(
        "--logs", type=int, default=100, help="small logs that are cut into loads (100)"
    )
    parser.addoption(
        "--kills", type=int, help="kill so many refreshes and run each again (8, four running)"
    )


def pytest_configure(config: pytest.Config) -> None:
    profile = "deep" if config.getoption("--deep") else os.environ.get("HYPOTHESIS_PROFILE")
    settings.load_profile(profile or "default")
    if examples := config.getoption("--examples"):
        settings.register_profile(
            "given", max_examples=examples, deadline=None, suppress_health_check=_SLOW_TO_START
        )
        settings.load_profile("given")


_LONG_FIRST = ("test_kills", "test_models_equal", "test_cli_refresh", "test_ui_in_a_browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest go first, so that workers side by side end together."""
    items.sort(key=lambda item: not any(name in item.nodeid for name in _LONG_FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With INTENT_TESTS_REQUIRE_ALL set, a test skipped for an absent part has failed."""
    report = yield
    if os.environ.get("INTENT_TESTS_REQUIRE_ALL") and report.skipped and call.excinfo is not None:
        reason = str(call.excinfo.value)
        if SHARED_DATA_ABSENT not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: skipped, but all parts are required here: {reason}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of shared data; the test is skipped where a checkout stands alone."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA_ABSENT}: no folder shared/ beside the checkout")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def _environment_of_a_fresh_machine() -> Generator[None, None, None]:
    """No INTENT_* setting of the caller's reaches a test."""
    kept = ("INTENT_TESTS_REQUIRE_ALL",)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("INTENT_") and name not in kept:
                patch.delenv(name)
        yield
