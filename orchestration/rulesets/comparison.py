"""The same log under the rules that stand and under others: who moves, and what is different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from ingestion.errors import UserError
from orchestration.analytics import first_line
from orchestration.apart.changed import SIDES, changed_seeds, readers_of
from orchestration.apart.database import Apart
from orchestration.rulesets.files import SEEDS

WANTED = (
    "dim_people", "dim_accounts", "fct_person_scores", "fct_account_scores",
    "fct_person_score_reasons", "fct_account_score_reasons", "int_rulesets_dated",
)  # fmt: skip
"""What a comparison reads."""
PLACES = 9
"""Scores are compared after rounding to so many places, as bands are."""
SQUARE = 5
"""Scores are counted in squares of so many points."""

_ROW = {
    "scoring_rules": "rule_id", "scoring_groups": "score_group", "score_bands": "band",
    "page_classes": "priority", "opening_lines": "rule_id", "brief_bands": "band",
    "alert_bands": "band",
}  # fmt: skip
"""The column that a row of a seed is known by."""


@dataclass(frozen=True)
class Cell:
    """A cell of a seed that differs; None where it is empty, or its row is not there."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    """A row of a seed that differs."""

    file: str
    row: str
    """What it is known by: the rule, group, band, or the priority of a page class."""
    kind: str
    """changed, added or removed."""
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Mover:
    """A person or account whose band or score differs. Scores are of 0 to 100."""

    id: str
    name: str
    """Address, else full name, else id; of an account its domain."""
    band_before: str
    band_after: str
    score_before: float
    score_after: float
    reason_before: str | None
    """The main one; None where nothing counts."""
    reason_after: str | None

    @property
    def change(self) -> float:
        """In points of the score."""
        return self.score_after - self.score_before

    @property
    def changes_band(self) -> bool:
        return self.band_before != self.band_after


@dataclass(frozen=True)
class Flow:
    """How many go from one band to another, or stay in one."""

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class Square:
    """How many have scores within one square of SQUARE points before and after; its corner."""

    before: int
    after: int
    way: int
    """1: into a hotter band, -1: into a colder one, 0: the band stays."""
    count: int


@dataclass(frozen=True)
class Moves:
    """What becomes of all people or all accounts."""

    total: int
    mean_change: float
    """Of the scores of all, in points."""
    flows: Sequence[Flow]
    movers: Sequence[Mover]
    """Those who change their band first, then by how much their score changes."""
    squares: Sequence[Square]

    @property
    def unmoved(self) -> int:
        """Those whose band and score stay."""
        return self.total - len(self.movers)

    @property
    def band_changes(self) -> int:
        return sum(flow.count for flow in self.flows if flow.before != flow.after)

    def count_of(self, before: str, after: str) -> int:
        """How many go from one band to the other."""
        return sum(
            flow.count for flow in self.flows if (flow.before, flow.after) == (before, after)
        )


@dataclass(frozen=True)
class Comparison:
    """Two sets of rules on one log, as of one day."""

    as_of: date
    ruleset_before: str
    ruleset_after: str
    changes: Sequence[Change]
    bands: Sequence[str]
    """Of both sets of rules, the hottest first."""
    limits_before: Sequence[float]
    """The lowest scores of the bands, but for 0."""
    limits_after: Sequence[float]
    people: Moves
    """Identified, and not excluded."""
    accounts: Moves

    @property
    def is_same(self) -> bool:
        """Whether no rule differs, and so no score."""
        return not self.changes


def compare(apart: Apart) -> Comparison:
    """Scores by the rules that `apart` was compiled with, against those that are published.

    Only models below something that differs are made; the others stand. Raises UserError where
    seeds of other matters differ too, where the models refuse the rules, or where what stands was
    built by another version of the product.
    """
    try:
        changed = changed_seeds(apart)
        _refuse_others(apart, [name for name in changed if name not in SEEDS])
        if all(limit > 0 for _, limit in _bands(apart.connection, "rules")):
            raise UserError(
                "score_bands.csv: a score of 0 is in no band; give one band the minimum_score 0"
            )
        apart.build(WANTED, apart.below(readers_of(apart, changed)))
        return _read(apart, [name for name in changed if name in SEEDS])
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        words = f"What is built was built by another version ({first_line(error)})"
        raise UserError(f"{words}; run: intent refresh") from error
    except (duckdb.DataError, duckdb.ProgrammingError) as error:
        # a pattern that is none, a number that is too large
        raise UserError(f"The models cannot run by these rules: {first_line(error)}") from error


def _refuse_others(apart: Apart, changed: Sequence[str]) -> None:
    """Raises UserError where one of these seeds is read by what is wanted, itself or by way of
    others: the moves would be of two causes."""
    if mixed := [name for name in changed if not apart.below([name]).isdisjoint(WANTED)]:
        files = ", ".join(apart.nodes[name]["original_file_path"] for name in mixed)
        raise UserError(
            f"{files} has changed too since the last refresh, and would be mixed in;"
            " run: intent refresh, or undo it"
        )


def _read(apart: Apart, changed: Sequence[str]) -> Comparison:
    connection = apart.connection
    before, after = (_bands(connection, side) for side in SIDES)
    for sql in (_PEOPLE, _ACCOUNTS):
        connection.execute(sql)
    ordered = dict([*before, *after])
    seen = connection.execute(
        "select distinct unnest([band_before, band_after]) as band"
        " from (from people_compared union all from accounts_compared) order by band"
    ).fetchall()
    # a hand raised makes hot, whether or not there is such a band
    bands = sorted(ordered, key=lambda name: -ordered[name])
    bands = [*(name for (name,) in seen if name not in ordered), *bands]
    [(as_of, ruleset_before, ruleset_after)] = connection.execute(_RULESETS).fetchall()
    return Comparison(
        as_of=as_of,
        ruleset_before=ruleset_before,
        ruleset_after=ruleset_after,
        changes=[change for seed in changed for change in _changes(apart, seed)],
        bands=bands,
        limits_before=sorted(limit for _, limit in before if limit > 0),
        limits_after=sorted(limit for _, limit in after if limit > 0),
        people=_moves_of(connection, "people_compared", bands),
        accounts=_moves_of(connection, "accounts_compared", bands),
    )


def _bands(connection: duckdb.DuckDBPyConnection, side: str) -> list[tuple[str, float]]:
    return connection.execute(
        f"select band, minimum_score from {side}.seeds.score_bands"
    ).fetchall()


_RULESETS = """
select
    now_.as_of_date,
    (select any_value(ruleset_id) from standing.intermediate.int_rulesets_dated),
    now_.ruleset_id
from warehouse.intermediate.int_rulesets_dated as now_
"""
_PEOPLE = """
create or replace temp table people_compared as
with first_before as (
    select person_id, reason from standing_published.marts.fct_person_score_reasons
    where reason_rank = 1
),
first_after as (
    select person_id, reason from published.marts.fct_person_score_reasons
    where reason_rank = 1
)
select
    cast(after_.person_id as varchar) as id,
    coalesce(
        after_.primary_email, after_.full_name, cast(after_.person_id as varchar)
    ) as name,
    before_.intent_band as band_before,
    after_.intent_band as band_after,
    before_.intent_score as score_before,
    after_.intent_score as score_after,
    first_before.reason as reason_before,
    first_after.reason as reason_after
from published.marts.dim_people as after_
inner join standing_published.marts.dim_people as before_ using (person_id)
left join first_before using (person_id)
left join first_after using (person_id)
where after_.is_identified and after_.exclusion_reason is null
"""
_ACCOUNTS = """
create or replace temp table accounts_compared as
with first_before as (
    select account_id, reason from standing_published.marts.fct_account_score_reasons
    qualify row_number() over (partition by account_id order by score_share desc, reason) = 1
),
first_after as (
    select account_id, reason from published.marts.fct_account_score_reasons
    qualify row_number() over (partition by account_id order by score_share desc, reason) = 1
)
select
    cast(after_.account_id as varchar) as id,
    after_.domain as name,
    before_.account_band as band_before,
    after_.account_band as band_after,
    before_.account_score as score_before,
    after_.account_score as score_after,
    first_before.reason as reason_before,
    first_after.reason as reason_after
from published.marts.dim_accounts as after_
inner join standing_published.marts.dim_accounts as before_ using (account_id)
left join first_before using (account_id)
left join first_after using (account_id)
"""
_MOVERS = f"""
select * from {{compared}}
where
    band_before <> band_after
    or round(score_before, {PLACES}) <> round(score_after, {PLACES})
order by
    band_before <> band_after desc,
    abs(round(score_after - score_before, {PLACES})) desc,
    name,
    id
"""
_SQUARES = f"""
select
    cast({SQUARE} * floor(round(score_before, {PLACES}) / {SQUARE}) as bigint) as before,
    cast({SQUARE} * floor(round(score_after, {PLACES}) / {SQUARE}) as bigint) as after,
    sign(list_position($bands, band_before) - list_position($bands, band_after)) as way,
    count(*) as row_count
from {{compared}}
group by all
order by all
"""


def _moves_of(connection: duckdb.DuckDBPyConnection, compared: str, bands: Sequence[str]) -> Moves:
    [(total, mean)] = connection.execute(
        # a sum of decimals, which no order of rows changes
        "select count(*), coalesce(cast(avg(cast(score_after as decimal(38, 12))"
        f" - cast(score_before as decimal(38, 12))) as double), 0) from {compared}"
    ).fetchall()
    flows = connection.execute(
        f"select band_before, band_after, count(*) from {compared} group by all order by all"
    ).fetchall()
    movers = connection.execute(_MOVERS.format(compared=compared)).fetchall()
    squares = connection.execute(
        _SQUARES.format(compared=compared), {"bands": list(bands)}
    ).fetchall()
    return Moves(
        total=total,
        mean_change=mean,
        flows=[Flow(*row) for row in flows],
        movers=[Mover(*row) for row in movers],
        squares=[Square(*row) for row in squares],
    )


def _changes(apart: Apart, seed: str) -> Iterator[Change]:
    before, after = (_rows(apart.connection, side, seed) for side in SIDES)
    for row in [*after, *(row for row in before if row not in after)]:
        was, is_ = before.get(row), after.get(row)
        cells = [
            Cell(column, _value(was, column), _value(is_, column))
            for column in dict.fromkeys([*(is_ or {}), *(was or {})])
            if _value(was, column) != _value(is_, column)
        ]
        if cells:
            kind = "added" if was is None else "removed" if is_ is None else "changed"
            yield Change(apart.nodes[seed]["original_file_path"], row, kind, cells)


def _rows(connection: duckdb.DuckDBPyConnection, side: str, seed: str) -> dict[str, dict[str, Any]]:
    """The rows of a seed by what they are known by, in the order of the file."""
    rows = connection.execute(f"select * from {side}.seeds.{seed}")
    names = [column[0] for column in rows.description]
    found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return {str(row[_ROW[seed]]): row for row in found}


def _value(row: Mapping[str, Any] | None, column: str) -> str | None:
    """A cell as it is written: 15 and not 15.0, true and not True."""
    value = None if row is None else row.get(column)
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)
