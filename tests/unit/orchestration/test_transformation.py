"""How the dbt project becomes assets, and what one build is told."""

from __future__ import annotations

import pytest

from orchestration.defs.transformation import build_arguments, group_of, rows_told, without


@pytest.mark.parametrize(
    ("resource_type", "fqn", "group"),
    [
        ("source", ["intent_growth", "staging", "raw", "events"], "ingestion"),
        ("seed", ["intent_growth", "scoring", "scoring_rules"], "seeds"),
        ("model", ["intent_growth", "staging", "stg_web__events"], "staging"),
        ("model", ["intent_growth", "intermediate", "sessions", "int_x"], "sessions"),
        ("model", ["intent_growth", "marts", "sessions", "fct_events"], "marts"),
        ("model", ["intent_growth", "marts", "activation", "sync_people"], "activation"),
        ("model", ["intent_growth", "alone"], "models"),
    ],
)
def test_a_node_is_grouped_by_its_layer(resource_type: str, fqn: list[str], group: str) -> None:
    assert group_of(resource_type, fqn) == group


def test_a_refresh_builds_all_and_leaves_unit_tests_out() -> None:
    arguments = build_arguments(full_refresh=False, selection=[], indirect=None)
    assert arguments == ["build", "--exclude-resource-type", "unit_test"]


def test_a_part_is_selected_with_the_tests_that_come_with_it() -> None:
    arguments = build_arguments(full_refresh=True, selection=["--select", "a b"], indirect="empty")
    assert arguments[3:] == ["--full-refresh", "--select", "a b", "--indirect-selection", "empty"]


def test_seeds_that_need_not_be_loaded_are_left_out() -> None:
    assert without(["pages", "rules"], ["tag:slow"]) == ["--exclude", "pages", "rules", "tag:slow"]
    assert without([], []) == []


@pytest.mark.parametrize(
    ("status", "rows"),
    [
        ("1204 rows", 1204),
        ("0 rows", 0),
        ("INSERT 12", 12),
        ("CREATE 12", 12),
        ("OK", None),
        ("pass", None),
        ("12", None),
        ("12 rows should not be there", None),
        (None, None),
    ],
)
def test_rows_are_read_of_what_dbt_says_of_tables_and_seeds(
    status: str | None, rows: int | None
) -> None:
    line = {"info": {"name": "LogModelResult"}, "data": {"status": status}}
    assert rows_told(line) == rows
