"""Every test can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ingestion.settings import PROJECT_ROOT

TESTS = PROJECT_ROOT / "tests"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parsed_test_files() -> list[tuple[str, ast.Module]]:
    paths = sorted(TESTS.rglob("test_*.py"))
    return [
        (str(path.relative_to(PROJECT_ROOT)), ast.parse(path.read_text(encoding="utf-8")))
        for path in paths
    ]


def functions_of(module: ast.Module) -> Iterator[Function]:
    for node in ast.walk(module):
        if isinstance(node, Function):
            yield node


def called_name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def asserts(function: Function, checks: set[str]) -> bool:
    """An assert, a `pytest.raises`, a browser's `expect`, or a call to what checks in its stead."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = called_name(node)
            if name in {"raises", "fail", "expect"} | checks or name.startswith("assert_"):
                return True
    return False


def checks_of(module: ast.Module) -> set[str]:
    """The module's functions that assert, themselves or by way of one another."""
    checks: set[str] = set()
    while True:
        more = {f.name for f in functions_of(module) if asserts(f, checks)}
        if more == checks:
            return checks
        checks = more


def test_every_test_asserts_something() -> None:
    silent = [
        f"{name}::{function.name}"
        for name, module in parsed_test_files()
        for function in functions_of(module)
        if function.name.startswith("test_") and function.name not in checks_of(module)
    ]
    assert silent == []


def test_no_test_sleeps() -> None:
    sleepers = [
        f"{name}:{node.lineno}"
        for name, module in parsed_test_files()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and called_name(node) == "sleep"
    ]
    assert sleepers == []


def test_no_test_is_switched_off() -> None:
    switched_off = [
        f"{name}:{node.lineno}"
        for name, module in parsed_test_files()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "xfail"}
        if isinstance(node.value, ast.Attribute) and node.value.attr == "mark"
    ]
    assert switched_off == []


def test_every_file_of_tests_is_found_by_pytest() -> None:
    named_otherwise = [
        str(path.relative_to(PROJECT_ROOT))
        for path in TESTS.rglob("*.py")
        if any(
            f.name.startswith("test_")
            for f in ast.parse(path.read_text()).body
            if isinstance(f, Function)
        )
        and not path.name.startswith("test_")
    ]
    assert named_otherwise == []


def test_a_test_that_only_prints_is_seen_to_assert_nothing() -> None:
    source = """
def test_prints():
    print(1)

def test_asserts():
    assert 1

def test_asserts_by_another():
    test_asserts()
"""
    assert checks_of(ast.parse(source)) == {"test_asserts", "test_asserts_by_another"}
