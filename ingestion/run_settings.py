"""What the models may know of a run: no model reads the clock or the environment."""

from __future__ import annotations

from datetime import date

import duckdb

from ingestion.settings import Settings


def record(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    refresh_id: str,
    *,
    is_as_of_today: bool = False,
) -> None:
    """Replaces the row of raw.refresh_settings, and raw.site_domains by the settings' domains.

    `is_as_of_today` says that `as_of` is the UTC day of the run itself: only then are alerts due.
    """
    connection.begin()
    try:
        connection.execute("delete from raw.refresh_settings")
        connection.execute(
            "insert into raw.refresh_settings"
            " (refresh_id, as_of_date, is_as_of_today, last_load_id)"
            " values (?, ?, ?, nextval('raw.load_ids'))",
            [refresh_id, as_of, is_as_of_today],
        )
        connection.execute("delete from raw.site_domains")
        connection.execute(
            "insert into raw.site_domains (site_domain) select unnest(cast(? as varchar[]))",
            [list(settings.site_domains)],
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
