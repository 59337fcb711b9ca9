"""Seeds that a spreadsheet has saved say what they said before."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ingestion import privacy, reference
from ingestion.collector.mail_words import MailWords
from ingestion.collector.messages import reserved_events
from ingestion.errors import UserError
from ingestion.formats.access_log import asset_extensions
from ingestion.seeds import is_true, seed_rows
from ingestion.settings import PROJECT_ROOT
from orchestration.lead_magnet.visitors import click_ids

READERS = (
    privacy.masked_parameters,
    reference.email_properties,
    asset_extensions,
    reserved_events,
    click_ids.__wrapped__,
    lambda root: MailWords(root).allowing_events,
    lambda root: MailWords(root).without_permission({"do_not_email": True, "can_email": True}),
)


def saved(root: Path, separator: str = ",") -> Path:
    """The project's seeds as a spreadsheet writes them: marked, with other line ends and words."""
    shutil.copytree(PROJECT_ROOT / "seeds", root / "seeds")
    for path in (root / "seeds").rglob("*.csv"):
        text = re.sub(r"\b(true|false)\b", lambda word: word[0].upper(), path.read_text("utf-8"))
        written = text.replace("\n", "\r\n").replace(",", separator)
        path.write_bytes(written.encode("utf-8-sig"))
    return root


def test_loader_collector_and_pages_read_the_same_of_them(tmp_path: Path) -> None:
    root = saved(tmp_path)
    for read in READERS:
        found = read(PROJECT_ROOT)
        assert found
        assert read(root) == found


def test_another_separator_is_told_with_the_column_that_is_not_found(tmp_path: Path) -> None:
    root = saved(tmp_path, ";")
    for read in READERS[:2]:
        with pytest.raises(UserError, match=r"^seeds/\w+/\w+\.csv has no column \w+: its first "):
            read(root)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('name,by\n"kx,a\nmc,b\n', "cannot be read as CSV: unexpected end of data"),
        ("name,by\nkx;a\n", "has rows of other than 2 cells, as its first line has"),
        ("", "has no column name: its first line names the columns, with commas"),
    ],
)
def test_half_a_list_is_none(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "names.csv").write_text(content)
    with pytest.raises(UserError, match=rf"^names\.csv {words}"):
        seed_rows(tmp_path, Path("names.csv"), "name")


def test_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_bytes("name\nMüller\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"^names\.csv is not UTF-8; save the file as CSV in UTF-8"):
        seed_rows(tmp_path, Path("names.csv"), "name")


def test_true_is_what_the_models_take_for_it() -> None:
    assert all(map(is_true, ("true", "TRUE", "t", "Yes", "y", "1")))
    assert not any(map(is_true, ("false", "FALSE", "no", "f", "0", "")))
