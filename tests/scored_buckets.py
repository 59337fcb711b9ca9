"""The scoring models alone, on buckets that a test makes up: small queries, not a whole log.

The assignment of events to people, of people to accounts, and the exclusions are given, so that one
thing can be changed and all else held fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from tests.compiled_models import CompiledModels
from tests.oracle.ids import id_named, name_of

Key = tuple[str, date]
"""A rule, and a day."""

MODELS = (
    "int_person_days_counted", "int_rules_summed", "int_rules_resummed", "int_rules_saturated",
    "int_groups_capped", "int_hands_raised",
    "int_people_scored", "int_accounts_scored", "int_rulesets_dated", "fct_account_scores",
)  # fmt: skip


@dataclass(frozen=True)
class Somebody:
    """A person: events by rule and day on each of their slices."""

    slices: Mapping[str, Mapping[Key, int]]
    account: str | None = None
    exclusion_reason: str | None = None

    def with_one_more(self, slice_id: str, key: Key) -> Somebody:
        """The same person with one more event."""
        counts = dict(self.slices.get(slice_id, {}))
        counts[key] = counts.get(key, 0) + 1
        return replace(self, slices={**self.slices, slice_id: counts})


@dataclass(frozen=True)
class Scored:
    """Scores by person and by account; who has no scored event up to the day is not there."""

    people: Mapping[str, float] = field(default_factory=dict)
    accounts: Mapping[str, float] = field(default_factory=dict)


def score(models: CompiledModels, people: Mapping[str, Somebody], as_of: date) -> Scored:
    """What the models make of these people's buckets at the end of a day."""
    for table in ("int_buckets_counted", "int_slices_owned", "int_people_summarised"):
        models.connection.execute(f"delete from {models.relation(table)}")
    models.connection.execute("delete from warehouse.raw.refresh_settings")
    models.connection.execute(
        "insert into warehouse.raw.refresh_settings (refresh_id, as_of_date, last_load_id)"
        " values ('test', ?, 1)",
        [as_of],
    )
    _insert(models, "int_people_summarised",
            ("person_id", "account_id", "account_domain", "exclusion_reason"),
            [(id_named(person), _account(each), each.account, each.exclusion_reason)
             for person, each in people.items()])  # fmt: skip
    slices = [(person, counts)
              for person, each in people.items()
              for counts in each.slices.values()]  # fmt: skip
    _insert(models, "int_slices_owned", ("slice_id", "person_id", "is_gone"),
            [(slice_id, id_named(person), False)
             for slice_id, (person, _) in enumerate(slices)])  # fmt: skip
    _insert(models, "int_buckets_counted", ("slice_id", "rule_id", "event_date", "event_count"),
            [(slice_id, rule_id, day, count)
             for slice_id, (_, counts) in enumerate(slices)
             for (rule_id, day), count in counts.items()])  # fmt: skip
    for name in MODELS:
        models.build(name)
    return Scored(
        _by_name(models, "select person_id, intent_score"
                         " from warehouse.intermediate.int_people_scored"),
        _by_name(models, "select account_id, account_score"
                         " from published.marts.fct_account_scores"),
    )  # fmt: skip


def _account(somebody: Somebody) -> UUID | None:
    return None if somebody.account is None else id_named(somebody.account)


def _by_name(models: CompiledModels, query: str) -> dict[str, float]:
    return {name_of(id_): score for id_, score in models.rows(query)}


def _insert(
    models: CompiledModels, table: str, columns: Iterable[str], rows: list[tuple[object, ...]]
) -> None:
    names = tuple(columns)
    if rows:
        models.connection.executemany(
            f"insert into {models.relation(table)} ({', '.join(names)})"
            f" values ({', '.join('?' * len(names))})",
            rows,
        )
