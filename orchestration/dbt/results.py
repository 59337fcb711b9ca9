"""What a dbt run came to, node by node, in words that need no knowledge of dbt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_GOOD = {"success", "pass", "no-op"}
_BAD = {"error", "fail", "runtime error", "partial success"}


@dataclass(frozen=True)
class NodeResult:
    """One seed, model or test of a dbt run."""

    kind: str
    """seed, model or test."""
    name: str
    file: str
    """Where it is defined, from the project's root."""
    description: str
    status: str
    """dbt's word: success, pass, warn, fail, error, skipped …"""
    message: str
    failing_rows: int
    compiled_path: str | None
    """The query as it ran, from the project's root or absolute."""

    @property
    def is_good(self) -> bool:
        return self.status in _GOOD

    @property
    def is_bad(self) -> bool:
        return self.status in _BAD


def read_results(target: Path, manifest: Mapping[str, Any]) -> list[NodeResult]:
    """The nodes of the run whose artifacts are in `target`; none where dbt did not get so far."""
    try:
        results = json.loads((target / "run_results.json").read_bytes())["results"]
    except FileNotFoundError:
        return []
    return [_node_result(result, manifest) for result in results]


def in_plain_words(result: NodeResult) -> str:
    """What went wrong with one node, and in which file."""
    if result.kind == "test" and result.status in {"fail", "warn"}:
        rows = "1 row" if result.failing_rows == 1 else f"{result.failing_rows:,} rows"
        meaning = f": {result.description}" if result.description else ""
        return f"test {result.name} found {rows} that should not be there ({result.file}){meaning}"
    return f"{result.kind} {result.name} could not be built ({result.file}): {_reason(result)}"


def _reason(result: NodeResult) -> str:
    """dbt's message without its first line, which only says which node it was."""
    lines = [line.strip() for line in result.message.splitlines() if line.strip()]
    if len(lines) > 1 and " Error in " in lines[0]:
        lines = lines[1:]
    return " ".join(line for line in lines if not line.startswith("compiled code at "))[:600]


def _node_result(result: Mapping[str, Any], manifest: Mapping[str, Any]) -> NodeResult:
    node = manifest["nodes"].get(result["unique_id"], {})
    return NodeResult(
        kind=node.get("resource_type", result["unique_id"].split(".", 1)[0]),
        name=node.get("name", result["unique_id"]),
        file=node.get("original_file_path", ""),
        description=" ".join(str(node.get("description") or "").split()),
        status=str(result["status"]),
        message=str(result.get("message") or ""),
        failing_rows=int(result.get("failures") or 0),
        compiled_path=node.get("compiled_path"),
    )
