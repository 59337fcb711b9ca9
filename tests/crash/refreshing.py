"""A refresh with the product's own parts, on the real files, without a start of dbt or Dagster.

What dbt does around the SQL of a model is done as its materializations do it: a table is built
beside the one in place and takes its name in one transaction, the former one is dropped after it; a
model that is kept, or that records, is brought up to date in one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jinja2

from ingestion import loader, reference, run_settings, warehouse
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dbt.leftovers import drop_leftovers
from orchestration.dbt.parts import take_own_number
from orchestration.dbt.seed_tables import fingerprints_of_seeds, loaded_seeds, note_loaded_seeds
from orchestration.dbt.staleness import drop_stale
from orchestration.exports.beside import Beside
from orchestration.exports.everything import EXPORTS, Export, tidy
from orchestration.refreshing import compaction, unchanged, whole_tests
from orchestration.refreshing.pipeline_files import both_files
from orchestration.refreshing.publish import publish
from orchestration.refreshing.record import RefreshRecord, new_refresh_id
from orchestration.refreshing.writer import Writer
from tests.compiled_models import CompiledModels
from tests.compiled_nodes import Node
from tests.crash.faults import Faults

RECORDS_SQL = PROJECT_ROOT / "dbt_project" / "macros" / "rules" / "score_history.sql"


class ModelsOnFiles(CompiledModels):
    """The models on warehouse.duckdb and marts.duckdb; made without a connection, so that a
    process may be forked that has it."""

    def _open(self) -> None:
        self._relations: set[tuple[str, str, str]] = set()
        self._seeds = [
            node["name"]
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "seed"
        ]

    def build_on(self, settings: Settings, planted: Collection[str]) -> None:
        """Builds what there is not, and brings up to date what there is.

        planted: the seeds that need not be loaded.
        """
        with both_files(settings) as self.connection:
            self._make_room()
            self._plant_seeds([seed for seed in self._seeds if seed not in planted])
            self._relations = set(
                self.rows(
                    "select database_name, schema_name, table_name from duckdb_tables()"
                    " union all"
                    " select database_name, schema_name, view_name from duckdb_views()"
                )
            )
            self.update()

    def _make_room(self) -> None:
        for schema in sorted({node.place[:2] for node in self.models}):
            self.connection.execute('create schema if not exists "{}"."{}"'.format(*schema))
        for statement in self._macros.make_room_for_marks().split(";"):
            if statement.strip():
                self.connection.execute(statement)

    def _plant_seeds(self, seeds: Sequence[str]) -> None:
        self.connection.execute(f"attach '{self.seed_database}' as seeded (read_only)")
        self.connection.execute("create schema if not exists warehouse.seeds")
        for seed in seeds:
            self.connection.begin()
            self.connection.execute(
                f'create or replace table warehouse.seeds."{seed}" as from seeded.seeds."{seed}"'
            )
            self.connection.commit()
        self.connection.execute("detach seeded")

    def update_one(self, node: Node) -> None:
        """Brings one model up to date, or builds it where there is none."""
        if node.place in self._relations and node.kept is not None:
            super().update_one(node)
        elif node.place in self._relations and node.record is not None:
            self._add_to_record(node)
        else:
            self._build(node)

    def _add_to_record(self, node: Node) -> None:
        assert node.record is not None
        self.connection.begin()
        if node.record.forgets_date:
            self.connection.execute(self._forget_date_of_run(node))
        self.connection.execute(
            f"create or replace temp table changed_rows as {node.record.path.read_text()}"
        )
        self.connection.execute(f"insert into {node.relation} by name from changed_rows")
        self.connection.commit()

    def _forget_date_of_run(self, node: Node) -> str:
        environment = jinja2.Environment()
        environment.globals |= {
            "ref": self.relation,
            "this": node.relation,
            "is_incremental": lambda: True,
        }
        macros: Any = environment.from_string(RECORDS_SQL.read_text()).module
        return str(macros.forget_date_of_run())

    def _build(self, node: Node) -> None:
        if node.is_view:
            self._build_view(node)
            return
        self.connection.begin()
        if node.place in self._relations:
            self.connection.execute(f"drop table {node.relation}")
        self._create(node, node.relation)
        self._mark(node)
        self.connection.commit()

    def _build_view(self, node: Node) -> None:
        database, schema, name = node.place
        draft, former = f"{name}__dbt_tmp", f"{name}__dbt_backup"
        for leftover in (draft, former):
            if (database, schema, leftover) in self._relations:
                self.connection.execute(f'drop view "{database}"."{schema}"."{leftover}"')
        self.connection.begin()
        self._create(node, f'"{database}"."{schema}"."{draft}"')
        if node.place in self._relations:
            self.connection.execute(f'alter view {node.relation} rename to "{former}"')
        self.connection.execute(f'alter view "{database}"."{schema}"."{draft}" rename to "{name}"')
        self._mark(node)
        self.connection.commit()
        if node.place in self._relations:
            self.connection.execute(f'drop view "{database}"."{schema}"."{former}"')


@dataclass(frozen=True)
class Refresh:
    """What `intent refresh PATH… --as-of DATE` does, as of the day itself."""

    models: ModelsOnFiles
    settings: Settings
    paths: Sequence[Path]
    as_of: date
    is_exported_beside: bool = False
    """Whether the longest export is written by a process beside; else here, where it has faults."""

    def run(self, faults: Faults) -> None:
        """Loads, builds, publishes, exports and compacts, in the order of the job."""
        writer = Writer(self.settings, 0)
        writer.hold()
        self._load()
        made_of = unchanged.made_of(self.settings)
        last = unchanged.standing(self.settings)
        if last is not None and unchanged.is_unchanged(self.settings, last, made_of):
            last.save(self.settings)
            missing = [each for each in EXPORTS if each.is_missing(self.settings, self.as_of)]
            self._export(faults, missing)
        else:
            self._build(made_of)
            publish(self.settings, RefreshRecord.read(self.settings))
            self._note(published_at=datetime.now(UTC))
            self._export(faults, EXPORTS)
            self._tidy(faults)
        writer.release()

    def _export(self, faults: Faults, exports: Sequence[Export]) -> None:
        with closing(Beside(self.settings)) as beside:
            if self.is_exported_beside:
                beside.begin()
            for export in exports:
                faults.around(f"export: {export.name}", beside.write, export)

    def _tidy(self, faults: Faults) -> None:
        tidy(self.settings, datetime.now(UTC))
        record = RefreshRecord.read(self.settings)
        assert record is not None
        unchanged.note_standing(self.settings, record)
        for path in compaction.files_worth_it(self.settings, least_bytes=0):
            faults.around(f"compact: {path.name}", compaction.compact, self.settings, path)

    def _load(self) -> None:
        compaction.remove_drafts(self.settings)
        run_id = str(uuid.uuid4())
        now = datetime.now(UTC)
        record = RefreshRecord(new_refresh_id(run_id, now), run_id, self.as_of, now)
        record.save(self.settings)
        with warehouse.connect(self.settings) as connection:
            rows = loader.load_paths(connection, self.settings, self.paths)
            reference.refresh_lists(connection)
            run_settings.record(
                connection, self.settings, self.as_of, record.refresh_id, is_as_of_today=True
            )
        loaded = [row for row in rows if not row.already_loaded]
        self._note(
            files_loaded=len(loaded),
            events_loaded=sum(row.loaded_count for row in loaded),
            rejected_count=sum(row.rejected_count for row in loaded),
        )

    def _build(self, made_of: str) -> None:
        unchanged.forget_standing(self.settings)
        self._note(is_built=False, published_at=None, made_of=made_of)
        manifest = self.models.manifest
        seeds = fingerprints_of_seeds(manifest)
        with both_files(self.settings) as connection:
            take_own_number(connection)
            whole_tests.take_note(connection)
            drop_stale(connection, manifest)
            drop_leftovers(connection, manifest)
            planted = loaded_seeds(connection, manifest, seeds)
        self.models.build_on(self.settings, planted)
        with both_files(self.settings) as connection:
            note_loaded_seeds(connection, seeds)
            whole_tests.note_passed(connection, datetime.now(UTC))
        self._note(is_built=True, models_built=len(self.models.models))

    def _note(self, **fields: Any) -> None:
        record = RefreshRecord.read(self.settings)
        assert record is not None
        replace(record, **fields).save(self.settings)
