"""README and docs/ say what is there: commands, options, settings, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
import yaml
from typer.core import TyperCommand, TyperGroup, TyperOption

from ingestion.rejection_reasons import REASONS
from ingestion.settings import PROJECT_ROOT

DOCUMENTS = [PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
IN_TREE = re.compile(
    r"^(?:dbt_project|docs|ingestion|orchestration|seeds|tests|\.ci)/[\w./-]*$"
    r"|^[\w.-]+\.(?:yml|toml)$|^(?:Makefile|LICENSE|constraints\.txt)$"
)


def commands() -> dict[str, TyperCommand]:
    from orchestration import cli

    group = typer.main.get_command(cli.app)
    assert isinstance(group, TyperGroup)
    return {n: c for n, c in group.commands.items() if isinstance(c, TyperCommand)}


def document(name: str) -> str:
    return (PROJECT_ROOT / name).read_text(encoding="utf-8")


def options_of(command: TyperCommand) -> set[str]:
    declared = [param for param in command.params if isinstance(param, TyperOption)]
    return {name for param in declared for name in param.opts if name.startswith("--")} - {
        "--help",
        "--install-completion",
        "--show-completion",
    }


def commands_shown(text: str) -> list[str]:
    """Each line of code that calls `intent`, in a fence or in a sentence."""
    fenced = "\n".join(FENCE.findall(text))
    spans = CODE.findall(FENCE.sub("", text))
    lines = [line.strip().removeprefix("$ ") for line in [*fenced.splitlines(), *spans]]
    return [
        line.removeprefix(".venv/bin/")
        for line in lines
        if re.match(r"(?:\.venv/bin/)?intent [a-z]", line)
    ]


def test_every_command_and_option_is_documented() -> None:
    text = document("docs/commands.md")
    sections = {
        title.split()[0]: body
        for title, body in re.findall(r"^## `intent (.+?)`\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    }
    assert set(sections) == set(commands())
    undocumented = {
        f"{name} {option}"
        for name, command in commands().items()
        for option in options_of(command)
        if option not in sections[name]
    }
    assert undocumented == set()


def test_every_reason_of_the_quarantine_is_documented_in_its_own_words() -> None:
    text = document("docs/commands.md")
    rows = [
        f"| `{code}` | {reason.meaning} | {reason.advice} |" for code, reason in REASONS.items()
    ]
    assert [row for row in rows if row not in text] == []


def test_every_command_helps_with_an_example() -> None:
    without = [n for n, c in commands().items() if f"intent {n}" not in f"{c.help}{c.epilog}"]
    assert without == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_that_a_document_shows_exist(path: Path) -> None:
    known = commands()
    wrong = []
    for line in commands_shown(path.read_text(encoding="utf-8")):
        name, *rest = line.removeprefix("intent ").split()
        options = {w.partition("=")[0].strip("[]") for w in rest if w.strip("[").startswith("--")}
        if name not in known or options - options_of(known[name]) - {"--help"}:
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_files_that_a_document_names_exist(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    named = {span for span in CODE.findall(text) if IN_TREE.match(span)}
    assert {name for name in named if not (PROJECT_ROOT / name).exists()} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_links_of_a_document_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_make_targets_that_a_document_shows_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", document("Makefile"), re.MULTILINE))
    shown = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", path.read_text(), re.MULTILINE))
    assert {name for pair in shown for name in pair if name} <= targets


def test_readme_links_every_page_of_docs() -> None:
    pages = {f"docs/{path.name}" for path in DOCUMENTS[1:]}
    assert pages
    assert {page for page in pages if f"({page})" not in document("README.md")} == set()


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for package in ("ingestion", "orchestration")
        for path in (PROJECT_ROOT / package).rglob("*.py")
    )
    read = set(re.findall(r"\bINTENT_[A-Z_]+\b", code + document("profiles.yml")))
    assert set(re.findall(r"\bINTENT_[A-Z_]+\b", document("docs/settings.md"))) == read


def test_every_number_of_the_models_is_documented() -> None:
    numbers = yaml.safe_load(document("dbt_project.yml"))["vars"]
    page = document("docs/settings.md")
    assert [name for name in numbers if f"`{name}`" not in page] == []


def test_every_seed_is_named_in_the_rules() -> None:
    seeds = [
        str(path.relative_to(PROJECT_ROOT)) for path in (PROJECT_ROOT / "seeds").rglob("*.csv")
    ]
    page = document("docs/rules.md")
    assert seeds
    assert [seed for seed in seeds if f"`{seed}`" not in page] == []


def test_every_published_table_is_listed() -> None:
    marts = {path.stem for path in (PROJECT_ROOT / "dbt_project/models/marts").rglob("*.sql")}
    page = document("docs/data_flow.md")
    assert marts
    assert [name for name in sorted(marts) if f"`{name}`" not in page] == []
