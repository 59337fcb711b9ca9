"""The overview by mail: once a week, and only of today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.delivery.ledger import Delivery, Ledger, State
from orchestration.delivery.smtp import SmtpServer, UncertainError, sender_of
from orchestration.exports.overview import charts
from orchestration.exports.overview.figures import Overview
from orchestration.exports.overview.page import KIND, pages, tiles
from orchestration.exports.overview.preview import SIGNS, published_overview
from orchestration.exports.overview.words import number, percent_change
from orchestration.exports.pages import day
from orchestration.exports.texts import readable

NOT_SET = "No mail is sent: INTENT_SMTP_URL is not set"
SEND_AGAIN = (
    "to send it all the same, launch the job overview_mail in the UI with `send_again: true`"
)


@dataclass(frozen=True)
class Sent:
    """What came of it, in words; `refused` are recipients that the server did not take."""

    words: str
    is_sent: bool = False
    refused: tuple[str, ...] = ()


def key_of(today: date) -> str:
    """The ledger's key of the mail of a week: overview/2026-W27."""
    year, week, _ = today.isocalendar()
    return f"overview/{year}-W{week:02}"


def why_not(settings: Settings, today: date) -> str | None:
    """Why there is nothing to do about this week's mail; None where it is due."""
    if settings.smtp_url is None:
        return NOT_SET
    last = Ledger(settings).last(key_of(today))
    if last is not None and last.is_settled:
        return _settled(last)
    return None


def send_overview(settings: Settings, today: date, *, again: bool = False) -> Sent:
    """Sends the newest published overview, if it is of `today` (UTC) and this week's is not sent.

    Raises UserError for settings that cannot be used, an overview that is not there, and a server
    that took nothing or did not answer.
    """
    if settings.smtp_url is None:
        return Sent(NOT_SET)
    server = SmtpServer.from_url(settings.smtp_url)
    if not settings.overview_to:
        raise UserError(
            "INTENT_SMTP_URL is set, and nobody to send the overview to: set INTENT_OVERVIEW_TO,"
            " addresses with commas between them"
        )
    sender = sender_of(settings, server)
    overview = published_overview(settings)
    if overview.as_of != today:
        return Sent(
            f"No mail is sent: what is published is as of {overview.as_of}, and today is {today}"
        )
    message = compose(settings, overview, sender)
    answers: list[dict[str, str]] = []

    def send() -> None:
        answers.append(server.send(message, sender, list(settings.overview_to)))

    try:
        done = Ledger(settings).deliver(key_of(today), send, lambda: datetime.now(UTC), again=again)
    except UncertainError as error:
        raise UncertainError(f"{error}; it is not sent again by itself: {SEND_AGAIN}") from error
    if not answers:
        return Sent(_settled(done))
    [refused] = answers
    count = len(settings.overview_to) - len(refused)
    words = f"sent by {server.name} to {count} of {len(settings.overview_to)}"
    return Sent(
        words, is_sent=True, refused=tuple(f"{who} ({why})" for who, why in refused.items())
    )


def compose(settings: Settings, overview: Overview, sender: str) -> EmailMessage:
    """The mail: plain text, the same as HTML with the chart of sessions, and the page itself."""
    charts.prepare(settings)
    page = page_path(settings, overview.as_of)
    message = EmailMessage()
    message["Subject"] = f"How it went, {day(overview.recent.first)} to {day(overview.recent.last)}"
    message["From"] = sender
    message["To"] = ", ".join(settings.overview_to)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    # no answer by a machine that is on holiday
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain_text(overview))
    picture = charts.sessions_png(overview)
    content_id = make_msgid(domain="overview.invalid")
    html = (
        pages(settings.timezone)
        .get_template("overview_mail.html.j2")
        .render(
            overview=overview,
            tiles=tiles(overview),
            signs=SIGNS,
            picture=content_id[1:-1] if picture else None,
        )
    )
    message.add_alternative(html, subtype="html")
    if picture:
        html_part = message.get_body(("html",))
        assert isinstance(html_part, EmailMessage)
        html_part.add_related(
            picture, "image", "png", cid=content_id, filename="sessions.png", disposition="inline"
        )
    message.add_attachment(
        page.read_text(encoding="utf-8"), subtype="html", filename=page.name, cte="base64"
    )
    return message


def plain_text(overview: Overview) -> str:
    """Headlines and figures, for who reads no HTML."""
    lines = [
        f"{day(overview.recent.first)} to {day(overview.recent.last)},"
        f" against the {overview.before.day_count} days before",
        "",
        *(f"{SIGNS[each.tone]} {_one_line(each.sentence)}" for each in overview.headlines),
        "",
        *(
            f"{tile.name}: {number(tile.figure.current)} ({percent_change(tile.figure)},"
            f" {number(tile.figure.earlier)} {tile.since})"
            for tile in tiles(overview)
        ),
        "",
        "The hottest accounts",
        *(
            f"{account.score:>3} {_one_line(account.band):<5} {_one_line(account.domain)}"
            for account in overview.accounts
        ),
        "",
        "The whole page is attached: open it in a browser.",
    ]
    return "\n".join(lines) + "\n"


def page_path(settings: Settings, as_of: date) -> Path:
    """The page of a day in exports/latest/. Raises UserError where it is missing."""
    path = settings.exports / "latest" / f"{KIND}_{as_of.isoformat()}.html"
    if not path.exists():
        raise UserError(f"The overview is not there ({path} is missing); run: intent export")
    return path


def _settled(last: Delivery) -> str:
    when = datetime.fromisoformat(last.at)
    if last.state is State.uncertain:
        return (
            f"This week's mail was begun on {when:%Y-%m-%d %H:%M} UTC, and nobody knows whether it"
            f" was sent; {SEND_AGAIN}"
        )
    return f"This week's mail was sent on {when:%Y-%m-%d %H:%M} UTC"


def _one_line(text: str) -> str:
    return " ".join(readable(text).split())
