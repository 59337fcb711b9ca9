"""The list of each owner: the people and the unseen leads that somebody in sales looks after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.exports.columns import PEOPLE
from orchestration.exports.files import drafted_folder
from orchestration.exports.leads import PEOPLE_AND_LEADS
from orchestration.exports.page_names import list_name
from orchestration.exports.sales import write_csv
from orchestration.exports.tables import as_of_date, read

FOLDER = "owners"
_OWNED = f"""
select {", ".join(PEOPLE.headings)}
from {PEOPLE_AND_LEADS}
where owner is not null
order by owner, {PEOPLE.order_by}
"""


def export_owner_lists(settings: Settings) -> tuple[Path, int]:
    """Writes `owners/<as of>/` in exports/, a CSV an owner, and the same in exports/latest/owners/.

    Reads the published file alone. Returns the folder, which is empty where nobody owns anything,
    and the number of lists.
    """
    with published(settings) as connection:
        folder = settings.exports / FOLDER / as_of_date(connection).isoformat()
        with drafted_folder(folder) as draft:
            count = write_owner_lists(connection, ZoneInfo(settings.timezone), draft)
    with drafted_folder(settings.exports / "latest" / FOLDER) as draft:
        shutil.copytree(folder, draft, dirs_exist_ok=True)
    return folder, count


def write_owner_lists(connection: duckdb.DuckDBPyConnection, zone: ZoneInfo, folder: Path) -> int:
    """Writes the list of each owner into `folder`, with the columns of the list of people."""
    people = read(connection, _OWNED)
    count = 0
    for owner, found in groupby(_by_owner(people), key=itemgetter(0)):
        rows = pa.RecordBatchReader.from_batches(people.schema, (part for _, part in found))
        write_csv(folder / list_name(owner), PEOPLE.columns, rows, zone)
        count += 1
    return count


def _by_owner(people: pa.RecordBatchReader) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows, which are in the order of their owners, cut where the owner is another."""
    for batch in people:
        owners = batch.column("owner")
        for owner in owners.unique():
            yield owner.as_py(), batch.filter(pc.equal(owners, owner))
