"""The records in quarantine: how many for which reason, and examples of each."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.rows import records

EXAMPLES = 3
EXAMPLES_OF_ONE = 25
"""Where one reason is asked for."""

LENGTH_SHOWN = 2_000
"""Of an example's text; `--write` gives records whole."""

# a file refused as a whole has a detail and no text; without either it has been forgotten
_REASONS = """
select
    reason_code,
    count(*) as record_count,
    count(distinct file_name) as file_count,
    count_if(raw_text is null and detail is null) as forgotten_count
from raw.rejected_events
where reason_code = coalesce(?, reason_code)
group by all
order by record_count desc, reason_code
"""
# of the latest load first: what went wrong last is what is looked for
_EXAMPLES = """
select
    reason_code,
    file_name,
    line_number,
    detail,
    left(raw_text, ?) as raw_text
from raw.rejected_events
where reason_code = coalesce(?, reason_code)
qualify
    row_number() over (
        partition by reason_code
        order by raw_text is null and detail is null, load_id desc, line_number, record_md5
    ) <= ?
order by load_id desc, line_number, record_md5
"""


@dataclass(frozen=True)
class Example:
    """One refused record; `line_number` is 0 where it stands for a file as a whole."""

    reason_code: str
    file_name: str
    line_number: int
    detail: str | None
    raw_text: str | None
    """The beginning of the record; None where there is none, or no longer."""

    @property
    def is_of_file(self) -> bool:
        """Whether it stands for a file, or a part of one, that has no records to be shown."""
        return self.raw_text is None and self.detail is not None


@dataclass(frozen=True)
class Group:
    """The records refused for one reason."""

    reason_code: str
    record_count: int
    file_count: int
    forgotten_count: int
    """Those of which only place and reason are left."""


@dataclass(frozen=True)
class Quarantine:
    """What `intent rejected` shows: reasons with most records first, and their examples."""

    groups: tuple[Group, ...]
    examples: tuple[Example, ...]
    days: int
    """After so many what a record said is forgotten."""

    @property
    def record_count(self) -> int:
        return sum(group.record_count for group in self.groups)

    @property
    def forgotten_count(self) -> int:
        return sum(group.forgotten_count for group in self.groups)

    def examples_of(self, group: Group) -> list[Example]:
        return [each for each in self.examples if each.reason_code == group.reason_code]


def read_quarantine(
    connection: duckdb.DuckDBPyConnection, settings: Settings, reason: str | None
) -> Quarantine:
    """The quarantine, or the part of it with one reason. Raises UserError where there is none."""
    groups = records(Group, connection, _REASONS, [reason])
    if reason is not None and not groups:
        known = [group.reason_code for group in records(Group, connection, _REASONS, [None])]
        raise UserError(
            f"No record is refused for {reason!r}; reasons there are: {', '.join(known) or 'none'}"
        )
    count = EXAMPLES if reason is None else EXAMPLES_OF_ONE
    examples = records(Example, connection, _EXAMPLES, [LENGTH_SHOWN, reason, count])
    return Quarantine(tuple(groups), tuple(examples), settings.quarantine_days)
