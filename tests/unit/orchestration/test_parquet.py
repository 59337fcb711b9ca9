"""Every published table as Parquet, in a folder that is whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.cli import main
from orchestration.exports import parquet
from orchestration.exports.parquet import export_parquet


def test_every_table_of_marts_and_ops_is_written_row_for_row(
    published: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "it's" / "tables"
    files = export_parquet(published, folder)
    with duckdb.connect(str(published.analytics), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " union all select schema_name, view_name from duckdb_views() where not internal"
        ).fetchall()
        assert {(file.schema, file.table) for file in files} == set(tables)
        assert len(tables) > 10
        assert ("marts", "fct_person_scores") in tables
        for schema, table in tables:
            path = str(folder / schema / f"{table}.parquet")
            [(differing,)] = connection.execute(
                f"select count(*) from (select columns(*)::varchar from {schema}.{table}"
                " except all select columns(*)::varchar from read_parquet(?))",
                [path],
            ).fetchall()
            assert differing == 0, table
            # Spark reads no file that has one
            assert "UUID" not in map(str, connection.read_parquet(path).types), table
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["as_of_date"] == "2026-06-30"
    assert manifest["rows"]["marts/sync_people.parquet"] == 2
    assert [path.name for path in folder.parent.iterdir()] == ["tables"]


def test_an_earlier_export_is_replaced_whole(published: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    export_parquet(published, folder)
    (folder / "marts" / "gone.parquet").write_text("of a table that is no more")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["rows"]["marts/gone.parquet"] = 1
    (folder / "manifest.json").write_text(json.dumps(manifest))
    export_parquet(published, folder)
    assert not (folder / "marts" / "gone.parquet").exists()
    assert (folder / "marts" / "dim_people.parquet").exists()


def test_an_empty_folder_may_be_used(published: Settings, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    assert export_parquet(published, tmp_path / "tables")


@pytest.mark.parametrize(
    "kind", ["file", "folder with files", "link", "another's manifest", "export with a file more"]
)
def test_what_belongs_to_others_is_never_replaced(
    published: Settings, tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("mine")
    elif kind == "link":
        place.symlink_to(published.data_dir)
    elif kind == "export with a file more":
        export_parquet(published, place)
        (place / "marts" / "notes.txt").write_text("mine")
    else:
        place.mkdir()
        (place / "notes.txt").write_text("mine")
        if kind == "another's manifest":
            (place / "manifest.json").write_text('{"name": "of a web app", "rows": 3}')
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(UserError, match="empty or not there yet"):
        export_parquet(published, place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_an_export_that_fails_half_way_leaves_the_earlier_one(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tables"
    export_parquet(published, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(parquet, "_manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_parquet(published, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_cannot_be_written_is_the_callers_mistake(
    published: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="cannot be written"):
        export_parquet(published, tmp_path / "file" / "tables")


def test_the_command_lists_files_and_rows(
    published: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INTENT_DATA_DIR", str(published.data_dir))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["export", "--parquet", "tables"])
    assert left.value.code in {0, None}
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["marts/sync_people.parquet", "2"] in lines
    assert lines[-1][-2:] == ["in", "tables"]


def test_the_command_without_a_folder_writes_every_export_anew(
    published: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INTENT_DATA_DIR", str(published.data_dir))
    with pytest.raises(SystemExit) as left:
        main(["export"])
    assert left.value.code in {0, None}
    told = capsys.readouterr().out
    assert [line.split("/")[-1] for line in told.splitlines()] == [
        "accounts_2026-06-30.csv (2 rows)",
        "people_2026-06-30.csv (5 rows)",
        "new_business_2026-06-30.csv (1 row)",
        "mailing_2026-06-30.csv (1 row)",
        "reasons_2026-06-30.csv (3 rows)",
        "changes_2026-06-30.csv (4 rows)",
        "funnel_2026-06-30.csv (4 rows)",
        "2026-06-30 (4 rows)",
        "2026-06-30 (4 rows)",
        "2026-06-30 (2 lists)",
        "index.html (1 brief)",
        "overview_2026-06-30.html (3 headlines)",
        "sales_2026-06-30.xlsx (20 rows)",
    ]
