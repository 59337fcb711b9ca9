"""The dbt project as assets: one asset a seed and model, one check a test."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from ingestion.settings import Settings
from orchestration.console import counted
from orchestration.dbt.leftovers import drop_leftovers
from orchestration.dbt.manifest import Manifest, reuse_parse
from orchestration.dbt.parts import check_part, take_own_number
from orchestration.dbt.process import DbtFailed, DbtStarter, LogLine
from orchestration.dbt.results import NodeResult, in_plain_words, read_results
from orchestration.dbt.seed_files import check_seed_files
from orchestration.dbt.seed_tables import fingerprints_of_seeds, loaded_seeds, note_loaded_seeds
from orchestration.dbt.staleness import Dropped, drop_stale
from orchestration.defs.lead_magnet import report_and_deliver
from orchestration.defs.publication import write_missing_exports
from orchestration.defs.resources import RefreshOptions
from orchestration.defs.stages import Stage, failure, is_transient, stage
from orchestration.overrides import check_overrides
from orchestration.qualification_rules import check_qualification_rules
from orchestration.refreshing import whole_tests
from orchestration.refreshing.outcomes import Built, Unchanged
from orchestration.refreshing.pipeline_files import both_files
from orchestration.refreshing.progress import Progress
from orchestration.refreshing.record import RefreshRecord
from orchestration.refreshing.summary import built_words, leftover_words, unchanged_words
from orchestration.refreshing.unchanged import forget_standing, is_unchanged, made_of, standing
from orchestration.refreshing.writer import Writer

DbtEvent = dg.Output[None] | dg.AssetCheckResult | dg.AssetObservation

_ROWS = re.compile(r"(?:INSERT|CREATE) (?P<seed>\d+)|(?P<table>\d+) rows")
"""What dbt says of a seed, which it fills or makes, and of a table (`tell_rows`)."""

_RESULT_LINES = {"LogSeedResult", "LogModelResult", "LogTestResult"}


_GROUPS_OF_MARTS = ("activation", "ops")
"""Folders of the layer that are groups of their own; the others are rooms of one group, `marts`."""


class Translator(DagsterDbtTranslator):
    """Groups dbt's nodes by layer, as their folders do."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The folder of the layer: seeds, staging, sessions …, marts, activation, ops."""
        return group_of(dbt_resource_props["resource_type"], dbt_resource_props["fqn"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description as written, without the SQL that dagster-dbt would put below it."""
        return str(dbt_resource_props.get("description") or "")


def group_of(resource_type: str, fqn: Sequence[str]) -> str:
    """The group of a node by its path: [project, layer, folder …, name]."""
    if resource_type == "source":
        return "ingestion"
    if resource_type == "seed":
        return "seeds"
    folders = fqn[1:-1]
    if folders[:1] == ["marts"] and folders[-1] not in _GROUPS_OF_MARTS:
        return "marts"
    return folders[-1] if folders else "models"


def build_arguments(
    *, full_refresh: bool, selection: Sequence[str], indirect: str | None
) -> list[str]:
    """dbt's arguments for one build. Unit tests prove the code, not the data: not in a refresh.

    `selection` is empty for the whole project; `indirect` says which tests come with a part of it.
    """
    return [
        "build",
        "--exclude-resource-type",
        "unit_test",
        *(["--full-refresh"] if full_refresh else []),
        *selection,
        *(["--indirect-selection", indirect] if indirect else []),
    ]


def without(seeds: Sequence[str], tests: Sequence[str]) -> list[str]:
    """The selection that leaves out these seeds, with the tests of them alone, and these tests."""
    left_out = [*seeds, *tests]
    return ["--exclude", *left_out] if left_out else []


def transformation(manifest: Manifest) -> dg.AssetsDefinition:
    """The assets of the whole dbt project, built by one `dbt build`."""
    translator = Translator()

    @dbt_assets(
        manifest=manifest,
        name="build",
        dagster_dbt_translator=translator,
        pool="duckdb",
    )
    def build(
        context: dg.AssetExecutionContext,
        options: RefreshOptions,
        settings: dg.ResourceParam[Settings],
        writer: dg.ResourceParam[Writer],
        dbt: dg.ResourceParam[DbtStarter],
        progress: dg.ResourceParam[Progress],
    ) -> Iterator[DbtEvent]:
        with stage("build", context, progress) as running:
            check_seed_files(manifest)
            check_overrides()
            check_qualification_rules()
            writer.hold()
            selection, indirect = get_subset_selection_for_context(
                context, manifest, None, None, None, translator, None
            )
            now = made_of(settings)
            last = standing(settings)
            if (
                last is not None
                and not selection
                and not (options.full_refresh or options.all_tests)
                and is_unchanged(settings, last, now)
            ):
                _keep(settings, last, running)
                write_missing_exports(context, settings, progress, last.as_of_date)
                report_and_deliver(context, settings, writer, progress)
                return
            record = _begin(settings, context.run.run_id, "" if selection else now)
            seeds = fingerprints_of_seeds(manifest)
            selected = _selected_models(context, manifest, translator) if selection else None
            with both_files(settings) as connection:
                take_own_number(connection)
                if selected is not None:
                    check_part(connection, manifest, selected)
                passed_at = whole_tests.take_note(connection)
                dropped = drop_stale(
                    connection, manifest, full_refresh=options.full_refresh, selected=selected
                )
                leftovers = [] if selection else drop_leftovers(connection, manifest)
                loaded_before = loaded_seeds(connection, manifest, seeds)
                all_tests = (
                    options.all_tests
                    or options.full_refresh
                    or bool(dropped.causes)
                    or whole_tests.are_due(passed_at, datetime.now(UTC))
                )
            left_out = without(
                [] if options.full_refresh else loaded_before,
                [] if all_tests else [f"tag:{whole_tests.TAG}"],
            )
            arguments = build_arguments(
                full_refresh=options.full_refresh,
                selection=selection or left_out,
                indirect=indirect if selection else "cautious",
            )
            reuse_parse(settings, settings.dbt_target)
            (settings.dbt_target / "run_results.json").unlink(missing_ok=True)
            error: DbtFailed | None = None
            try:
                for line in dbt.take().stream(arguments, settings.dbt_target):
                    _report(line, progress)
                    yield from _events(line, manifest, translator, context)
            except DbtFailed as failed:
                error = failed
            if error and is_transient(error):
                raise error
            results = read_results(settings.dbt_target, manifest)
            if error:
                raise failure(_failure_words(results, error)) from error
            built = _outcome(results, dropped, leftovers)
            if not selection:
                with both_files(settings) as connection:
                    note_loaded_seeds(connection, seeds)
                    if all_tests or passed_at is None:
                        passed_at = datetime.now(UTC)
                    whole_tests.note_passed(connection, passed_at)
            _finish(settings, record, built, is_whole=not selection)
            running.finish(_in_words(built), built)

    return build


def published_keys(manifest: Manifest) -> list[dg.AssetKey]:
    """The assets that live in the file that gets published: marts, activation and ops."""
    translator = Translator()
    return [
        translator.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["database"] == "published"
    ]


def _events(
    line: LogLine,
    manifest: Manifest,
    translator: Translator,
    context: dg.AssetExecutionContext,
) -> Iterator[DbtEvent]:
    """Dagster's events for one line of dbt's log; none for most lines."""
    message = DbtCoreCliEventMessage(raw_event=line, event_history_metadata={})
    for event in message.to_default_asset_events(manifest, translator, context):
        if isinstance(event, dg.Output):
            count = rows_told(line)
            if count is not None:
                context.add_output_metadata(
                    {"dagster/row_count": count}, output_name=event.output_name
                )
        # the other kinds come only outside of assets
        if isinstance(event, dg.Output | dg.AssetCheckResult | dg.AssetObservation):
            yield event


def rows_told(line: LogLine) -> int | None:
    """The rows of the table or seed that a line of dbt's log reports as done; None of others."""
    told = _ROWS.fullmatch(str(line["data"].get("status")))
    return int(told["seed"] or told["table"]) if told else None


def _report(line: LogLine, progress: Progress) -> None:
    """Passes a line on: to the log of the run, and results to the progress display."""
    sys.stdout.write(f"{line['info']['msg']}\n")
    if line["info"]["name"] in _RESULT_LINES:
        data = line["data"]
        total = data.get("total") or data.get("num_models")  # dbt's name for it with tests
        progress.advanced("build", int(data["index"]), int(total), data["node_info"]["node_name"])


def _selected_models(
    context: dg.AssetExecutionContext, manifest: Manifest, translator: Translator
) -> set[str]:
    """The names of the models that this run builds, which are not all."""
    return {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and translator.get_asset_key(node) in context.selected_asset_keys
    }


def _outcome(results: Sequence[NodeResult], dropped: Dropped, leftovers: Sequence[str]) -> Built:
    good = [result.kind for result in results if result.is_good]
    return Built(
        models=good.count("model"),
        seeds=good.count("seed"),
        tests=good.count("test"),
        warnings=tuple(in_plain_words(result) for result in results if result.status == "warn"),
        rebuilt=tuple(dropped.lines()),
        leftovers=tuple(leftovers),
    )


def _in_words(built: Built) -> str:
    words = f"{built_words(built)} built, {counted(built.tests, 'test')} passed"
    if built.warnings:
        words += f", {counted(len(built.warnings), 'warning')}"
    if built.leftovers:
        words += f"; dropped {leftover_words(built)}"
    return "; ".join([words, *(f"rebuilt {line}" for line in built.rebuilt)])


def _failure_words(results: Sequence[NodeResult], error: DbtFailed) -> str:
    bad = [in_plain_words(result) for result in results if result.is_bad]
    return "\n".join(bad) if bad else str(error)


def _begin(settings: Settings, run_id: str, made_of: str) -> RefreshRecord | None:
    """The record as it was; what is kept says from now on that nothing may be published."""
    forget_standing(settings)
    record = RefreshRecord.read(settings)
    if record is None:
        return None
    record = replace(record, dagster_run_id=run_id, published_at=None, made_of=made_of)
    replace(record, is_built=False).save(settings)
    return record


def _keep(settings: Settings, last: RefreshRecord, running: Stage) -> None:
    """What is published stays, and so does the record of the refresh that made it."""
    last.save(settings)
    # it is not noted without having been published
    assert last.published_at is not None
    unchanged = Unchanged(last.as_of_date, last.published_at)
    running.finish(unchanged_words(unchanged), unchanged)


def _finish(
    settings: Settings, record: RefreshRecord | None, built: Built, *, is_whole: bool
) -> None:
    """Says that the marts may be published. A build of some models makes nothing publishable that
    was not so before."""
    if record is not None and is_whole:
        record = replace(record, is_built=True, models_built=built.models, tests_passed=built.tests)
    if record is not None:
        record.save(settings)
