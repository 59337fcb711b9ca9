"""The models as dbt's manifest has them: in order, each with what makes it and how it is kept."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ingestion.settings import PROJECT_ROOT


@dataclass(frozen=True)
class Kept:
    """How a model is brought up to date: the SQL that says with what, and the macro's arguments."""

    path: Path
    keys: Sequence[str]
    counted_from: str | None
    of_people: bool
    alive_column: str | None
    keeps_gone: bool
    carried: Mapping[str, Any] | None
    same_for_all: Mapping[str, Any] | None


@dataclass(frozen=True)
class Record:
    """How a model that records what was done is added to: the SQL of the rows to add, and whether
    those of the same as-of date go before."""

    path: Path
    forgets_date: bool


@dataclass(frozen=True)
class Node:
    """A model: where it stands, what makes it, and how it is kept."""

    name: str
    relation: str
    path: Path
    is_view: bool
    is_python: bool
    kept: Kept | None
    record: Record | None

    @property
    def place(self) -> tuple[str, str, str]:
        """Database, schema and name."""
        database, schema, name = self.relation.replace('"', "").split(".")
        return database, schema, name


def in_order(manifest: Mapping[str, Any], only: Collection[str] = ()) -> list[dict[str, Any]]:
    """The nodes of the graph, or `only` these and what they read, each after those it reads."""
    nodes, ordered = manifest["nodes"], {}

    def visit(unique_id: str) -> None:
        if unique_id in ordered or unique_id not in nodes:
            return
        for parent in nodes[unique_id].get("depends_on", {}).get("nodes", []):
            visit(parent)
        ordered[unique_id] = nodes[unique_id]

    for unique_id, node in nodes.items():
        if node["resource_type"] in ("model", "seed") and (not only or node["name"] in only):
            visit(unique_id)
    return list(ordered.values())


def node_of(node: Mapping[str, Any], target: Path) -> Node:
    is_python = node["language"] == "python"
    source = PROJECT_ROOT / node["original_file_path"]
    below_target = Path("compiled", node["package_name"], node["original_file_path"])
    config = node["config"]
    keys = config.get("unique_key")
    updating = target.with_name("updating") / below_target
    kept = Kept(
        path=updating,
        keys=[keys] if isinstance(keys, str) else keys,
        counted_from=config.get("counted_from"),
        of_people=config.get("of_people", False),
        alive_column=config.get("alive_column"),
        keeps_gone=config.get("keeps_gone", False),
        carried=config.get("carried"),
        same_for_all=config.get("same_for_all"),
    )
    hooks = [hook["sql"] for hook in config["pre-hook"]]
    record = Record(updating, forgets_date=any("forget_date_of_run" in hook for hook in hooks))
    return Node(
        name=node["name"],
        relation=node["relation_name"],
        path=source if is_python else target / below_target,
        is_view=config["materialized"] == "view",
        is_python=is_python,
        kept=kept if config.get("incremental_strategy") == "replace" else None,
        record=record if config.get("incremental_strategy") == "append" else None,
    )


def module_of(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
