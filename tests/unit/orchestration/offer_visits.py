"""A visitor of an offer's pages: the collector's part is a journal in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import duckdb
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ingestion.settings import Settings
from orchestration.lead_magnet import form
from orchestration.lead_magnet.offers import read_offers
from orchestration.lead_magnet.pages import routes
from orchestration.lead_magnet.requests import Request
from orchestration.lead_magnet.tokens import Purpose, read

OFFER = read_offers()["site_readiness"]
ANSWERS = {question.question_id: question.answers[1].answer_id for question in OFFER.questions}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ENTERED = {
    "full_name": "Anna Berg",
    "email": "anna@acme.example",
    "company_name": "Acme",
    **{form.answer_field(question): answer for question, answer in ANSWERS.items()},
}

PUBLISHED_SQL = """
create schema if not exists marts;
create table marts.rpt_mini_reports (
    request_id varchar, offer_id varchar, email varchar, full_name varchar, company_name varchar,
    requested_at timestamp, answers varchar, is_qualified boolean,
    is_mail_refused boolean, person_id varchar, received_at timestamp, disqualified_by varchar,
    is_generated boolean default false, is_delivered boolean default false
);
create table marts.rpt_offer_benchmarks (
    offer_id varchar, dimension_id varchar, respondent_count bigint, score integer
);
"""


class MemoryJournal:
    """Keeps what it is given; fails while `failure` is set."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[dict[str, Any]], bool]] = []
        self.failure: Exception | None = None

    async def append(self, messages: Sequence[dict[str, Any]], is_urgent: bool = False) -> None:
        if self.failure is not None:
            raise self.failure
        self.batches.append((list(messages), is_urgent))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for batch, _ in self.batches for message in batch]

    def named(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message.get("event") == event]


class Page(HTMLParser):
    """What a browser makes of a page: texts, fields and their values, links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.fields: dict[str, str] = {}
        self.checked: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._in: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        self._in.append(tag)
        if tag == "input":
            if values["type"] not in {"radio", "checkbox"}:
                self.fields[values["name"]] = values["value"]
            elif "checked" in values:
                self.checked[values["name"]] = values["value"]

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] not in {"style", "script"} and data.strip():
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [values for name, values in self.tags if name == tag]

    def links(self) -> list[str]:
        return [values["href"] for values in self.all("a")]


@dataclass
class Visit:
    """Somebody who opens a form and sends it, on clocks that tests set."""

    settings: Settings
    given: Mapping[str, Any] = field(default_factory=dict)
    """What `routes` is told."""
    now: datetime = datetime(2026, 6, 30, 12, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.journal = MemoryJournal()
        self.client = self.another_client()

    def another_client(self) -> TestClient:
        """As after a restart of the collector."""
        pages = routes(self.settings, self.journal, now=lambda: self.now, **self.given)
        app = Starlette(routes=pages)
        return TestClient(
            app, follow_redirects=False, headers={"user-agent": BROWSER}, base_url="http://here"
        )

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def open(self, query: str = "", **headers: str) -> Page:
        answer = self.client.get(f"/offers/site_readiness{query}", headers=headers)
        assert answer.status_code == 200
        return Page(answer.text)

    def send(
        self,
        entered: Mapping[str, str],
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> Any:
        if token is None:
            token = self.open().fields["form_token"]
            self.wait(seconds=20)
        return self.client.post(
            f"/offers/site_readiness{query}",
            content=urlencode({"form_token": token, **entered}, errors="surrogatepass"),
            headers={"content-type": "application/x-www-form-urlencoded", **(headers or {})},
        )

    def ask(self, **changed: str) -> str:
        """Sends a good form; the token of its report."""
        answer = self.send(ENTERED | changed)
        assert answer.status_code == 303, answer.text
        found = re.fullmatch(r"/r/([\w.-]+)\?sent", answer.headers["location"])
        assert found is not None
        return found[1]


def publish(
    settings: Settings, rows: Sequence[tuple[Any, ...]] = (), *, respondents: int = 0
) -> None:
    """Writes analytics.duckdb with these rows of rpt_mini_reports, in place of what is there."""
    settings.make_folder(settings.data_dir)
    draft = settings.data_dir / "draft.duckdb"
    with duckdb.connect(str(draft)) as connection:
        connection.execute("create schema ops")
        connection.execute(PUBLISHED_SQL)
        for row in rows:
            connection.execute(
                "insert into marts.rpt_mini_reports (request_id, offer_id, email, full_name,"
                " company_name, requested_at, answers, is_qualified, is_mail_refused)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        if respondents:
            connection.execute(
                "insert into marts.rpt_offer_benchmarks values ('site_readiness', '', ?, 47),"
                " ('site_readiness', 'clarity', ?, 61)",
                [respondents, respondents],
            )
    draft.replace(settings.analytics)


def row_of(request_id: str, *, is_qualified: bool, **changed: Any) -> tuple[Any, ...]:
    """A row of rpt_mini_reports."""
    values = {
        "request_id": request_id,
        "offer_id": "site_readiness",
        "email": "anna@acme.example",
        "full_name": "Anna Berg",
        "company_name": None,
        "requested_at": datetime(2026, 6, 30, 12, tzinfo=UTC).replace(tzinfo=None),
        "answers": '{"proof":"cases"}',
        "is_qualified": is_qualified,
        "is_mail_refused": False,
    }
    return tuple((values | changed).values())


REQUEST = Request(
    request_id="0d9e4c1a-0000-4000-8000-00000000000a",
    offer_id="site_readiness",
    email="anna+news@acme.example",
    full_name="Anna {email} Berg&x=1#",
    company_name="Ac/me?",
    answers=ANSWERS,
    marketing_consent=False,
    consent_text=None,
    requested_at=datetime(2026, 6, 30, 12, tzinfo=UTC),
)


def problems_of(answer: Any) -> list[str]:
    """The texts of the error summary."""
    page = Page(answer.text)
    return [link for link in page.links() if link.startswith("#")]


def request_id_of(visit: Visit, token: str) -> str:
    return read(visit.settings, Purpose.report, token)


def booking_links(page: Page) -> list[str]:
    return [link for link in page.links() if "/b/" in link]
