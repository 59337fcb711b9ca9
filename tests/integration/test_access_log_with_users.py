"""An access log and a list of the site's users: the companies behind the logged-in users."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion import warehouse
from ingestion.ledger import LedgerRow
from ingestion.loader import load_paths
from ingestion.settings import PROJECT_ROOT, Settings
from tests.compiled_models import CompiledModels

AS_OF = date(2026, 6, 30)
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)

# user, day of June, path; who is not logged in shares the address of 4711
VISITS = [
    ("-", 28, "/pricing"),
    ("-", 28, "/contact"),
    ("4711", 29, "/pricing"),
    ("4711", 29, "/style.css"),
    ("4711", 30, "/security"),
    ("4712", 30, "/pricing"),
    ("bo bo", 30, "/pricing"),
    ("cy@cobalt.example", 30, "/docs/start"),
    ("4800", 30, "/pricing"),
    ("4900", 30, "/pricing"),
]
USERS = """\
type,user_id,email,timestamp,name,company
identify,4711,anna@acme.example,2026-01-31,Anna Ames,Acme
identify,4712,ben@acme.example,2026-05-04,,
identify,bo bo,bo@birch.example,2026-07-09,Bo Birch,
identify,cy@cobalt.example,cy@cobalt.example,2025-12-01,,
identify,4800,dora@gmail.com,2026-01-01,,
identify,04900,eve@elm.example,2026-01-01,,
"""


def access_log() -> str:
    lines = []
    for minute, (user, day, path) in enumerate(VISITS):
        address = "203.0.113.7" if user in ("-", "4711") else f"198.51.100.{minute}"
        time = f"{day}/Jun/2026:09:{minute:02}:00 +0000"
        lines.append(f'{address} - {user} [{time}] "GET {path} HTTP/1.1" 200 512 "-" "{AGENT}"\n')
    return "".join(lines)


def build(
    models: CompiledModels, folder: Path, files: Sequence[tuple[str, str]]
) -> list[LedgerRow]:
    """Loads files (name, text) in this order, and builds every model of them."""
    folder.mkdir(exist_ok=True)
    settings = Settings(data_dir=folder / "data", given_secret_key="key of the tests")
    paths = [folder / name for name, _ in files]
    for path, (_, text) in zip(paths, files, strict=True):
        path.write_text(text)
    with warehouse.connect(settings) as connection:
        rows = load_paths(connection, settings, paths)
    models.run_loaded(settings.warehouse, AS_OF, settings)
    return rows


def accounts(models: CompiledModels) -> list[tuple[Any, ...]]:
    """The companies, the most interested first: domain, people, of them active."""
    return models.rows(
        "select domain, people_count, active_people_14d from published.marts.dim_accounts"
        " where account_score > 0 order by account_score desc"
    )


def test_a_list_of_users_makes_companies_of_the_users_of_an_access_log(
    models: CompiledModels, tmp_path: Path
) -> None:
    log, users = ("access.log", access_log()), ("users.csv", USERS)
    found = []
    for number, files in enumerate(([log, users], [users, log])):
        rows = build(models, tmp_path / str(number), files)
        assert {row.format for row in rows} == {"access_log", "csv"}
        assert sum(row.rejected_count for row in rows) == 0
        found.append(accounts(models))
    assert found[0] == found[1]
    # Ben and Anna of acme saw most; 04900 of the list is not 4900 of the log; gmail is no company
    assert found[0] == [("acme.example", 2, 2), ("birch.example", 1, 1), ("cobalt.example", 1, 1)]
    people = models.rows(
        "select primary_email, full_name, company_name, event_count from"
        " published.marts.dim_people where is_identified order by 1 nulls last"
    )
    assert people == [
        # her identify and two pages: what was seen from her address before is nobody's
        ("anna@acme.example", "Anna Ames", "Acme", 3),
        ("ben@acme.example", None, None, 2),
        ("bo@birch.example", "Bo Birch", None, 2),
        ("cy@cobalt.example", None, None, 2),
        ("dora@gmail.com", None, None, 2),
        ("eve@elm.example", None, None, 1),
        (None, None, None, 1),
    ]


def test_without_the_list_an_access_log_makes_no_company(
    models: CompiledModels, tmp_path: Path
) -> None:
    build(models, tmp_path, [("access.log", access_log())])
    assert accounts(models) == []
    # a user id is never read as an address, also where it looks like one
    assert models.rows("select count(primary_email) from published.marts.dim_people") == [(0,)]


def fenced(document: str, start: str) -> str:
    """The lines of a document's fence that begins with `start`."""
    text = (PROJECT_ROOT / document).read_text(encoding="utf-8")
    [lines] = re.findall(rf"^```\n({re.escape(start)}.*?)^```", text, re.DOTALL | re.MULTILINE)
    return str(lines)


@pytest.mark.parametrize("document", ["README.md", "docs/formats.md"])
def test_the_lines_that_the_documents_show_find_the_company(
    models: CompiledModels, tmp_path: Path, document: str
) -> None:
    line = fenced("docs/formats.md", "203.0.113.7 - 4711 ").replace("Mozilla/5.0 …", AGENT)
    users = fenced(document, "type,user_id,email,timestamp")
    rows = build(models, tmp_path, [("access.log", line), ("users.csv", users)])
    assert [row.loaded_count for row in rows] == [1, users.count("identify,")]
    [(domain, people, active)] = accounts(models)
    assert (domain, people, active) == ("acme.example", users.count("acme.example"), 1)
