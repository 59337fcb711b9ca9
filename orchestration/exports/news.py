"""What is new since the last export.

After each export the bands of all accounts and people are noted in `exports/.state/`, one file an
as-of date. An export is compared with the note of the latest *earlier* as-of date: a second export
of the same date therefore tells the same news again, with what has been added since, and loses
none; and an export of a past date is compared with what had been known before it, and not noted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.cells import Value
from orchestration.exports.columns import BANDS
from orchestration.exports.files import write_file
from orchestration.exports.noted import last_noted
from orchestration.whole_points import whole_score

_CURRENT = """
select
    'account' as entity_type, domain as entity, null as full_name, company_name,
    account_band as band, account_score as score, why, owner
from marts.sync_accounts
union all
select
    'person', email, full_name, company_name, intent_band, intent_score, why, owner
from marts.sync_people
"""
_CHANGED = f"""
select current.*, standing.band as band_before, standing.score as score_before
from ({_CURRENT}) as current
left join standing
    on current.entity_type = standing.entity_type and current.entity = standing.entity
where current.band is distinct from standing.band
order by current.score desc, current.entity_type, current.entity
"""
_STANDING = pa.schema(
    [("entity_type", pa.string()), ("entity", pa.string()), ("band", pa.string()),
     ("score", pa.int64())]
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """What was exported as of one day: a row of _STANDING for each account and person."""

    as_of: date
    standing: pa.Table


def changes(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date
) -> Iterator[Sequence[Value]]:
    """The rows of columns.CHANGES, highest score first; in a first export all is new."""
    earlier = latest_before(settings, as_of)
    compared_with = earlier.as_of if earlier else None
    cursor = connection.cursor()
    cursor.register("standing", earlier.standing if earlier else _STANDING.empty_table())
    # few have changed of many: who is as before never leaves the query
    for (
        entity_type, entity, full_name, company_name, band, score, why, owner, before, score_before
    ) in cursor.execute(_CHANGED).fetchall():  # fmt: skip
        yield (
            change_of(before, band), entity_type, entity, full_name, company_name, before, band,
            score_before, score, why, owner, compared_with, as_of,
        )  # fmt: skip


def change_of(before: str | None, now: str) -> str:
    """new, up or down; changed where a band is none that we know the order of."""
    if before is None:
        return "new"
    if before not in BANDS or now not in BANDS:
        return "changed"
    return "up" if BANDS.index(now) > BANDS.index(before) else "down"


def note(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> None:
    """Notes what stands in the export of `as_of`, for the exports of later dates.

    Not where one of a later date has been noted: it was compared with what there was then.
    """
    if last_noted(noted_dates(settings), as_of) != as_of:
        return
    rows = connection.execute(
        f"select entity_type, entity, band, score from ({_CURRENT})"
        " order by score desc, entity_type, entity"
    ).fetchall()
    content = json.dumps({"as_of_date": as_of.isoformat(), "rows": rows}, ensure_ascii=False)
    write_file(note_path(settings, as_of), content.encode())


def note_path(settings: Settings, as_of: date) -> Path:
    return settings.exports / ".state" / f"bands_{as_of.isoformat()}.json"


def noted_dates(settings: Settings) -> list[date]:
    """The as-of dates that a note is kept of, in order."""
    found = (settings.exports / ".state").glob("bands_????-??-??.json")
    return sorted(date.fromisoformat(path.stem.removeprefix("bands_")) for path in found)


def latest_before(settings: Settings, as_of: date) -> Note | None:
    """The note of the last as-of date before `as_of`, or None.

    Raises UserError where it cannot be read, since to take everything for new would be worse.
    """
    dates = [noted for noted in noted_dates(settings) if noted < as_of]
    if not dates:
        return None
    path = note_path(settings, dates[-1])
    try:
        rows: list[list[Any]] = json.loads(path.read_bytes())["rows"]
        # in columns, as a join wants them: an object for each of so many rows costs more than it
        kinds, entities, bands, scores = zip(*rows, strict=True) if rows != [] else ((),) * 4
        # a note of an older version has scores with their decimals
        whole = [whole_score(score) for score in scores]
        standing = pa.table([kinds, entities, bands, whole], schema=_STANDING)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} cannot be read ({error}); remove it, and news are told since the export before"
        ) from error
    return Note(dates[-1], standing)
