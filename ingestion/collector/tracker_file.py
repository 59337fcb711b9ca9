"""The tracker's file as browsers ask for it: once an hour, and only if it is another."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ingestion.collector.refused import RequestRefused


class TrackerFile:
    """The tracker as it was when the collector started."""

    def __init__(self, path: Path) -> None:
        self._content = path.read_bytes() if path.is_file() else None
        self._tag = f'"{hashlib.sha256(self._content or b"").hexdigest()[:16]}"'

    async def __call__(self, request: Request) -> Response:
        if self._content is None:
            raise RequestRefused(404, "tracker_missing", "there is no tracker in this checkout")
        headers = {"ETag": self._tag, "Cache-Control": "public, max-age=3600"}
        # a proxy that packs the file marks its tag as weak
        asked = request.headers.get("if-none-match", "")
        if self._tag in {tag.strip().removeprefix("W/") for tag in asked.split(",")}:
            return Response(status_code=304, headers=headers)
        return Response(self._content, media_type="text/javascript; charset=utf-8", headers=headers)
