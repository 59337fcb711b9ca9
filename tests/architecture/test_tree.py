"""What may lie in the tree, and what may stand in no file of it."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

from ingestion.settings import PROJECT_ROOT

TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".sqlfluff",
    ".sqlfluffignore",
    "LICENSE",
    "Makefile",
    "README.md",
    "constraints.txt",
    "dbt_project",
    "dbt_project.yml",
    "docs",
    "ingestion",
    "orchestration",
    "profiles.yml",
    "pyproject.toml",
    "seeds",
    "tests",
}
REGISTRIES = ("pypi", "files.pythonhosted", "registry.npmjs", "registry.yarnpkg", "conda.anaconda")
# put together here, so that this file does not name them itself
REGISTRY_HOST = re.compile(
    "|".join(re.escape(f"{name}.{end}") for name in REGISTRIES for end in ("org", "com"))
)
HOME_OF_SOMEBODY = re.compile(r"(?<![\w.:/~-])/(?:home|Users|root)/\w")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")


def texts(tree: list[Path]) -> dict[str, str]:
    found = {}
    for path in tree:
        content = (PROJECT_ROOT / path).read_bytes()
        if b"\0" not in content[:8_000]:
            found[str(path)] = content.decode("utf-8", errors="replace")
    return found


def test_the_top_level_is_the_one_agreed(tree: list[Path]) -> None:
    assert {path.parts[0] for path in tree} - TOP_LEVEL == set()


def test_no_file_names_a_package_registry(tree: list[Path]) -> None:
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True
    )
    own_hosts = set(re.findall(r"//([\w.-]+\.[a-z]+)", configured.stdout))
    naming = [
        name
        for name, text in texts(tree).items()
        if REGISTRY_HOST.search(text) or any(host in text for host in own_hosts)
    ]
    assert naming == []


def test_no_file_names_a_path_of_somebodys_machine(tree: list[Path]) -> None:
    checkout = re.compile(rf"(?<![\w.:/-]){re.escape(str(PROJECT_ROOT))}\b")
    naming = [
        name
        for name, text in texts(tree).items()
        if HOME_OF_SOMEBODY.search(text) or checkout.search(text)
    ]
    assert naming == []


def test_versions_are_pinned_without_places() -> None:
    lines = (PROJECT_ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!+-]+", pin)] == []


def test_no_file_is_left_unfinished(tree: list[Path]) -> None:
    code = {".py", ".sql", ".yml", ".md", ".toml", ".j2", ".js"}
    unfinished = [
        name
        for name, text in texts(tree).items()
        if Path(name).suffix in code and UNFINISHED.search(text)
    ]
    assert unfinished == []


def test_no_file_is_large(tree: list[Path]) -> None:
    large = [str(path) for path in tree if (PROJECT_ROOT / path).stat().st_size > 1_000_000]
    assert large == []


def test_the_sql_linter_has_all_rules_on() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read_string((PROJECT_ROOT / ".sqlfluff").read_text(encoding="utf-8"))
    main = config["sqlfluff"]
    assert main["rules"] == "all"
    assert {"exclude_rules", "warnings", "ignore"} & set(main) == set()


def test_no_line_is_hidden_from_a_linter(tree: list[Path]) -> None:
    unnamed = re.compile(r"#\s*noqa(?!:\s*[A-Z])|#\s*type:\s*ignore(?!\[)|--\s*noqa")
    hidden = [
        name
        for name, text in texts(tree).items()
        if Path(name).suffix in {".py", ".sql"} and unnamed.search(text)
    ]
    assert hidden == []
