"""Two logs that share nobody, taken together: everyone scores what they score in their own log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingestion.settings import Settings
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.integration.test_updates_equal_a_rebuild import RULES, in_room, small_logs
from tests.oracle.log import unique_rows
from tests.oracle.stored import as_stored
from tests.oracle.strategies import AS_OF, SITE_DOMAINS, SPECIAL_EMAILS, Message

LOGS = 25
"""Small logs of Hypothesis' making in each of the two, every one with names of its own."""


def scores(models: CompiledModels, log: Sequence[Message]) -> Counter[tuple[Any, ...]]:
    """Every person of the log with score, band and change."""
    rows = [
        {**as_stored(row), "load_id": 1, "line_number": number}
        for number, row in enumerate(unique_rows(log, RULES))
    ]
    settings = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)
    models.run(frame_of_events(rows, RULES), AS_OF, settings, only=("fct_person_scores",))
    return Counter(models.rows("from published.marts.fct_person_scores"))


def test_the_scores_of_two_logs_together_are_those_of_each(models: CompiledModels) -> None:
    apart: list[list[Message]] = [[], []]
    for room, log in enumerate(small_logs(2 * LOGS)):
        apart[room % 2].extend(
            message
            for load in log
            for message in in_room(load, room).messages
            # an address that each log has would be somebody whom they share
            if not any(address in json.dumps(message) for address in SPECIAL_EMAILS)
        )
    one, other = (scores(models, log) for log in apart)
    assert sum(points > 0 for _, _, _, _, points, *_ in one + other) > LOGS / 5
    assert scores(models, [*apart[0], *apart[1]]) == one + other
