"""The models' own SQL on a small database, without a start of dbt for each example.

dbt compiles the project once; what it compiled is then run in the order of the graph, as
many times as a test likes, on a fresh copy of schema raw.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from hashlib import md5
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pandas as pd

from ingestion import reference, rules, run_settings
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.apart.database import DbtOf
from orchestration.apart.graph import in_order, module_of
from tests.compiled_nodes import Node, node_of
from tests.dbt_runs import made_once, run_dbt

RAW_SCHEMA = PROJECT_ROOT / "ingestion" / "raw_schema.sql"
MACROS = PROJECT_ROOT / "dbt_project" / "macros" / "incremental" / "update.sql"
RAW_TABLES = ("events", "leads", "ad_spend", "files", "rejected_events", "list_marks")
"""What each run begins without. What the lists say of a value is true of the next log as well:
it is kept, as a data directory keeps it from one refresh to the next."""


class CompiledModels:
    """Runs all models on rows of schema raw; one database in memory, used again and again."""

    def __init__(self, target: Path, seed_database: Path) -> None:
        self.target, self.seed_database = target, seed_database
        self.manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text())
        self.models = [
            node_of(node, target)
            for node in in_order(self.manifest)
            if node["resource_type"] == "model"
        ]
        self._macros = _macros(self.relation)
        self._python = {node.name: module_of(node.path) for node in self.models if node.is_python}
        self._by_name = {node.name: node for node in self.models}
        self._open()

    def _open(self) -> None:
        """Makes the database, with the seeds in it."""
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse")
        self.connection.execute("attach ':memory:' as published")
        self.connection.execute("use warehouse")
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(RAW_SCHEMA.read_text())
        self._make_room()
        self._copy_seeds(self.seed_database)
        rules.define(self.connection)

    def _make_room(self) -> None:
        """The schemas of the models, and the tables of their marks."""
        for node in self.models:
            database, schema, _ = node.place
            self.connection.execute(f'create schema if not exists "{database}"."{schema}"')
        self.connection.execute(self._macros.make_room_for_marks())

    def _copy_seeds(self, seed_database: Path) -> None:
        self.connection.execute(f"attach '{seed_database}' as seeded (read_only)")
        self.connection.execute("create schema warehouse.seeds")
        seeds = self.connection.execute(
            "select table_name from duckdb_tables() where database_name = 'seeded'"
            " and schema_name = 'seeds'"
        ).fetchall()
        for (seed,) in seeds:
            self.connection.execute(
                f'create table warehouse.seeds."{seed}" as from seeded.seeds."{seed}"'
            )
        self.connection.execute("detach seeded")

    def run(
        self,
        events: pd.DataFrame,
        as_of: date,
        settings: Settings,
        leads: pd.DataFrame | None = None,
        overrides: Sequence[Mapping[str, str]] = (),
        only: Collection[str] = (),
        spend: pd.DataFrame | None = None,
    ) -> None:
        """Builds every model anew from rows of raw.events, raw.leads and raw.ad_spend, each in any
        order.

        overrides: rows of the seed identity_overrides, which the project ships without any.
        only: names of models that will be looked at; none but they and their parents are built.
        """
        self._empty()
        self.override(overrides)
        for table, rows in (("events", events), ("leads", leads), ("ad_spend", spend)):
            self._insert(table, rows)
        self._finish(as_of, settings, only)

    def _insert(self, table: str, rows: pd.DataFrame | None) -> None:
        if rows is not None and len(rows):
            self.connection.register("given", rows)
            self.connection.execute(
                f"insert into warehouse.raw.{table} by name select * from given"
            )
            self.connection.unregister("given")

    def run_loaded(
        self, warehouse: Path, as_of: date, settings: Settings, only: Collection[str] = ()
    ) -> None:
        """Builds every model, or `only` these and what they read, anew from what the loader put
        into `warehouse`."""
        self._empty()
        self.connection.execute(f"attach '{warehouse}' as loaded (read_only)")
        for table in ("events", "leads", "ad_spend", "files", "rejected_events"):
            self.connection.execute(
                f"insert into warehouse.raw.{table} by name from loaded.raw.{table}"
            )
        self.connection.execute("detach loaded")
        self._finish(as_of, settings, only)

    def override(self, overrides: Sequence[Mapping[str, str]]) -> None:
        """Writes the seed identity_overrides anew; the next build goes by it."""
        self.connection.execute("delete from warehouse.seeds.identity_overrides")
        for row in overrides:
            names, values = ", ".join(row), list(row.values())
            self.connection.execute(
                f"insert into warehouse.seeds.identity_overrides ({names})"
                f" values ({', '.join('?' * len(values))})",
                values,
            )

    def _empty(self) -> None:
        for table in RAW_TABLES:
            self.connection.execute(f"delete from warehouse.raw.{table}")
        self.override(())

    def _finish(self, as_of: date, settings: Settings, only: Collection[str] = ()) -> None:
        # the macros were made once: making them is a tenth of a small run
        reference.look_up(self.connection)
        run_settings.record(self.connection, settings, as_of, "test")
        self.rebuild(only)

    def rebuild(self, only: Collection[str] = ()) -> None:
        """Builds every model, or `only` these and what they read, from what schema raw holds."""
        wanted = {node["name"] for node in in_order(self.manifest, only)}
        for node in self.models:
            if node.name in wanted:
                self._build(node)

    def next_load(self) -> int:
        """The id of another load."""
        [(load_id,)] = self.rows("select nextval('warehouse.raw.load_ids')")
        return int(load_id)

    def load(
        self,
        events: pd.DataFrame,
        as_of: date,
        settings: Settings,
        leads: pd.DataFrame | None = None,
        spend: pd.DataFrame | None = None,
    ) -> None:
        """Makes schema raw hold these rows, as a refresh finds them that has built nothing yet."""
        for table, rows in (("events", events), ("leads", leads), ("ad_spend", spend)):
            self.connection.execute(f"delete from warehouse.raw.{table}")
            self._insert(table, rows)
        # of a test before, which may have loaded files: these rows are looked through anew
        self.connection.execute("delete from warehouse.raw.list_marks")
        reference.refresh_lists(self.connection)
        run_settings.record(self.connection, settings, as_of, "test")

    def update(self, stop_before: int | None = None) -> None:
        """Brings every model up to date with schema raw, those that are kept from what is new.

        stop_before: the place of a model in the order of building that it does not come to.
        """
        for node in self.models[:stop_before]:
            self.update_one(node)

    def update_one(self, node: Node) -> None:
        """Brings one model up to date, as its materialization does, in a transaction."""
        if node.kept is None:
            self._build(node)
            return
        database, _, name = node.place
        marks = f'"{database}"."ops"."model_marks"'
        reader = SimpleNamespace(database=database, identifier=name)
        touched = None
        if node.kept.counted_from:
            touched = self._macros.changed_in(self.relation(node.kept.counted_from), reader)
        elif node.kept.of_people:
            touched = f"({self._macros.touched_people(reader)})"
        self.connection.begin()
        self.connection.execute(
            f"create or replace temp table changed_rows as {node.kept.path.read_text()}"
        )
        columns = [column for column, *_ in self.rows("describe changed_rows")]
        self.connection.execute(
            self._macros.replace_sql(
                node.relation,
                "changed_rows",
                node.kept.keys,
                columns,
                touched,
                node.kept.alive_column,
                self._macros.seen_by_all() if node.kept.keeps_gone else None,
            )
        )
        for carried in node.kept.carried:
            sql = self._macros.carry_sql(node.relation, carried, node.kept.keys)
            self.connection.execute(sql)
        if same := node.kept.same_for_all:
            source = self.relation(same["from"])
            self.connection.execute(self._macros.same_sql(node.relation, source, same["columns"]))
        self.connection.execute(self._macros.mark_sql(marks, name, _THIS_LOAD))
        self.connection.commit()

    def build(self, name: str) -> None:
        """Builds one model anew from what those that it reads hold."""
        self._build(next(node for node in self.models if node.name == name))

    def _build(self, node: Node) -> None:
        self._create(node, node.relation, "create or replace")
        self._mark(node)

    def _create(self, node: Node, relation: str, words: str = "create") -> None:
        """Makes `relation` of everything that the model reads."""
        kind = "view" if node.is_view else "table"
        if node.is_python:
            frame = self._python[node.name].model(
                DbtOf(self.connection, self._by_name), self.connection
            )
            self.connection.register("python_rows", frame)
            self.connection.execute(f"{words} {kind} {relation} as select * from python_rows")
            self.connection.unregister("python_rows")
        else:
            sql = node.path.read_text()
            if node.is_view:
                # as macro duckdb__create_view_as does
                database, schema, _ = node.place
                sql = sql.replace(f'"{database}"."{schema}".', "").replace(f'"{database}".', "")
            self.connection.execute(f"{words} {kind} {relation} as {sql}")

    def _mark(self, node: Node) -> None:
        if node.kept is not None:
            database, _, name = node.place
            marks = f'"{database}"."ops"."model_marks"'
            self.connection.execute(self._macros.mark_sql(marks, name, _THIS_LOAD))

    def relation(self, name: str) -> str:
        """The quoted name of a model or seed."""
        node = self._by_name.get(name)
        return f'"warehouse"."seeds"."{name}"' if node is None else node.relation

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query over databases `warehouse` and `published`."""
        return self.connection.execute(query).fetchall()


_THIS_LOAD = "(select coalesce(max(last_load_id), 0) from warehouse.raw.refresh_settings)"


def _macros(relation: Callable[[str], str]) -> Any:
    """The project's own macros of how a model is brought up to date."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals["ref"] = relation
    environment.globals["target"] = SimpleNamespace(database="warehouse")
    return environment.from_string(MACROS.read_text()).module


def compile_models(variables: Mapping[str, object] | None = None) -> CompiledModels:
    """The project's seeds and models, compiled (about 30 seconds, once for each state of it).

    variables: dbt vars that have other values than those of dbt_project.yml.
    """
    given = dict(variables or {})
    written = json.dumps(given, sort_keys=True).encode()
    name = f"compiled_{md5(written).hexdigest()[:8]}" if given else "compiled"
    kept = made_once(name, lambda folder: _compile(folder, given))
    return CompiledModels(kept / "target", kept / "warehouse.duckdb")


def _compile(directory: Path, variables: Mapping[str, object]) -> None:
    settings = Settings(data_dir=directory)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(RAW_SCHEMA.read_text())
    for command, target in (("seed", "target"), ("compile", "target"), ("compile", "updating")):
        is_update = target == "updating"
        if is_update:
            _let_records_be(directory)
        done = run_dbt(
            settings,
            command,
            "--vars",
            json.dumps({**variables, **({"assume_built": True} if is_update else {})}),
            target=directory / target,
        )
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
    shutil.rmtree(directory / "dbt")


def _let_records_be(directory: Path) -> None:
    """Makes tables in the place of the records, so that dbt compiles what adds to them."""
    manifest = json.loads((directory / "target" / "manifest.json").read_text())
    with duckdb.connect(directory / "marts.duckdb") as connection:
        for node in manifest["nodes"].values():
            if node["config"].get("incremental_strategy") == "append":
                schema = f'marts."{node["schema"]}"'
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f'create table {schema}."{node["name"]}" (nothing int)')
