"""Which format a file has, by its content: a name may say anything."""

from __future__ import annotations

import json
import re

from ingestion.formats import access_log, segment

_LOG_LINE = re.compile(access_log.LINE_PATTERN)


def detect(sample: bytes) -> str | None:
    """The name of the format that most lines of `sample` (a file's first bytes) have.

    Broken lines do not hide the others. Without any line that is not blank it is `segment`, the
    format in which nothing means nothing; None where no line is of a known format.
    """
    lines = [line for line in sample.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if not lines:
        return segment.NAME
    votes = {segment.NAME: 0, access_log.NAME: 0}
    for line in lines:
        if _is_json(line):
            votes[segment.NAME] += 1
        elif _LOG_LINE.match(line.decode("utf-8", "replace")):
            votes[access_log.NAME] += 1
    if len(lines) == 1 and lines[0].lstrip()[:1] in (b"{", b"["):
        # one line that the sample may have cut
        return segment.NAME
    winner = max(votes, key=lambda name: votes[name])
    return winner if votes[winner] else None


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), (dict, list))
    except (ValueError, RecursionError):
        return False
