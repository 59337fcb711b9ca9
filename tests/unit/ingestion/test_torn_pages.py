"""A DuckDB file in which a write was cut short is opened again, and holds what it held before."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.lock import writer_lock
from ingestion.settings import Settings
from ingestion.torn_pages import mend_torn_pages

_PIECE, _PAGE, _FIRST = 4096, 262_144, 12_288
_TABLES = ("one", "other")
_HOLD = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""
"""Locks a file as DuckDB does, until there is no more input."""


def holds(path: Path) -> list[object]:
    """What tells that the tables are the same to the last value."""
    with duckdb.connect(path) as connection:
        return [
            connection.execute(
                f"select count(*), md5(string_agg(i || s, '' order by i)) from {table}"
            ).fetchall()
            for table in _TABLES
        ]


def page_of(content: bytes, page: int) -> bytes:
    return content[_FIRST + page * _PAGE :][:_PAGE]


def copy_with_log(source: Path, target: Path) -> Path:
    for end in ("", ".wal"):
        shutil.copy(f"{source}{end}", f"{target}{end}")
    return target


def torn_files(folder: Path) -> Iterator[Path]:
    """The same database each time, with a log, and a checkpoint of it cut short behind another
    piece of each page that it writes over: pieces of 4 KiB, as the kernel takes them."""
    before, path = folder / "before.duckdb", folder / "shop.duckdb"
    with duckdb.connect(path) as connection:
        for table in _TABLES:
            connection.execute(
                f"create table {table} as select i, 'n' || i as s from range(5000) t(i)"
            )
            connection.execute("checkpoint")
            connection.execute(f"delete from {table} where i % 7 = 0")
            connection.execute("checkpoint")
        connection.execute("insert into one values (-1, 'only in the log')")
        copy_with_log(path, before)
        connection.execute("checkpoint")
        after = path.read_bytes()
    old = before.read_bytes()
    for page in range((len(old) - _FIRST) // _PAGE):
        was, becomes = page_of(old, page), page_of(after, page)
        for written in range(_PIECE, _PAGE, _PIECE):
            torn = becomes[:written] + was[written:]
            if torn not in (was, becomes):
                copy_with_log(before, path)
                with path.open("r+b") as file:
                    file.seek(_FIRST + page * _PAGE)
                    file.write(torn)
                yield path


def test_a_write_cut_short_is_mended_to_the_last_value(tmp_path: Path) -> None:
    found, refused = [], 0
    for path in torn_files(tmp_path):
        try:
            duckdb.connect(copy_with_log(path, tmp_path / "unmended.duckdb")).close()
        except duckdb.Error as error:
            refused += "Corrupt database file" in str(error)
        assert mend_torn_pages(path)
        assert mend_torn_pages(path) == {}
        found.append(holds(path))
    undisturbed = holds(tmp_path / "before.duckdb")
    assert len(found) > 5
    assert refused == len(found)
    assert found == [undisturbed] * len(found)


def test_whoever_takes_the_lock_finds_both_files_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    *_, torn = torn_files(tmp_path)
    settings.make_folder(settings.data_dir)
    for path in (settings.warehouse, settings.marts):
        copy_with_log(torn, path)
    with writer_lock(settings, 0):
        assert holds(settings.warehouse) == holds(settings.marts)
    told = [record.message.partition(" of page")[0] for record in caplog.records]
    assert told == [
        f"{name}.duckdb: mended what an interrupted write had left"
        for name in ("warehouse", "marts")
    ]


def many_pages(path: Path, storage: str) -> set[int]:
    """A database of small pages with long lists of them; returns those of metadata by DuckDB."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' (storage_version '{storage}', block_size 16384)")
        connection.execute("use shop")
        columns = ", ".join(f"md5((i + {column})::varchar) as c{column}" for column in range(9))
        for table in range(4):
            connection.execute(f"create table t{table} as select {columns} from range(20_000) t(i)")
        connection.execute("checkpoint")
        connection.execute("drop table t1")
        connection.execute("checkpoint")
        connection.execute("create table t5 as select * from t2 limit 10")
        connection.execute("checkpoint")
        return {page for page, *_ in connection.execute("pragma metadata_info").fetchall()}


@pytest.mark.parametrize("storage", ["v1.5.0", "v2.0.0"])
def test_every_page_of_metadata_is_looked_at(tmp_path: Path, storage: str) -> None:
    """DuckDB reads some only with the tables that they tell of."""
    path = tmp_path / "shop.duckdb"
    pages = many_pages(path, storage)
    assert len(pages) > 1
    assert mend_torn_pages(path) == {}
    with path.open("r+b") as file:
        for page in pages:
            # behind the last part, where nothing is
            file.seek(_FIRST + (page + 1) * 16_384 - 1)
            file.write(b"x")
    assert set(mend_torn_pages(path)) == pages


def test_true_damage_is_not_hidden(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create table one as select i, md5(i::varchar) as s from range(50000) t(i)"
        )
        connection.execute("checkpoint")
        of_metadata = {page for page, *_ in connection.execute("pragma metadata_info").fetchall()}
    damaged = bytearray(path.read_bytes())
    [page, *_] = sorted(set(range((len(damaged) - _FIRST) // _PAGE)) - of_metadata)
    damaged[_FIRST + page * _PAGE + 1000] ^= 1
    path.write_bytes(damaged)
    assert mend_torn_pages(path) == {}
    assert path.read_bytes() == damaged


def test_damage_that_no_checksum_mends_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as connection:
        for number in range(30):
            connection.execute(f"create table t{number} as select i from range(5000) t(i)")
        connection.execute("checkpoint")
        [page, *_] = sorted(row[0] for row in connection.execute("pragma metadata_info").fetchall())
    whole = path.read_bytes()
    refused = 0
    for place in range(500, 20_000, 1500):
        damaged = bytearray(whole)
        at = _FIRST + page * _PAGE + place
        damaged[at : at + 40] = b"x" * 40
        path.write_bytes(damaged)
        if not mend_torn_pages(path):
            refused += 1
            assert path.read_bytes() == damaged
    assert refused > 5


def test_garbage_raises_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    many_pages(path, "v2.0.0")
    whole = path.read_bytes()
    draws = random.Random(1)
    for _ in range(150):
        garbage = bytearray(whole)
        for _ in range(draws.randrange(1, 40)):
            place = draws.choice((draws.randrange(_FIRST), draws.randrange(_FIRST, len(whole))))
            garbage[place : place + 8] = draws.randbytes(8)
        path.write_bytes(garbage[: draws.choice((len(whole), draws.randrange(len(whole))))])
        before = path.read_bytes()
        assert mend_torn_pages(path) or path.read_bytes() == before
    assert mend_torn_pages(tmp_path) == {}


def test_a_file_that_another_process_writes_is_left_to_it(tmp_path: Path) -> None:
    path = next(torn_files(tmp_path))
    with subprocess.Popen(
        (sys.executable, "-c", _HOLD, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert mend_torn_pages(path) == {}
        other.communicate()
    assert mend_torn_pages(path)


def test_what_is_laid_out_in_another_way_is_left_alone(tmp_path: Path) -> None:
    assert mend_torn_pages(tmp_path / "absent.duckdb") == {}
    many_pages(tmp_path / "shop.duckdb", "v2.0.0")
    whole = (tmp_path / "shop.duckdb").read_bytes()
    cut = tmp_path / "cut.duckdb"
    for content in (whole[:6000], whole[:20_000], b"", b"no database at all", whole[4096:]):
        cut.write_bytes(content)
        assert mend_torn_pages(cut) == {}
        assert cut.read_bytes() == content
