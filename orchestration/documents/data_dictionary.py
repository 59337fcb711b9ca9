"""docs/data_dictionary.md: every table that readers find in analytics.duckdb, column by column.

`python -m orchestration.documents.data_dictionary` writes it from the models' YAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from orchestration.dbt.manifest import Manifest
from orchestration.documents.project import DOCS, Node, compiled_project, own_nodes
from orchestration.refreshing.publish import REFRESHES_DDL

PAGE = DOCS / "data_dictionary.md"

_SCHEMAS = ("marts", "ops")
_INTRODUCTION = """\
# Data dictionary

Every table of `analytics.duckdb`, column by column. The file itself says the same, in the comments
of its tables and columns (`select * from duckdb_columns()`). All times are UTC, and a day is a UTC
day. A score is as of the day that `as_of_date` names; all else is of the whole log.

[How data flows](data_flow.md) tells where the tables come from, [the rules](rules.md) how each
figure is reached, [questions](questions.md) what to ask of them, and
[connecting](connecting.md) by which tools.

This page is made from the models by `python -m orchestration.documents.data_dictionary`. To mend a
description, mend it in the YAML beside the model.
"""
_METRICS = """\
## Metrics

Defined in dbt's own YAML (`dbt_project/models/marts/_marts__metrics.yml`), for tools that speak
its semantic layer: see [connecting](connecting.md#metrics). All leave out bots and excluded people.
What each can be cut by stands beside it in
`dbt_project/models/marts/_marts__semantic_models.yml`.
"""


@dataclass(frozen=True)
class Group:
    """Tables that are read for the same purpose."""

    title: str
    prefixes: tuple[str, ...]
    schema: str = "marts"

    def holds(self, table: Table) -> bool:
        return table.schema == self.schema and table.name.startswith(self.prefixes)


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in DuckDB, whether it may be null, what it means."""

    name: str
    type: str
    is_nullable: bool
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table, and its key: the columns that are unique together."""

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()


GROUPS = (
    Group("Who, where, when", ("dim_",)),
    Group("What happened, and what it came to", ("fct_",)),
    Group("Which names are whose", ("map_",)),
    Group("What documents and sales are given", ("rpt_", "sync_")),
    Group("How the data came (schema ops)", ("",), schema="ops"),
)


def data_dictionary(manifest: Manifest) -> str:
    """The page, in Markdown: an index, the tables in groups, the metrics."""
    tables = [*_modelled_tables(manifest), _refreshes()]
    grouped = [
        (group, sorted((t for t in tables if group.holds(t)), key=lambda table: table.name))
        for group in GROUPS
    ]
    missing = {t.name for t in tables} - {t.name for _, held in grouped for t in held}
    if missing:
        raise ValueError(f"No group of the data dictionary holds {', '.join(sorted(missing))}")
    homes = _homes(table for _, held in grouped for table in held)
    parts = [_INTRODUCTION, *_index(grouped)]
    for group, held in grouped:
        parts.append(f"## {group.title}\n")
        parts += [_section(table, homes) for table in held]
    metrics = sorted(manifest["metrics"].values(), key=lambda metric: str(metric["name"]))
    parts.append(_METRICS)
    parts.append(
        _grid(
            ("metric", "kind", "meaning"),
            ((f"`{one['name']}`", one["type"], one["description"]) for one in metrics),
        )
    )
    return "\n".join(parts)


def _index(grouped: Iterable[tuple[Group, Sequence[Table]]]) -> Iterable[str]:
    yield "## Index\n"
    for group, held in grouped:
        yield f"**{group.title}**\n"
        yield _grid(
            ("table", "holds"),
            ((_link(table.name), _first_sentence(table.description)) for table in held),
        )


def _homes(tables: Iterable[Table]) -> dict[str, str]:
    """For each id, the table that it is the key of; of several, the first."""
    homes: dict[str, str] = {}
    for table in tables:
        if len(table.key) == 1 and table.key[0].endswith("_id"):
            homes.setdefault(table.key[0], table.name)
    return homes


def _section(table: Table, homes: Mapping[str, str]) -> str:
    lines = [f"### {table.name}\n", table.description + "\n"]
    if table.key:
        lines.append(f"Key: {', '.join(f'`{name}`' for name in table.key)}.\n")
    lines.append(
        _grid(
            ("column", "type", "null", "meaning"),
            (
                (f"`{one.name}`", one.type, "null" if one.is_nullable else "", one.meaning)
                for one in table.columns
            ),
        )
    )
    joins = [
        f"`{one.name}` → {_link(homes[one.name])}"
        for one in table.columns
        if homes.get(one.name, table.name) != table.name
    ]
    if joins:
        lines.append(f"Joins: {', '.join(joins)}.\n")
    return "\n".join(lines)


def _modelled_tables(manifest: Manifest) -> Iterable[Table]:
    tests = own_nodes(manifest, "test")
    for node in own_nodes(manifest, "model"):
        if node["schema"] in _SCHEMAS:
            yield Table(
                schema=node["schema"],
                name=node["name"],
                description=node["description"].strip(),
                columns=tuple(_column(column) for column in node["columns"].values()),
                key=_key(test for test in tests if test.get("attached_node") == node["unique_id"]),
            )


def _column(column: Node) -> Column:
    kept = {constraint["type"] for constraint in column["constraints"]}
    return Column(
        column["name"], column["data_type"], "not_null" not in kept, column["description"].strip()
    )


def _key(tests: Iterable[Node]) -> tuple[str, ...]:
    for test in tests:
        metadata = test.get("test_metadata") or {}
        if metadata.get("name") == "unique":
            return (metadata["kwargs"]["column_name"],)
        if metadata.get("name") == "unique_together":
            return tuple(metadata["kwargs"]["columns"])
    return ()


def _refreshes() -> Table:
    """ops.refreshes, which is no model: publish writes it, and its DDL describes it."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(REFRESHES_DDL)
        [(description,)] = connection.execute(
            "select comment from duckdb_tables() where table_name = 'refreshes'"
        ).fetchall()
        columns = connection.execute(
            "select column_name, lower(data_type), is_nullable, coalesce(comment, '')"
            " from duckdb_columns() where table_name = 'refreshes' order by column_index"
        ).fetchall()
    return Table("ops", "refreshes", description, tuple(Column(*row) for row in columns))


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. A bar inside a cell would end it, so it is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )


def _link(table: str) -> str:
    return f"[{table}](#{table})"


def _first_sentence(text: str) -> str:
    return text.split(". ", maxsplit=1)[0].rstrip(".")


def main() -> None:
    """Writes the page anew."""
    PAGE.write_text(data_dictionary(compiled_project()), encoding="utf-8")


if __name__ == "__main__":
    main()
