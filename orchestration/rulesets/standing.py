"""Whether what stands can be compared with: whole, of all that is loaded, and built as this version
would build it, but for the scoring seeds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.analytics import first_line
from orchestration.apart.compiled import Compiled
from orchestration.apart.database import Apart, apart
from orchestration.apart.graph import in_order
from orchestration.dbt.fingerprints import Fingerprints, Node
from orchestration.dbt.staleness import changes
from orchestration.refreshing import unchanged
from orchestration.refreshing.record import RefreshRecord
from orchestration.rulesets.comparison import WANTED
from orchestration.rulesets.files import SEEDS

_HOLDERS = {"warehouse": "standing", "published": "standing_published"}
_RULESET = "select ruleset_id from {}.intermediate.int_rulesets_dated"


def last_refresh(settings: Settings) -> RefreshRecord:
    """The refresh that made what is published. Raises UserError where something was built since,
    or nothing yet."""
    if not settings.marts.exists():
        raise UserError(f"Nothing is built yet ({settings.marts} is missing); run: intent refresh")
    found = unchanged.standing(settings)
    if found is None:
        raise UserError("The last refresh did not come to its end; run: intent refresh")
    return found


def check(settings: Settings, compiled: Compiled, project_root: Path, now: Apart) -> None:
    """Raises UserError where a difference would not be one of the scoring seeds alone.

    project_root: the project that was compiled. The caller holds the writer lock.
    """
    record = last_refresh(settings)
    kept = kept_models(compiled, project_root, now)
    try:
        _check_load(now, record, [node["name"] for _, node in kept])
        for fingerprints, node in kept:
            _check_ingredients(now, fingerprints, node)
        _check_numbers(settings, compiled)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        words = f"What is built was built by another version ({first_line(error)})"
        raise UserError(f"{words}; run: intent refresh") from error


def kept_models(
    compiled: Compiled, project_root: Path, now: Apart
) -> list[tuple[Fingerprints, Node]]:
    """The kept models that a comparison reads, itself or by way of others."""
    lists = dict(
        now.connection.execute(
            "select list_name, version from standing.raw.list_versions"
        ).fetchall()
    )
    domains = now.connection.execute("select site_domain from standing.raw.site_domains").fetchall()
    fingerprints = Fingerprints(
        compiled.manifest, lists, [domain for (domain,) in domains], project_root
    )
    read = {node["name"] for node in in_order(compiled.manifest, WANTED)}
    return [(fingerprints, node) for node in fingerprints.kept() if node["name"] in read]


def _check_load(now: Apart, record: RefreshRecord, kept: Sequence[str]) -> None:
    [(as_of,)] = now.connection.execute(
        "select max(as_of_date) from standing.raw.refresh_settings"
    ).fetchall()
    [(files,)] = now.connection.execute(
        "select count(*) from standing.raw.files where load_id > ("
        " select min(load_id) from ("
        "from standing.ops.model_marks union all from standing_published.ops.model_marks"
        ") where list_contains(?::varchar[], model_name))",
        [list(kept)],
    ).fetchall()
    if files:
        what = "A file was" if files == 1 else f"{files:,} files were"
        raise UserError(
            f"{what} loaded since the last refresh, and no score knows of it; run: intent refresh"
        )
    if as_of != record.as_of_date:
        raise UserError(
            f"Something was loaded as of {as_of} since the last refresh, which was as of"
            f" {record.as_of_date}; run: intent refresh"
        )


def _check_ingredients(now: Apart, fingerprints: Fingerprints, node: Node) -> None:
    row = now.connection.execute(
        f"select ingredients from {_HOLDERS[node['database']]}.ops.model_fingerprints"
        " where model_name = ?",
        [node["name"]],
    ).fetchone()
    before = None if row is None else json.loads(row[0])
    expected = {f"{file} has changed" for file in SEEDS.values()}
    for cause in changes(before, fingerprints.of(node), node):
        if cause not in expected:
            raise UserError(
                f"The next refresh would move scores by itself ({cause}), and that would be mixed"
                " in; run: intent refresh"
            )


def _check_numbers(settings: Settings, compiled: Compiled) -> None:
    """The fingerprint of the rules that stand is what this project makes of the same seeds."""
    with apart(settings, replace(compiled, seeds=settings.warehouse)) as before:
        before.build(["int_rulesets_dated"], ["int_rulesets_dated"])
        [(now_,)], [(was,)] = (
            before.connection.execute(_RULESET.format(database)).fetchall()
            for database in ("warehouse", "standing")
        )
    if now_ != was:
        raise UserError(
            "A number of the scores in dbt_project.yml has changed since the last refresh, and"
            " would be mixed in; run: intent refresh"
        )
