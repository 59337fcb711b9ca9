"""The format of a file is what its lines are, whatever its name."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from xlsxwriter import Workbook

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


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"user_id,email", "users lacks type (identify) and timestamp (when the account was made)"),
        (b"E-Mail;User ID;Name", "users lacks type (identify) and timestamp (when the account"),
        (b"user_id,email,type", "a list of users lacks timestamp (when the account was made); it"),
        (b"userId,email,timestamp", "a list of users lacks type (identify); it has userId,"),
        (b"type,event,url", "as CSV it lacks column timestamp: it has type, event, url"),
        (b"a,b,c", "as CSV it lacks columns type and timestamp: it has a, b, c"),
    ],
)
def test_a_table_of_no_known_format_is_told_what_it_lacks(header: bytes, why: str) -> None:
    detected = detect(header + b"\n1,2,3\n")
    assert detected.format is None
    assert why in detected.reason
    assert detected.reason.endswith(header.decode().replace(",", ", ").replace(";", ", "))


@pytest.mark.parametrize("sample", [b"some words\n", b"one, two\n", b"a,,b\n"])
def test_of_text_that_is_no_table_no_columns_are_asked(sample: bytes) -> None:
    assert detect(sample).reason == "no line is a Segment message or a line of an access log"


def test_of_an_excel_workbook_it_is_told_what_it_is() -> None:
    file = io.BytesIO()
    with Workbook(file) as workbook:
        workbook.add_worksheet().write(0, 0, "email")
    told = "it is an Excel workbook; save its sheet as CSV"
    assert detect(file.getvalue()).reason == told
    assert detect(file.getvalue(), "csv").reason == told


def test_another_archive_is_no_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("log.txt", "some words")
    assert "Segment" in detect(file.getvalue()).reason
