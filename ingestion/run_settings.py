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
        # never lower than it was: models are marked with it (see number_changed_rules)
        connection.execute(
            "create or replace temp table new_settings as"
            " select ? as refresh_id, ? as as_of_date, ? as is_as_of_today,"
            " coalesce(greatest((select max(load_id) from raw.files),"
            " (select max(last_load_id) from raw.refresh_settings)), 0) as last_load_id",
            [refresh_id, as_of, is_as_of_today],
        )
        connection.execute("delete from raw.refresh_settings")
        connection.execute("insert into raw.refresh_settings by name from new_settings")
        connection.execute("drop table new_settings")
        connection.execute("delete from raw.site_domains")
        connection.execute(
            "insert into raw.site_domains (site_domain) select unnest(cast(? as varchar[]))",
            [list(settings.site_domains)],
        )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def number_changed_rules(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives the run a number of its own, above every load; in the caller's transaction.

    A model that writes differences marks them with the run's number. Where rules have changed and
    nothing was loaded, that must be another than the one up to which its readers are built.
    """
    connection.execute("update raw.refresh_settings set last_load_id = nextval('raw.load_ids')")
