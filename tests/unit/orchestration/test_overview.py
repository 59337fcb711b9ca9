"""The overview: what it says, what it says of nothing, and that no text in it comes alive."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.overview import charts, words
from orchestration.exports.overview.figures import (
    MOVES_SHOWN,
    Account,
    Campaign,
    CampaignTotal,
    ChannelDay,
    Figure,
    FunnelStep,
    Headline,
    Move,
    Overview,
    Period,
    read_overview,
)
from orchestration.exports.overview.page import export_overview, overview_page
from orchestration.exports.overview.preview import overview_in_markdown
from orchestration.exports.pages import finalized
from orchestration.status.state import LoadedState
from orchestration.status.unrated import Unrated
from tests.unit.orchestration.hostile_texts import ANY_TEXT
from tests.unit.orchestration.test_briefs import Page

RECENT = Period(date(2026, 6, 3), date(2026, 6, 30))
BEFORE = Period(date(2026, 5, 6), date(2026, 6, 2))
NOTHING = Overview(
    as_of=RECENT.last,
    recent=RECENT,
    before=BEFORE,
    week_ago=date(2026, 6, 23),
    headlines=[],
    figures={},
    days=[],
    moves=[],
    campaigns=[],
    reporting_currency=None,
    campaign_totals=[],
    accounts=[],
    funnel=[],
    unrated=[],
    loaded=LoadedState(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None),
    refused=[],
    published_at=datetime(2026, 7, 1, 0, 20),  # noqa: DTZ001 (UTC, as in the marts)
)
ONE = Figure(Decimal(2), Decimal(1))


def overview_of(text: str) -> Overview:
    """An overview in which every text is `text`."""
    return replace(
        NOTHING,
        headlines=[Headline(tone, text) for tone in ("good", "bad", "even")],
        figures={
            "people": {"all": ONE}, "events": {"all": ONE}, "cost": {"all": ONE},
            "channel_sessions": {text: ONE}, "excluded_events": {text: ONE},
        },
        days=[ChannelDay(RECENT.last, text, 3, 2)],
        moves=[
            Move(kind, text, text, text, 1, 50, text, is_rise, 1)
            for kind in ("account", "person")
            for is_rise in (True, False)
        ],
        campaigns=[
            Campaign(text, text, text, text, text, 1, 1, Decimal(1), Decimal(1), Decimal(1), 1.0,
                     1.0, 1.0, 1)
        ],
        campaign_totals=[CampaignTotal(text, 2, 1, Decimal(1), Decimal(1), 1.0, 1.0)],
        accounts=[Account(text, text, text, 99, 3, text, text, True)],
        funnel=[FunnelStep(text, text, text, 3, 1.0, None, None, 1, 42.0, 0.5)],
        unrated=[Unrated(text, Decimal(1), Decimal(1))],
    )  # fmt: skip


@cache
def harmless_page() -> Page:
    """What the page is made of where every text is a word."""
    return Page(overview_page(overview_of("harmless"), "UTC"))


@given(ANY_TEXT)
def test_any_text_reads_back_the_same_and_is_no_markup(text: str) -> None:
    text = text or "x"
    harmless = harmless_page()
    page = Page(overview_page(overview_of(text), "UTC"))
    # line ends and white space at the ends of a sentence are the template's as well
    shown = str(finalized(text))
    assert sum(shown in found for found in page.texts) >= 12
    assert page.tags == harmless.tags
    names = Counter(name for name, _ in page.attributes)
    assert names == Counter(name for name, _ in harmless.attributes)
    assert [value for name, value in page.attributes if name in {"href", "src"}] == []
    widths = [str(value) for name, value in page.attributes if name == "style"]
    assert [value for value in widths if "(" in value and "var(--" not in value] == []


def test_the_page_says_how_it_went(published: Settings) -> None:
    path, count = export_overview(replace(published, timezone="Asia/Tokyo"))
    assert (path, count) == (published.exports / "overview_2026-06-30.html", 3)
    page = Page(path.read_text(encoding="utf-8"))
    texts = {" ".join(text.split()) for text in page.texts}
    expected = {
        "As of 30 Jun 2026", "3 Jun 2026 to 30 Jun 2026", "Visits rose a lot.",
        "Direct fell most: 1 session, after 3.", "Conversions are about as many as before.",
        "1,235", "3 before", "0 a week ago", "new", "−50 %", "−67 %",
        "Paid Search", "1,234", "Viewed pricing", "bob@acme.com", "was warm",
        "brand", "google", "100 EUR", "199 EUR", "3.02 ×", "0.5",
        'Viewed pricing 5 times; asked for a demo',
        "Direct 1. Sun 28 Jun: 1 session in all, 0 28 days before",
        "29 Jun 2026, 21:00", "6 from 2 files", "1 (17 %)", "programs, by their user agent",
        "1,200", "97 %", "came late, and count all the same",
    }  # fmt: skip
    assert {text for text in expected if text not in texts} == set()
    latest = published.exports / "latest" / path.name
    assert latest.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("company_name", "owner", "texts"),
    [
        (None, None, ["acme.com", "customer"]),
        (None, "Kim Lee", ["acme.com", "customer", " · ", "Kim Lee"]),
        ("ACME", "Kim Lee", ["ACME", "acme.com", " · ", "customer", " · ", "Kim Lee"]),
    ],
)
def test_an_account_without_a_name_has_its_domain_once(
    company_name: str | None, owner: str | None, texts: list[str]
) -> None:
    account = replace(
        overview_of("x").accounts[0], domain="acme.com", company_name=company_name, owner=owner
    )
    page = overview_page(replace(NOTHING, accounts=[account]), "UTC")
    row = page.partition('<ol class="rows accounts">')[2].partition('<div class="did')[0]
    assert [text for text in re.findall(r">([^<]+)", row) if text.strip()] == texts


def test_campaigns_have_a_line_of_totals_where_there_are_several(published: Settings) -> None:
    assert "All 1 campaign" not in export_overview(published)[0].read_text(encoding="utf-8")
    with duckdb.connect(str(published.analytics)) as connection:
        connection.execute(
            "insert into marts.rpt_overview_campaigns by name select * replace ("
            " 'other' as campaign, 2 as campaign_rank, 100.5 as cost, 0 as value,"
            " 1.5 as conversion_count) from marts.rpt_overview_campaigns"
        )
        connection.execute(
            "insert into marts.rpt_overview_campaigns by name select * replace ('USD' as currency,"
            " 3 as campaign_rank, false as has_rate, null as session_count,"
            " null as conversion_count, null as return_on_spend)"
            " from marts.rpt_overview_campaigns limit 1"
        )
    path, _ = export_overview(published)
    page = path.read_text(encoding="utf-8")
    _, _, line = page.partition('<tr class="total">')
    told = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line.partition("</tr>")[0])
    assert [" ".join(text.split()) for text in told] == [
        "All 2 campaigns in EUR", "200 EUR", "2,468", "–", "–", "2", "100 EUR", "1.50 ×",
    ]  # fmt: skip


def test_a_channel_with_sessions_and_no_people_is_explained(published: Settings) -> None:
    path, _ = export_overview(published)
    assert "under the channel of their first session" in path.read_text(encoding="utf-8")


def test_the_same_figures_make_the_same_bytes(published: Settings) -> None:
    path, _ = export_overview(published)
    first = path.read_bytes()
    export_overview(published)
    assert path.read_bytes() == first


def test_the_page_needs_nothing_beside_it_and_runs_nothing(published: Settings) -> None:
    text = export_overview(published)[0].read_text(encoding="utf-8")
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "use"} & set(page.tags)
    assert page.tags["svg"] == 2
    assert [name for name, _ in page.attributes if name.startswith("on")] == []
    assert [v for n, v in page.attributes if n == "content" and "default-src 'none'" in str(v)]
    addresses = set(re.findall(r"https?://[\w./]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://evil.example"}


def test_every_colour_of_a_chart_is_one_that_the_dark_page_changes(published: Settings) -> None:
    page = Page(export_overview(published)[0].read_text(encoding="utf-8"))
    styles = [str(value) for name, value in page.attributes if name == "style"]
    assert [style for style in styles if re.search(r"#[0-9a-f]{3}", style)] == []
    sheet = export_overview(published)[0].read_text(encoding="utf-8")
    for name in charts.COLOURS.values():
        assert len(re.findall(rf"{name}: #", sheet)) == 2, name


def test_of_nothing_the_page_says_so_in_each_place() -> None:
    texts = {" ".join(t.split()) for t in Page(overview_page(NOTHING, "UTC")).texts}
    for sentence in (
        "Nothing rose enough to be told.", "Nothing fell enough to be told.",
        "No session in these 56 days.", "Nobody in these 56 days.", "No session to count.",
        "Nobody came.", "Nobody.", "No account has a score as of this day.", "none yet",
        "No ad spend is loaded for these days. A file of what ads cost, put into landing/, is"
        " shown here.",
    ):  # fmt: skip
        assert sentence in texts, sentence
    assert not any("None" in text.split() for text in texts)


def test_an_empty_log_of_the_published_file_has_its_page(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        for table in ("figures", "headlines", "moves", "campaigns"):
            connection.execute(f"delete from marts.rpt_overview_{table}")
        connection.execute("delete from marts.fct_traffic_days")
        connection.execute("delete from marts.sync_accounts")
        connection.execute("delete from ops.files")
    path, count = export_overview(published)
    assert count == 0
    assert "Nobody came." in path.read_text(encoding="utf-8")
    assert "Nothing to tell yet." in overview_in_markdown(published)


def test_one_day_of_data_has_its_bar(published: Settings) -> None:
    one = replace(NOTHING, days=[ChannelDay(RECENT.last, "Direct", 1, 1)])
    svg = charts.people_chart(one)
    assert svg is not None
    assert "<title>Tue 30 Jun: 1 person, 0 28 days before</title>" in svg


@pytest.mark.parametrize("day_count", [1, 2, 4, 7, 28, 90])
def test_a_period_of_any_length_is_drawn(day_count: int) -> None:
    last = date(2026, 6, 30)
    recent = Period(date.fromordinal(last.toordinal() - day_count + 1), last)
    drawn = replace(NOTHING, recent=recent, days=[ChannelDay(last, "Direct", 5, 5)])
    drawn = replace(
        drawn,
        before=Period(
            date.fromordinal(recent.first.toordinal() - day_count),
            date.fromordinal(recent.first.toordinal() - 1),
        ),
    )
    svg = str(charts.sessions_chart(drawn))
    assert "30 Jun</" in svg
    labels = re.findall(r'<text style="[^"]*" x="([\d.-]+)" y="[\d.]+">\d+ \w+</text>', svg)
    assert labels == sorted(labels, key=float)


def test_small_channels_are_one_layer_and_layers_add_up(published: Settings) -> None:
    days = [ChannelDay(RECENT.first, f"channel {n}", 10 - n, 1) for n in range(7)]
    overview = replace(NOTHING, days=days)
    layers = charts.session_layers(overview)
    assert [layer.name for layer in layers] == [
        "channel 0", "channel 1", "channel 2", "channel 3", "Others",
    ]  # fmt: skip
    whole = charts.days_of(overview, "session_count")
    assert sum(sum(layer.counts) for layer in layers) == sum(whole.counts) == 49


def test_who_has_no_room_is_counted() -> None:
    move = Move("account", "a", "cool", "hot", 1, 80, None, True, 1)
    crowd = replace(NOTHING, moves=[move] * (MOVES_SHOWN + 2))
    texts = [" ".join(t.split()) for t in Page(overview_page(crowd, "UTC")).texts]
    assert "and 2 more" in texts
    assert texts.count("a") == MOVES_SHOWN


def test_a_file_of_an_older_version_is_told_in_plain_words(published: Settings) -> None:
    published.analytics.chmod(0o600)
    with duckdb.connect(published.analytics) as connection:
        connection.execute("drop table marts.rpt_overview_figures")
    with pytest.raises(UserError, match="published by another version"):
        export_overview(published)


def test_the_ui_shows_headlines_figures_and_the_chart(published: Settings) -> None:
    text = overview_in_markdown(published)
    assert "▲ Visits rose a lot\\." in text
    assert "| Sessions | 1,235 | 3 |" in text
    assert "![Sessions a day](data:image/png;base64,iVBOR" in text


def test_figures_that_are_not_there_are_zero(published: Settings) -> None:
    with duckdb.connect(published.analytics, read_only=True) as connection:
        overview = read_overview(connection)
    assert overview.figure("account_band", "hot") == Figure()
    assert overview.figure("nobody knows") == Figure()


@pytest.mark.parametrize(
    ("current", "earlier", "percent", "difference"),
    [
        (0, 0, "as before", "±0"), (5, 0, "new", "+5"), (0, 5, "−100 %", "−5"),
        (1100, 1000, "+10 %", "+100"), (999, 1000, "±0 %", "−1"), (1005, 1000, "+1 %", "+5"),
        (25_000, 2, "12,500 ×", "+24,998"),
        (999, 100, "+899 %", "+899"), (1000, 100, "10 ×", "+900"),
    ],
)  # fmt: skip
def test_a_change_is_told_as_people_do(
    current: int, earlier: int, percent: str, difference: str
) -> None:
    figure = Figure(Decimal(current), Decimal(earlier))
    assert words.percent_change(figure) == percent
    assert words.difference(figure) == difference


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (12.5, "12.5"), (1234.5, "1,235"), (99.95, "100.0"), (-3, "−3"), (0.04, "0.0")],
)
def test_a_number_has_as_many_digits_as_matter(value: float, shown: str) -> None:
    assert words.number(Decimal(str(value))) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0, "0 EUR"), (4.555, "4.56 EUR"), (10, "10 EUR"), (1234.5, "1,235 EUR")],
)
def test_an_amount_has_its_currency(value: float | None, shown: str) -> None:
    assert words.amount(None if value is None else Decimal(str(value)), "EUR") == shown


@given(st.decimals(0, 10**12, places=2), st.decimals(0, 10**12, places=2))
def test_the_sign_of_a_change_is_that_of_the_figures(now: Decimal, before: Decimal) -> None:
    figure = Figure(now, before)
    assert words.percent_change(figure).startswith(words.MINUS) <= (now < before)


def test_the_funnel_stands_on_the_page_where_there_is_one(published: Settings) -> None:
    with duckdb.connect(str(published.analytics), read_only=True) as connection:
        text = finalized(overview_page(read_overview(connection), "UTC"))
    shown = " ".join(Page(text).texts)
    for words_of_it in (
        "Lead magnet",
        "How ready is your site?",
        "Booked a call",
        "7.5 %",
        "25.0 h",
    ):
        assert words_of_it in shown
    assert "42 s (median)" in shown
    assert "Lead magnet" not in overview_page(NOTHING, "UTC")


def test_the_page_says_which_figures_leave_the_as_of_day_out(published: Settings) -> None:
    with duckdb.connect(str(published.analytics), read_only=True) as connection:
        whole = read_overview(connection)
    without = replace(whole, as_of=whole.recent.last + timedelta(days=1))
    text = " ".join(Page(overview_page(without, "UTC")).texts)
    assert "As of 1 Jul 2026, a day that these figures leave out: it may not be over" in text
    assert "since it began, with 1 Jul 2026, unlike what stands above" in text
    assert "leave out" not in overview_page(whole, "UTC")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "–"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"),
     (172_799, "48.0 h"), (172_800, "2 days"), (86_400 * 200, "200 days")],
)  # fmt: skip
def test_a_time_is_told_in_the_unit_that_has_few_digits(seconds: float | None, told: str) -> None:
    assert words.duration(seconds) == told
