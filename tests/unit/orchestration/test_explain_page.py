"""The explanation as a page: no text in it comes alive, and the graph has every link."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.cli import main
from orchestration.explain.drawings import DRAWN, history_chart, identity_graph
from orchestration.explain.explaining import explain
from orchestration.explain.identity import Found, Identifier
from orchestration.explain.outlook import DayScore
from orchestration.explain.page import explanation_page
from orchestration.explain.person import PersonExplained
from orchestration.explain.report import print_explanation
from tests.unit.orchestration.hostile_texts import SAMPLES
from tests.unit.orchestration.small_marts import ANNA


def command(*arguments: str) -> object:
    """The exit code of the command line."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code or 0


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_page_of_hostile_names_has_the_tags_of_a_page_of_plain_ones(
    published: Settings,
) -> None:
    found, (anna,) = explain(published, ANNA, None)
    assert isinstance(anna, PersonExplained)
    plain = Tags(explanation_page(found, [anna], "UTC"))
    for text in SAMPLES:
        page = explanation_page(Found("email", text, ("p",)), [renamed(anna, text)], "UTC")
        page.encode("utf-8")
        hostile = Tags(page)
        assert (hostile.tags, hostile.attributes) == (plain.tags, plain.attributes)
    assert not plain.tags & {"script", "img", "iframe", "a", "form"}


def renamed(person: PersonExplained, text: str) -> PersonExplained:
    """The same person, called `text` wherever something from outside stands."""
    assert person.profile is not None
    profile = replace(
        person.profile, full_name=text, job_title=text, company_name=text, primary_email=text,
        flag_reasons=text, latest_channel=text,
    )  # fmt: skip
    [link], [refused] = person.links, person.refused_links
    own = [each for each in person.identifiers if each.identifier_type != "email"]
    address = next(each for each in person.identifiers if each.identifier_type == "email")
    return replace(
        person,
        profile=profile,
        identifiers=[*own, replace(address, identifier=text)],
        links=[replace(link, left_identifier=text, event_id=text)],
        refused_links=[replace(refused, right_identifier=f"{text} apart", reason=text)],
        sessions=[replace(each, entry_page_url=text) for each in person.sessions],
        reasons=[replace(each, reason=text, event_ids=[text]) for each in person.reasons],
    )


@pytest.mark.parametrize("text", [text for text in SAMPLES if "\ud800" not in text])
def test_text_of_hostile_names_stays_within_its_columns_and_moves_no_cursor(
    published: Settings, text: str
) -> None:
    found, (anna,) = explain(published, ANNA, None)
    assert isinstance(anna, PersonExplained)
    out = io.StringIO()
    print_explanation(found, [renamed(anna, text)], published, out)
    shown = out.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert len(shown) < 20_000


@pytest.mark.parametrize(("before", "name"), [(8, "Jan"), (100, "Jan 2027"), (188, "Jan")])
def test_a_january_at_an_edge_of_the_chart_has_no_room_for_its_year(before: int, name: str) -> None:
    first = date(2027, 1, 1) - timedelta(days=before)
    days = [DayScore(first + timedelta(days=n), 1.0, "cold") for n in range(200)]
    assert f">{name}</text>" in history_chart(days, [], [])


def test_a_page_names_no_file_that_its_reader_has_not(published: Settings) -> None:
    found, explained = explain(published, ANNA, None)
    assert "docs/" not in explanation_page(found, explained, "UTC")


@pytest.mark.parametrize(("weight", "words"), [(1, "1 point an event"), (2, "2 points an event")])
def test_one_point_is_no_points(published: Settings, weight: int, words: str) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("update marts.dim_scoring_rules set weight = ?", [weight])
        connection.execute(
            "update marts.fct_events set rule_id = 'pricing_view' where event_id = 'e3'"
        )
    found, explained = explain(published, ANNA, None)
    assert words in explanation_page(found, explained, "UTC")


def test_the_graph_has_every_link_once_and_the_refused_one_with_its_reason(
    published: Settings,
) -> None:
    _, (anna,) = explain(published, ANNA, None)
    assert isinstance(anna, PersonExplained)
    graph = identity_graph(anna)
    assert [(node.name, node.is_apart) for node in graph.nodes] == [
        ("u-anna", False), ("anna@acme.com", False), ("dev-1", False), ("dev-2", False),
        ("info@acme.com", True),
    ]  # fmt: skip
    arcs = [(edge.upper, edge.lower, edge.event_id, edge.refusal) for edge in graph.edges]
    assert arcs == [(0, 1, "e2", None), (0, 2, "e2", None), (0, 3, "e3", None),
                    (0, 4, "e3", "role address")]  # fmt: skip
    assert graph.numbers_of(3) == "3"


def test_of_very_many_devices_the_first_are_drawn_and_the_others_counted(
    published: Settings,
) -> None:
    _, (anna,) = explain(published, ANNA, None)
    assert isinstance(anna, PersonExplained)
    device = anna.identifiers[-1]
    many: list[Identifier] = [replace(device, identifier=f"d{n}") for n in range(DRAWN)]
    crowded = replace(anna, identifiers=[*anna.identifiers, *many])
    graph = identity_graph(crowded)
    assert len(graph.nodes) == DRAWN
    assert graph.left_out == len(crowded.identifiers) + 1 - DRAWN
    assert {edge.lower for edge in graph.edges} <= set(range(DRAWN))
    assert f"and {graph.left_out} more devices" in explanation_page(
        Found("person_id", ANNA, (ANNA,)), [crowded], "UTC"
    )


def test_the_command_writes_the_page_beside_what_it_prints(
    published: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("INTENT_DATA_DIR", str(published.data_dir))
    page = tmp_path / "anna.html"
    assert command("explain", "anna@acme.com", "--html", str(page)) == 0
    printed = capsys.readouterr()
    assert "Anna Ames" in printed.out
    assert f"The same as a page: {page}" in printed.err
    assert "Anna Ames" in page.read_text(encoding="utf-8")
    assert command("explain", "dev-2", "--html", str(page), "--format", "json") == 0
    assert len(json.loads(capsys.readouterr().out)["people"]) == 2
    assert "has served 2 people" in page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_the_callers_mistake(
    published: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("INTENT_DATA_DIR", str(published.data_dir))
    for path in (tmp_path, tmp_path / "none" / "a.html"):
        assert command("explain", "anna@acme.com", "--html", str(path)) == 2
        printed = capsys.readouterr()
        assert "name a file in a folder that is there" in printed.err
        assert printed.out == ""
