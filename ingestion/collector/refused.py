"""Why a request is not taken, in a form that a program and a person can read."""

from __future__ import annotations

import html
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{words}</title>
<h1>{words}</h1>
<p>{advice}</p>
</html>
"""


class RequestRefused(HTTPException):
    """An answer other than 200: its status, a word for programs, a sentence for people."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, dict(headers or {}))
        self.code = code

    def answer(self) -> JSONResponse:
        """The answer, as Segment's clients read it."""
        told = {"success": False, "code": self.code, "message": self.detail}
        return JSONResponse(told, self.status_code, self.headers)


def too_many_requests(seconds: float, advice: str = "") -> RequestRefused:
    """One address sent more than its share; `seconds` until it may send again."""
    message = "too many requests from one address" + (f"; {advice}" if advice else "")
    return RequestRefused(429, "rate_limited", message, {"Retry-After": str(int(seconds) + 1)})


def peer(request: Request) -> str:
    """The address that the request came from; empty where there is none, as of a socket file."""
    return request.client.host if request.client else ""


async def tell_refusal(request: Request, error: Exception) -> Response:
    """The answer to what no endpoint of the API answers: a page for who looks at it."""
    assert isinstance(error, HTTPException)
    if "text/html" in request.headers.get("accept", ""):
        return _page(error)
    if isinstance(error, RequestRefused):
        return error.answer()
    words = error.detail.lower()
    refused = RequestRefused(error.status_code, words.replace(" ", "_"), words, error.headers)
    return refused.answer()


def _page(error: HTTPException) -> Response:
    """For somebody who looks at it."""
    if error.status_code == 404:
        words, advice = "There is no such page", "Look whether the whole address came along."
    else:
        words, advice = "That did not work", html.escape(f"The reason: {error.detail}.")
    page = _PAGE.format(words=words, advice=advice)
    return HTMLResponse(page, error.status_code, error.headers)
