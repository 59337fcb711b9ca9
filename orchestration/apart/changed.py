"""Which rules are not those that the last refresh used, and which models go by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from orchestration.apart.database import Apart
from orchestration.apart.graph import parents

SIDES = ("standing", "rules")
"""The databases that hold the seeds as the last refresh used them, and as they would be."""


def changed_seeds(apart: Apart) -> list[str]:
    """The seeds whose rows are not those that stand, in the order of the graph."""
    return [
        name
        for name, node in apart.nodes.items()
        if node["resource_type"] == "seed" and differs(apart, name)
    ]


def readers_of(apart: Apart, seeds: Collection[str]) -> set[str]:
    """The models for which a change of these seeds is one: of what they read of them themselves
    (`reads`, see orchestration/dbt/fingerprints.py) something differs."""
    return {
        name
        for name, node in apart.nodes.items()
        if node["resource_type"] == "model"
        and any(
            differs(apart, seed, node["config"]["meta"].get("reads", {}).get(seed))
            for seed in parents(node)
            if seed in seeds
        )
    }


def differs(apart: Apart, seed: str, columns: Sequence[str] | None = None) -> bool:
    """Whether the rows of a seed, or these columns of them, differ from those that stand.

    Raises duckdb.CatalogException where the seed did not stand yet.
    """
    before, after = (
        sorted(
            (str(name), str(kind))
            for name, kind, *_ in apart.connection.execute(
                f"select * from {side}.seeds.{seed} limit 0"
            ).description
        )
        for side in SIDES
    )
    if columns is not None:
        before, after = ([row for row in side if row[0] in columns] for side in (before, after))
    if before != after:
        return True
    chosen = ", ".join(f'"{name}"' for name, _ in after)
    was, will_be = (f"(select {chosen} from {side}.seeds.{seed})" for side in SIDES)
    [(is_other,)] = apart.connection.execute(
        f"select exists ({was} except all {will_be}) or exists ({will_be} except all {was})"
    ).fetchall()
    return bool(is_other)
