"""From landing/ to schema raw: the assets that dbt's sources are."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb

from ingestion import landing, quarantine, reference, run_settings, warehouse
from ingestion.collector.live_files import finish_leftovers
from ingestion.gathering import days_over, gather
from ingestion.ledger import LedgerRow
from ingestion.loader import load_paths
from ingestion.settings import Settings
from orchestration.console import counted
from orchestration.defs import pictures
from orchestration.defs.resources import RefreshOptions
from orchestration.defs.stages import stage
from orchestration.refreshing.compaction import remove_drafts
from orchestration.refreshing.outcomes import Loaded, unknown_files
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.record import RefreshRecord, new_refresh_id
from orchestration.refreshing.writer import Writer

LANDING = dg.AssetKey("landing")

RAW_TABLES = {
    "events": "One row an event: the winner of its event_id over the whole history.",
    "files": "The ledger: one row a load of a file, every record accounted for.",
    "rejected_events": "Records that could not be read, with reason and place.",
    "event_id_collisions": "Events that lost: same event_id, other content.",
    "leads": "What a CRM says of people: every distinct row ever loaded.",
    "ad_spend": "What was spent on ads: every distinct row ever loaded.",
    "email_domains": "For each e-mail domain seen: free, disposable, registrable domain.",
    "user_agents": "For each user agent seen: is it a bot, and which.",
    "refresh_settings": "The as-of date of the refresh: all that models know of the run.",
    "site_domains": "The company's own domains.",
}

landing_folder = dg.AssetSpec(
    LANDING,
    group_name="ingestion",
    kinds={"file"},
    description="Log files as producers drop them: NDJSON of Segment messages, access logs.",
)


@dg.multi_asset(
    name="load",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["raw", table]),
            deps=[LANDING],
            group_name="ingestion",
            kinds={"python", "duckdb"},
            description=description,
        )
        for table, description in RAW_TABLES.items()
    ],
    pool="duckdb",
)
def load(
    context: dg.AssetExecutionContext,
    options: RefreshOptions,
    settings: dg.ResourceParam[Settings],
    writer: dg.ResourceParam[Writer],
    progress: dg.ResourceParam[Progress],
) -> Iterator[dg.AssetObservation | dg.MaterializeResult[None]]:
    """Loads the given paths, or what is new in landing/, and records the as-of date."""
    with stage("load", context, progress) as running:
        started_at = datetime.now(UTC)
        as_of = options.as_of_date()
        writer.hold()
        remove_drafts(settings)
        if not options.paths:
            _finish_leftovers(context, settings)
            _gather_days(context, settings, started_at)
        paths = [Path(path) for path in options.paths] or landing.pending_files(settings)
        files = files_of(paths)
        landed = [path for path in files if is_below(path, settings.landing)]
        if landed or not options.paths:
            yield landing_observation(landed)
        record = RefreshRecord(
            refresh_id=new_refresh_id(context.run.run_id, started_at),
            dagster_run_id=context.run.run_id,
            as_of_date=as_of,
            started_at=started_at,
        )
        record.save(settings)
        done: list[LedgerRow] = []
        total = len(files)

        def count(row: LedgerRow) -> None:
            done.append(row)
            progress.advanced("load", len(done), total, row.file_name)

        with warehouse.connect(settings) as connection:
            ledger = load_paths(connection, settings, files, on_file=count)
            new = [row for row in ledger if not row.already_loaded]
            reference.refresh_lists(connection)
            run_settings.record(
                connection,
                settings,
                as_of,
                record.refresh_id,
                is_as_of_today=as_of == datetime.now(UTC).date(),
            )
            row_counts = {table: _row_count(connection, table) for table in RAW_TABLES}
            loaded = Loaded(
                as_of_date=as_of,
                files=tuple(new),
                rejected_by_reason=_rejected_by_reason(connection, new),
                newest_event_at=_newest_event(connection, as_of),
                unknown=tuple(quarantine.why_unknown(connection, unknown_files(new))),
                known_files=len(ledger) - len(new) if options.paths else 0,
            )
            pictures_of = {
                "events": {
                    "records": pictures.records_by_outcome(new),
                    "refused": pictures.refused_by_reason(loaded.rejected_by_reason),
                    "events_by_day": pictures.events_by_day(connection, as_of),
                },
                "rejected_events": {
                    "in_quarantine": pictures.refused_by_reason(_rejected_by_reason(connection)),
                },
            }
        replace(
            record,
            files_loaded=len(new),
            events_loaded=loaded.events,
            rejected_count=loaded.rejected,
        ).save(settings)
        running.finish(in_words(loaded), loaded)
        seconds = running.watch.seconds
    for table, row_count in row_counts.items():
        yield dg.MaterializeResult(
            asset_key=["raw", table],
            metadata={
                "dagster/row_count": row_count,
                "load_seconds": round(seconds, 3),
                **(file_metadata(loaded) if table == "files" else {}),
                **pictures_of.get(table, {}),
            },
        )


def _finish_leftovers(context: dg.AssetExecutionContext, settings: Settings) -> None:
    """Also where no collector starts any more, as after a restore: what it left was answered."""
    try:
        for path in finish_leftovers(settings.landing):
            context.log.info(f"{path.name} is what a killed collector left")
    except OSError as error:
        context.log.warning(f"what a killed collector left stays as it is: {error}")


def _gather_days(context: dg.AssetExecutionContext, settings: Settings, now: datetime) -> None:
    """Before the load, so that it takes up what this makes; a full disk stops no refresh here."""
    days = days_over(settings, now.date())
    if not days:
        return
    with warehouse.connect(settings) as connection:
        try:
            gathered = gather(connection, settings, days)
        except OSError as error:
            context.log.warning(f"the collector's files stay as they are: {error}")
        else:
            for path in gathered:
                context.log.info(f"{path.name} takes the place of the collector's files of a day")


def in_words(loaded: Loaded) -> str:
    """`3 files: 1,200 events, 4 rejected, 30 duplicate`, or that nothing is new."""
    if not loaded.files:
        return "nothing new"
    totals: Counter[str] = Counter()
    for row in loaded.files:
        totals["duplicate"] += row.duplicate_count
        totals["collided"] += row.collided_count
        totals["skipped"] += row.skipped_count
    extras = [f"{count:,} {name}" for name, count in totals.items() if count]
    files = counted(len(loaded.files), "file")
    return ", ".join(
        [f"{files}: {counted(loaded.events, 'event')}", f"{loaded.rejected:,} rejected", *extras]
    )


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files meant by `paths`: a folder's by name. What is neither is left to the loader."""
    return [
        file for path in paths for file in (landing.log_files(path) if path.is_dir() else [path])
    ]


def is_below(path: Path, folder: Path) -> bool:
    """Whether a path, however it is written, lies in a folder or in one within it."""
    return path.parent.resolve().is_relative_to(folder.resolve())


def landing_observation(paths: list[Path]) -> dg.AssetObservation:
    """What lay there to be loaded."""
    sizes = [path.stat().st_size for path in paths if path.is_file()]
    return dg.AssetObservation(
        LANDING,
        metadata={"files": len(paths), "bytes": sum(sizes)},
    )


def file_metadata(loaded: Loaded) -> dict[str, int | dg.TableMetadataValue]:
    """This run's rows of the ledger, and its rejects by reason, for the UI."""
    return {
        "files_loaded": len(loaded.files),
        "events_loaded": loaded.events,
        "records_rejected": loaded.rejected,
        "loaded": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {
                        "file": row.file_name,
                        "records": row.record_count,
                        "loaded": row.loaded_count,
                        "duplicate": row.duplicate_count,
                        "rejected": row.rejected_count,
                        "parse_seconds": round(row.parse_seconds, 3),
                        "dedupe_seconds": round(row.dedupe_seconds, 3),
                    }
                )
                for row in loaded.files[:100]
            ],
            schema=dg.TableSchema(
                [
                    dg.TableColumn("file", "string"),
                    dg.TableColumn("records", "int"),
                    dg.TableColumn("loaded", "int"),
                    dg.TableColumn("duplicate", "int"),
                    dg.TableColumn("rejected", "int"),
                    dg.TableColumn("parse_seconds", "float"),
                    dg.TableColumn("dedupe_seconds", "float"),
                ]
            ),
        ),
    }


def _row_count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from raw.{table}").fetchone()
    return int(row[0]) if row else 0


def _rejected_by_reason(
    connection: duckdb.DuckDBPyConnection, files: list[LedgerRow] | None = None
) -> tuple[tuple[str, int], ...]:
    """Of these loads, or of all there ever were."""
    loads = None if files is None else [row.load_id for row in files]
    rows = connection.execute(
        "select reason_code, count(*) from raw.rejected_events"
        " where coalesce(list_contains(?::bigint[], load_id), true)"
        " group by all order by 2 desc, 1",
        [loads],
    ).fetchall()
    return tuple((str(reason), int(count)) for reason, count in rows)


def _newest_event(connection: duckdb.DuckDBPyConnection, as_of: date) -> datetime | None:
    """Of what people did up to the as-of date, as a device's clock may be ahead; where there is no
    such event, of all."""
    row = connection.execute(
        """
        select coalesce(
            max(event_at) filter (
                where event_at < $1 and event_type not in ('identify', 'group', 'alias')
            ),
            max(event_at) filter (where event_at < $1),
            max(event_at)
        )
        from raw.events
        """,
        [as_of + timedelta(days=1)],
    ).fetchone()
    return row[0] if row else None
