"""The list of each owner: their people, and their leads that nobody has seen."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.cells import GUARD
from orchestration.exports.columns import PEOPLE
from orchestration.exports.owners import export_owner_lists, write_owner_lists
from orchestration.exports.page_names import list_name
from orchestration.exports.texts import encodable
from tests.unit.orchestration.hostile_texts import ANY_TEXT
from tests.unit.orchestration.small_marts import create_marts

SAFE = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?\.csv")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lists_of(folder: Path) -> dict[str, list[str]]:
    return {path.name: [row["email"] for row in rows_of(path)] for path in folder.iterdir()}


def test_each_owner_gets_their_people_and_their_leads_hottest_first(published: Settings) -> None:
    folder, count = export_owner_lists(published)
    assert folder == published.exports / "owners" / "2026-06-30"
    expected = {
        "kim-lee.csv": ["zoe@zeta.com", "new@acme.com"],
        "eve@example.com.csv": ["old@free.example"],
    }
    assert lists_of(folder) == expected
    assert count == len(expected)
    assert lists_of(published.exports / "latest" / "owners") == expected
    assert list(rows_of(folder / "kim-lee.csv")[0]) == PEOPLE.headings


def test_an_owner_who_has_nobody_any_more_has_no_list(published: Settings) -> None:
    for folder in ("2026-06-30", "latest"):
        before = published.exports / "owners" / folder
        before.mkdir(parents=True)
        (before / "gone.csv").write_text("old")
    folder, _ = export_owner_lists(published)
    assert "gone.csv" not in lists_of(folder)
    assert "gone.csv" not in lists_of(published.exports / "latest" / "owners")


def test_without_owners_there_is_no_list(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.dim_leads set owner = null")
        connection.execute("update marts.sync_people set owner = null")
    folder, count = export_owner_lists(published)
    assert (count, lists_of(folder)) == (0, {})


@given(st.lists(ANY_TEXT.map(encodable).filter(bool), min_size=1, max_size=5, unique=True))
def test_any_owner_has_a_list_of_their_own_that_reads_back_the_same(owners: list[str]) -> None:
    with TemporaryDirectory() as folder, marts_with_owners(owners) as connection:
        assert write_owner_lists(connection, ZoneInfo("UTC"), Path(folder)) == len(owners)
        found = {path.name: rows_of(path) for path in Path(folder).iterdir()}
    assert set(found) == {list_name(owner) for owner in owners}
    for number, owner in enumerate(owners):
        [row] = found[list_name(owner)]
        assert row["email"] == f"lead{number}@acme.com"
        assert row["owner"].replace(GUARD, "") == owner.replace(GUARD, "")
        assert not re.match(r"[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]", row["owner"])


def marts_with_owners(owners: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """The small marts, where each of `owners` has one lead and nobody has any other."""
    connection = duckdb.connect()
    create_marts(connection)
    connection.execute("create table ops.refreshes (as_of_date date, published_at timestamp)")
    connection.execute("insert into ops.refreshes values ('2026-06-30', '2026-06-30')")
    connection.execute("update marts.sync_people set owner = null")
    connection.execute("delete from marts.dim_leads where email != 'new@acme.com'")
    connection.executemany(
        "insert into marts.dim_leads select * replace (? as email, ? as owner) from marts.dim_leads"
        " where email = 'new@acme.com'",
        [(f"lead{number}@acme.com", owner) for number, owner in enumerate(owners)],
    )
    connection.execute("delete from marts.dim_leads where email = 'new@acme.com'")
    return connection


@given(ANY_TEXT)
def test_a_lists_name_is_safe_on_every_file_system(owner: str) -> None:
    name = list_name(owner)
    assert SAFE.fullmatch(name)
    assert len(name) <= 110


@given(st.lists(ANY_TEXT, min_size=2, max_size=6, unique=True))
def test_two_owners_never_share_a_file(owners: list[str]) -> None:
    assert len({list_name(owner) for owner in owners}) == len(owners)


@pytest.mark.parametrize(
    ("owner", "pattern"),
    [
        ("Kim Lee", r"kim-lee\.csv"),
        ("kim lee", r"kim-lee_[0-9a-f]{8}\.csv"),
        ("KIM LEE", r"kim-lee_[0-9a-f]{8}\.csv"),
        ("Kim  Lee", r"kim-lee_[0-9a-f]{8}\.csv"),
        ("kim-lee", r"kim-lee_[0-9a-f]{8}\.csv"),
        ("kim.lee@example.com", r"kim\.lee@example\.com\.csv"),
        ("Kim.Lee@example.com", r"kim\.lee-example\.com_[0-9a-f]{8}\.csv"),
        ("../../etc/passwd", r"etc-passwd_[0-9a-f]{8}\.csv"),
        ("Con", r"owner-con_[0-9a-f]{8}\.csv"),
        ("Zoë", r"zo_[0-9a-f]{8}\.csv"),
        ("李", r"owner_[0-9a-f]{8}\.csv"),
    ],
)
def test_plain_names_and_addresses_keep_theirs_and_others_get_a_digest(
    owner: str, pattern: str
) -> None:
    assert re.fullmatch(pattern, list_name(owner))


def test_the_lists_need_a_published_file(settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing is published yet"):
        export_owner_lists(settings)
    assert not settings.exports.exists()
