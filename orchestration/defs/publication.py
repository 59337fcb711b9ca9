"""The last stages: the published file, and what sales open."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dagster as dg

from ingestion.settings import Settings
from orchestration.defs.stages import stage
from orchestration.exports.sales import SALES_TABLES, SalesTable, export_table
from orchestration.outcomes import Exported
from orchestration.progress import Progress
from orchestration.publish import publish
from orchestration.refresh_record import RefreshRecord
from orchestration.writer import Writer

ANALYTICS = dg.AssetKey(["published", "analytics"])

DAILY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=26)
)


def published_analytics(marts: Iterable[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published copy of the file that holds `marts`."""

    @dg.asset(
        key=ANALYTICS,
        deps=list(marts),
        group_name="published",
        kinds={"duckdb"},
        description="analytics.duckdb: the copy that readers open, put in place when every model"
        " is built and every test of the run has passed.",
        freshness_policy=DAILY,
        pool="duckdb",
    )
    def published(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
        progress: dg.ResourceParam[Progress],
    ) -> dg.MaterializeResult[None]:
        with stage("publish", context, progress) as running:
            writer.hold()
            record = RefreshRecord.read(settings)
            done = publish(settings, record)
            # publish has refused to go on without a record
            assert record is not None
            replace(record, published_at=datetime.now(UTC)).save(settings)
            size = f"{done.byte_count / 1e6:,.1f} MB"
            running.finish(f"{done.path.name} replaced ({size}, copied {done.method})", done)
            seconds = running.watch.seconds
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(done.path)),
                "bytes": done.byte_count,
                "copied": done.method,
                "as_of_date": record.as_of_date.isoformat(),
                "refresh_id": record.refresh_id,
                "publish_seconds": round(seconds, 3),
            }
        )

    return published


def sales_export(table: SalesTable) -> dg.AssetsDefinition:
    """One CSV for sales, from the published file alone."""

    @dg.asset(
        key=["exports", table.name],
        deps=[ANALYTICS],
        group_name="exports",
        kinds={"csv"},
        description=table.description,
        pool="duckdb",
    )
    def export(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
        progress: dg.ResourceParam[Progress],
    ) -> dg.MaterializeResult[None]:
        with stage("export", context, progress) as running:
            writer.hold()
            path, row_count = export_table(settings, table)
            running.finish(f"{path.name}: {row_count:,} {table.name}", Exported(path, row_count))
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(path)),
                "dagster/row_count": row_count,
            }
        )

    return export


def sales_exports() -> list[dg.AssetsDefinition]:
    """Every CSV for sales."""
    return [sales_export(table) for table in SALES_TABLES]
