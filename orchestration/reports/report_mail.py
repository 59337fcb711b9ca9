"""The mail that brings a mini-report: as text, as HTML, and with the PDF attached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.policy import default as default_policy
from email.utils import format_datetime
from textwrap import fill

from ingestion.errors import UserError
from orchestration.delivery.mailbox import dns_name
from orchestration.reports.contents import Bar, Contents, MiniReport, Point, contents_of, web_link
from orchestration.reports.mini_report import environment, report_pdf

UNSUBSCRIBE = "Unsubscribe from all other mails"
LINE_LENGTH = 72
LONGEST_URL = 900
"""A line of a header has 998 characters at most, and this one is never broken."""

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+>")


class _UnbrokenHeader(UnstructuredHeader, BaseHeader):
    """A header on one line. A long URL would else be written as an encoded word, which nothing
    that looks for a URL there reads."""

    max_count = 1

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _UnbrokenHeader)
_POLICY = default_policy.clone(header_factory=_HEADERS)


def compose(
    report: MiniReport,
    *,
    sender: str,
    recipient: str,
    report_url: str,
    unsubscribe_url: str,
    sent_at: datetime,
    message_id: str,
) -> EmailMessage:
    """The mail to the one who asked for the report. `sent_at` has a time zone.

    Raises UserError for a recipient that no mail can be addressed to, and ValueError for a link or
    a message id that is none.
    """
    contents = contents_of(report)
    report_url, unsubscribe_url = (
        _address_on_the_web(report_url),
        _address_on_the_web(unsubscribe_url),
    )
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("a message id is of the form <name@domain>")
    message = EmailMessage(policy=_POLICY)
    # what looks like an encoded word would be read as one, whatever it decodes to
    message["Subject"] = f"{contents.score} of 100: {contents.title.replace('=?', '= ?')}"
    message["From"] = sender
    message["To"] = _recipient(recipient)
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = message_id
    # no answer by a machine that is on holiday
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(plain_text(contents, report_url, unsubscribe_url), cte="quoted-printable")
    html = (
        environment()
        .get_template("report_mail.html.j2")
        .render(
            contents=contents,
            bars=[(bar, pieces(bar)) for bar in contents.bars],
            report_url=report_url,
            unsubscribe_url=unsubscribe_url,
            unsubscribe=UNSUBSCRIBE,
            why=_why(contents),
        )
    )
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.add_attachment(
        report_pdf(report),
        maintype="application",
        subtype="pdf",
        filename=f"{re.sub(r'[^A-Za-z0-9_-]', '-', contents.offer_id)}_{report.requested_on}.pdf",
    )
    return message


def message_id_of(request_id: str, sender: str) -> str:
    """The Message-ID of the mail of a request: the same whenever it is sent."""
    domain = dns_name(Address(addr_spec=_bare(sender)).domain)
    return f"<report.{re.sub(r'[^A-Za-z0-9._-]', '-', request_id)}@{domain}>"


def plain_text(contents: Contents, report_url: str, unsubscribe_url: str) -> str:
    """The report for who reads no HTML."""
    names = ", ".join(contents.names)
    paragraphs = [
        [contents.publisher],
        [f"Result for {names}" if names else "Your result", contents.title],
        [f"{contents.score} of 100: {contents.level}", contents.summary, contents.comparison],
        ["Where the points are", *(_line(bar) for bar in contents.bars)],
        ["Strengths", *_listed(contents.strengths, contents.no_strength)],
        ["Gaps", *_listed(contents.gaps, contents.no_gap)],
        [contents.wins_title, *_listed(contents.wins, contents.no_win, is_numbered=True)],
        [contents.booking_pitch, f"{contents.booking_label}:", contents.booking_url]
        if contents.booking_url
        else [],
        ["The report on the web (it is attached as a PDF, too):", report_url],
        [contents.method, contents.benchmark_note],
        [_why(contents), f"{UNSUBSCRIBE}:", unsubscribe_url],
    ]
    return (
        "\n\n".join(
            "\n".join(_wrapped(line) for line in paragraph if line)
            for paragraph in paragraphs
            if any(paragraph)
        )
        + "\n"
    )


def pieces(bar: Bar) -> list[tuple[str, str]]:
    """A bar from left to right, as cells of a table: what each is, and how wide."""
    ends = {bar.score, 100} - {0}
    if bar.average is not None:
        ends |= {bar.average} - {0}
    cells, start = [], 0
    if bar.average == 0:
        cells.append(("mark", "2"))
    for end in sorted(ends):
        cells.append(("reached" if end <= bar.score else "track", f"{end - start}%"))
        if end == bar.average:
            cells.append(("mark", "2"))
        start = end
    return cells


def _recipient(address: str) -> Address:
    """The one address. What a mail server cannot take is told without saying whose it is."""
    try:
        parsed = Address(addr_spec=address)
        parsed = Address(username=parsed.username, domain=dns_name(parsed.domain))
    except (ValueError, MessageError, IndexError):
        raise UserError("a report cannot be sent: no mail can be addressed like that") from None
    if not (parsed.username.isascii() and parsed.username and parsed.domain):
        raise UserError("a report cannot be sent: no mail can be addressed like that")
    return parsed


def _bare(sender: str) -> str:
    """The address in `Name <address>`."""
    message = EmailMessage()
    message["From"] = sender
    return str(message["From"].addresses[0].addr_spec)


def _address_on_the_web(url: str) -> str:
    is_plain = url.isascii() and len(url) <= LONGEST_URL and not re.search(r"[<>,]", url)
    if not is_plain or web_link(url).startswith("/"):
        raise ValueError("a link of a mail is an http(s) URL in ASCII, of 900 characters at most")
    return url


def _why(contents: Contents) -> str:
    at = f" at {contents.publisher}" if contents.publisher else ""
    return (
        f"You get this mail because the report was asked for{at} with your address on"
        f" {contents.requested_on}. If that was not you, you need do nothing."
    )


def _line(bar: Bar) -> str:
    average = "" if bar.average is None else f" (average {bar.average})"
    return f"{bar.score:>3}  {bar.name}{average}"


def _listed(points: Iterable[Point], otherwise: str, *, is_numbered: bool = False) -> list[str]:
    lines = [
        f"{f'{place}.' if is_numbered else '-'} {point.title}: {point.text}"
        for place, point in enumerate(points, start=1)
    ]
    return lines or [otherwise]


def _wrapped(line: str) -> str:
    return fill(
        line,
        LINE_LENGTH,
        break_long_words=False,
        break_on_hyphens=False,
        subsequent_indent="  " if re.match(r"(?:-|\d\.) ", line) else "",
    )
