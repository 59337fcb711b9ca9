"""Tables and views that an earlier version of the product made, and this one makes no more."""

from __future__ import annotations

import duckdb

from ingestion import warehouse
from orchestration.dbt.manifest import Manifest
from orchestration.refreshing.pipeline_files import DATABASES, drop_relation

_OWN = {"model_marks", "model_fingerprints", "refreshes"}
"""Tables of schemas `ops` that are no models."""

_UNKNOWN = """
select database_name, schema_name, table_name
from duckdb_tables()
where not internal and not temporary
union all
select database_name, schema_name, view_name
from duckdb_views()
where not internal and not temporary
order by all
"""


def drop_leftovers(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> list[str]:
    """Drops what stands in a schema of the models and is no model, with its mark; and the marks of
    models that are not kept any more, on which rows that are gone would wait for ever.

    Schema raw holds none, and stays as it is. So does a table with a mark and no fingerprint: it
    keeps records, which no rebuild brings back, and a version that is not this one made it. The
    tables of marks and fingerprints are there. Returns the names of what was dropped.
    """
    models = {
        (node["database"], node["schema"], node["alias"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    schemas = {(database, schema) for database, schema, _ in models}
    made_anew = [
        node["alias"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "incremental"
    ]
    dropped = []
    relations = connection.execute(_UNKNOWN).fetchall()
    for database in DATABASES:
        records = _records(connection, database)
        with warehouse.transaction(connection):
            for where, schema, name in relations:
                is_unknown = (where, schema, name) not in models and name not in _OWN | records
                if where == database and (where, schema) in schemas and is_unknown:
                    drop_relation(connection, where, schema, name)
                    dropped.append(str(name))
                    _forget(connection, database, [name])
            _forget(connection, database, made_anew)
    return dropped


def _records(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    rows = connection.execute(
        f"select model_name from {database}.ops.model_marks"
        f" except select model_name from {database}.ops.model_fingerprints"
    ).fetchall()
    return {name for (name,) in rows}


def _forget(connection: duckdb.DuckDBPyConnection, database: str, names: list[str]) -> None:
    for table in ("model_marks", "model_fingerprints"):
        connection.execute(
            f"delete from {database}.ops.{table} where model_name in (select unnest(?::varchar[]))",
            [names],
        )
