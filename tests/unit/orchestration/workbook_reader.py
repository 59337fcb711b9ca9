"""Reads an XLSX file by its XML alone, so that nothing of the writer is trusted."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase, digits
from zipfile import ZipFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Cell:
    """A cell as the file has it: `kind` is Excel's letter (n, inlineStr, b, str, …)."""

    kind: str
    value: str
    number_format: str


EMPTY = Cell("n", "", "")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its cells by row, and the whole of its XML."""

    name: str
    rows: list[list[Cell]]
    xml: str

    @property
    def texts(self) -> list[list[str]]:
        return [[cell.value for cell in row] for row in self.rows]


def read_workbook(path: Path) -> list[Sheet]:
    """The sheets of `path`, in order."""
    with ZipFile(path) as parts:
        names = [
            sheet.attrib["name"]
            for sheet in ET.fromstring(parts.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        formats = _number_formats(parts)
        xmls = [parts.read(f"xl/worksheets/sheet{place}.xml") for place in range(1, len(names) + 1)]
    return [
        Sheet(name, _rows(xml, formats), xml.decode())
        for name, xml in zip(names, xmls, strict=True)
    ]


def part_names(path: Path) -> list[str]:
    """The files inside of `path`."""
    with ZipFile(path) as parts:
        return parts.namelist()


def _number_formats(parts: ZipFile) -> list[str]:
    styles = ET.fromstring(parts.read("xl/styles.xml"))
    # 1 is one of Excel's own, which no file spells out
    codes = {"1": "0"} | {
        entry.attrib["numFmtId"]: entry.attrib["formatCode"]
        for entry in styles.iter(f"{_MAIN}numFmt")
    }
    looks = styles.find(f"{_MAIN}cellXfs")
    assert looks is not None
    return [codes.get(look.attrib["numFmtId"], "") for look in looks]


def _rows(xml: bytes, formats: list[str]) -> list[list[Cell]]:
    """The cells that can be filtered, which is all of them; what a file leaves out is empty."""
    root = ET.fromstring(xml)
    found: dict[int, dict[int, Cell]] = {}
    for row in root.iter(f"{_MAIN}row"):
        cells = {_column(cell.attrib["r"]): _cell(cell, formats) for cell in row.iter(f"{_MAIN}c")}
        found[int(row.attrib["r"])] = cells
    [table] = root.iter(f"{_MAIN}autoFilter")
    last = table.attrib["ref"].partition(":")[2]
    last_row = int(last.lstrip(ascii_uppercase))
    assert max(found) <= last_row
    return [
        [found.get(row, {}).get(column, EMPTY) for column in range(1, _column(last) + 1)]
        for row in range(1, last_row + 1)
    ]


def _column(place: str) -> int:
    """The number of the column of a cell: AB12 is in the 28th."""
    number = 0
    for letter in place.rstrip(digits):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _cell(cell: ET.Element, formats: list[str]) -> Cell:
    assert cell.find(f"{_MAIN}f") is None, "a formula"
    text = "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    number = cell.findtext(f"{_MAIN}v") or ""
    return Cell(
        kind=cell.attrib.get("t", "n"),
        value=_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) or number,
        number_format=formats[int(cell.attrib.get("s", "0"))],
    )
