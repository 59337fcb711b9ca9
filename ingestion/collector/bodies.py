"""The body of a request: unpacked within bounds, and read as the loader reads JSON."""

from __future__ import annotations

import json
import math
import re
import zlib
from typing import Any, NoReturn

from ingestion.collector.refused import RequestRefused
from ingestion.lines import BYTE_ORDER_MARK

_GZIP = 16 + zlib.MAX_WBITS
_UNWRITTEN = re.compile("[\0\ud800-\udfff]")
"""What the loader takes out of every text: NUL, and halves of surrogate pairs."""
_ESCAPED_UNWRITTEN = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def unpacked(body: bytes, encoding: str, most_bytes: int) -> bytes:
    """The body without its Content-Encoding. Raises RequestRefused, 413 where it grows too large:
    no more than `most_bytes` are ever unpacked."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise RequestRefused(
            415, "encoding_unknown", f"Content-Encoding {encoding[:40]!r}; send gzip, or nothing"
        )
    found = b""
    rest = body
    try:
        # a gzip file may have several members
        while rest:
            member = zlib.decompressobj(_GZIP)
            found += member.decompress(rest, most_bytes + 1 - len(found))
            if len(found) > most_bytes:
                raise too_large(most_bytes)
            if not member.eof:
                raise RequestRefused(400, "body_cut_off", "the gzip of the body breaks off")
            rest = member.unused_data
    except zlib.error:
        raise RequestRefused(
            400, "body_no_gzip", "the body is no gzip, as its header says"
        ) from None
    return found


def too_large(most_bytes: int) -> RequestRefused:
    """A body beyond the bound."""
    return RequestRefused(
        413, "body_too_large", f"a body of more than {most_bytes // 1024} KB; send smaller batches"
    )


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises RequestRefused.

    A key that stands twice counts where it stands first, and NUL and halves of surrogate pairs are
    taken out, in keys too: so the loader will see what is judged here.
    """
    try:
        found = _JSON.decode(body.removeprefix(BYTE_ORDER_MARK).decode("utf-8"))
        return _as_written(found) if _ESCAPED_UNWRITTEN.search(body) else found
    except UnicodeDecodeError:
        raise RequestRefused(400, "invalid_utf8", "the body is no UTF-8 text") from None
    except RecursionError:
        raise RequestRefused(400, "body_too_deep", "the body is nested too deeply") from None
    except ValueError as error:
        # of a JSONDecodeError what is wrong and where, but nothing of the body
        raise RequestRefused(400, "invalid_json", f"the body is no JSON: {error}") from None


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        found = dict(reversed(pairs))
    return found


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no numbers")


# json.loads makes one for each call
_JSON = json.JSONDecoder(
    object_pairs_hook=_first_of_each, parse_constant=_no_number, parse_float=_number
)


def _as_written(value: Any) -> Any:
    if isinstance(value, str):
        return _UNWRITTEN.sub("", value)
    if isinstance(value, dict):
        pairs = [(_UNWRITTEN.sub("", key), _as_written(each)) for key, each in value.items()]
        return _first_of_each(pairs)
    if isinstance(value, list):
        return [_as_written(each) for each in value]
    return value


def opened(value: Any) -> Any:
    """A member that is the text of an object as that object, as the loader reads it.

    What cannot be read is not kept, since an address may stand anywhere in it: a list says so,
    which is no object.
    """
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        found = parsed(value.strip().encode())
    except RequestRefused:
        return ["unreadable"]
    return found if isinstance(found, dict) else ["unreadable"]
