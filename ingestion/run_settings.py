"""What the models may know of a run: no model reads the clock or the environment."""

from __future__ import annotations

from datetime import date

import duckdb

from ingestion.settings import Settings


def record(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, refresh_id: str
) -> None:
    """Replaces the row of raw.refresh_settings, and raw.site_domains by the settings' domains."""
    connection.begin()
    try:
        connection.execute("delete from raw.refresh_settings")
        connection.execute(
            "insert into raw.refresh_settings (refresh_id, as_of_date) values (?, ?)",
            [refresh_id, as_of],
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
