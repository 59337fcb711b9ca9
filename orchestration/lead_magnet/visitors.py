"""What a request over HTTP says of who asks, and how much of it is kept."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import HTTPConnection, Request

from ingestion.collector.origins import COOKIE
from ingestion.seeds import is_true, seed_rows
from ingestion.settings import PROJECT_ROOT

_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_CLICK_IDS = Path("seeds") / "channels" / "click_ids.csv"
_LONGEST = 500
"""Of a user agent or a referrer; longer ones are cut."""


def is_person(request: Request) -> bool:
    """Whether somebody looks at what is asked for, as far as can be told: no bot by the lists that
    the models go by, no HEAD, nothing that is fetched in case it is wanted."""
    headers = request.headers
    is_ahead = "prefetch" in f"{headers.get('sec-purpose', '')} {headers.get('purpose', '')}"
    agent = headers.get("user-agent", "")
    return request.method != "HEAD" and not is_ahead and bool(agent) and not _is_bot(agent)


@lru_cache(maxsize=1_000)
def _is_bot(agent: str) -> bool:
    # reads its list at import
    from crawleruseragents import is_crawler

    return bool(is_crawler(agent))


def user_agent(connection: HTTPConnection) -> dict[str, str]:
    """The agent as a part of a context; empty where there is none."""
    agent = connection.headers.get("user-agent", "")[:_LONGEST]
    return {"userAgent": agent} if agent else {}


def anonymous_id(connection: HTTPConnection, given: str | None) -> str | None:
    """The device, as the form's hidden field says, else the cookie; None where neither is sane."""
    found = given or ""
    # another site can send a form in somebody's browser; it cannot know the hidden field
    if not found and connection.headers.get("sec-fetch-site", "same-origin") == "same-origin":
        found = connection.cookies.get(COOKIE, "")
    return sane_id(found)


def sane_id(text: str | None) -> str | None:
    """An id of a device or a session as a tracker makes them; None for what is none."""
    return text if text and _ID.fullmatch(text) else None


def address(connection: HTTPConnection) -> str:
    """Where the request came from; empty where that is not known."""
    return connection.client.host if connection.client else ""


def campaign_query(query: str) -> str:
    """Of a page's query, what says where a visitor came from; nothing that names a person."""
    kept = [
        (name, value[:_LONGEST])
        for name, value in parse_qsl(query, errors="replace")
        if name.startswith("utm_") or name in click_ids()
    ]
    return urlencode(kept[:20])


def campaign(query: str) -> dict[str, str]:
    """The campaign of a query, under Segment's names."""
    names = {"utm_campaign": "name"}
    return {
        names.get(name, name.removeprefix("utm_")): value
        for name, value in parse_qsl(query, errors="replace")
        if name.startswith("utm_")
    }


def referrer(text: str | None) -> str | None:
    """The page that led here, without its query, which may name a person; None where it is no page
    of the web."""
    try:
        parts = urlsplit(text or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    at = host if port is None else f"{host}:{port}"
    return f"{parts.scheme}://{at}{parts.path}"[:_LONGEST]


@lru_cache(maxsize=1)
def click_ids(project_root: Path = PROJECT_ROOT) -> frozenset[str]:
    """The parameters by which ad networks know a click, without those that name a person."""
    rows = seed_rows(project_root, _CLICK_IDS, "parameter", "names_person")
    return frozenset(row["parameter"] for row in rows if not is_true(row["names_person"]))
