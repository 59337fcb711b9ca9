"""The mini-report as a page and as a PDF: both say the same, whatever the texts are."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import pytest
from hypothesis import given
from pypdf import PdfReader

from orchestration.reports import dial
from orchestration.reports.contents import Contents, contents_of, harmless
from orchestration.reports.mini_report import Benchmark, MiniReport, report_html, report_pdf
from tests.unit.orchestration.hostile_texts import ANY_TEXT, SAMPLES
from tests.unit.orchestration.mini_reports import (
    BENCHMARK,
    BOOKING_URL,
    REPORT_URL,
    longest_report,
    report_of,
)

TYPST = (
    '#panic("no") #{1 + 1}',
    "*bold* _slanted_ `raw` $x^2$ @label <label> \\u{41} ~ -- ---",
    "= heading",
    '"#link("https://evil.example")["',
    "// comment /* and */ another",
    "- item + item / term: it",
)
CLIPPED = re.compile(
    rb"(\S+) l\nh\nW\nn\nq 1 0 0 -1 \S+ (\S+) cm",
)
"""The lower edge of a box that cuts what is in it, and the base line of its first text."""
ISOLATES = re.compile("[\u2066-\u2069\u200b]")


class Page(HTMLParser):
    """Tags in their order, with what is said, seen or for a screen reader."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.labels: list[str] = []
        self.links: list[str] = []
        self.style = ""
        self.policy = ""
        self._is_style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append(f"{tag} {' '.join(sorted(held))}")
        self.labels += [value for name, value in attrs if name == "aria-label" and value]
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]
        if held.get("http-equiv") == "Content-Security-Policy":
            self.policy = held["content"] or ""
        self._is_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        self._is_style = False

    def handle_data(self, data: str) -> None:
        if self._is_style:
            self.style += data
        elif data.strip():
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def letters(text: str) -> str:
    """Without what line breaks and tables do to white space, and what isolates a name."""
    return "".join(ISOLATES.sub("", text).split())


def pdf_text(pdf: bytes) -> str:
    return letters("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def said_by(contents: Contents) -> list[str]:
    """Every text that both have."""
    points = [*contents.strengths, *contents.gaps, *contents.wins]
    return [
        contents.title, *contents.names, contents.requested_on, str(contents.score),
        contents.level, contents.summary, contents.comparison, contents.average_of,
        *(bar.name for bar in contents.bars), *(str(bar.score) for bar in contents.bars),
        *(f"average {bar.average}" for bar in contents.bars if bar.average is not None),
        *(text for point in points for text in (point.title, point.text)),
        contents.wins_title, contents.booking_pitch, contents.booking_label, contents.method,
        contents.benchmark_note, contents.publisher,
    ]  # fmt: skip


def test_page_and_pdf_both_say_all_of_it() -> None:
    report = report_of()
    for text in (letters(Page(report_html(report)).text), pdf_text(report_pdf(report))):
        assert [each for each in said_by(contents_of(report)) if letters(each) not in text] == []


def test_what_is_found_out_stands_in_it_in_plain_words() -> None:
    contents = contents_of(report_of())
    assert (contents.score, contents.level) == (50, "Deckhand")
    assert contents.comparison == "2 points below the average of 143 sailing clubs, which is 52."
    assert [(bar.name, bar.score, bar.average) for bar in contents.bars] == [
        ("Part 0", 75, 61),
        ("Part 1", 25, 38),
    ]
    assert [(each.title, each.text) for each in contents.strengths] == [("Part 0", "Part 0 holds.")]
    assert [(each.title, each.text) for each in contents.gaps] == [("Part 1", "Part 1 slips.")]
    assert [each.title for each in contents.wins] == ["Do 1.0", "Do 0.1", "Do 1.1"]
    assert contents.wins_title == "Three quick wins"


@pytest.mark.parametrize(
    ("average", "sentence"),
    [
        (49, "1 point above the average of 143 sailing clubs, which is 49."),
        (50, "That is the average of 143 sailing clubs."),
        (51, "1 point below the average of 143 sailing clubs, which is 51."),
    ],
)
def test_the_score_is_set_against_the_average(average: int, sentence: str) -> None:
    report = report_of(benchmark=replace(BENCHMARK, score=average))
    assert contents_of(report).comparison == sentence


def test_an_average_of_19_is_hidden_and_one_of_20_is_shown() -> None:
    for respondent_count, is_shown in ((19, False), (20, True)):
        report = report_of(benchmark=Benchmark(respondent_count, 93, {"part-0": 94}))
        page, pdf = Page(report_html(report)), pdf_text(report_pdf(report))
        for text in (letters(page.text), pdf):
            assert ("93" in text) is is_shown
            assert ("94" in text) is is_shown
            assert ("shownonce20haveanswered" in text) is not is_shown
        assert any("average" in label for label in page.labels) is is_shown


def test_without_a_link_there_is_no_word_of_booking() -> None:
    report = report_of(booking_url=None)
    page, pdf = report_html(report, pdf_url="/r/token/report.pdf"), report_pdf(report)
    for text in (letters(Page(page).text), pdf_text(pdf)):
        assert letters("Sail with us") not in text
        assert letters("the bowline") not in text
    assert Page(page).links == ["/r/token/report.pdf"]
    assert links_of(pdf) == [REPORT_URL]


def links_of(pdf: bytes) -> list[str]:
    return [
        str(annotation.get_object()["/A"]["/URI"])
        for page in PdfReader(BytesIO(pdf)).pages
        for annotation in page.get("/Annots", ())
    ]


def test_links_of_the_pdf_can_be_clicked() -> None:
    assert links_of(report_pdf(report_of())) == [BOOKING_URL, REPORT_URL]


@pytest.mark.parametrize(
    ("full_name", "company_name", "line"),
    [
        ("Anna Schmidt", "Kestrel GmbH", "Result for Anna Schmidt, Kestrel GmbH"),
        ("", "Kestrel GmbH", "Result for Kestrel GmbH"),
        ("Anna Schmidt", " \t", "Result for Anna Schmidt"),
        ("", "", "Your result"),
        ("\u202e\u200b", "\u2066", "Your result"),
        ("\u202eanna\u202c\r\nSchmidt", "", "Result for anna Schmidt"),
        ("x" * 81, "", f"Result for {'x' * 79}…"),
        ("عمر الخيام", "Ελλάς / Москва", "Result for عمر الخيام, Ελλάς / Москва"),
    ],
)
def test_whose_result_it_is(full_name: str, company_name: str, line: str) -> None:
    report = report_of(full_name=full_name, company_name=company_name)
    text = Page(report_html(report)).text
    assert f"{line}{contents_of(report).requested_on}" in " ".join(text.split()).replace(
        " 30 Jun", "30 Jun"
    )


def test_names_in_other_scripts_come_through_to_the_pdf() -> None:
    report = report_of(full_name="Łukasz Ørsted", company_name="Ελλάς / Москва")
    assert "ResultforŁukaszØrsted,Ελλάς/Москва" in pdf_text(report_pdf(report))


def test_a_name_that_no_font_can_show_is_left_out_of_the_pdf_alone() -> None:
    report = report_of(full_name="Anna \u0378")
    assert "Result for Anna \u0378" in Page(report_html(report)).text
    pdf = report_pdf(report)
    assert "Yourresult" in pdf_text(pdf)
    assert b"pdfuaid" in pdf
    assert (PdfReader(BytesIO(pdf)).metadata or {})["/Title"].endswith("Anna \u0378, Kestrel GmbH")


def test_a_letter_of_the_offer_that_no_font_has_is_a_box_and_no_failure() -> None:
    offer = report_of().offer
    report = report_of(offer=replace(offer, title="Knots \u0378"))
    pdf = report_pdf(report)
    assert b"pdfuaid" not in pdf
    assert "ResultforAnnaSchmidt,KestrelGmbH" in pdf_text(pdf)


def test_all_strong_and_all_weak_are_said() -> None:
    strong = Page(report_html(report_of(answers=["all"] * 4)))
    assert "None: every part reaches 67 of 100 or more." in strong.texts
    assert "Nothing to add: your answers are where our advice would take you." in strong.texts
    weak = Page(report_html(report_of(answers=["none"] * 4)))
    assert "None yet: no part reaches 67 of 100." in weak.texts
    for report in (report_of(answers=["all"] * 4), report_of(answers=["none"] * 4)):
        text = pdf_text(report_pdf(report))
        assert [each for each in said_by(contents_of(report)) if letters(each) not in text] == []


def test_who_hears_the_page_hears_what_the_charts_show() -> None:
    page = Page(report_html(report_of()))
    assert "50 of 100; the average of 143 sailing clubs is 52" in page.labels
    assert "75 of 100, average 61" in page.text
    assert page.tags.count("html lang") == 1


@given(ANY_TEXT)
def test_no_text_changes_the_page(text: str) -> None:
    shown = "x" + text
    page = Page(report_html(report_of(shown), notice=shown))
    assert page.tags == Page(report_html(report_of("x"), notice="x")).tags
    assert harmless(shown, 80) in page.texts
    assert page.links == [BOOKING_URL]


@pytest.mark.parametrize("text", [*TYPST, " ".join(sample[:20] for sample in SAMPLES)])
def test_no_text_is_markup_to_typst(text: str) -> None:
    report = report_of(text)
    pdf = report_pdf(report)
    assert links_of(pdf) == [BOOKING_URL, REPORT_URL]
    if b"pdfuaid" in pdf:  # all letters have glyphs, so all are there
        assert letters(harmless(text, 80)) in pdf_text(pdf)
    else:
        assert "{{7*7}}{%" in pdf_text(pdf)


@pytest.mark.parametrize("name", ["W", "Wäscheständer ", "Ω≈", "a-"])
def test_the_longest_texts_take_two_pages_at_most(name: str) -> None:
    pages = PdfReader(BytesIO(report_pdf(longest_report(name)))).pages
    assert len(pages) == 2
    for page in pages:
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    assert "1 of 2" in pages[0].extract_text()
    # a long word goes on in the next line
    assert "W" * 60 not in pages[0].extract_text()


def test_a_usual_report_takes_one_page() -> None:
    assert len(PdfReader(BytesIO(report_pdf(report_of()))).pages) == 1


def test_what_hangs_below_the_line_is_not_cut_from_the_names_above_and_below_a_page() -> None:
    pages = PdfReader(BytesIO(report_pdf(longest_report("gypsy ")))).pages
    cut = [
        (float(lower_edge), float(base_line))
        for page in pages
        for lower_edge, base_line in CLIPPED.findall(page.get_contents().get_data())
    ]
    assert len(cut) == 2 * len(pages)
    assert all(base_line - lower_edge > 2 for lower_edge, base_line in cut)


def test_the_same_report_is_the_same_bytes_dated_by_the_request() -> None:
    pdf = report_pdf(report_of())
    assert report_pdf(report_of()) == pdf
    reader = PdfReader(BytesIO(pdf))
    metadata = reader.metadata or {}
    assert metadata["/Title"] == "How well do you tie knots? Anna Schmidt, Kestrel GmbH"
    assert metadata["/CreationDate"].startswith("D:20260630000000")


def test_the_pdf_can_be_read_aloud() -> None:
    reader = PdfReader(BytesIO(report_pdf(report_of())))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_the_page_allows_itself_nothing_but_its_own_style() -> None:
    page = Page(report_html(report_of()))
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert page.policy == (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    )
    assert not [tag for tag in page.tags if tag.split()[0] in {"script", "img", "link", "iframe"}]
    assert not [tag for tag in page.tags if "style" in tag.split()[1:]]
    assert "url(" not in page.style
    assert "@import" not in page.style


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "https://a.example/ b", ""]
)
def test_a_link_that_leads_elsewhere_is_refused(url: str) -> None:
    for report in (replace(report_of(), booking_url=url), replace(report_of(), report_url=url)):
        with pytest.raises(ValueError, match="link"):
            report_html(report)
        with pytest.raises(ValueError, match="link"):
            report_pdf(report)
    with pytest.raises(ValueError, match="link"):
        report_html(report_of(), pdf_url=url)


def test_a_pdf_has_no_link_without_a_host() -> None:
    report: MiniReport = replace(report_of(), booking_url="/b/token")
    assert Page(report_html(report)).links == ["/b/token"]
    with pytest.raises(ValueError, match="link of a PDF"):
        report_pdf(report)


def test_the_dial_goes_three_quarters_round() -> None:
    assert dial.arc(0) == ""
    assert dial.arc(100) == "M -56.57 56.57 A 80 80 0 1 1 56.57 56.57"
    assert dial.arc(50) == "M -56.57 56.57 A 80 80 0 0 1 0.0 -80.0"
    assert dial.arc(67).split()[7] == "1"
    assert dial.arc(66).split()[7] == "0"
    top = dial.mark(50)
    assert (top.x1, top.y1, top.x2, top.y2) == (0.0, -67.0, 0.0, -93.0)
