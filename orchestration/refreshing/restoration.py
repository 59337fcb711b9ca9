"""The marts file once a write into it was torn.

DuckDB writes the pages that say where everything lies in place. A process that is killed in the
midst of that, or a machine without power, leaves a file that nobody can open. What readers see is a
whole copy, from the last refresh that was published.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.folders import sync_folder
from ingestion.settings import Settings
from orchestration.refreshing.publish import copy_file

RESTORED = "restored"
"""What the kept tables of a copy are said to be made of, so that they are built from everything:
the pipeline's own file may have forgotten changes that they have not seen."""


def restore_marts(settings: Settings) -> None:
    """Puts a copy of the published file in the place of `marts.duckdb`, or nothing where none is.

    Its records stand as they were published. The caller holds the writer lock and has no
    connection open to either.
    """
    marts = settings.marts
    draft = marts.with_name(f".{marts.name}.restored")
    draft.unlink(missing_ok=True)
    if settings.analytics.exists():
        copy_file(settings.analytics, draft)
        draft.chmod(0o644)
        _forget_ingredients(draft)
    # it belongs to the torn file, and would be read into the new one
    marts.with_name(f"{marts.name}.wal").unlink(missing_ok=True)
    if draft.exists():
        draft.replace(marts)
    else:
        marts.unlink()
    sync_folder(settings.data_dir)


def _forget_ingredients(marts: Path) -> None:
    with duckdb.connect(marts) as connection:
        if connection.execute(
            "select 1 from duckdb_tables()"
            " where (schema_name, table_name) = ('ops', 'model_fingerprints')"
        ).fetchall():
            connection.execute(
                f"""update ops.model_fingerprints set ingredients = '{{"{RESTORED}": ""}}'"""
            )
