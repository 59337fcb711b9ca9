"""What dbt refuses of proposed rules whose files are as they should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ingestion.errors import UserError
from orchestration.dbt.manifest import complete_tests
from orchestration.dbt.process import DbtFailed
from orchestration.dbt.results import in_plain_words, read_results

_TOLD = 5
"""So many refusals are told, the others counted."""


def refusal(error: DbtFailed, target: Path) -> UserError:
    """What dbt found, from the artifacts that it left in `target`, or else its own words."""
    found = list(_found(target))
    if not found:
        found = [" ".join(message.split())[:600] for message in error.messages] or [str(error)]
    more = [f"and {len(found) - _TOLD:,} more"] if len(found) > _TOLD else []
    return UserError(f"These rules make no sense: {'; '.join([*found[:_TOLD], *more])}")


def _found(target: Path) -> Iterator[str]:
    try:
        manifest = json.loads((target / "manifest.json").read_bytes())
    except FileNotFoundError:
        return
    complete_tests(manifest)
    for result in read_results(target, manifest):
        if result.is_bad:
            yield in_plain_words(result)
