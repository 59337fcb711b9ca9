"""The rules as people wrote them (seeds/**/*.csv), read before dbt starts.

What may stand in a column is said once, beside the seed (its types and tests). dbt asks that of
tables, and tells which test found how many rows; here it is asked of the files, so that who
mistyped a weight reads in which line, and what to write. All that is wrong is told at once; files
that are no tables are told first, alone.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.settings import PROJECT_ROOT
from orchestration.dbt.manifest import Manifest
from orchestration.dbt.seed_texts import NoTableError, Problem, Row, Table, refuse, table_in

TESTS = frozenset({
    "accepted_values", "at_least", "between", "filled", "plain_word", "relationships", "unique",
    "unique_together",
})  # fmt: skip
"""What is asked of the files; other tests of a seed are left to dbt."""
_PLAIN_WORD = re.compile("[a-z][a-z0-9_]*")
_BOOLEANS = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"}
_NUMBER = re.compile(r" *([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?) *")
_REFERENCE = re.compile(r"""ref\(\s*['"](\w+)['"]\s*\)""")
_IS_NOT = re.compile(r"(\w+) != '([^']*)'")
_LARGEST = {"integer": 2**31 - 1, "bigint": 2**63 - 1}
_DECIMAL = re.compile(r"decimal\((\d+), *(\d+)\)")
_LONGEST_SHOWN = 60
_NAMING_PEOPLE = ("identity_overrides", "internal_users")

TYPES = re.compile(rf"varchar|boolean|double|{'|'.join(_LARGEST)}|{_DECIMAL.pattern}")
"""Those that a column of a seed may have."""

_Found = Iterator[tuple[int, str, str]]
"""Lines, each with the column (or several) and what is wrong there."""


@dataclass(frozen=True)
class _Seed:
    name: str
    place: str
    """How people know the file."""
    types: Mapping[str, str]
    rows: Sequence[Row]

    def shown(self, value: str) -> str:
        """A value as a message shows it, which is kept in logs: whoever is named is not."""
        return "(not shown)" if self.name in _NAMING_PEOPLE else _shown(value)

    def key(self, column: str, value: str) -> str | Decimal:
        """What a value is compared by: 40 and 40.0 are one number."""
        number = None if self.types[column] in ("varchar", "boolean") else _number(value)
        return value if number is None else number


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
    seeds: dict[str, _Seed] = {}
    no_tables: list[Problem] = []
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "seed":
            place = str(place_of(node["original_file_path"]))
            types = node["config"]["column_types"]
            try:
                table = _table(root / node["original_file_path"], types)
            except NoTableError as error:
                no_tables.append(Problem(place, error.line, str(error)))
            else:
                seeds[unique_id] = _Seed(node["name"], place, types, table.rows)
    # much of what is wrong in others may be only that these are not there
    refuse(sorted(no_tables))
    problems: dict[tuple[str, int, str], Problem] = {}
    by_name = {seed.name: seed for seed in seeds.values()}
    found = [(seed, _of_other_types(seed)) for seed in seeds.values()]
    for test in manifest["nodes"].values():
        if (tested := seeds.get(test.get("attached_node"))) is not None:
            about = _only(tested, test["config"].get("where"))
            found.append((about, _refused(test, about, by_name)))
    for seed, lines in found:
        for line, column, words in lines:
            # of a cell that is wrong twice the first is enough
            problem = Problem(seed.place, line, f"{column} {words}")
            problems.setdefault((seed.place, line, column), problem)
    refuse(sorted(problems.values()))


def _table(path: Path, types: Mapping[str, str]) -> Table:
    """The table of a seed with columns of these types. Raises NoTableError."""
    try:
        table = table_in(path.read_bytes())
    except FileNotFoundError:
        words = "the file is not there; put it back, or remove its description"
        raise NoTableError(1, words) from None
    if not types:
        raise NoTableError(1, "this is no seed of the project; move the file out of seeds/")
    lacking = [name for name in types if name not in table.columns]
    unknown = [name for name in table.columns if name not in types]
    if lacking or unknown:
        said = [f"there is no column {', '.join(lacking)}"] if lacking else []
        said += [f"{', '.join(map(_shown, unknown))} is none"] if unknown else []
        raise NoTableError(1, f"{'; '.join(said)}; the columns are {','.join(types)}")
    return table


def _of_other_types(seed: _Seed) -> _Found:
    for column, kind in seed.types.items():
        for line, cells in seed.rows:
            value = cells[column]
            if value and (words := _other_type(value, kind)):
                yield line, column, f"is {seed.shown(value)}, {words}"


def _other_type(value: str, kind: str) -> str:
    """What a value of another type is not, and what to write; '' where it is of this one."""
    if kind == "varchar":
        return ""
    if kind == "boolean":
        is_one = value.lower() in _BOOLEANS
        return "" if is_one else "which is neither true nor false; write one of them"
    number = _number(value)
    if number is None:
        return "which is no number; write it as 12 or 0.5"
    if kind in _LARGEST:
        if number != number.to_integral_value():
            return "which is no whole number; write it as 12"
        is_larger = not -_LARGEST[kind] - 1 <= number <= _LARGEST[kind]
        return f"which is no number up to {_LARGEST[kind]}" if is_larger else ""
    if found := _DECIMAL.fullmatch(kind):
        before = int(found[1]) - int(found[2])
        if abs(number) >= 10**before:
            return f"which has more than {before} digits before the point"
    return ""


def _number(value: str) -> Decimal | None:
    """The number that a cell holds, as DuckDB reads it; None where it holds none."""
    found = _NUMBER.fullmatch(value)
    return Decimal(found[1]) if found and math.isfinite(float(found[1])) else None


def _only(seed: _Seed, condition: str | None) -> _Seed:
    """The seed with the rows that a test is about."""
    if not condition:
        return seed
    other = _IS_NOT.fullmatch(condition)
    rows = [row for row in seed.rows if row.cells[other[1]] != other[2]] if other else []
    return replace(seed, rows=rows)


def _refused(test: Mapping[str, Any], seed: _Seed, others: Mapping[str, _Seed]) -> _Found:
    """The lines of a seed that one of its tests refuses, with what is wrong."""
    metadata = test.get("test_metadata") or {}
    arguments = metadata.get("kwargs", {})
    column = arguments.get("column_name", "")
    match metadata.get("name"):
        case "filled":
            for name in arguments["columns"]:
                yield from ((line, name, "is empty") for line, cells in seed.rows
                            if not cells[name])  # fmt: skip
        case "unique":
            filled = [row for row in seed.rows if row.cells[column]]
            yield from _repeated(replace(seed, rows=filled), [column])
        case "unique_together":
            yield from _repeated(seed, arguments["columns"])
        case "relationships":
            yield from _pointing_nowhere(seed, column, arguments, others)
        case str() as name if name in TESTS:
            for line, cells in seed.rows:
                if (value := cells[column]) and (words := _not_allowed(name, value, arguments)):
                    yield line, column, f"is {seed.shown(value)}; {words}"


def _not_allowed(test: str, value: str, arguments: Mapping[str, Any]) -> str:
    """What to write instead of a value that a test of one cell refuses; '' where it does not."""
    match test:
        case "accepted_values":
            allowed = [str(each) for each in arguments["values"]]
            return "" if value in allowed else f"write {_choice(allowed)}"
        case "plain_word":
            fits = _PLAIN_WORD.fullmatch(value)
            return "" if fits else "write a letter from a to z, then only such, digits and _"
    number, least = _number(value), Decimal(str(arguments["minimum"]))
    if number is None:
        return ""
    if "maximum" in arguments:
        most = Decimal(str(arguments["maximum"]))
        return "" if least <= number <= most else f"it must lie between {least:f} and {most:f}"
    return "" if number >= least else f"it must be at least {least:f}"


def _repeated(seed: _Seed, columns: Sequence[str]) -> _Found:
    lines: defaultdict[tuple[str | Decimal, ...], list[Row]] = defaultdict(list)
    for row in seed.rows:
        lines[tuple(seed.key(column, row.cells[column]) for column in columns)].append(row)
    for first, *again in lines.values():
        for line, cells in again:
            said = ", ".join(seed.shown(cells[column]) for column in columns)
            yield line, ", ".join(columns), f"{said} stands in line {first.line} already"


def _pointing_nowhere(
    seed: _Seed, column: str, arguments: Mapping[str, Any], others: Mapping[str, _Seed]
) -> _Found:
    """Names of what is in no line of the seed that they point to."""
    found = _REFERENCE.fullmatch(arguments["to"].strip())
    target = others.get(found[1]) if found else None
    if target is None:
        return
    field = arguments["field"]
    known = {cells[field] for _, cells in target.rows}
    for line, cells in seed.rows:
        if (value := cells[column]) and value not in known:
            said = f"is {seed.shown(value)}, which is no {field} of {target.place}"
            yield line, column, said


def _shown(value: str) -> str:
    """A value as a message shows it: short, and what cannot be seen by its code."""
    return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")


def _choice(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
