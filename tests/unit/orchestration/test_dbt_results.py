"""What went wrong in dbt, in words that need no knowledge of dbt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.dbt.process import parse_line
from orchestration.dbt.results import in_plain_words, read_results

MANIFEST: dict[str, Any] = {
    "nodes": {
        "test.p.t": {
            "resource_type": "test",
            "name": "assert_reasons_sum_to_scores",
            "original_file_path": "tests/dbt/assert_reasons_sum_to_scores.sql",
            "description": "a returned row is a person\n  whose reasons miss the score",
        },
        "model.p.m": {
            "resource_type": "model",
            "name": "fct_sessions",
            "original_file_path": "dbt_project/models/marts/fct_sessions.sql",
            "description": "One row a session.",
        },
    }
}


def words(target: Path, **result: object) -> str:
    (target / "run_results.json").write_text(json.dumps({"results": [result]}))
    (read,) = read_results(target, MANIFEST)
    assert read.is_bad
    return in_plain_words(read)


def test_a_failing_test_is_told_with_rows_file_and_meaning(tmp_path: Path) -> None:
    told = words(
        tmp_path,
        unique_id="test.p.t",
        status="fail",
        failures=1200,
        message="Got 1200 results, configured to fail if != 0",
    )
    assert told == (
        "test assert_reasons_sum_to_scores found 1,200 rows that should not be there"
        " (tests/dbt/assert_reasons_sum_to_scores.sql): a returned row is a person whose reasons"
        " miss the score"
    )


@pytest.mark.parametrize("status", ["error", "runtime error"])
def test_a_model_that_broke_is_told_with_file_and_reason(tmp_path: Path, status: str) -> None:
    message = (
        "Runtime Error in model fct_sessions (dbt_project/models/marts/fct_sessions.sql)\n"
        '  Binder Error: column "x" not found\n  compiled code at target/run/x.sql'
    )
    told = words(tmp_path, unique_id="model.p.m", status=status, failures=None, message=message)
    assert told == (
        "model fct_sessions could not be built (dbt_project/models/marts/fct_sessions.sql):"
        ' Binder Error: column "x" not found'
    )


def test_a_test_that_could_not_run_is_not_told_as_rows(tmp_path: Path) -> None:
    told = words(tmp_path, unique_id="test.p.t", status="error", message="Parser Error: near x")
    assert told.endswith("Parser Error: near x")
    assert "rows" not in told


def test_without_results_there_are_none(tmp_path: Path) -> None:
    assert read_results(tmp_path, MANIFEST) == []


@pytest.mark.parametrize("text", ["plain words\n", "[1, 2]\n", '"text"\n', "{broken\n", "\n"])
def test_a_line_that_is_no_log_line_becomes_one(text: str) -> None:
    line = parse_line(text)
    assert line["info"]["level"] == "info"
    assert line["info"]["msg"] == text.rstrip("\n")
    assert line["data"] == {}
