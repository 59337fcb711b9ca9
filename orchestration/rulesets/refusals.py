"""Why dbt refuses proposed rules, in words that name the file and the rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingestion.errors import UserError
from orchestration.console import counted
from orchestration.dbt.manifest import complete_tests
from orchestration.dbt.process import DbtFailed
from orchestration.dbt.results import in_plain_words, read_results
from orchestration.rulesets.files import Proposal

_TOLD = 5
"""So many refusals are told, the others counted."""
_ADVICE = re.compile(r" (?:This type was either|Possible solutions:|\* |file = )")
"""Where DuckDB has said what is wrong with a CSV, and goes on about options and its own copy."""


def refusal(error: DbtFailed, target: Path, proposal: Proposal) -> UserError:
    """What dbt found, from the artifacts that it left in `target`, or else its own words."""
    found = list(_found(target, proposal))
    if not found:
        found = [" ".join(message.split())[:600] for message in error.messages] or [str(error)]
    more = [f"and {len(found) - _TOLD:,} more"] if len(found) > _TOLD else []
    return UserError(f"These rules make no sense: {'; '.join([*found[:_TOLD], *more])}")


def _found(target: Path, proposal: Proposal) -> Iterator[str]:
    try:
        manifest = json.loads((target / "manifest.json").read_bytes())
    except FileNotFoundError:
        return
    complete_tests(manifest)
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    for result in read_results(target, manifest):
        node = nodes.get(result.name, {})
        if not result.is_bad:
            continue
        if result.kind == "seed":
            yield f"{proposal.place_of(result.file)}: {_ADVICE.split(in_plain_words(result))[0]}"
        elif "test_metadata" in node and result.status == "fail":
            yield _of_column(node, manifest["nodes"], result.failing_rows, proposal)
        else:
            yield in_plain_words(result)


def _of_column(
    node: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]], rows: int, proposal: Proposal
) -> str:
    """A test that a seed's own description demands."""
    seed = nodes[node["attached_node"]]
    test = node["test_metadata"]
    column = node.get("column_name")
    about = seed["columns"].get(column, {}).get("description") if column else seed["description"]
    said = [
        f"{name} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in test["kwargs"].items()
        if name not in ("model", "column_name")
    ]
    place = proposal.place_of(seed["original_file_path"])
    where = f"{place}, column {column}" if column else str(place)
    how = f" ({'; '.join(said)})" if said else ""
    return (
        f"{where}: {counted(rows, 'row')} refused by its test {test['name']}{how}."
        f" {' '.join(str(about).split())}"
    )
