"""What an export for a CRM told, so that the next one can tell what has changed since.

After each export the fingerprint of every row is noted in `exports/.state/`, one file an as-of date
and CRM. As with the news for sales (orchestration/exports/news), an export is compared with the
note of the latest *earlier* as-of date: told again, the changes of a day are the same. What an
earlier export of the same day told stays in its note too, since the CRM may have that one: a record
that is gone since, or was changed and changed back, is told of by all later ones of the day and by
that of the next. So does what an export of a past date tells, in the newest note.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.exports.files import write_file


@dataclass(frozen=True)
class Told:
    """What was told of the records of an object, by what each is matched on (address, domain).

    Two plain mappings and not one of pairs, which at a year's number of records cost more to make
    than the file that they are read from.
    """

    keys: Mapping[str, str]
    """Idempotency keys."""
    fingerprints: Mapping[str, str]
    """Empty where it was told in more than one way on the day of the note."""

    def joined_with(self, now: Told) -> Told:
        """What was told on a day by this, and then by `now`."""
        several = {
            record: ""
            for record, fingerprint in now.fingerprints.items()
            if self.fingerprints.get(record, fingerprint) != fingerprint
        }
        return Told({**self.keys, **now.keys}, {**self.fingerprints, **now.fingerprints, **several})


NOTHING = Told({}, {})


@dataclass(frozen=True)
class Note:
    """What was exported as of one day: name of the object to its rows."""

    as_of: date
    objects: Mapping[str, Told]


def write_note(settings: Settings, crm_name: str, note: Note) -> None:
    """Notes what stands in the export, for those of later dates."""
    content = {
        "as_of_date": note.as_of.isoformat(),
        "objects": {
            name: [(record, key, told.fingerprints[record]) for record, key in told.keys.items()]
            for name, told in note.objects.items()
        },
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    write_file(note_path(settings, crm_name, note.as_of), text.encode())


def note_path(settings: Settings, crm_name: str, as_of: date) -> Path:
    return settings.exports / ".state" / f"{crm_name}_{as_of.isoformat()}.json"


def noted_dates(settings: Settings, crm_name: str) -> list[date]:
    """The as-of dates that a note is kept of, in order."""
    found = (settings.exports / ".state").glob(f"{crm_name}_????-??-??.json")
    return sorted(date.fromisoformat(path.stem.removeprefix(f"{crm_name}_")) for path in found)


def latest_before(settings: Settings, crm_name: str, as_of: date) -> Note | None:
    """The note of the last as-of date before `as_of`, or None. Raises UserError as `note_of`."""
    dates = [noted for noted in noted_dates(settings, crm_name) if noted < as_of]
    return note_of(settings, crm_name, dates[-1]) if dates else None


def note_of(settings: Settings, crm_name: str, as_of: date) -> Note | None:
    """The note of a day, or None.

    Raises UserError where it cannot be read, since to send everything again would be worse.
    """
    path = note_path(settings, crm_name, as_of)
    if not path.exists():
        return None
    try:
        objects = {
            str(name): Told(
                {str(record): str(key) for record, key, _ in rows},
                {str(record): str(fingerprint) for record, _, fingerprint in rows},
            )
            for name, rows in json.loads(path.read_bytes())["objects"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} cannot be read ({error}); remove it, and changes are told since the export"
            " before"
        ) from error
    return Note(as_of, objects)
