"""Account briefs: what they show, and that no text in them comes alive."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from jinja2 import UndefinedError

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.briefs import (
    PEOPLE_SHOWN,
    REASONS_SHOWN,
    Account,
    Brief,
    Person,
    brief_page,
    export_briefs,
    write_briefs,
)
from orchestration.exports.pages import change, environment, finalized, surge
from tests.oracle.ids import id_named
from tests.unit.orchestration.hostile_texts import ANY_TEXT, SAMPLES

PAGES = environment(ZoneInfo("Europe/Berlin"))
ANNA = Person("Anna Ames", "CTO", "anna@acme.com", "warm", 60, 4, "Viewed pricing")
ACME = Account(
    account_id=id_named("a-acme"),
    domain="acme.com",
    name="ACME",
    owner="Olga Owner",
    band="warm",
    score=58,
    surge=2.25,
    people_count=3,
    active_people=2,
    opening_line="Anna Ames looked at the prices.",
    first_reason="Viewed pricing",
    channels="Direct 1",
    session_count=1,
    first_seen_at=datetime(2026, 6, 28, 9),  # noqa: DTZ001 (UTC, as in the marts)
    last_seen_at=datetime(2026, 6, 29, 22, 30),  # noqa: DTZ001
    chart_from_date=date(2026, 4, 2),
    as_of_date=date(2026, 6, 30),
    is_customer=False,
)
AAA = id_named("a-aaa")
BRIEF = Brief(ACME, [ANNA], [("Viewed pricing: Anna Ames, 29 Jun", 58)], [])


class Page(HTMLParser):
    """A page as a browser understands it: its tags, their attributes, and the text in each."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = [""]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def brief_of(text: str) -> Brief:
    """A brief in which every text is `text`."""
    account = replace(
        ACME, domain=text, name=text, owner=text, opening_line=text, first_reason=text,
        channels=text, band=text,
    )  # fmt: skip
    person = replace(ANNA, name=text, job_title=text, email=text, what_they_did=text, band=text)
    return Brief(account, [person], [(text, 58)], [])


@given(ANY_TEXT)
def test_any_text_reads_back_the_same_and_is_no_markup(text: str) -> None:
    harmless = Page(brief_page(PAGES, brief_of("harmless"), "UTC"))
    page = Page(brief_page(PAGES, brief_of(text or "x"), "UTC"))
    shown = finalized(text or "x")
    assert page.texts.count(str(shown)) >= 7
    assert page.tags == harmless.tags
    names = Counter(name for name, _ in page.attributes)
    assert names == Counter(name for name, _ in harmless.attributes)
    links = [value or "" for name, value in page.attributes if name == "href"]
    assert [re.sub(r"^mailto:[\w.~%@-]*$", "", link) for link in links] == ["", "index.html"]


@pytest.mark.parametrize("text", [text for text in SAMPLES if len(text) < 100])
def test_an_index_of_hostile_names_leads_only_to_its_pages(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("briefs")
    write_briefs([brief_of(text)], ACME.as_of_date, "UTC", folder)
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    [link] = [value or "" for name, value in page.attributes if name == "href"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(["index.html", link])
    assert not {"script", "img"} & set(page.tags)


@given(ANY_TEXT)
def test_of_the_text_only_line_ends_and_control_characters_are_changed(text: str) -> None:
    shown = str(finalized(text))
    assert "\r" not in shown
    kept = [c for c in text.replace("\r\n", "\n") if c >= " " and c not in "\x7f\ufffe\uffff"]
    kept = [c for c in kept if not "\ud800" <= c <= "\udfff"]
    remaining = iter(shown)
    assert all(c in remaining for c in kept)


def test_a_brief_tells_score_people_reasons_and_what_to_say(published: Settings) -> None:
    index, count = export_briefs(replace(published, timezone="Asia/Tokyo"))
    assert (index, count) == (published.exports / "briefs" / "2026-06-30" / "index.html", 1)
    html = (index.parent / "acme.com.html").read_text(encoding="utf-8")
    texts = Page(html).texts
    expected = [
        "ACME <b>& Sons</b>", "acme.com", "58", "warm", "As of 30 Jun 2026", "2 of 2",
        "Anna Ames looked at the prices on 29 Jun. Ask what it has to be worth.",
        "2.2 × a usual one", "28 Jun 2026", "30 Jun 2026, 07:30", "Direct 1, Paid Search 1",
        "Viewed pricing: Anna Ames, 5 times, last on 29 Jun", "51",
        "Anna Ames", "CTO", "anna@acme.com", "60", "+4 in 7 days", "Viewed pricing",
        "29 Jun: 31 points, 2 people, 6 events", "2 Apr", "30 Jun", "100 points",
    ]  # fmt: skip
    assert [text for text in expected if text not in texts] == []
    assert texts.index("Anna Ames") < texts.index("bob@acme.com")


def test_how_many_times_count_is_no_words_of_a_brief(published: Settings) -> None:
    did = "Viewed pricing 5 times on 12 May; 2 count; Used it; 1 counts; Said 3 count for"
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute(f"update marts.rpt_account_people set what_they_did = '{did}; 1 counts'")
        connection.execute("update marts.rpt_account_briefs set first_reason = 'Read; 3 count'")
    index, _ = export_briefs(published)
    said = "Viewed pricing 5 times on 12 May; Used it; Said 3 count for"
    assert Page((index.parent / "acme.com.html").read_text()).texts.count(said) == 2
    assert "Read" in Page(index.read_text()).texts


def test_a_brief_needs_nothing_beside_it_and_runs_nothing(published: Settings) -> None:
    index, _ = export_briefs(published)
    for path in index.parent.iterdir():
        page = Page(path.read_text(encoding="utf-8"))
        assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
        assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
        assert [v for n, v in page.attributes if n == "content" and "default-src 'none'" in str(v)]


def test_pages_in_latest_are_the_same_files_where_the_file_system_can_do_that(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, _ = export_briefs(published)
    latest = published.exports / "latest" / "briefs" / "index.html"
    assert latest.samefile(index)

    def no_links(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", no_links)
    index, _ = export_briefs(published)
    assert not latest.samefile(index)
    assert latest.read_bytes() == index.read_bytes()


def test_latest_holds_the_same_pages_and_none_of_an_earlier_day(published: Settings) -> None:
    stale = published.exports / "latest" / "briefs" / "gone.com.html"
    stale.parent.mkdir(parents=True)
    stale.write_text("old")
    index, _ = export_briefs(published)
    latest = {path.name: path.read_bytes() for path in stale.parent.iterdir()}
    assert latest == {path.name: path.read_bytes() for path in index.parent.iterdir()}
    assert set(latest) == {"index.html", "acme.com.html"}
    assert [p.name for p in index.parent.parent.iterdir()] == ["2026-06-30"]


def test_accounts_of_the_same_shown_score_stand_by_their_domain(published: Settings) -> None:
    with duckdb.connect(str(published.analytics)) as connection:
        connection.execute(
            f"insert into marts.rpt_account_briefs by name select * replace ('{AAA}' as account_id,"
            " 'aaa.com' as domain, 'AAA' as company_name, account_score - 0.5 as account_score)"
            " from marts.rpt_account_briefs"
        )
    index, _ = export_briefs(published)
    page = index.read_text(encoding="utf-8")
    assert 0 < page.index("aaa.com.html") < page.index("acme.com.html")


def test_what_a_page_has_no_room_for_is_counted(published: Settings) -> None:
    reasons = [(f"Reason {n}", 2) for n in range(REASONS_SHOWN + 3)]
    crowd = Brief(ACME, [ANNA] * (PEOPLE_SHOWN + 1), reasons, [])
    texts = Page(brief_page(PAGES, crowd, "UTC")).texts
    assert "3 smaller reasons" in texts
    assert "6" in texts
    assert "and 1 more person with a lower score" in texts
    assert texts.count("Anna Ames") == PEOPLE_SHOWN


def test_what_is_not_known_is_left_out_or_said_so() -> None:
    bare = replace(ACME, owner=None, surge=None, channels=None, session_count=None)
    html = brief_page(PAGES, Brief(bare, [replace(ANNA, job_title=None)], [], []), "UTC")
    assert "None" not in html
    assert "looked after" not in html
    assert "no earlier week to compare with" in html


def test_a_customer_is_marked_on_the_page_and_in_the_index(tmp_path: Path) -> None:
    for is_customer in (True, False):
        account = replace(ACME, is_customer=is_customer)
        write_briefs([replace(BRIEF, account=account)], ACME.as_of_date, "UTC", tmp_path)
        for name in ("acme.com.html", "index.html"):
            texts = Page((tmp_path / name).read_text(encoding="utf-8")).texts
            assert ("customer" in texts) is is_customer


def test_a_name_that_a_template_asks_for_in_vain_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        PAGES.get_template("brief.html.j2").render(account=ACME)


def test_no_account_makes_an_index_that_says_so(published: Settings) -> None:
    write_briefs([], ACME.as_of_date, "UTC", published.data_dir)
    assert "No account is warm or hot" in (published.data_dir / "index.html").read_text()


def test_briefs_need_a_published_file(settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing is published yet"):
        export_briefs(settings)
    assert not settings.exports.exists()


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(None, "no earlier week to compare with"), (0.0, "quiet"), (0.5, "0.5 × a usual one"),
     (261.04, "261 × a usual one")],
)  # fmt: skip
def test_a_surge_is_told_in_words(ratio: float | None, words: str) -> None:
    assert surge(ratio) == words


@pytest.mark.parametrize(
    ("points", "words"),
    [(4, "+4 in 7 days"), (-3, "−3 in 7 days"), (0, "as a week ago")],
)
def test_a_change_has_its_sign(points: int, words: str) -> None:
    assert change(points) == words
