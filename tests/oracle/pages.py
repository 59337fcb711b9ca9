"""The class of a page, from the path of its URL."""

from __future__ import annotations

import re
from functools import lru_cache

from tests.oracle.rules import Rules

_SCHEME_AND_HOST = re.compile(r"^(?:[a-z][a-z0-9+.\-]*:)?//[^/?#]*")


def page_class(url: str | None, rules: Rules) -> str | None:
    """The class of lowest priority whose pattern matches; `other`; None without a URL."""
    if not url or not url.strip():
        return None
    path = url_path(url)
    for row in rules.page_classes:
        if row.pattern.search(path):
            return row.page_class
    return "other"


@lru_cache(maxsize=200_000)
def url_path(url: str) -> str:
    """The path in lower case, without host, query and fragment; empty where there is none."""
    rest = _SCHEME_AND_HOST.sub("", url.strip().lower())
    return re.split(r"[?#]", rest, maxsplit=1)[0]
