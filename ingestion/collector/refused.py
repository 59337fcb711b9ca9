"""Why a request is not taken, in a form that a program and a person can read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse


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
