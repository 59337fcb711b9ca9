"""Internal networks and users, for tests: the product ships with none."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from tests.compiled_models import CompiledModels
from tests.oracle.rules import Rules

NETWORKS = ("203.0.113.0/24", "2001:db8:12::/48")
USERS = ("u3", "tester")


def rules_with_internal_traffic(rules: Rules) -> Rules:
    """The rules, with networks and users of our own, as the oracle reads them."""
    return replace(rules, internal_networks=frozenset(NETWORKS), internal_users=frozenset(USERS))


@contextmanager
def internal_traffic(models: CompiledModels) -> Generator[None, None, None]:
    """As long as it lasts, the seeds say what `rules_with_internal_traffic` does."""
    seeds = {"internal_networks": NETWORKS, "internal_users": USERS}
    for seed, values in seeds.items():
        models.connection.executemany(
            f"insert into warehouse.seeds.{seed} values (?, 'a test')",
            [[value] for value in values],
        )
    try:
        yield
    finally:
        for seed in seeds:
            models.connection.execute(f"delete from warehouse.seeds.{seed}")
