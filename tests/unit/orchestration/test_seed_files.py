"""A mistake in a file of rules is told by its line, before dbt starts."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import UserError
from orchestration.dbt.seed_files import TESTS, check_seed_files
from orchestration.dbt.seed_texts import NoTableError, Row, check_seed_texts, table_in

COLUMNS = {
    "rules": {
        "rule_id": "varchar", "priority": "integer", "weight": "double", "is_hand_raise": "boolean",
        "page_class": "varchar", "kind": "varchar", "share": "decimal(12,6)",
    },
    "page_classes": {"page_class": "varchar", "path_pattern": "varchar"},
}  # fmt: skip
FILES = {
    "rules": [
        "rule_id,priority,weight,is_hand_raise,page_class,kind,share",
        "signup,1,30,true,,exact,0.5",
        'pricing_view,2,15.5,false,pricing,any_case,"1"',
    ],
    "page_classes": ["page_class,path_pattern", "pricing,^/pricing"],
}


def demand(kind: str, where: str | None = None, **arguments: object) -> dict[str, Any]:
    """A test of rules, as dbt's manifest has it."""
    return {
        "resource_type": "test", "attached_node": "seed.rules", "config": {"where": where},
        "test_metadata": {"name": kind, "kwargs": {"model": "rules", **arguments}},
    }  # fmt: skip


DEMANDS = [
    demand("filled", columns=["rule_id", "priority", "weight"]),
    demand("unique", column_name="rule_id"),
    demand("unique", column_name="priority"),
    demand("at_least", column_name="priority", minimum=0),
    demand("unique_together", columns=["page_class", "kind"]),
    demand("at_least", column_name="weight", minimum=0.01),
    demand("between", column_name="share", minimum=0, maximum=1),
    demand("plain_word", column_name="rule_id"),
    demand("accepted_values", column_name="kind", values=["exact", "any_case"]),
    demand("relationships", column_name="page_class", to="ref('page_classes')",
           field="page_class", where="page_class != 'any_other'"),
    demand("relationships", column_name="kind", to="ref('page_classes')", field="page_class",
           where="weight > 100"),
    {"resource_type": "test", "attached_node": None, "config": {}},
]  # fmt: skip


def manifest() -> dict[str, Any]:
    seeds = {
        f"seed.{name}": {
            "name": name, "resource_type": "seed", "original_file_path": f"seeds/{name}.csv",
            "config": {"column_types": columns},
        }
        for name, columns in COLUMNS.items()
    }  # fmt: skip
    return {"nodes": {**seeds, **{f"test.{n}": test for n, test in enumerate(DEMANDS)}}}


def told(root: Path, files: Mapping[str, bytes] = {}) -> list[str]:
    """What is said of these files, and of the others as they should be."""
    (root / "seeds").mkdir(exist_ok=True)
    for name, lines in FILES.items():
        content = files.get(name, ("\n".join(lines) + "\n").encode())
        (root / f"seeds/{name}.csv").write_bytes(content)
    try:
        check_seed_files(manifest(), root)
    except UserError as error:
        return str(error).splitlines()
    return []


def with_line(line: str) -> dict[str, bytes]:
    return {"rules": "\n".join([*FILES["rules"], line, ""]).encode()}


def test_files_as_they_should_be_are_passed(tmp_path: Path) -> None:
    assert told(tmp_path) == []
    assert told(tmp_path, {"rules": "\r\n".join(FILES["rules"]).encode("utf-8-sig")}) == []
    assert told(tmp_path, with_line("")) == []
    assert told(tmp_path, with_line('a,3,1,true,,,"0.5"')) == []
    assert told(tmp_path, {"page_classes": b'page_class,path_pattern\n"pricing",""\n'
                                           b'"said, ""hi""",\n'}) == []  # fmt: skip
    assert told(tmp_path, with_line("docs_view, 3 ,1e2,TRUE,any_other,exact,")) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a,many,1,true,,,", "priority is 'many', which is no number; write it as 12 or 0.5"),
        ("a,1.5,1,true,,,", "priority is '1.5', which is no whole number; write it as 12"),
        ("a,2147483648,1,true,,,",
         "priority is '2147483648', which is no number up to 2147483647"),
        ('a,3,"0,5",true,,,', "weight is '0,5', which is no number; write it as 12 or 0.5"),
        ("a,3,NaN,true,,,", "weight is 'NaN', which is no number; write it as 12 or 0.5"),
        ("a,3,1e999,true,,,",
         "weight is '1e999', which is no number; write it as 12 or 0.5"),
        ("a,3,1,perhaps,,,",
         "is_hand_raise is 'perhaps', which is neither true nor false; write one of them"),
        ("a,3,-1.5e-1000,true,,,",
         "weight is '-1.5e-1000', which is no number; write it as 12 or 0.5"),
        ("a,3,\u0661,true,,,",
         "weight is '\u0661', which is no number; write it as 12 or 0.5"),
        ("a,3,sNaN,true,,,", "weight is 'sNaN', which is no number; write it as 12 or 0.5"),
        ("a,3,1,true,,,1e6", "share is '1e6', which has more than 6 digits before the point"),
        ("a,3,1,true,,", "6 cells, where the first line has 7; commas part cells, also empty ones"),
        ("a,3,1,true,,,,", "8 cells, where the first line has 7; remove the comma at the end"),
        ("a,3,1,true,,,0.5,5",
         "8 cells, where the first line has 7; a text with a comma stands in double quotes"),
        ("# added", "1 cell, where the first line has 7; commas part cells, also empty ones"),
        (",,,,,,", "there are only commas; remove it"),
        (" ", "this line is blank; remove it"),
        ('a,3,1,true,, "exact",', "remove the space before the double quote"),
        ('a,3,1,true,,"exact,', "a double quote begins and ends a cell, and is written twice"
         " within, or a double quote is not closed"),
        ("a,3,1,true,,,\r",
         "lines end in two ways, of Windows and of Unix; save the file with one"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_its_line(tmp_path: Path, line: str, words: str) -> None:
    assert told(tmp_path, with_line(line)) == [f"seeds/rules.csv, line 4: {words}"]


REFUSED = {
    "filled": (",3,1,true,,,", "rule_id is empty"),
    "unique": ("signup,3,1,true,,,", "rule_id 'signup' stands in line 2 already"),
    "unique_together": (
        "a,3,1,true,pricing,any_case,",
        "page_class, kind 'pricing', 'any_case' stands in line 3 already",
    ),
    "at_least": ("a,3,-1,true,,,", "weight is '-1'; it must be at least 0.01"),
    "between": ("a,3,1,true,,,1.01", "share is '1.01'; it must lie between 0 and 1"),
    "plain_word": (
        "Rule one,3,1,true,,,",
        "rule_id is 'Rule one'; write a letter from a to z, then only such, digits and _",
    ),
    "accepted_values": ("a,3,1,true,,exakt,", "kind is 'exakt'; write exact or any_case"),
    "relationships": (
        "a,3,1,true,pricng,,",
        "page_class is 'pricng', which is no page_class of seeds/page_classes.csv",
    ),
}


@pytest.mark.parametrize("kind", sorted(TESTS))
def test_what_a_test_would_refuse_is_told_by_its_line(tmp_path: Path, kind: str) -> None:
    line, words = REFUSED[kind]
    assert told(tmp_path, with_line(line)) == [f"seeds/rules.csv, line 4: {words}"]


def test_a_row_over_several_lines_is_told_by_its_first(tmp_path: Path) -> None:
    lines = with_line('"a\nb",3,1,true,,,\nb,4,-1,true,,exakt,')
    assert [words.partition(":")[0] for words in told(tmp_path, lines)] == [
        "seeds/rules.csv, line 4",
        "seeds/rules.csv, line 6",
        "seeds/rules.csv, line 6",
    ]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "the file is empty: the first line names the columns"),
        (b"\npage_class,path_pattern\n", 1,
         "this line is blank; remove it: the first line names the columns"),
        (b"page_class,pattern\n", 1, "there is no column path_pattern; 'pattern' is none;"
         " the columns are page_class,path_pattern"),
        (b"page_class,path_pattern,\n", 1,
         "this line ends in a comma; remove it, and those below"),
        (b"page_class,page_class\n", 1, "the column page_class stands here twice"),
        (b"sep=,\npage_class,path_pattern\n", 1,
         "remove this line: it is for spreadsheets alone"),
        (b'"page_class";"path_pattern"\n', 1,
         "columns are parted by ';'; save the file with commas"),
        ("page_class,path_pattern\n".encode("utf-16"), 1,
         "this is not UTF-8; save the file as CSV in UTF-8"),
        (b"page_class,path_pattern\n\xdcber,^/\n", 2,
         "this is not UTF-8; save the file as CSV in UTF-8"),
        (b"\xef\xbb\xbfpage_class,path_pattern\na,b\ny\xdc,^/\n", 3,
         "this is not UTF-8; save the file as CSV in UTF-8"),
        (b"page_class,path_pattern\ra,b\rb\xfcro,^/\r", 3,
         "this is not UTF-8; save the file as CSV in UTF-8"),
        (b"page_class;path_pattern\n", 1, "columns are parted by ';'; save the file with commas"),
        (b"page_class\tpath_pattern\n", 1, "columns are parted by tabs; save the file with commas"),
        (b"page_class,path_pattern\nb\xfcro,^/\n", 2,
         "this is not UTF-8; save the file as CSV in UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_table_is_told_once_and_nothing_is_asked_of_it(
    tmp_path: Path, content: bytes, line: int, words: str
) -> None:
    said = told(tmp_path, {"page_classes": content})
    assert said == [f"seeds/page_classes.csv, line {line}: {words}"]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    many = [f"rule_{n},{n},-1,true,pricing,kind_{n}," for n in range(3, 14)]
    doubled = "\n".join([*FILES["page_classes"], "pricing,"]).encode()
    said = told(tmp_path, {"page_classes": doubled, **with_line("\n".join(many))})
    assert said[:2] == [
        "seeds/rules.csv, line 4: kind is 'kind_3'; write exact or any_case",
        "seeds/rules.csv, line 4: weight is '-1'; it must be at least 0.01",
    ]
    assert len(said) == 21
    assert said[-1] == "and 2 more"
    assert len(told(tmp_path, with_line("\n".join(many[:10]) + "\na,20,1,true,,exakt,"))) == 21


def test_files_that_are_no_tables_are_told_first_and_alone(tmp_path: Path) -> None:
    said = told(tmp_path, {"page_classes": b"", **with_line("a,3,-1,true,,,")})
    assert said == [
        "seeds/page_classes.csv, line 1: the file is empty: the first line names the columns"
    ]


def test_a_cell_that_is_wrong_twice_is_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, with_line("a,-1.5,1,true,,,")) == [
        "seeds/rules.csv, line 4: priority is '-1.5', which is no whole number; write it as 12"
    ]


def test_numbers_are_the_same_however_they_are_written(tmp_path: Path) -> None:
    assert told(tmp_path, with_line("a,+02,1,true,,,")) == [
        "seeds/rules.csv, line 4: priority '+02' stands in line 3 already"
    ]


@pytest.mark.parametrize("limit", [131_072, 10**9])
def test_a_text_longer_than_dbt_takes_is_told(limit: int) -> None:
    earlier = csv.field_size_limit(limit)
    try:
        with pytest.raises(NoTableError, match=r"^a text is longer than 131,072 characters, or a"):
            table_in(b"a\n" + b"x" * 131_073 + b"\n")
        assert table_in(b"a\n" + b"x" * 131_072 + b"\n").rows
    finally:
        csv.field_size_limit(earlier)


def test_a_long_text_is_cut_where_it_is_told(tmp_path: Path) -> None:
    [said] = told(tmp_path, with_line(f"a,3,1,true,,{'x' * 5000},"))
    assert len(said) < 150


def test_of_one_column_a_blank_line_would_be_a_row_without_a_value() -> None:
    assert table_in(b"a,b\n\n1,2\n\n").rows == [Row(3, {"a": "1", "b": "2"})]
    with pytest.raises(NoTableError, match="this line is blank; remove it") as raised:
        table_in(b"a\n1\n\n")
    assert raised.value.line == 3


def test_a_file_that_is_gone_or_stands_beside_is_told(tmp_path: Path) -> None:
    told(tmp_path)
    (tmp_path / "seeds/rules.csv").unlink()
    with pytest.raises(UserError, match=r"^seeds/rules\.csv, line 1: the file is not there"):
        check_seed_files(manifest(), tmp_path)
    beside = manifest()
    beside["nodes"]["seed.rules"]["config"]["column_types"] = {}
    told(tmp_path)
    with pytest.raises(UserError, match="this is no seed of the project; move the file out"):
        check_seed_files(beside, tmp_path)


def test_before_dbt_reads_them_files_that_are_no_tables_are_told_by_their_lines(
    tmp_path: Path,
) -> None:
    told(tmp_path, {"page_classes": b"page_class,path_pattern\nb\xfcro,^/\n"})
    with pytest.raises(UserError, match=r"^seeds/page_classes\.csv, line 2: this is not UTF-8"):
        check_seed_texts(tmp_path)
    told(tmp_path)
    check_seed_texts(tmp_path)


def test_a_file_that_lies_elsewhere_is_told_by_the_name_that_people_gave_it(tmp_path: Path) -> None:
    told(tmp_path, with_line(",3,1,true,,,"))
    with pytest.raises(UserError, match=r"^mine/rules\.csv, line 4: rule_id is empty$"):
        check_seed_files(manifest(), tmp_path, lambda file: Path("mine") / Path(file).name)


def test_whoever_a_seed_names_is_not_told_since_logs_keep_it(tmp_path: Path) -> None:
    people = manifest()
    people["nodes"]["seed.rules"]["name"] = "internal_users"
    told(tmp_path, with_line("signup,3,1,true,,exakt,"))
    with pytest.raises(UserError) as refused:
        check_seed_files(people, tmp_path)
    assert str(refused.value).splitlines() == [
        "seeds/rules.csv, line 4: kind is (not shown); write exact or any_case",
        "seeds/rules.csv, line 4: rule_id (not shown) stands in line 2 already",
    ]
