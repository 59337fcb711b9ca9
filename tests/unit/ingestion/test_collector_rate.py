"""How much an address may send, as the collector answers it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.collecting import KEY, collecting, in_batch, track


def test_a_few_packed_bytes_that_become_many_lines_count_as_what_they_become(
    tmp_path: Path,
) -> None:
    body = {"batch": [in_batch(None, context=None)] * 1_000, "context": {"x": "y" * 1_500}}
    packed = gzip.compress(json.dumps(body).encode())
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    with collecting(tmp_path, collect_rate=5) as collector:
        answers = [
            collector.client.post("/v1/batch", content=packed, headers=headers, auth=(KEY, ""))
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert len(packed) < 2_000


def test_an_address_that_sends_too_much_is_told_when_to_come_back(tmp_path: Path) -> None:
    with collecting(tmp_path, collect_rate=1) as collector:
        statuses = [
            collector.post("/v1/track", track(f"m{number}")).status_code for number in range(12)
        ]
        answer = collector.post("/v1/track", track("more"), headers={"origin": "https://a.example"})
        assert statuses.count(200) in (10, 11)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert len(collector.landed()) == statuses.count(200)
