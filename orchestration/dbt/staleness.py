"""Which kept tables can't be brought up to date and have to be built from everything.

A table is good for the ingredients that it was built from (`orchestration.dbt.fingerprints`); they
are kept beside it, in `ops.model_fingerprints` of its own file. Before dbt starts, a table that is
made of something else now is dropped, with its mark, and dbt builds what is not there.

What holds at any moment, also after a kill: a kept table that exists was built, whole, from the
ingredients that stand beside it. Dropping a table and writing down what the next one will be made
of is one transaction in its file, and nothing but dbt makes the table again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingestion import warehouse
from orchestration.dbt.fingerprints import (
    COLUMNS_OF,
    LIST,
    SITE_DOMAINS,
    VAR,
    Fingerprints,
    Ingredients,
    Node,
    is_code,
    writes_differences,
)
from orchestration.dbt.manifest import Manifest
from orchestration.refreshing.pipeline_files import DATABASES, drop_relation

OTHERWISE = "this version of the product builds them otherwise"
UNKNOWN = "an earlier version of the product built them"
ABSENT = "a table that they are built from is not there"
BEYOND = "they hold loads that warehouse.duckdb does not know"

TABLES_DDL = """
create schema if not exists {database}.ops;
create table if not exists {database}.ops.model_marks (
    model_name varchar not null,
    load_id bigint not null
);
create table if not exists {database}.ops.model_fingerprints (
    model_name varchar not null,
    ingredients varchar not null
);
comment on table {database}.ops.model_fingerprints is
    'One row a kept model of this file: what its table was made of, but for the log.';
comment on column {database}.ops.model_fingerprints.model_name is 'The model.';
comment on column {database}.ops.model_fingerprints.ingredients is
    'Fingerprints of SQL, seeds, lists and settings, as JSON.';
"""


@dataclass(frozen=True)
class Standing:
    """What there is of a kept model: its table, its mark, and what the table was made of."""

    is_there: bool = False
    mark: int | None = None
    ingredients: Ingredients | None = None


@dataclass(frozen=True)
class Dropped:
    """What will be built from everything: how many tables there were, by cause."""

    causes: tuple[tuple[str, int], ...] = ()

    def lines(self) -> list[str]:
        """`9 tables, since seeds/pages/page_classes.csv has changed`, a line a cause."""
        return [
            f"{count:,} table{'' if count == 1 else 's'}, since {cause}"
            for cause, count in self.causes
        ]


def drop_stale(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    *,
    full_refresh: bool = False,
    selected: Collection[str] | None = None,
) -> Dropped:
    """Drops the kept tables that have to be built from everything; with `full_refresh`, all.

    The connection is to both files, and the load of this run is done. `selected` names the models
    that will be built where that is a part: what of it is dropped is built anew once more by the
    next build of the whole, since its parents may be older than their rules.
    """
    for database in DATABASES:
        connection.execute(TABLES_DDL.format(database=database))
    fingerprints = Fingerprints(manifest, _list_versions(connection), _domains(connection))
    kept = fingerprints.kept()
    standing = read_standing(connection, kept)
    stale = stale_models(
        fingerprints, kept, standing, _newest_load(connection), full_refresh=full_refresh
    )
    is_whole = selected is None
    concerned = [node for node in kept if is_whole or node["name"] in (selected or ())]
    for database in DATABASES:
        with warehouse.transaction(connection):
            for node in concerned:
                if node["database"] == database:
                    _write_down(
                        connection,
                        node,
                        standing[node["name"]],
                        fingerprints.of(node) if is_whole else None,
                        is_stale=node["name"] in stale,
                    )
    names = {node["name"] for node in concerned if standing[node["name"]].is_there}
    counts = Counter(cause for name in stale if name in names for cause in stale[name])
    return Dropped(tuple(counts.most_common()))


def stale_models(
    fingerprints: Fingerprints,
    kept: Sequence[Node],
    standing: Mapping[str, Standing],
    newest_load: int,
    *,
    full_refresh: bool = False,
) -> dict[str, list[str]]:
    """The kept models that are to be built from everything, in their order, each with its causes.

    `kept` has each after those that it reads. Who goes by what has changed in a table finds no
    change in one that is built anew; so those below are built anew as well.
    """
    stale: dict[str, list[str]] = {}
    for node in kept:
        stands = standing[node["name"]]
        found = list(changes(stands.ingredients, fingerprints.of(node), node))
        if stands.mark is None:
            found = [UNKNOWN]
        elif stands.mark > newest_load:
            found.append(BEYOND)
        above = [] if writes_differences(node) else fingerprints.kept_above(node)
        if not found and not full_refresh and any(name in stale for name in above):
            found.append(ABSENT)
        if found or full_refresh or not stands.is_there:
            stale[node["name"]] = found
    return stale


def changes(before: Ingredients | None, now: Ingredients, node: Node) -> Iterator[str]:
    """Why a table made of `before` is none of `now`, in words; nothing where it is."""
    if before is None:
        yield UNKNOWN
        return
    changed = [name for name in now if name in before and before[name] != now[name]]
    if before.keys() != now.keys() or any(is_code(name) for name in changed):
        yield OTHERWISE
    elif writes_differences(node):
        return
    yield from dict.fromkeys(_words(name, now[name]) for name in changed if not is_code(name))


def _words(name: str, value: str) -> str:
    if name.startswith(LIST):
        return f"the list {name.removeprefix(LIST)} is now {value}"
    if name.startswith(VAR):
        return f"{name.removeprefix(VAR)} is now {value}"
    if name == SITE_DOMAINS:
        return "INTENT_SITE_DOMAINS has changed"
    return f"{name.split(COLUMNS_OF, maxsplit=1)[0]} has changed"


def read_standing(
    connection: duckdb.DuckDBPyConnection, kept: Sequence[Node]
) -> dict[str, Standing]:
    """What there is of each of the models, by name."""
    tables = set(
        connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
        ).fetchall()
    )
    marks: dict[tuple[str, str], int] = {}
    made_of: dict[tuple[str, str], Ingredients | None] = {}
    for database in DATABASES:
        for name, load_id in connection.execute(
            f"select model_name, max(load_id) from {database}.ops.model_marks group by all"
        ).fetchall():
            marks[database, name] = load_id
        for name, text in connection.execute(f"from {database}.ops.model_fingerprints").fetchall():
            made_of[database, name] = _read(text)
    return {
        node["name"]: Standing(
            is_there=(node["database"], node["schema"], node["alias"]) in tables,
            mark=marks.get((node["database"], node["name"])),
            ingredients=made_of.get((node["database"], node["name"])),
        )
        for node in kept
    }


def _read(text: str) -> Ingredients | None:
    """What was written down; None for what another version wrote in another way."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _write_down(
    connection: duckdb.DuckDBPyConnection,
    node: Node,
    stands: Standing,
    made_of: Ingredients | None,
    *,
    is_stale: bool,
) -> None:
    """Drops the model's table where it is stale, and keeps what the next one is made of; nothing
    is kept where `made_of` is None and there is something to drop."""
    database, name = node["database"], node["name"]
    if is_stale:
        drop_relation(connection, database, node["schema"], node["alias"])
        connection.execute(f"delete from {database}.ops.model_marks where model_name = ?", [name])
    if (made_of is None and not is_stale) or made_of == stands.ingredients:
        return
    connection.execute(
        f"delete from {database}.ops.model_fingerprints where model_name = ?", [name]
    )
    if made_of is not None:
        connection.execute(
            f"insert into {database}.ops.model_fingerprints values (?, ?)",
            [name, json.dumps(made_of)],
        )


def _list_versions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(connection.execute("select list_name, version from raw.list_versions").fetchall())


def _domains(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select site_domain from raw.site_domains").fetchall()
    return [domain for (domain,) in rows]


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    [(newest,)] = connection.execute(
        "select coalesce(max(last_load_id), 0) from raw.refresh_settings"
    ).fetchall()
    return int(newest)
