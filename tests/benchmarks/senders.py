"""Clients of the collector that cost little themselves, since they share its processors."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from urllib.parse import urlsplit

from tests.collecting import KEY, track

SENDERS = 64
_AUTH = base64.b64encode(f"{KEY}:".encode()).decode()


async def send(url: str, count: int, rate: int) -> tuple[float, list[float]]:
    """Sends `count` events, one a request, `rate` of them a second whether or not they are answered
    in time; the seconds that all took, and that each took from when it was due."""
    took: list[float] = []
    waiting = iter(range(count))
    parts = urlsplit(url)
    began = time.perf_counter()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for number in waiting:
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(_request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            took.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    return time.perf_counter() - began, took


def _request(number: int) -> bytes:
    page = {"url": f"https://www.example.com/page-{number % 100}?utm_source=ads", "title": "Page"}
    body = json.dumps(track(f"m{number}", context={"page": page}, properties={"number": number}))
    return (
        "POST /v1/track HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0\r\n"
        f"Authorization: Basic {_AUTH}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
