"""What may be built alone, and under which number, without a table going past what it has not seen.

A kept table goes by what has changed since its mark, and its mark is moved when it is built. Built
while a table that it reads has not seen the newest loads, it would never look at them; built once
more under the same number, others would never look at what it writes now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from ingestion import reference
from ingestion.errors import UserError
from orchestration.dbt.fingerprints import Node, is_kept
from orchestration.dbt.manifest import Manifest
from orchestration.dbt.staleness import TABLES_DDL
from orchestration.refreshing.pipeline_files import DATABASES

_ALWAYS_CURRENT = ("view", "ephemeral")


def take_own_number(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives the build a number of its own where its load's was used by a build before, as when a
    failed one is run again, or loads have come since. The connection is to both files."""
    [(number,)] = connection.execute(
        "select max(last_load_id) from raw.refresh_settings"
    ).fetchall()
    if number is None or max(_marks(connection).values(), default=0) < number > _newest(connection):
        return
    connection.execute("update raw.refresh_settings set last_load_id = nextval('raw.load_ids')")
    reference.refresh_lists(connection)


def check_part(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, selected: Collection[str]
) -> None:
    """Raises UserError where one of the `selected` models goes by a table that has not seen what is
    new, and is not among them. The connection is to both files."""
    part = _Part(manifest, set(selected), _marks(connection), _newest(connection))
    lacking = dict(part.lacking())
    if lacking:
        name, parent = next(iter(lacking.items()))
        raise UserError(
            f"{name} cannot be built without {parent}, which has not seen what is new: materialize"
            " that as well, or all"
        )


@dataclass
class _Part:
    manifest: Manifest
    selected: set[str]
    marks: Mapping[str, int]
    newest: int
    """The newest load of a file."""

    def lacking(self) -> Iterator[tuple[str, str]]:
        """The selected kept models, each with a table above it that would keep changes from it."""
        for unique_id, node in self.manifest["nodes"].items():
            if is_kept(node) and node["name"] in self.selected:
                for above in self._above(unique_id).values():
                    if above["name"] not in self.selected and self._lacks_changes(above):
                        yield node["name"], above["name"]

    def _lacks_changes(self, node: Node) -> bool:
        if node["config"]["materialized"] in _ALWAYS_CURRENT:
            return False
        above = self._above(str(node["unique_id"])).values()
        if any(each["name"] in self.selected for each in above):
            return True
        marks = [self.marks.get(each["name"], 0) for each in above if is_kept(each)]
        # one that is not kept was built with the whole at the latest: no mark is older than that
        mark = (
            self.marks.get(node["name"], 0)
            if is_kept(node)
            else min(self.marks.values(), default=0)
        )
        return max([self.newest, *marks]) > mark

    def _above(self, unique_id: str) -> dict[str, Node]:
        """The models that a model reads, itself or by way of others."""
        found: dict[str, Node] = {}
        waiting = [unique_id]
        while waiting:
            for parent in self.manifest["nodes"][waiting.pop()]["depends_on"].get("nodes", ()):
                node = self.manifest["nodes"].get(parent)
                if node and node["resource_type"] == "model" and parent not in found:
                    found[parent] = node
                    waiting.append(parent)
        return found


def _marks(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How far each kept model is built, by name."""
    marks: dict[str, int] = {}
    for database in DATABASES:
        connection.execute(TABLES_DDL.format(database=database))
        marks |= dict(
            connection.execute(
                f"select model_name, max(load_id) from {database}.ops.model_marks group by all"
            ).fetchall()
        )
    return marks


def _newest(connection: duckdb.DuckDBPyConnection) -> int:
    [(newest,)] = connection.execute("select coalesce(max(load_id), 0) from raw.files").fetchall()
    return int(newest)
