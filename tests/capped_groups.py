"""Groups of rules with a cap, for tests: the product ships with none."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from tests.compiled_models import CompiledModels
from tests.oracle.rules import Rules

GROUP_OF_RULE = {
    "pricing_view": "buying",
    "contact_view": "buying",
    "security_view": "buying",
    "signup": "forms",
    "form_submit": "forms",
    "docs_view": "nothing",
}
GROUP_CAPS = {"buying": 25.0, "forms": 40.0, "nothing": 0.0}


def rules_with_groups(rules: Rules) -> Rules:
    """The rules, some of them in groups, as the oracle reads them."""
    grouped = tuple(replace(rule, group=GROUP_OF_RULE.get(rule.rule_id)) for rule in rules.scoring)
    return replace(rules, scoring=grouped, group_caps=GROUP_CAPS)


@contextmanager
def capped_groups(models: CompiledModels) -> Generator[None, None, None]:
    """As long as it lasts, the seeds say what `rules_with_groups` does."""
    connection = models.connection
    connection.executemany("insert into warehouse.seeds.scoring_groups values (?, ?)",
                           [[group, cap] for group, cap in GROUP_CAPS.items()])  # fmt: skip
    connection.executemany(
        "update warehouse.seeds.scoring_rules set score_group = ? where rule_id = ?",
        [[group, rule_id] for rule_id, group in GROUP_OF_RULE.items()],
    )
    try:
        yield
    finally:
        connection.execute("delete from warehouse.seeds.scoring_groups")
        connection.execute("update warehouse.seeds.scoring_rules set score_group = null")
