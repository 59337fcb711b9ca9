"""What a run exports once it has published."""

import dagster as dg
import pytest

from orchestration.defs.publication import _is_in_run

WORKBOOK = dg.AssetKey(["exports", "workbook"])


@dg.asset(key="published", required_resource_keys={"seen"})
def published(context: dg.AssetExecutionContext) -> None:
    context.resources.seen.append(_is_in_run(context, WORKBOOK.path))


@dg.asset(key=WORKBOOK, deps=[published])
def workbook() -> None: ...


@pytest.mark.parametrize(
    ("selected", "is_exported"),
    [(None, True), ([published.key, WORKBOOK], True), ([published.key], False)],
)
def test_a_run_knows_whether_an_export_is_among_its_assets(
    selected: list[dg.AssetKey] | None, is_exported: bool
) -> None:
    seen: list[bool] = []
    definitions = dg.Definitions(
        assets=[published, workbook],
        jobs=[dg.define_asset_job("all", selection="*")],
        resources={"seen": dg.ResourceDefinition.hardcoded_resource(seen)},
    )
    job = definitions.resolve_job_def("all")
    assert job.execute_in_process(asset_selection=selected).success
    assert seen == [is_exported]
