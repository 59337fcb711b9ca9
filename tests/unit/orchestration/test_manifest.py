"""When the dbt project is parsed anew, and where its tests are shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import Settings
from orchestration.dbt import manifest
from orchestration.dbt.manifest import (
    complete_tests,
    current_manifest,
    fingerprint,
    leading_comment,
)

Change = Callable[[Path], object]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for folder in ("dbt_project/models", "seeds/scoring", "tests/dbt"):
        (root / folder).mkdir(parents=True)
    for name in (
        "dbt_project.yml",
        "profiles.yml",
        "dbt_project/models/a.sql",
        "seeds/scoring/s.csv",
    ):
        (root / name).write_text("x")
    return root


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "dbt_project.yml").write_text("xy"),
        lambda root: (root / "dbt_project/models/a.sql").unlink(),
        lambda root: (root / "tests/dbt/assert_x.sql").write_text("select 1"),
        lambda root: (root / "seeds/scoring/s.csv").rename(root / "seeds/scoring/t.csv"),
        lambda root: os.utime(root / "profiles.yml", ns=(1, 1)),
    ],
)
def test_a_changed_file_changes_the_fingerprint(project: Path, change: Change) -> None:
    before = fingerprint(project)
    change(project)
    assert fingerprint(project) != before


def test_what_lies_beside_the_project_does_not_matter(project: Path) -> None:
    before = fingerprint(project)
    (project / "data").mkdir()
    (project / "data" / "warehouse.duckdb").write_text("x")
    assert fingerprint(project) == before


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What dbt was asked for, which has parsed at once."""
    asked: list[list[str]] = []

    class FakeProcess:
        def __init__(self, *_: object) -> None: ...

        def stream(self, arguments: list[str], target: Path) -> list[dict[str, Any]]:
            asked.append(arguments)
            target.mkdir(parents=True, exist_ok=True)
            (target / "manifest.json").write_text('{"nodes": {}, "parent_map": {}}')
            return []

    monkeypatch.setattr(manifest, "DbtProcess", FakeProcess)
    return asked


def test_the_project_is_parsed_once_until_it_changes(
    project: Path, settings: Settings, parses: list[list[str]]
) -> None:
    for _ in range(2):
        assert current_manifest(settings, project)["nodes"] == {}
    assert parses == [["parse"]]
    (project / "dbt_project/models/a.sql").write_text("changed")
    current_manifest(settings, project)
    assert len(parses) == 2
    assert len(list(settings.dbt_target.parent.glob("manifest-*"))) == 1


@pytest.mark.usefixtures("parses")
def test_what_a_killed_parse_has_left_goes(project: Path, settings: Settings) -> None:
    left, under_way = (settings.dbt_target.with_name(f"parse-{pid}") for pid in (1, 2))
    for folder in (left, under_way):
        folder.mkdir(parents=True)
        (folder / "partial_parse.msgpack").write_text("half")
    os.utime(left, (0, 0))
    current_manifest(settings, project)
    assert not left.exists()
    assert under_way.exists()


def dbt_test(*tables: str, attached: str | None = None, **more: str) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "attached_node": attached,
        "depends_on": {"nodes": list(tables)},
        **more,
    }


def completed(**nodes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    parents = {
        "model.p.end": ["model.p.middle"],
        "model.p.middle": ["model.p.start"],
        "model.p.start": ["source.p.raw"],
    }
    document = {"nodes": nodes, "parent_map": parents}
    complete_tests(document)
    return nodes


def test_a_test_of_several_tables_is_shown_at_the_model_that_reads_the_most() -> None:
    nodes = completed(
        several=dbt_test("model.p.start", "model.p.end", "seed.p.s"),
        one=dbt_test("model.p.start"),
        source=dbt_test("source.p.raw", "model.p.start"),
        attached=dbt_test("model.p.start", "model.p.end", attached="model.p.start"),
        none=dbt_test(),
        seed={"resource_type": "seed", "depends_on": {}},
    )
    assert {name: node.get("attached_node") for name, node in nodes.items()} == {
        "several": "model.p.end",
        "one": "model.p.start",
        "source": "model.p.start",
        "attached": "model.p.start",
        "none": None,
        "seed": None,
    }


def test_a_test_in_sql_is_described_by_the_comment_on_top() -> None:
    sql = "\n-- A returned row is a person\n-- without a name.\nselect 1 -- not this\n"
    nodes = completed(
        silent=dbt_test("model.p.end", raw_code=sql),
        told=dbt_test("model.p.end", raw_code=sql, description="Told."),
    )
    assert nodes["silent"]["description"] == "A returned row is a person without a name."
    assert nodes["silent"]["meta"] == {"description": "A returned row is a person without a name."}
    assert nodes["told"]["meta"] == {"description": "Told."}
    assert leading_comment("select 1\n-- no") == ""
