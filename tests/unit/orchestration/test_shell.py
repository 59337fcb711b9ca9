"""The prompt: statements over lines, and a new version when one is published."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest

from ingestion.settings import Settings
from orchestration.commands.shell import HELP, shell
from orchestration.refreshing.publish import publish
from tests.unit.orchestration.small_marts import record


class Typist(io.StringIO):
    """Standard input that lets something happen between two lines."""

    def __init__(self, lines: Iterator[str]) -> None:
        super().__init__()
        self._lines = lines

    def readline(self, _size: int | None = -1) -> str:  # type: ignore[override]
        return next(self._lines, "")


def typed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, lines: Iterator[str]
) -> tuple[str, str]:
    out, notes = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", Typist(lines))
    shell(settings, out, notes)
    return out.getvalue(), notes.getvalue()


def test_a_statement_ends_at_its_semicolon(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, notes = typed(published, monkeypatch, iter(["select\n", "  1 as one;\n", "select 2\n"]))
    assert out.split() == ["one", "1", "2", "2"]
    assert notes == ""


def test_an_error_is_told_and_the_prompt_goes_on(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, notes = typed(published, monkeypatch, iter(["selekt;\n", ".what\n", "select 1 as one;\n"]))
    assert "syntax error" in notes
    assert ".tables lists the tables" in notes
    assert out.split() == ["one", "1"]


def test_tables_lists_every_table_with_what_it_holds(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = typed(published, monkeypatch, iter([".tables\n", ".quit\n", "select 1;\n"]))
    lines = [line.split(maxsplit=2) for line in out.splitlines()]
    assert ["fct_events", "4", "One row an event"] in lines
    assert ["dim_people", "2"] in lines
    assert ["fct_person_scores", "2"] in lines  # a view


def test_on_a_terminal_the_tables_are_listed_at_the_start_and_nothing_can_be_written(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Typist, "isatty", lambda _: True)
    monkeypatch.setattr("orchestration.commands.shell._remember_lines", lambda _: None)
    writes = ("drop table dim_people;\n", "create table marts.mine (n int);\n", "attach 'x';\n")
    before = published.analytics.read_bytes()
    out, notes = typed(published, monkeypatch, iter(writes))
    assert out.startswith("table ")
    assert "dim_people " in out
    assert out.endswith(f"{HELP}\n")
    assert notes.count("The SQL cannot be run") == len(writes)
    assert published.analytics.read_bytes() == before


def test_a_statement_after_a_publish_sees_the_new_version(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lines() -> Iterator[str]:
        yield "select count(*) as versions from refreshes;\n"
        publish(published, record("another"))
        yield "select count(*) as versions from refreshes;\n"

    out, notes = typed(published, monkeypatch, lines())
    assert out.split() == ["versions", "1", "versions", "2"]
    assert "A new version has been published" in notes
