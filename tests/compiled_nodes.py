"""The models as dbt's manifest has them, each with how it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.apart.graph import Model, compiled_at, model_of


@dataclass(frozen=True)
class Kept:
    """How a model is brought up to date: the SQL that says with what, and the macro's arguments."""

    path: Path
    keys: Sequence[str]
    counted_from: str | None
    of_people: bool
    alive_column: str | None
    keeps_gone: bool
    carried: Sequence[Mapping[str, Any]]
    same_for_all: Mapping[str, Any] | None


@dataclass(frozen=True)
class Record:
    """How a model that records what was done is added to: the SQL of the rows to add, and whether
    those of the same as-of date go before."""

    path: Path
    forgets_date: bool


@dataclass(frozen=True)
class Node(Model):
    """A model, and how it is kept."""

    kept: Kept | None
    record: Record | None


def node_of(node: Mapping[str, Any], target: Path) -> Node:
    config = node["config"]
    keys = config.get("unique_key")
    updating = compiled_at(node, target.with_name("updating"))
    kept = Kept(
        path=updating,
        keys=[keys] if isinstance(keys, str) else keys,
        counted_from=config.get("counted_from"),
        of_people=config.get("of_people", False),
        alive_column=config.get("alive_column"),
        keeps_gone=config.get("keeps_gone", False),
        carried=config.get("carried") or (),
        same_for_all=config.get("same_for_all"),
    )
    hooks = [hook["sql"] for hook in config["pre-hook"]]
    record = Record(updating, forgets_date=any("forget_date_of_run" in hook for hook in hooks))
    return Node(
        **vars(model_of(node, target)),
        kept=kept if config.get("incremental_strategy") == "replace" else None,
        record=record if config.get("incremental_strategy") == "append" else None,
    )
