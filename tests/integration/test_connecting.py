"""docs/connecting.md: what it shows for Python and for DuckDB's shell runs on a published file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT, Settings


def shown(heading: str, language: str) -> list[str]:
    """The fences of a language below a heading of the page."""
    page = (PROJECT_ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")
    [section] = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.S | re.M)
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.S | re.M)


def test_the_python_of_the_page_finds_hot_people(published_log: Settings) -> None:
    [code] = shown("Python", "python")
    assert '"data/analytics.duckdb"' in code
    names: dict[str, Any] = {}
    exec(code.replace("data/analytics.duckdb", str(published_log.analytics)), names)
    assert list(names["hot"].columns) == ["full_name", "primary_email", "intent_score"]
    assert len(names["hot"]) > 0
    assert names["hot"]["intent_score"].min() >= 0


def test_the_statements_of_the_page_for_the_shell_run_read_only(
    published_log: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [statements] = shown("DuckDB's shell", "sql")
    [command] = [line for line in shown("DuckDB's shell", "") if "-readonly" in line]
    [search_path] = re.findall(r'-cmd "(.+?)"', command)
    with duckdb.connect(published_log.analytics, read_only=True) as connection:
        connection.execute(search_path)
        for statement in filter(str.strip, statements.split(";")):
            assert connection.execute(statement).fetchall(), statement
    assert duckdb.sql("select count(*) > 0 from 'accounts.parquet'").fetchall() == [(True,)]


@pytest.mark.parametrize("name", ["analytics", "marts", "published"])
def test_every_table_and_view_is_read_whatever_the_file_is_called(
    published_log: Settings, name: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_log.analytics}' as \"{name}\" (read_only)")
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = ?",
            [name],
        ).fetchall()
        assert ("marts", "fct_person_scores") in tables
        for schema, table in tables:
            connection.execute(f'from "{name}"."{schema}"."{table}" limit 1').fetchall()
        [(same,)] = connection.execute(
            f'select count(*) = (select count(*) from "{name}".marts.dim_people)'
            f' from "{name}".marts.fct_person_scores'
        ).fetchall()
        assert same


def test_a_reader_that_stays_connected_reads_the_old_version_and_a_new_one_the_new(
    tmp_path: Path,
) -> None:
    path, draft = tmp_path / "analytics.duckdb", tmp_path / "draft.duckdb"
    for version, target in enumerate((path, draft), start=1):
        with duckdb.connect(target) as connection:
            connection.execute(f"create table version as select {version} as number")
    with duckdb.connect(path, read_only=True) as stays:
        draft.rename(path)
        assert stays.sql("from version").fetchall() == [(1,)]
        # within one process a second connection joins the one that is open
        with duckdb.connect(path, read_only=True) as joins:
            assert joins.sql("from version").fetchall() == [(1,)]
    with duckdb.connect(path, read_only=True) as reopened:
        assert reopened.sql("from version").fetchall() == [(2,)]
