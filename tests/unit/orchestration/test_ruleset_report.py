"""What is told of a comparison of rules: on a terminal, as JSON and as a page."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.settings import Settings
from orchestration.rulesets.charts import moves_chart, radius
from orchestration.rulesets.comparison import SQUARE, Cell, Change, Comparison
from orchestration.rulesets.page import comparison_page
from orchestration.rulesets.report import (
    change_cells,
    comparison_json,
    print_comparison,
    signed,
    verdict,
)
from tests.unit.orchestration.comparisons import NOBODY, RULES, comparison_of, same
from tests.unit.orchestration.hostile_texts import SAMPLES


def printed(comparison: Comparison) -> str:
    out = io.StringIO()
    print_comparison(comparison, out)
    return out.getvalue()


def page(tmp_path: Path, comparison: Comparison) -> str:
    return comparison_page(Settings(data_dir=tmp_path), comparison)


def test_the_verdict_counts_bands_scores_and_who_does_not_move() -> None:
    assert verdict(comparison_of(movers=30)) == [
        "31 identified people: 30 in another band, 0 with another score alone, 1 unmoved; mean"
        " change +14.5 points.",
        "1 account: 0 in another band, 0 with another score alone, 1 unmoved; mean change 0.0"
        " points.",
    ]


def test_that_nothing_differs_is_said_plainly_everywhere(tmp_path: Path) -> None:
    words = "Nothing differs: these are the rules that the last refresh used."
    assert printed(same()).startswith(words)
    assert "Bands of" not in printed(same())
    assert words in page(tmp_path, same())
    assert json.loads(comparison_json(same()))["verdict"] == [words]


def test_rules_that_move_nobody_are_told_with_their_cells() -> None:
    quiet = replace(comparison_of(), people=NOBODY, accounts=NOBODY)
    assert printed(quiet).startswith("The rules differ, and nobody moves.")
    assert "weight" in printed(quiet)


def test_a_row_that_comes_or_goes_is_one_line_and_cells_are_a_line_each() -> None:
    cells = [Cell("a", "1", "2"), Cell("b", None, "3")]
    assert change_cells(Change(RULES, "x", "changed", cells)) == [
        (RULES, "x", "a", "1", "2"),
        (RULES, "x", "b", "", "3"),
    ]
    added = Change(RULES, "x", "added", [Cell("a", None, "1"), Cell("b", None, "2")])
    removed = Change(RULES, "x", "removed", [Cell("a", "1", None)])
    assert change_cells(added) == [(RULES, "x", "added", "", "a 1, b 2")]
    assert change_cells(removed) == [(RULES, "x", "removed", "a 1", "")]


def test_text_and_page_show_the_first_and_json_has_all(tmp_path: Path) -> None:
    many = comparison_of(movers=30)
    assert printed(many).count("@acme.example") == 10
    assert "and 20 more: --format json has all" in printed(many)
    assert page(tmp_path, many).count("@acme.example") == 25
    said = json.loads(comparison_json(many))
    assert len(said["people"]["movers"]) == 30
    assert said["people"]["movers"][0]["change"] == 15.0
    assert said["people"]["flows"][1] == {"before": "cool", "after": "warm", "count": 30}


def test_the_table_of_bands_has_before_down_and_after_across() -> None:
    rows = [line.split() for line in printed(comparison_of(movers=30)).splitlines()]
    assert ["cool", "0", "30", "1", "0"] in rows


@pytest.mark.parametrize(
    ("points", "words"), [(1.25, "+1.2"), (-0.4, "−0.4"), (0.0, "0.0"), (-0.01, "0.0")]
)
def test_a_change_has_a_sign_where_it_is_one_once_rounded(points: float, words: str) -> None:
    assert signed(points) == words


def test_no_hostile_text_comes_alive_in_the_page_or_on_a_terminal(tmp_path: Path) -> None:
    plain = comparison_of(movers=len(SAMPLES))
    each = [comparison_of(text, movers=1) for text in SAMPLES]
    hostile = replace(
        plain,
        people=replace(plain.people, movers=[one.people.movers[0] for one in each]),
        changes=[change for one in each for change in one.changes],
    )
    harmless, made = page(tmp_path, plain).lower(), page(tmp_path, hostile).lower()
    assert "&lt;script&gt;alert(1)" in made
    for tag in ("<script", "<img", "<svg", "<a ", "<h1", "<style", "<title"):
        assert made.count(tag) == harmless.count(tag), tag
    for one in each:
        assert not set(printed(one)) & set("\x00\x07\x1b\x7f\u202e")


def test_the_page_asks_nothing_of_a_network(tmp_path: Path) -> None:
    made = page(tmp_path, comparison_of())
    assert "default-src 'none'" in made
    assert "src=" not in made
    assert "href=" not in made
    assert "url(" not in made


def test_the_chart_has_a_titled_disc_a_square_and_says_what_it_shows() -> None:
    comparison = comparison_of(movers=30)
    chart = str(moves_chart(comparison, comparison.people, "people"))
    assert chart.count("<title>") == len(comparison.people.squares)
    assert "30 with 30 to 35 before and 45 to 50 after, into a hotter band" in chart
    assert "1 with 30 to 35 before and 30 to 35 after, in the same band" in chart
    assert 'aria-label="Scores of 31 people before' in chart
    assert "var(--good)" in chart
    assert "var(--bad)" not in chart


def test_a_disc_is_larger_for_more_and_stays_within_its_square() -> None:
    assert radius(1) < radius(10) < radius(1_000)
    assert radius(10**9) <= SQUARE / 2
