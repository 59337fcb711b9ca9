"""A database in memory beside the pipeline's own files, which it reads and never changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from ingestion import warehouse
from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import first_line
from orchestration.apart.compiled import Compiled
from orchestration.apart.graph import ManifestNode, Model, in_order, module_of, parents

_STANDING = {"warehouse": "standing", "published": "standing_published"}
"""Under which name each of the pipeline's databases is read."""


class Apart:
    """The databases that the models' SQL names, with some of what they hold replaced.

    What was neither given nor built here is seen as it stands in the pipeline's files; the seeds
    are those that the SQL was compiled with.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, compiled: Compiled) -> None:
        self.connection = connection
        self.nodes: Mapping[str, ManifestNode] = {node["name"]: node for node in compiled.nodes}
        """Seeds and models by name, each after those that it reads."""
        self._models: Mapping[str, Model] = {model.name: model for model in compiled.models}
        self._manifest = compiled.manifest
        self._given: set[str] = set()

    def give(self, relation: str, query: str, parameters: Sequence[object] = ()) -> None:
        """Puts the rows of a query in the place of a table: `warehouse.raw.events`, say."""
        self.connection.execute(f"create schema if not exists {relation.rpartition('.')[0]}")
        self.connection.execute(f"create table {relation} as {query}", list(parameters))
        self._given.add(relation)

    def below(self, changed: Collection[str], without: Collection[str] = ()) -> set[str]:
        """The models and seeds of these names, and all models that read them, but by way of those
        of `without`."""
        found = set(changed)
        for name, node in self.nodes.items():
            if name not in without and not found.isdisjoint(parents(node)):
                found.add(name)
        return found

    def build(self, wanted: Collection[str], anew: Collection[str] | None = None) -> None:
        """Makes the models `wanted`, and what they read, from what was given and what stands.

        anew: those of them to make; the others stand as they are. None: all.
        Raises UserError where what stands was made by another version of the product.
        """
        needed = in_order(self._manifest, wanted)
        made = [
            self._models[node["name"]]
            for node in needed
            if node["resource_type"] == "model"
            # a view has nothing to stand by, and names the tables that are seen here
            and (anew is None or node["name"] in anew or self._models[node["name"]].is_view)
        ]
        try:
            self._show_what_stands({model.name for model in made}, needed)
            for model in made:
                self._make(model)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            words = f"What is built was built by another version ({first_line(error)})"
            raise UserError(f"{words}; run: intent refresh") from error

    def _show_what_stands(self, made: Collection[str], needed: Sequence[ManifestNode]) -> None:
        tables = [
            ("warehouse", "raw", table)
            for (table,) in self.connection.execute(
                "select table_name from duckdb_tables()"
                " where database_name = 'standing' and schema_name = 'raw'"
            ).fetchall()
        ]
        for node in needed:
            if node["name"] not in made:
                database, schema, name = node["relation_name"].replace('"', "").split(".")
                tables.append((database, schema, name))
        for database, schema, name in tables:
            if f"{database}.{schema}.{name}" not in self._given:
                holder = "rules" if schema == "seeds" else _STANDING[database]
                self.connection.execute(f'create schema if not exists "{database}"."{schema}"')
                self.connection.execute(
                    f'create or replace view "{database}"."{schema}"."{name}" as'
                    f' select * from "{holder}"."{schema}"."{name}"'
                )

    def _make(self, model: Model) -> None:
        database, schema, _ = model.place
        self.connection.execute(f'create schema if not exists "{database}"."{schema}"')
        kind = "view" if model.is_view else "table"
        if not model.is_python:
            sql = model.path.read_text(encoding="utf-8")
            self.connection.execute(f"create or replace {kind} {model.relation} as {sql}")
            return
        frame = module_of(model.path).model(DbtOf(self.connection, self._models), self.connection)
        self.connection.register("python_rows", frame)
        self.connection.execute(f"create table {model.relation} as select * from python_rows")
        self.connection.unregister("python_rows")


class DbtOf:
    """What a model in Python asks of dbt."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> None:
        self._connection = connection
        self._models = models

    def config(self, **_: object) -> None:
        """Says how dbt keeps the result; here it is a table."""

    def ref(self, name: str) -> Any:
        """The rows of a model or seed."""
        model = self._models.get(name)
        relation = f'warehouse.seeds."{name}"' if model is None else model.relation
        return self._connection.table(relation)


@contextmanager
def apart(settings: Settings, compiled: Compiled) -> Iterator[Apart]:
    """A database beside the files of `settings`; the caller holds the writer lock.

    Readers of its connection find the marts without naming a schema, as in the published file.
    Raises UserError where nothing is built yet.
    """
    assert_built(settings)
    with duckdb.connect() as connection:
        warehouse.tune(connection, settings)
        if settings.spill_dir is None:
            connection.execute(
                "set temp_directory = ?", [str(settings.data_dir / "apart.duckdb.tmp")]
            )
        connection.execute("set timezone = 'UTC'")
        for name in ("warehouse", "published"):
            connection.execute(f"attach ':memory:' as {name}")
        for path, name in (
            (settings.warehouse, "standing"),
            (settings.marts, "standing_published"),
            (compiled.seeds, "rules"),
        ):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {name} (read_only)")
        connection.execute("create schema published.marts; create schema published.ops")
        connection.execute("use warehouse")
        connection.execute("set search_path = 'published.marts,published.ops,warehouse.main'")
        yield Apart(connection, compiled)


def assert_built(settings: Settings) -> None:
    """Raises UserError where no refresh has built anything yet."""
    for path in (settings.warehouse, settings.marts):
        if not path.exists():
            raise UserError(f"Nothing is built yet ({path} is missing); run: intent refresh")
