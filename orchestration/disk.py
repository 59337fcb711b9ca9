"""A disk that is full, or that may not be written to: told in a line, since no traceback helps."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from orchestration.analytics import first_line

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = (
    "no space left on device", "disk quota exceeded", "file too large", "disk is full",
)  # fmt: skip
_REFUSED_WORDS = ("read-only file system", "attempt to write a readonly database")

FULL = "the disk is full ({}); make room, then run this again: nothing that was loaded is lost"
REFUSED = "the disk cannot be written to ({}); mend that, then run this again"


def in_plain_words(error: BaseException) -> str | None:
    """What is wrong with the disk, by an error or those that it came of; None where nothing is."""
    for link in _chain(error):
        number = link.errno if isinstance(link, OSError) else None
        told = str(link).lower()
        if number in _FULL or any(words in told for words in _FULL_WORDS):
            return FULL.format(first_line(link))
        if number == errno.EROFS or any(words in told for words in _REFUSED_WORDS):
            return REFUSED.format(first_line(link))
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop()
        if id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [cause for cause in (link.__context__, link.__cause__) if cause]
