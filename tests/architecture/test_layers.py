"""Who may import whom, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT

MOST_LINES = 400
HEAVY = {"dagster", "dagster_dbt", "dagster_webserver", "dbt", "pandas", "pyarrow", "numpy"}


def modules_of(*packages: str) -> list[Path]:
    return sorted(path for name in packages for path in (PROJECT_ROOT / name).rglob("*.py"))


def imported_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_ingestion_never_imports_orchestration() -> None:
    importers = [
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in modules_of("ingestion")
        for name in imported_names(parsed(path))
        if name.split(".")[0] == "orchestration"
    ]
    assert importers == []


def test_the_product_never_imports_its_tests() -> None:
    importers = [
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in modules_of("ingestion", "orchestration")
        for name in imported_names(parsed(path))
        if name.split(".")[0] == "tests"
    ]
    assert importers == []


def test_the_oracle_shares_no_code_with_the_product() -> None:
    importers = [
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in modules_of("tests/oracle")
        if not path.name.startswith(("test_", "conftest"))
        for name in imported_names(parsed(path))
        if name.split(".")[0] in {"ingestion", "orchestration", "duckdb"}
    ]
    assert importers == []


def test_importing_the_command_line_loads_nothing_heavy_and_writes_nothing(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import orchestration.cli\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        f"print(*sorted(loaded & {HEAVY!r}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []
    assert list(tmp_path.iterdir()) == []


def test_importing_any_module_of_ingestion_writes_nothing(tmp_path: Path) -> None:
    names = [
        ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules_of("ingestion")
    ]
    run = subprocess.run(
        [sys.executable, "-c", f"import importlib\nfor n in {names!r}: importlib.import_module(n)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_no_module_is_a_drawer_for_anything() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc"}
    found = [p for p in modules_of("ingestion", "orchestration", "tests") if p.stem in drawers]
    assert found == []


@pytest.mark.parametrize("folder", ["ingestion", "orchestration", "tests", "dbt_project"])
def test_no_file_is_longer_than_400_lines(folder: str, tree: list[Path]) -> None:
    code = {".py", ".sql", ".yml", ".js", ".css", ".j2"}
    lengths = {
        str(path): len((PROJECT_ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in tree
        if path.parts[0] == folder and path.suffix in code
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_module_says_what_it_holds() -> None:
    silent = [
        str(path.relative_to(PROJECT_ROOT))
        for path in modules_of("ingestion", "orchestration")
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(parsed(path))
    ]
    assert silent == []
