"""The format of a file is what its lines are, whatever its name."""

from __future__ import annotations

import json

import pytest

from ingestion.formats.detection import detect

MESSAGE = json.dumps({"type": "page"}).encode()
LOG_LINE = b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "UA"'
COMMON = b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5'


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (MESSAGE + b"\n", "segment"),
        (MESSAGE, "segment"),
        (b"\xef\xbb\xbf" + MESSAGE + b"\n", "segment"),
        (b'{"batch":[{}]}\n', "segment"),
        (b"[{}]\n", "segment"),
        (b'{"type":"pa', "segment"),
        (b"", "segment"),
        (b"\n \n", "segment"),
        (LOG_LINE + b"\n", "access_log"),
        (COMMON + b"\n", "access_log"),
        (b"garbage\n\n" * 50 + LOG_LINE + b"\n", "access_log"),
        (b"\xff\xfe\n" + MESSAGE + b"\nnoise\n", "segment"),
        (MESSAGE + b"\n" + LOG_LINE + b"\n" + LOG_LINE + b"\n", "access_log"),
        (b"event_id,type\n1,page\n", None),
        (b"PK\x03\x04\x00\x01", None),
        (bytes(range(256)), None),
        (b"42\n", None),
        (b"[" * 100_000 + b"\n" + LOG_LINE, "access_log"),
    ],
)
def test_the_format_is_that_of_most_lines(sample: bytes, name: str | None) -> None:
    assert detect(sample).format == name
