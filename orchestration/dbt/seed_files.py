"""The rules as people wrote them (seeds/**/*.csv), read before dbt starts.

What may stand in a column is said once, beside the seed (its types and tests). dbt asks that of
tables, and tells which test found how many rows; here it is asked of the files, so that who
mistyped a weight reads in which line, and what to write. Everything that is wrong is told at once.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.dbt.manifest import Manifest

_TOLD = 20
"""So many problems are told, the others counted."""
_READ_ELSEWHERE = ("identity_overrides",)
"""orchestration/overrides.py knows more of its lines than its description says."""
TESTS = frozenset({
    "accepted_values", "at_least", "between", "filled", "plain_word", "relationships", "unique",
    "unique_together",
})  # fmt: skip
"""What is asked of the files; other tests of a seed are left to dbt."""
_PLAIN_WORD = re.compile("[a-z][a-z0-9_]*")
_BOOLEANS = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"}
_REFERENCE = re.compile(r"""ref\(\s*['"](\w+)['"]\s*\)""")
_IS_NOT = re.compile(r"(\w+) != '([^']*)'")
_LARGEST = {"integer": 2**31 - 1, "bigint": 2**63 - 1}
_NUMBERS = (*_LARGEST, "double", "decimal")


class Row(NamedTuple):
    """A row of a file: the line that it begins in, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class _Seed:
    name: str
    place: str
    """How people know the file."""
    columns: Mapping[str, str]
    """The type of each."""
    rows: Sequence[Row]


@dataclass(frozen=True, order=True)
class _Problem:
    place: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.place}, line {self.line}: {self.words}"


class _UnreadableError(ValueError):
    """Nothing can be made of the file from `line` on."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


def check_seed_files(
    manifest: Manifest,
    root: Path = PROJECT_ROOT,
    place_of: Callable[[str], Path] = Path,
) -> None:
    """Raises UserError where a file of a seed holds what its types and tests do not allow.

    place_of: by which name people know a file of the project (`seeds/…`), where not by that.
    Left to dbt are tests that are SQL of their own, and those with any condition (`where`) but that
    a column is not some word.
    """
    problems: list[_Problem] = []
    seeds: dict[str, _Seed] = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "seed" and node["name"] not in _READ_ELSEWHERE:
            place = str(place_of(node["original_file_path"]))
            columns = node["config"]["column_types"]
            try:
                rows = list(_rows((root / node["original_file_path"]).read_bytes(), columns))
            except _UnreadableError as error:
                problems.append(_Problem(place, error.line, str(error)))
            else:
                seeds[unique_id] = _Seed(node["name"], place, columns, rows)
    for seed in seeds.values():
        problems.extend(_Problem(seed.place, *found) for found in _of_other_types(seed))
    by_name = {seed.name: seed for seed in seeds.values()}
    for test in manifest["nodes"].values():
        tested = seeds.get(test.get("attached_node"))
        if tested is not None:
            refused = _refused(test, _only(tested, test["config"].get("where")), by_name)
            problems.extend(_Problem(tested.place, *found) for found in refused)
    if problems:
        told = sorted(set(problems))
        more = [f"and {len(told) - _TOLD:,} more"] if len(told) > _TOLD else []
        raise UserError("\n".join([*map(str, told[:_TOLD]), *more]))


def _rows(content: bytes, columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a file that has these columns, in any order. Raises _UnreadableError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _UnreadableError(line, "this is not UTF-8; save the file as CSV in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begun = 1
    try:
        header = next(reader, [])
        _check_header(header, columns)
        begun = reader.line_num + 1
        for cells in reader:
            if len(cells) > 1 and not any(cell.strip() for cell in cells):
                raise _UnreadableError(begun, "there are only commas; remove the line")
            if cells:
                if len(cells) != len(header):
                    raise _UnreadableError(
                        begun,
                        f"{len(cells)} cells, where the first line has {len(header)}; a text with"
                        " a comma stands in double quotes",
                    )
                yield Row(begun, dict(zip(header, cells, strict=True)))
            begun = reader.line_num + 1
    except csv.Error as error:
        words = f'cannot be read as CSV: {error}; a double quote within quotes is written ""'
        raise _UnreadableError(begun, words) from None


def _check_header(header: Sequence[str], columns: Mapping[str, str]) -> None:
    if sorted(header) == sorted(columns):
        return
    if len(header) == 1 and (found := re.search(r"[;\t|]", header[0])):
        sign = "tabs" if found[0] == "\t" else f"{found[0]!r}"
        raise _UnreadableError(1, f"columns are parted by {sign}; save the file with commas")
    raise _UnreadableError(1, f"the columns must be {','.join(columns)}")


def _of_other_types(seed: _Seed) -> Iterator[tuple[int, str]]:
    for column, kind in seed.columns.items():
        for line, cells in seed.rows:
            value = cells[column]
            if value and (words := _other_type(value, kind.partition("(")[0])):
                yield line, f"{column} is {value!r}, which is no {words}"


def _other_type(value: str, kind: str) -> str:
    """What the value should be and is not; '' where it is."""
    if kind == "boolean":
        return "" if value.lower() in _BOOLEANS else "truth value; write true or false"
    if kind not in _NUMBERS:
        return ""
    number = _number(value)
    if number is None:
        return "number; write it as 12 or 0.5"
    if kind in _LARGEST and number != number.to_integral_value():
        return "whole number"
    if abs(number) > _LARGEST.get(kind, math.inf):
        return f"number up to {_LARGEST[kind]}"
    return ""


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return number if math.isfinite(number) else None


def _only(seed: _Seed, condition: str | None) -> _Seed:
    """The seed with the rows that a test is about."""
    if not condition:
        return seed
    other = _IS_NOT.fullmatch(condition)
    rows = [row for row in seed.rows if row.cells[other[1]] != other[2]] if other else []
    return replace(seed, rows=rows)


def _refused(
    test: Mapping[str, Any], seed: _Seed, others: Mapping[str, _Seed]
) -> Iterator[tuple[int, str]]:
    """The lines of a seed that one of its tests refuses, with what is wrong."""
    metadata = test.get("test_metadata") or {}
    arguments = metadata.get("kwargs", {})
    column = arguments.get("column_name", "")
    match metadata.get("name"):
        case "filled":
            for name in arguments["columns"]:
                yield from ((line, f"{name} is empty") for line, cells in seed.rows
                            if not cells[name])  # fmt: skip
        case "unique":
            yield from _repeated([row for row in seed.rows if row.cells[column]], [column])
        case "unique_together":
            yield from _repeated(seed.rows, arguments["columns"])
        case "relationships":
            yield from _pointing_nowhere(seed, column, arguments, others)
        case str() as name if name in TESTS:
            for line, cells in seed.rows:
                if (value := cells[column]) and (words := _not_allowed(name, value, arguments)):
                    yield line, f"{column} is {value!r}; {words}"


def _not_allowed(test: str, value: str, arguments: Mapping[str, Any]) -> str:
    """What to write instead of a value that a test of one cell refuses; '' where it does not."""
    match test:
        case "accepted_values":
            allowed = [str(each) for each in arguments["values"]]
            return "" if value in allowed else f"write {_choice(allowed)}"
        case "plain_word":
            fits = _PLAIN_WORD.fullmatch(value)
            return "" if fits else "write a letter from a to z, then only such, digits and _"
    number = _number(value)
    least, most = arguments.get("minimum"), arguments.get("maximum")
    if number is None or least is None:
        return ""
    if most is not None:
        inside = Decimal(str(least)) <= number <= Decimal(str(most))
        return "" if inside else f"it must lie between {least} and {most}"
    return "" if number >= Decimal(str(least)) else f"it must be at least {least}"


def _repeated(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[tuple[int, str]]:
    lines: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for line, cells in rows:
        lines[tuple(cells[column] for column in columns)].append(line)
    for values, (first, *again) in lines.items():
        for line in again:
            said = ", ".join(map(repr, values))
            yield line, f"{', '.join(columns)} {said} stands in line {first} already"


def _pointing_nowhere(
    seed: _Seed, column: str, arguments: Mapping[str, Any], others: Mapping[str, _Seed]
) -> Iterator[tuple[int, str]]:
    """Names of what is in no line of the seed that they point to."""
    found = _REFERENCE.fullmatch(arguments["to"].strip())
    target = others.get(found[1]) if found else None
    if target is None:
        return
    field = arguments["field"]
    known = {cells[field] for _, cells in target.rows}
    for line, cells in seed.rows:
        if (value := cells[column]) and value not in known:
            yield line, f"{column} is {value!r}, which is no {field} of {target.place}"


def _choice(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
