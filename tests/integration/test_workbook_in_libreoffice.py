"""The workbook as another spreadsheet reads it: hostile texts stay texts there."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from orchestration.exports.columns import Column, Kind
from orchestration.exports.workbook import Formats, text_of, write_sheet
from tests.unit.orchestration.hostile_texts import SAMPLES

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 30)
COLUMNS = [
    Column("text", Kind.text, 20),
    Column("score", Kind.score, 9),
    Column("day", Kind.day, 9),
]


@pytest.fixture(scope="module")
def office() -> str:
    """LibreOffice's program."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        pytest.skip("no LibreOffice here")
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose texts try to be formulas."""
    path = tmp_path_factory.mktemp("office") / "hostile.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        rows = [(text, 60.25, AS_OF) for text in SAMPLES]
        write_sheet(book, Formats(book), "sheet", COLUMNS, 3, rows, AS_OF, ZoneInfo("UTC"))
    return path


def converted(office: str, path: Path, ending: str, form: str) -> Path:
    profile = (path.parent / "profile").as_uri()
    subprocess.run(
        [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", form,
         "--outdir", str(path.parent), str(path)],
        check=True,
        capture_output=True,
        timeout=170,
    )  # fmt: skip
    return path.with_suffix(ending)


def test_no_cell_is_a_formula_and_numbers_and_dates_are_typed(office: str, hostile: Path) -> None:
    xml = converted(office, hostile, ".fods", "fods").read_text(encoding="utf-8")
    assert "table:formula" not in xml
    assert "xlink:href" not in re.sub(r"<style:.*?</style:[^>]*>", "", xml, flags=re.DOTALL)
    assert xml.count('office:value="60.25"') == len(SAMPLES)
    assert xml.count('office:date-value="2026-06-30"') == len(SAMPLES)


def test_saved_as_csv_no_line_starts_a_formula_and_the_texts_are_the_same(
    office: str, hostile: Path
) -> None:
    # 44 34 76: comma, quotes, UTF-8; then all texts quoted and cells as they are shown
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false"
    with converted(office, hostile, ".csv", form).open(encoding="utf-8", newline="") as file:
        texts = [row[0] for row in csv.reader(file)][1:]
    assert not [text for text in texts if re.match(r"[\s\u200b\ufeff]*[=+\-@]", text)]
    expected = [text_of(text) for text in SAMPLES]
    differing = [
        (text, read)
        for text, read in zip(expected, texts, strict=True)
        if lines(text) != lines(read)
    ]
    assert differing == []


def lines(text: str) -> list[str]:
    """The lines of a text, however its ends are spelled."""
    return re.split(r"\r\n|\r|\n", text)
