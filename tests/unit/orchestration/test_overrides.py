"""What of the file of overrides can be done, and what is told of a line that cannot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.overrides import BLOCKED, COLUMNS, OVERRIDES, check_overrides

HEADER = ",".join(COLUMNS)

Check = Callable[..., str]


@pytest.fixture
def told(tmp_path: Path) -> Check:
    """Checks a file of these lines below the header; what is told of it, nothing where all is
    well."""
    (tmp_path / OVERRIDES).parent.mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / BLOCKED, tmp_path / BLOCKED)
    project = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")

    def check(*lines: str, header: str = HEADER, ignore_email_tags: bool = False) -> str:
        written = f"ignore_email_tags: {str(ignore_email_tags).lower()}"
        (tmp_path / "dbt_project.yml").write_text(
            project.replace("ignore_email_tags: false", written), encoding="utf-8"
        )
        (tmp_path / OVERRIDES).write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        try:
            check_overrides(tmp_path)
        except UserError as error:
            return str(error).replace(f"{OVERRIDES}, ", "")
        return ""

    return check


def test_the_file_that_is_shipped_decides_nothing(told: Check) -> None:
    assert (PROJECT_ROOT / OVERRIDES).read_text(encoding="utf-8") == f"{HEADER}\n"
    assert not told()


def test_pairs_in_any_order_with_and_without_a_note_can_be_done(told: Check) -> None:
    assert not told(
        "force,user_id,u1,email,ada@acme.example,Ada said so",
        "force,email,ada@acme.example,user_id,u1,again",
        "forbid,user_id,u1,user_id,U1",
        "",
    )


def test_the_line_is_named_by_file_and_number(tmp_path: Path, told: Check) -> None:
    told("join,user_id,u1,user_id,u2,")
    with pytest.raises(UserError, match=r"^seeds/identity/identity_overrides.csv, line 2: 'join'"):
        check_overrides(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "join,user_id,u1,user_id,u2,",
            "'join' is nothing that can be done; write force or forbid",
        ),
        (
            "force,phone,1,user_id,u2,",
            "'phone' is no type of name; write user_id or email",
        ),
        ("force,user_id, ,user_id,u2,", "a name is blank; give a user_id"),
        (
            'force,user_id,"""NULL""",user_id,u2,',
            "'\"NULL\"' identifies nobody (seeds/identity/blocked_identifiers.csv);"
            " give another name",
        ),
        (
            "force,user_id,0000-00,user_id,u2,",
            "'0000-00' identifies nobody (seeds/identity/blocked_identifiers.csv);"
            " give another name",
        ),
        ("force,email,ada,user_id,u2,", "'ada' is no address; write it as ada@acme.example"),
        ("forbid,user_id,u1,user_id, u1 ,", "both names are user_id u1; give two"),
        (
            "forbid,email,Ada@acme.example,email,ada@Acme.example,",
            "both names are email ada@acme.example; give two",
        ),
        ("force,user_id,u1", f"3 columns; write {HEADER}, the note may be empty"),
    ],
)
def test_a_line_that_cannot_be_done_says_what_to_write(told: Check, line: str, words: str) -> None:
    assert told(line) == f"line 2: {words}"


def test_another_header_is_told_of(told: Check) -> None:
    assert told(header="action,first,second") == f"line 1: the first line must be {HEADER}"


def test_a_quote_that_does_not_end_is_told_of(told: Check) -> None:
    assert told('force,user_id,"u1,user_id,u2,').startswith("line 2: cannot be read as CSV")


def test_one_pair_cannot_be_forced_and_forbidden(told: Check) -> None:
    lines = told(
        "forbid,user_id,u1,email,ada@acme.example,",
        "force,email, Ada@Acme.example,user_id,u1 ,",
    )
    assert lines == (
        "line 2: forbids user_id u1 and email ada@acme.example to be one person,"
        " which line 3 forces; remove one of these lines"
    )


def test_a_pair_cannot_be_forbidden_that_others_force_together(told: Check) -> None:
    lines = told(
        "force,user_id,u1,user_id,u2,",
        "forbid,user_id,u1,user_id,u3,",
        "force,user_id,u2,user_id,u3,",
        "force,user_id,u3,user_id,u4,",
    )
    assert lines == (
        "line 3: forbids user_id u1 and user_id u3 to be one person,"
        " which lines 2 and 4 together force; remove one of these lines"
    )


def test_spellings_of_one_mailbox_are_one_name_where_the_settings_say_so(told: Check) -> None:
    line = "forbid,email,ada+news@acme.example,email,ada@acme.example,"
    assert not told(line)
    assert told(line, ignore_email_tags=True) == (
        "line 2: both names are email ada@acme.example; give two"
    )


def test_every_line_that_cannot_be_done_is_told_at_once(told: Check) -> None:
    lines = told("join,user_id,a,user_id,b,", "force,user_id,a,user_id,b,", "forbid,user_id,a,,b,")
    assert [line.split(":")[0] for line in lines.splitlines()] == ["line 2", "line 4"]
