"""The dbt project as dbt and the database see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingestion.settings import Settings

Node = dict[str, Any]
"""A node of dbt's manifest."""


@dataclass(frozen=True)
class BuiltProject:
    """The dbt project's manifest, and the columns of all relations built on empty sources."""

    settings: Settings
    """Where it was built."""
    manifest: dict[str, Any]
    relation_columns: dict[str, list[str]]
    """`schema.name` to the columns that the database shows."""
    uncommented: list[str]
    """`schema.table.column` of published columns without a comment in the database."""

    def nodes(self, resource_type: str) -> list[Node]:
        """The project's own nodes of one type, ordered by name."""
        own = (
            node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == resource_type and node["package_name"] == "intent_growth"
        )
        return sorted(own, key=lambda node: node["name"])

    def parents(self, node: Node) -> Iterator[Node]:
        """The models, seeds and sources that a node reads."""
        for unique_id in node["depends_on"]["nodes"]:
            yield self.manifest["nodes"].get(unique_id) or self.manifest["sources"][unique_id]

    def macros_of(self, nodes: Iterable[Node]) -> list[Node]:
        """The project's own macros that the nodes call, by way of one another too."""
        todo = [name for node in nodes for name in node["depends_on"]["macros"]]
        called: dict[str, Node] = {}
        while todo:
            name = todo.pop()
            macro = self.manifest["macros"][name]
            if name not in called and macro["package_name"] == "intent_growth":
                called[name] = macro
                todo += macro["depends_on"]["macros"]
        return list(called.values())


def described_place(node: Node) -> str:
    """Where to mend a node: its name and the file it was described, or only written, in."""
    place = node.get("patch_path") or node["original_file_path"]
    return f"{node['name']} ({place.removeprefix('intent_growth://')})"
