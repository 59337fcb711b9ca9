"""The folder of a CRM: each object whole, what has changed of it since the last export, what left.

`<crm>/<as of>/` in exports/ appears whole or not at all, so its files always tell of one day.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow.compute as pc

from ingestion.settings import Settings
from orchestration import plots
from orchestration.analytics import published
from orchestration.exports.columns import BANDS
from orchestration.exports.crm.notes import (
    NOTHING,
    Note,
    Told,
    latest_before,
    note_of,
    noted_dates,
    write_note,
)
from orchestration.exports.crm.objects import FINGERPRINT, KEY, Crm, CrmObject, Field
from orchestration.exports.crm.parts import Parts
from orchestration.exports.crm.values import cell
from orchestration.exports.csv_lines import Rows, Writer, as_array, as_list, in_columns, lines
from orchestration.exports.files import drafted_folder
from orchestration.exports.noted import last_noted
from orchestration.exports.tables import as_of_date, read

CREATED, UPDATED, REMOVED = "created", "updated", "removed"
"""What became of a row since the last export."""
GONE = "Not in the export any more"
"""The reason of a record that has left: an empty cell would leave the old one in the CRM."""
_LOST_COLUMNS = (KEY, "intent_score", "intent_band", "reasons", "as_of_date")


def export_crm(settings: Settings, crm: Crm) -> tuple[Path, int]:
    """Writes `<crm>/<as of>/` in exports/, and the same in exports/latest/<crm>/.

    Reads the published file alone. Returns the folder and the rows of its whole tables. Raises
    UserError where the note of the last export cannot be read.
    """
    with published(settings) as connection:
        as_of = as_of_date(connection)
        earlier = latest_before(settings, crm.name, as_of)
        today = note_of(settings, crm.name, as_of)
        folder = settings.exports / crm.name / as_of.isoformat()
        with drafted_folder(folder) as draft:
            told = {
                each.name: write_object(
                    read(connection, _query(each)),
                    draft,
                    crm,
                    each,
                    as_of,
                    rows_of(earlier, each),
                    rows_of(today, each),
                )
                for each in crm.objects
            }
    # before latest/, which says to a run after a killed one that all of the export is there
    noted_under = last_noted(noted_dates(settings, crm.name), as_of)
    noted = today if noted_under == as_of else note_of(settings, crm.name, noted_under)
    objects = {each.name: rows_of(noted, each).joined_with(told[each.name]) for each in crm.objects}
    write_note(settings, crm.name, Note(noted_under, objects))
    with drafted_folder(settings.exports / "latest" / crm.name) as draft:
        shutil.copytree(folder, draft, dirs_exist_ok=True)
    return folder, sum(len(each.keys) for each in told.values())


def rows_of(note: Note | None, crm_object: CrmObject) -> Told:
    """What a note says of an object; nothing in a first export, where all is new."""
    return note.objects.get(crm_object.name, NOTHING) if note else NOTHING


def _query(crm_object: CrmObject) -> str:
    columns = ", ".join(field.column for field in crm_object.fields)
    return (
        f"select {columns} from marts.sync_{crm_object.name}"
        f" order by intent_score desc, {crm_object.natural_key}"
    )


def write_object(
    rows: Rows,
    folder: Path,
    crm: Crm,
    crm_object: CrmObject,
    as_of: date,
    before: Told,
    today: Told = NOTHING,
) -> Told:
    """Writes the files of one object into `folder`, and returns what its whole table tells.

    `rows` have the object's fields; `before` is what the last export of an earlier date told, and
    `today` what those of this one have told so far.
    """
    keys: dict[str, str] = {}
    fingerprints: dict[str, str] = {}
    fields = crm_object.fields
    columns = [field.column for field in fields]
    matched, key, mark = map(columns.index, (crm_object.natural_key, KEY, FINGERPRINT))
    headers = crm_object.headers
    with (
        _parts(folder, crm, crm_object.name, as_of, headers) as whole,
        _parts(
            folder, crm, f"{crm_object.name}_changes", as_of, [*headers, crm.change_header]
        ) as changed,
    ):
        for written in in_columns(rows, [_writer(field, crm) for field in fields]):
            rows_written = lines(written)
            whole.write(rows_written)
            records, their_keys, now = (as_list(written[place]) for place in (matched, key, mark))
            former, since = before.fingerprints.get, today.fingerprints.get
            changes = as_array(list(map(_change, map(former, records), map(since, records), now)))
            # what became of it is a word, which needs no quotes
            with_changes = pc.binary_join_element_wise(rows_written, changes, ",")
            changed.write(with_changes.filter(pc.not_equal(changes, "")))
            keys.update(zip(records, their_keys, strict=True))
            fingerprints.update(zip(records, now, strict=True))
    told = {**before.keys, **today.keys}
    gone = {record: key for record, key in told.items() if record not in keys}
    _write_removed(folder, crm, crm_object, as_of, gone)
    return Told(keys, fingerprints)


def _writer(field: Field, crm: Crm) -> Writer:
    return Writer(partial(cell, field=field, crm=crm), field.longest)


def _change(former: str | None, since: str | None, now: str) -> str:
    """What became of a record by its fingerprint in the last export of an earlier date, in those of
    this one, and now; empty: nothing."""
    if former is None:
        return CREATED
    return "" if former == now and since in (None, now) else UPDATED


def _write_removed(
    folder: Path, crm: Crm, crm_object: CrmObject, as_of: date, gone: Mapping[str, str]
) -> None:
    """The records that an earlier export told and this one does not, cold and with no points."""
    columns = (crm_object.natural_key, *_LOST_COLUMNS)
    headers = [*map(crm_object.header_of, columns), crm.change_header]
    with _parts(folder, crm, f"{crm_object.name}_removed", as_of, headers) as removed:
        rows = [
            (record, key, "0", BANDS[0], GONE, as_of.isoformat(), REMOVED)
            for record, key in sorted(gone.items())
        ]
        removed.write(lines(zip(*rows, strict=True)))


def _parts(folder: Path, crm: Crm, name: str, as_of: date, headers: list[str]) -> Parts:
    return Parts(folder, f"{name}_{as_of.isoformat()}", headers, crm.most_rows, crm.most_bytes)


def crm_in_markdown(settings: Settings, crm: Crm) -> str:
    """The files in exports/latest/<crm>/ with their rows, for the UI."""
    counts = _row_counts(settings.exports / "latest" / crm.name)
    return plots.table(["file", "rows"], counts.items(), ["rows"])


def _row_counts(folder: Path) -> Mapping[str, int]:
    return {path.name: _line_count(path) - 1 for path in sorted(folder.glob("*.csv"))}


def _line_count(path: Path) -> int:
    # an importer gets each cell on one line
    with path.open("rb") as file:
        return sum(1 for _ in file)
