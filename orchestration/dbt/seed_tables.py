"""Which seeds need not be loaded again: their tables hold what their files say, and was tested.

The fingerprint of a seed is kept in warehouse.duckdb only once a build has loaded it and passed
every test. Before a build that loads another content it is forgotten, so a fingerprint that stands
there is that of the table, whatever was killed or failed in between.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from ingestion import warehouse
from ingestion.settings import PROJECT_ROOT
from orchestration.dbt.fingerprints import Node, hash_of, seed_fingerprint
from orchestration.dbt.manifest import Manifest

_KEPT = "warehouse.ops.model_fingerprints"


def fingerprints_of_seeds(manifest: Manifest, project_root: Path = PROJECT_ROOT) -> dict[str, str]:
    """What each seed is made of, by its name: rows, types, and what is said of it, as JSON."""
    found = {}
    for node in _seeds(manifest):
        path, rows = seed_fingerprint(node, project_root)
        said = json.dumps([node.get("description"), node.get("columns")], sort_keys=True)
        found[str(node["name"])] = json.dumps({path: hash_of(rows, said)})
    return found


def loaded_seeds(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    now: dict[str, str],
    project_root: Path = PROJECT_ROOT,
) -> list[str]:
    """The seeds that need not be loaded again, of `now`; what was known of others is forgotten.

    The connection is to both files, with the table of fingerprints there.
    """
    kept = dict(connection.execute(f"select model_name, ingredients from {_KEPT}").fetchall())
    columns = _columns(connection)
    loaded = [
        node["name"]
        for node in _seeds(manifest)
        if kept.get(node["name"]) == now[node["name"]]
        and _holds(connection, node, columns, project_root)
    ]
    others = sorted(kept.keys() & now.keys() - set(loaded))
    with warehouse.transaction(connection):
        _forget(connection, others)
    return loaded


def note_loaded_seeds(connection: duckdb.DuckDBPyConnection, loaded: dict[str, str]) -> None:
    """Keeps the fingerprints of seeds that are loaded and tested."""
    with warehouse.transaction(connection):
        _forget(connection, list(loaded))
        connection.execute(
            f"insert into {_KEPT} select unnest(?::varchar[]), unnest(?::varchar[])",
            [list(loaded), list(loaded.values())],
        )


def _forget(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    connection.execute(
        f"delete from {_KEPT} where list_contains(?::varchar[], model_name)", [list(names)]
    )


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], list[str]]:
    """The columns of every table, by database, schema and name."""
    rows = connection.execute(
        "select database_name, schema_name, table_name, list(column_name order by column_index)"
        " from duckdb_columns() where not internal group by all"
    ).fetchall()
    return {(database, schema, table): columns for database, schema, table, columns in rows}


def _holds(
    connection: duckdb.DuckDBPyConnection,
    seed: Node,
    columns: Mapping[tuple[str, str, str], list[str]],
    project_root: Path,
) -> bool:
    """Whether the table is there, with the columns and as many rows as the file."""
    path = project_root / seed["original_file_path"]
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    place = (seed["database"], seed["schema"], seed["alias"])
    if columns.get(place) != header:
        return False
    quoted = ".".join(f'"{part}"' for part in place)
    [(count,)] = connection.execute(f"select count(*) from {quoted}").fetchall()
    return bool(count == sum(1 for row in rows if row))


def _seeds(manifest: Manifest) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
