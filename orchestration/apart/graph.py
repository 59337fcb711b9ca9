"""The models and seeds as dbt's manifest has them: what makes each, and in which order."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ingestion.settings import PROJECT_ROOT

ManifestNode = Mapping[str, Any]


@dataclass(frozen=True)
class Model:
    """A model: where it stands, and the file that makes all of it."""

    name: str
    relation: str
    """Its quoted name, with database and schema."""
    path: Path
    """SQL that dbt compiled, or the module of a model in Python."""
    is_view: bool
    is_python: bool

    @property
    def place(self) -> tuple[str, str, str]:
        """Database, schema and name."""
        database, schema, name = self.relation.replace('"', "").split(".")
        return database, schema, name


def model_of(node: ManifestNode, target: Path) -> Model:
    """The model of a node, compiled below `target`."""
    is_python = node["language"] == "python"
    return Model(
        name=node["name"],
        relation=node["relation_name"],
        path=(
            PROJECT_ROOT / node["original_file_path"] if is_python else compiled_at(node, target)
        ),
        is_view=node["config"]["materialized"] == "view",
        is_python=is_python,
    )


def compiled_at(node: ManifestNode, target: Path) -> Path:
    """Where dbt puts the SQL that it makes of a node's file."""
    return Path(target, "compiled", node["package_name"], node["original_file_path"])


def in_order(manifest: Mapping[str, Any], only: Collection[str] = ()) -> list[ManifestNode]:
    """The models and seeds, or `only` those of these names and what they read, each after those
    that it reads."""
    nodes: Mapping[str, ManifestNode] = manifest["nodes"]
    ordered: dict[str, ManifestNode] = {}

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


def parents(node: ManifestNode) -> Iterator[str]:
    """The names of the models and seeds that the node reads."""
    for unique_id in node.get("depends_on", {}).get("nodes", []):
        if unique_id.startswith(("model.", "seed.")):
            yield unique_id.split(".")[-1]


def module_of(path: Path) -> ModuleType:
    """The module of a model in Python."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
