"""The mail of a report: what arrives, and what its headers cannot be made to say."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from hypothesis import given

from ingestion.errors import UserError
from orchestration.reports.contents import Bar, contents_of
from orchestration.reports.mini_report import MiniReport, report_pdf
from orchestration.reports.report_mail import compose, message_id_of, pieces, plain_text
from tests.unit.orchestration.hostile_texts import ANY_TEXT
from tests.unit.orchestration.mini_reports import (
    BENCHMARK,
    BOOKING_URL,
    REPORT_URL,
    longest_report,
    report_of,
)
from tests.unit.orchestration.test_mini_report import Page, letters, said_by

SENT_AT = datetime(2026, 6, 30, 12, 34, 56, tzinfo=UTC)
UNSUBSCRIBE_URL = "https://site.example/u/" + "Token_of-90.letters" * 9
HEADERS = {
    "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe",
    "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
}  # fmt: skip


def mail_of(
    report: MiniReport,
    recipient: str = "anna@kestrel.example",
    *,
    unsubscribe_url: str = UNSUBSCRIBE_URL,
    message_id: str = "<report.1@site.example>",
) -> EmailMessage:
    return compose(
        report,
        sender="Sailing <hello@site.example>",
        recipient=recipient,
        report_url=REPORT_URL,
        unsubscribe_url=unsubscribe_url,
        sent_at=SENT_AT,
        message_id=message_id,
    )


def arrived(message: EmailMessage) -> EmailMessage:
    """As another program reads it: from the bytes that go over the wire."""
    parsed = message_from_bytes(message.as_bytes(policy=SMTP), policy=default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.defects == []
    return parsed


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


def test_text_html_and_pdf_arrive_and_say_the_same() -> None:
    report = report_of()
    message = arrived(mail_of(report))
    plain, page = part(message, "plain"), Page(part(message, "html"))
    expected = [text for text in said_by(contents_of(report)) if text != "30 Jun 2026"]
    average_of = contents_of(report).average_of
    assert [text for text in expected if letters(text) not in letters(page.text)] == []
    missing = [text for text in expected if letters(text) not in letters(plain)]
    assert [text for text in missing if text != average_of] == []
    for url in (BOOKING_URL, REPORT_URL, UNSUBSCRIBE_URL):
        assert url in plain.splitlines()
    assert page.links == [BOOKING_URL, REPORT_URL, UNSUBSCRIBE_URL]
    [pdf] = list(message.iter_attachments())
    assert pdf.get_content() == report_pdf(report)
    assert (pdf.get_content_type(), pdf.get_filename()) == (
        "application/pdf",
        "check_2026-06-30.pdf",
    )


def test_the_headers_are_these_and_no_others() -> None:
    message = arrived(mail_of(report_of()))
    assert set(message.keys()) == HEADERS
    assert message["Subject"] == "50 of 100: How well do you tie knots?"
    assert (message["From"], message["To"]) == (
        "Sailing <hello@site.example>",
        "anna@kestrel.example",
    )
    assert message["Date"] == "Tue, 30 Jun 2026 12:34:56 +0000"
    assert message["Message-ID"] == "<report.1@site.example>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_way_out_is_on_one_line_for_machines_to_read() -> None:
    lines = mail_of(report_of()).as_bytes(policy=SMTP).split(b"\r\n")
    assert f"List-Unsubscribe: <{UNSUBSCRIBE_URL}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


def test_a_mail_has_one_button() -> None:
    message = arrived(mail_of(report_of(booking_url=None, benchmark=None)))
    plain, page = part(message, "plain"), part(message, "html")
    assert Page(page).links == [REPORT_URL, UNSUBSCRIBE_URL]
    assert page.count('class="button"') == 1
    assert "Sail with us" not in plain + page
    assert "average of" not in plain + page
    assert part(arrived(mail_of(report_of())), "html").count('class="button"') == 1


@given(ANY_TEXT)
def test_no_text_makes_a_header_a_line_or_a_tag(text: str) -> None:
    contents, harmless = contents_of(report_of("x" + text)), contents_of(report_of("x"))
    assert "\n" not in contents.title
    paragraphs = plain_text(contents, REPORT_URL, UNSUBSCRIBE_URL).split("\n\n")
    assert len(paragraphs) == len(plain_text(harmless, REPORT_URL, UNSUBSCRIBE_URL).split("\n\n"))


@pytest.mark.parametrize(
    "text",
    [
        "Knots\r\nBcc: evil@site.example\r\n\r\nbody",
        "</td><script>alert(1)</script><a href=https://evil.example>",
        "Jürgen & Łukasz \u202egnp.exe",
        "=?utf-8?q?Bcc?=",
        "half \ud800 of a pair, and nul\x00",
        "😀" * 5_000,
    ],
)
def test_a_hostile_mail_has_the_same_parts_as_a_harmless_one(text: str) -> None:
    message, harmless = arrived(mail_of(report_of(text))), arrived(mail_of(report_of("x")))
    assert set(message.keys()) == HEADERS
    title = contents_of(report_of(text)).title.replace("=?", "= ?")
    assert message["Subject"].strip() == f"50 of 100: {title}"
    assert Page(part(message, "html")).tags == Page(part(harmless, "html")).tags
    assert Page(part(message, "html")).links == Page(part(harmless, "html")).links


@pytest.mark.parametrize(
    "address",
    [
        "anna@site.example, evil@site.example", "anna@site.example\r\nBcc: evil@site.example",
        "", "anna", "@site.example", "anna@", "jürgen@site.example", "a@b@site.example",
        "anna schmidt@site.example", "<anna@site.example>", "anna@site..example",
        f"anna@{'x' * 64}.example", "anna@\udcff.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_told(address: str) -> None:
    with pytest.raises(UserError, match="no mail can be addressed like that") as refused:
        mail_of(report_of(), address)
    assert address == "" or address not in str(refused.value)


def test_a_domain_in_other_letters_is_written_as_servers_know_it() -> None:
    message = arrived(mail_of(report_of(), "anna@bücher.example"))
    assert message["To"] == "anna@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "url",
    [
        "/u/token", "javascript:alert(1)", "https://site.example/u/a>,<mailto:x@site.example",
        "https://site.example/u/\r\nBcc:x", "https://bücher.example/u/a",
        "https://site.example/" + "x" * 900,
    ],
)  # fmt: skip
def test_a_link_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="link"):
        mail_of(report_of(), unsubscribe_url=url)


def test_a_message_id_that_is_none_is_refused() -> None:
    for message_id in ("report.1@site.example", "<report 1@site.example>", "<a@b>\r\nBcc: x"):
        with pytest.raises(ValueError, match="message id"):
            mail_of(report_of(), message_id=message_id)


def test_a_request_has_one_message_id() -> None:
    sender = "Sailing <hello@site.example>"
    assert message_id_of("0b7c-1", sender) == "<report.0b7c-1@site.example>"
    assert message_id_of("a>\r\nBcc: x", "hello@bücher.example") == (
        "<report.a---Bcc--x@xn--bcher-kva.example>"
    )


def test_the_longest_mail_is_small_and_its_html_is_not_cut_off() -> None:
    message = mail_of(longest_report("Wäscheständer "))
    assert len(message.as_bytes(policy=SMTP)) < 250_000
    # Gmail shows the first 102 kB of the HTML
    assert len(part(message, "html").encode()) < 100_000
    assert max(len(line) for line in message.as_bytes(policy=SMTP).split(b"\r\n")) <= 998


@pytest.mark.parametrize("average", [None, 0, 1, 40, 60, 99, 100])
@pytest.mark.parametrize("score", [0, 1, 40, 60, 99, 100])
def test_a_bar_of_cells_is_as_wide_as_its_table(score: int, average: int | None) -> None:
    cells = pieces(Bar("x", score, average))
    widths = [(kind, int(width.rstrip("%"))) for kind, width in cells if kind != "mark"]
    assert sum(width for _, width in widths) == 100
    assert sum(width for kind, width in widths if kind == "reached") == score
    assert min(width for _, width in widths) > 0
    kinds = [kind for kind, _ in cells]
    assert kinds.count("mark") == (average is not None)
    if average is not None:
        before = cells[: kinds.index("mark")]
        assert sum(int(width.rstrip("%")) for _, width in before) == average


def test_the_average_is_named_in_text_too() -> None:
    text = plain_text(contents_of(report_of(benchmark=BENCHMARK)), REPORT_URL, UNSUBSCRIBE_URL)
    assert " 75  Part 0 (average 61)" in text.splitlines()
