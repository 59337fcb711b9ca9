"""Scores by other rules are those of a database that was wholly built with these rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from ingestion.settings import Settings
from orchestration.apart.compiled import Compiled, compile_into, compiled_in
from orchestration.apart.database import apart
from orchestration.rulesets.comparison import WANTED, compare
from orchestration.rulesets.files import proposal_in, write_project
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.integration.test_explained_past import files_of
from tests.integration.test_updates_equal_a_rebuild import (
    Arrival,
    Loads,
    side_by_side,
    small_logs,
)
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS
from tests.other_rulesets import (
    END,
    assert_told_as_they_are,
    edited,
    refreshed,
    tables,
    with_rules,
    write_others,
)
from tests.past_days import Rows, logs

RULES = load_rules(SITE_DOMAINS)
RULE_IDS = sorted(rule.rule_id for rule in RULES.scoring)
NUMBERS = st.one_of(
    st.builds("update seeds.scoring_rules set weight = {} where rule_id = '{}'".format,
              st.sampled_from((0, 1.5, 40, 300)), st.sampled_from(RULE_IDS)),
    st.builds("update seeds.scoring_rules set half_life_days = {} where rule_id = '{}'".format,
              st.sampled_from((0.01, 1, 365)), st.sampled_from(RULE_IDS)),
    st.builds("update seeds.scoring_rules set daily_cap = {} where rule_id = '{}'".format,
              st.sampled_from((0, 1, 50)), st.sampled_from(RULE_IDS)),
    st.builds("update seeds.scoring_rules set saturation = {} where rule_id = '{}'".format,
              st.sampled_from((0, 5, 1000)), st.sampled_from(RULE_IDS)),
    st.builds("update seeds.scoring_rules set is_hand_raise = true where rule_id = '{}'".format,
              st.sampled_from(RULE_IDS)),
)  # fmt: skip
"""Changes of a number of a rule."""
ROWS = st.one_of(
    st.builds("delete from seeds.scoring_rules where rule_id = '{}'".format,
              st.sampled_from(RULE_IDS)),
    st.builds("insert into seeds.scoring_rules values ('new', {}, {}, null, {}, 30, 9, 2, 50,"
              " false, null, 'Did something new')".format,
              st.sampled_from((1, 59, 900)), st.sampled_from(("'page'", "'track'", "null")),
              st.sampled_from(("'pricing'", "'docs'", "null"))),
    st.builds("insert into seeds.scoring_groups values ('own', {0}); update seeds.scoring_rules"
              " set score_group = 'own' where rule_id in ('pricing_view', 'docs_view', '{1}')"
              .format, st.sampled_from((0, 3, 60)), st.sampled_from(RULE_IDS)),
)  # fmt: skip
"""A rule removed, one added, and a group."""
FEW = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a log of these is hard to shrink
    max_examples=2,
)


@FEW
@given(log=logs(RULES), edits=st.lists(st.one_of(NUMBERS, ROWS), min_size=1, max_size=3,
                                       unique_by=lambda edit: edit[:33]))  # fmt: skip
def test_other_numbers_rules_and_groups_score_as_a_database_built_with_them(
    models: CompiledModels, tmp_path: Path, log: tuple[Rows, Rows], edits: list[str]
) -> None:
    rows, overrides = log
    assume(rows)
    here = Settings(data_dir=tmp_path, site_domains=SITE_DOMAINS)
    models.run(frame_of_events(rows, RULES), AS_OF, here, overrides=overrides, only=WANTED)
    before = tables(models.connection)
    compiled = files_of(models, here)
    with apart(here, with_rules(here, compiled, edits)) as now:
        found = compare(now)
        after = tables(now.connection)
    with edited(models, edits):
        assert after == tables(models.connection)
    assert_told_as_they_are(found, before, after)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project compiled with OTHERS, as the command does it."""
    folder = tmp_path_factory.mktemp("others")
    write_project(folder / "project", proposal_in(write_others(folder / "proposal")))
    here = Settings(data_dir=folder / "data")
    compile_into(folder / "compiled", here, folder / "project", is_tested=True)
    return folder / "compiled"


def decide_as_in(here: Settings, others: Compiled) -> None:
    """What somebody decided of who is who is a seed as well, and not what is compared."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{others.seeds}' as others")
        connection.execute(f"attach '{here.warehouse}' as standing (read_only)")
        connection.execute("delete from others.seeds.identity_overrides")
        connection.execute(
            "insert into others.seeds.identity_overrides from standing.seeds.identity_overrides"
        )


@pytest.mark.slow
def test_a_simulated_log_scores_by_other_rules_as_a_database_built_with_them(
    models: CompiledModels, others: Path, tmp_path: Path
) -> None:
    built = refreshed(models, tmp_path)
    by_others = compiled_in(others)
    decide_as_in(built, by_others)
    with apart(built, by_others) as now:
        found = compare(now)
        after = tables(now.connection)
    rebuilt = CompiledModels(others, by_others.seeds)
    rebuilt.run_loaded(built.warehouse, END, built, WANTED)
    assert after == tables(rebuilt.connection)
    assert found.people.band_changes > 0
    assert found.accounts.band_changes > 0


def bring_up_to_date(models: CompiledModels, loads: Sequence[Arrival], here: Settings) -> None:
    """Builds the first load, and brings the models up to date with each of the others."""
    history = Loads()
    for number, arrival in enumerate(loads, start=1):
        rows = history.add(arrival, models.next_load())
        models.override(arrival.overrides)
        models.load(frame_of_events(rows, RULES), AS_OF, here)
        if number == 1:
            models.rebuild()
        else:
            models.update()


def replaced(models: CompiledModels) -> int:
    """How many rows the tables hold that others have taken the place of."""
    places = models.rows(
        "select schema_name || '.' || table_name from duckdb_columns()"
        " where database_name = 'warehouse' and column_name = 'is_gone'"
    )
    return sum(
        models.rows(f"select count(*) from warehouse.{place} where is_gone")[0][0]
        for (place,) in places
    )


EDITS = (
    ["update seeds.scoring_rules set weight = 40, half_life_days = 3"],
    ["update seeds.scoring_rules set priority = 1000 - priority"],
    ["update seeds.scoring_rules set daily_cap = 1, saturation = 9, is_hand_raise = true"],
    ["delete from seeds.scoring_rules where rule_id in ('pricing_view', 'demo_request')"],
    ["insert into seeds.scoring_rules values ('new', 1, null, null, null, 30, 9, 2, 50,"
     " false, 'own', 'Did anything')", "insert into seeds.scoring_groups values ('own', 20)"],
)  # fmt: skip


@pytest.mark.slow
def test_tables_brought_up_to_date_score_by_other_rules_as_a_database_built_with_them(
    models: CompiledModels, others: Path, tmp_path: Path
) -> None:
    here = Settings(data_dir=tmp_path, site_domains=SITE_DOMAINS)
    loads = side_by_side(small_logs(100))
    bring_up_to_date(models, loads, here)
    before = tables(models.connection)
    assert replaced(models)
    moved = 0
    compiled = files_of(models, here)
    for edits in EDITS:
        with apart(here, with_rules(here, compiled, edits)) as now:
            found = compare(now)
            after = tables(now.connection)
        with edited(models, edits):
            assert after == tables(models.connection)
        assert_told_as_they_are(found, before, after)
        moved += len(found.people.movers)
    assert moved
    by_others = compiled_in(others)
    decide_as_in(here, by_others)
    with apart(here, by_others) as now:
        found = compare(now)
        after = tables(now.connection)
    rebuilt = CompiledModels(others, by_others.seeds)
    rebuilt.run_loaded(here.warehouse, AS_OF, here, WANTED)
    rebuilt.override(loads[-1].overrides)
    rebuilt.rebuild(WANTED)
    assert after == tables(rebuilt.connection)
    assert_told_as_they_are(found, before, after)
