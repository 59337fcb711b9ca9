"""What a kept model is made of: a change of it is seen, and one of what it does not read is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestration.dbt.fingerprints import Fingerprints, Ingredients
from tests.unit.orchestration.small_project import manifest, write_project

LISTS = {"crawler-user-agents": "1.59", "publicsuffixlist": "1.0"}


def ingredients(
    root: Path,
    *,
    sql: Mapping[str, str] | None = None,
    lists: Mapping[str, str] = LISTS,
    domains: tuple[str, ...] = (),
    gap_seconds: int = 1800,
    seeds: Mapping[str, str] | None = None,
) -> dict[str, Ingredients]:
    write_project(root, gap_seconds=gap_seconds, **(seeds or {}))
    fingerprints = Fingerprints(manifest(**(sql or {})), lists, domains, root)
    return {node["name"]: fingerprints.of(node) for node in fingerprints.kept()}


def changed(root: Path, **otherwise: Any) -> set[str]:
    """The models that are made of something else than at first."""
    before, after = ingredients(root), ingredients(root, **otherwise)
    return {name for name in before if before[name] != after[name]}


def test_kept_models_come_after_those_that_they_read(tmp_path: Path) -> None:
    assert list(ingredients(tmp_path)) == ["prepared", "matched", "counted", "owners", "owned"]


def test_the_same_project_is_made_of_the_same(tmp_path: Path) -> None:
    assert changed(tmp_path) == set()


EVENTS = {"prepared", "matched", "counted"}


@pytest.mark.parametrize(
    ("otherwise", "models"),
    [
        ({"sql": {"counted": "select 2"}}, {"counted"}),
        ({"sql": {"prepared": "select 2"}}, EVENTS),
        ({"sql": {"page_class": "another"}}, EVENTS),
        ({"sql": {"default__matches": "another"}}, EVENTS),
        ({"sql": {"ref": "a newer dbt"}}, set()),
        ({"sql": {"scored": "select 2"}}, set()),
        ({"gap_seconds": 60}, EVENTS),
        ({"lists": {**LISTS, "crawler-user-agents": "1.60"}}, EVENTS),
        ({"lists": {**LISTS, "publicsuffixlist": "1.1"}}, {"owners"}),
        ({"domains": ("shop.example",)}, {"owners"}),
        ({"seeds": {"overrides": "action,first,second\nforbid,a,b\n"}}, {"owners"}),
        ({"sql": {"owners": "select 2"}}, {"owners", "owned"}),
        ({"sql": {"domains": "select 2"}}, {"owners", "owned"}),
        ({"seeds": {"pages": "page_class,path_pattern\npricing,^/price\n"}}, EVENTS),
        ({"seeds": {"rules": "rule_id,kind,weight\nview,page,9\nask,track,20\n"}}, set()),
        ({"seeds": {"rules": "rule_id,kind,weight\nview,track,5\nask,track,20\n"}},
         {"matched", "counted"}),
        ({"seeds": {"rules": "rule_id,kind,weight\nview,page,5\n"}}, {"matched", "counted"}),
        ({"seeds": {"rules": "kind,rule_id,weight\r\ntrack,ask,20\r\npage,view,5\r\n"}}, set()),
    ],
)  # fmt: skip
def test_a_change_reaches_those_that_are_made_of_it_and_no_others(
    tmp_path: Path, otherwise: dict[str, Any], models: set[str]
) -> None:
    assert changed(tmp_path, **otherwise) == models


def test_a_var_named_by_an_expression_may_be_any(tmp_path: Path) -> None:
    sql = {"owned": "select {{ var(name) }}"}
    assert "var scale" in ingredients(tmp_path, sql=sql)["owned"]
    assert "var scale" not in ingredients(tmp_path)["owned"]
