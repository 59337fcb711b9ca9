"""The last stages: the published file, and what sales open."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import published
from orchestration.defs import pictures
from orchestration.defs.stages import Stage, stage
from orchestration.defs.upkeep import compact_files
from orchestration.exports.beside import LONGEST, Beside
from orchestration.exports.everything import EXPORTS, Export, tidy
from orchestration.refreshing.outcomes import Exported
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.publish import publish
from orchestration.refreshing.record import RefreshRecord
from orchestration.refreshing.summary import exported_words, removed_words
from orchestration.refreshing.unchanged import note_standing
from orchestration.refreshing.writer import Writer
from orchestration.status.freshness import FAIL_AFTER, WARN_AFTER

ANALYTICS = dg.AssetKey(["published", "analytics"])
RETENTION = dg.AssetKey(["exports", "retention"])

DAILY = dg.FreshnessPolicy.time_window(fail_window=FAIL_AFTER, warn_window=WARN_AFTER)


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
    def published_copy(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
        beside: dg.ResourceParam[Beside],
        progress: dg.ResourceParam[Progress],
    ) -> dg.MaterializeResult[None]:
        with stage("publish", context, progress) as running:
            writer.hold()
            is_exported_next = _is_in_run(context, ["exports", LONGEST])
            if is_exported_next:
                beside.prepare()
            record = RefreshRecord.read(settings)
            before = _standing(settings)
            done = publish(settings, record)
            # publish has refused to go on without a record
            assert record is not None
            replace(record, published_at=datetime.now(UTC)).save(settings)
            if is_exported_next:
                beside.begin()
            size = f"{done.byte_count / 1e6:,.1f} MB"
            running.finish(f"{done.path.name} replaced ({size}, copied {done.method})", done)
            now = _standing(settings)
            seconds = running.watch.seconds
        return dg.MaterializeResult(
            metadata={
                **({"bands": pictures.bands(before, now)} if now else {}),
                "path": dg.MetadataValue.path(str(done.path)),
                "bytes": done.byte_count,
                "copied": done.method,
                "as_of_date": record.as_of_date.isoformat(),
                "refresh_id": record.refresh_id,
                "publish_seconds": round(seconds, 3),
            }
        )

    return published_copy


def _is_in_run(context: dg.AssetExecutionContext, key: Sequence[str]) -> bool:
    steps = context.run.step_keys_to_execute  # of a run that goes on with another, the rest
    return dg.AssetKey(key) in context.job_def.asset_layer.executable_asset_keys and (
        steps is None or "__".join(key) in steps
    )


def _standing(settings: Settings) -> pictures.Standing | None:
    """The bands that readers see now; None where they see none."""
    try:
        with published(settings) as connection:
            return pictures.standing(connection)
    except (UserError, duckdb.Error):
        return None  # nothing published, or a broken file: no reason not to publish


def sales_export(export: Export) -> dg.AssetsDefinition:
    """One export as an asset, from the published file alone."""

    @dg.asset(
        key=["exports", export.name],
        deps=[ANALYTICS],
        group_name="exports",
        kinds={export.kind},
        description=export.description,
        pool="duckdb",
    )
    def exported(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
        beside: dg.ResourceParam[Beside],
        progress: dg.ResourceParam[Progress],
    ) -> dg.MaterializeResult[None]:
        with stage("export", context, progress) as running:
            writer.hold()
            metadata = _told(export, settings, running, *beside.write(export))
        return dg.MaterializeResult(metadata=metadata)

    return exported


def write_missing_exports(
    context: dg.AssetExecutionContext, settings: Settings, progress: Progress, as_of: date
) -> None:
    """Writes again what exports/latest/ lacks of the published day, each told as its asset."""
    for export in EXPORTS:
        if export.is_missing(settings, as_of):
            with stage("export", context, progress) as running:
                metadata = _told(export, settings, running, *export.write(settings))
            context.log_event(
                dg.AssetMaterialization(asset_key=["exports", export.name], metadata=metadata)
            )


def _told(
    export: Export, settings: Settings, running: Stage, path: Path, count: int
) -> dict[str, Any]:
    exported = Exported(path, count, export.noun)
    place = path.relative_to(settings.exports)
    running.finish(f"{place}: {exported_words(exported)}", exported)
    shown = {"preview": dg.MetadataValue.md(export.preview(settings))} if export.preview else {}
    return {
        **shown,
        "path": dg.MetadataValue.path(str(path)),
        "dagster/row_count": count,
        "bytes": pictures.size_of(path),
    }


def sales_exports() -> list[dg.AssetsDefinition]:
    """Every export for sales, and the tidying after them."""
    return [*(sales_export(export) for export in EXPORTS), tidied()]


def tidied() -> dg.AssetsDefinition:
    """What the exports' and the landing folder's retention takes away, once all are written."""

    @dg.asset(
        key=RETENTION,
        deps=[dg.AssetKey(["exports", export.name]) for export in EXPORTS],
        group_name="exports",
        kinds={"file"},
        description="Removes exports, mini-reports and loaded files of landing/ that are older than"
        " the settings INTENT_KEEP_EXPORTS_DAYS, INTENT_KEEP_REPORTS_DAYS and"
        " INTENT_KEEP_LANDING_DAYS say; never the latest export.",
        pool="duckdb",
    )
    def retention(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
        progress: dg.ResourceParam[Progress],
    ) -> dg.MaterializeResult[None]:
        with stage("tidy", context, progress) as running:
            writer.hold()
            removed = tidy(settings, datetime.now(UTC))
            if record := RefreshRecord.read(settings):
                note_standing(settings, record)
            running.finish(f"removed {removed_words(removed)}", removed)
        compact_files(context, settings, progress)
        return dg.MaterializeResult(
            metadata={
                "latest": pictures.files_of_folder(settings.exports / "latest"),
                "exports_removed": len(removed.exports),
                "landing_files_removed": len(removed.landing_files),
                "reports_removed": len(removed.reports),
                "not_removed": list(removed.refused),
            }
        )

    return retention
