"""`intent compare-rulesets`: what is made anew, told and refused, and what stays as it is."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.apart.changed import changed_seeds, readers_of
from orchestration.apart.compiled import Compiled
from orchestration.apart.database import apart
from orchestration.formats import TextOrJson
from orchestration.refreshing import unchanged
from orchestration.rulesets import standing
from orchestration.rulesets.comparing import compare_and_print
from orchestration.rulesets.comparison import compare
from orchestration.rulesets.files import SEEDS
from tests.command_line import intent
from tests.compiled_models import CompiledModels
from tests.other_rulesets import END, OTHERS, refreshed, with_rules, write_others


@pytest.fixture(scope="module")
def built(models: CompiledModels, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory as a refresh leaves it; to be read only."""
    return refreshed(models, tmp_path_factory.mktemp("rulesets"))


@pytest.fixture
def compiled(models: CompiledModels, built: Settings) -> Compiled:
    """The project's SQL with its own rules."""
    return Compiled(models.manifest, models.target, built.warehouse)


def anew(built: Settings, compiled: Compiled, edit: str) -> set[str]:
    """What is made anew for an edit of the seeds."""
    with apart(built, with_rules(built, compiled, [edit])) as now:
        return now.below(readers_of(now, changed_seeds(now)))


def test_a_weight_reads_no_event_again_and_a_class_of_pages_does(
    built: Settings, compiled: Compiled
) -> None:
    weight = anew(built, compiled, "update seeds.scoring_rules set weight = weight + 1")
    assert {"int_person_days_counted", "dim_people", "dim_accounts"} <= weight
    assert weight.isdisjoint({"int_rules_matched", "int_buckets_counted", "int_events_prepared"})
    order = anew(built, compiled, "update seeds.scoring_rules set priority = 100 - priority")
    assert {"int_rules_matched", "int_buckets_counted"} <= order
    assert "int_events_prepared" not in order
    pages = anew(built, compiled, "update seeds.page_classes set path_pattern = '^/x'")
    assert {"int_events_prepared", "int_buckets_counted", "dim_people"} <= pages


def test_the_cells_that_differ_are_told_with_both_values(
    built: Settings, compiled: Compiled
) -> None:
    edits = [
        "update seeds.scoring_rules set weight = 22.5, score_group = 'g' where rule_id = 'signup'",
        "insert into seeds.scoring_groups values ('g', 10)",
        "delete from seeds.page_classes where priority = 130",
    ]
    with apart(built, with_rules(built, compiled, edits)) as now:
        found = compare(now)
    told = {
        (change.file, change.row, change.kind): {
            (cell.column, cell.before, cell.after) for cell in change.cells
        }
        for change in found.changes
    }
    assert told == {
        (SEEDS["scoring_rules"], "signup", "changed"): {
            ("weight", "30", "22.5"), ("score_group", None, "g"),
        },
        (SEEDS["scoring_groups"], "g", "added"): {
            ("score_group", None, "g"), ("group_cap", None, "10"),
        },
        (SEEDS["page_classes"], "130", "removed"): {
            ("page_class", "home", None), ("priority", "130", None),
            ("path_pattern", "^/?$", None),
        },
    }  # fmt: skip
    assert found.ruleset_before != found.ruleset_after
    assert found.as_of == END


def test_band_changes_go_first_and_then_the_largest_changes(
    built: Settings, compiled: Compiled
) -> None:
    edit = "update seeds.scoring_rules set weight = 3 * weight, saturation = 3 * saturation"
    with apart(built, with_rules(built, compiled, [edit])) as now:
        found = compare(now)
    order = [(not each.changes_band, -abs(round(each.change, 6))) for each in found.people.movers]
    assert len(order) > 5
    assert order == sorted(order)
    assert found.people.band_changes == sum(each.changes_band for each in found.people.movers) > 0
    assert all(square.way in (0, 1) for square in found.people.squares)
    assert any(square.way == 1 for square in found.people.squares)
    assert any(each.reason_after for each in found.accounts.movers)


def test_the_same_rules_make_nothing_and_say_so(built: Settings, compiled: Compiled) -> None:
    with apart(built, compiled) as now:
        found = compare(now)
        made = now.connection.execute(
            "select count(*) from duckdb_tables() where database_name in ('warehouse', 'published')"
        ).fetchone()
    assert found.is_same
    assert found.ruleset_before == found.ruleset_after
    assert (found.people.movers, found.people.unmoved) == ([], found.people.total)
    assert made == (0,)


def test_another_seed_that_moves_scores_is_not_mixed_in(
    built: Settings, compiled: Compiled
) -> None:
    edits = ["update seeds.identity_limits set maximum_per_person = 1"]
    with (
        apart(built, with_rules(built, compiled, edits)) as now,
        pytest.raises(UserError, match=r"identity_limits\.csv has changed too .*intent refresh"),
    ):
        compare(now)


def test_what_the_models_cannot_run_by_is_told_in_one_line(
    built: Settings, compiled: Compiled
) -> None:
    edit = "update seeds.scoring_rules set half_life_days = 0, weight = 1e308, daily_cap = 50"
    with (
        apart(built, with_rules(built, compiled, [edit])) as now,
        pytest.raises(UserError, match="The models cannot run by these rules: "),
    ):
        compare(now)


def test_bands_that_leave_a_score_of_0_out_are_refused(built: Settings, compiled: Compiled) -> None:
    edit = "update seeds.score_bands set minimum_score = 1 where band = 'cold'"
    with (
        apart(built, with_rules(built, compiled, [edit])) as now,
        pytest.raises(UserError, match=r"score_bands\.csv: a score of 0 is in no band"),
    ):
        compare(now)


def checked(here: Settings, compiled: Compiled) -> None:
    with apart(here, compiled) as now:
        standing.check(here, compiled, PROJECT_ROOT, now)


def test_what_a_refresh_has_left_whole_is_compared_with(
    built: Settings, compiled: Compiled
) -> None:
    with apart(built, compiled) as now:
        standing.check(built, compiled, PROJECT_ROOT, now)  # raises where it may not be
        assert compare(now).is_same


@pytest.mark.parametrize(
    ("place", "statement", "words"),
    [
        ("warehouse", "update ops.model_fingerprints set ingredients = '{}'",
         "builds them otherwise"),
        ("warehouse", "delete from ops.model_fingerprints", "an earlier version"),
        ("warehouse", "update ops.model_fingerprints set ingredients ="
         " replace(ingredients, '\"var session_gap_seconds\": \"1800\"',"
         " '\"var session_gap_seconds\": \"60\"')", "session_gap_seconds is now 1800"),
        ("warehouse", "update raw.files set load_id = 1000000", "loaded since the last refresh"),
        ("warehouse", "update raw.refresh_settings set as_of_date = date '2026-07-02'",
         "as of 2026-07-02 since the last refresh, which was as of 2026-06-30"),
        ("warehouse", "update intermediate.int_rulesets_dated set ruleset_id = 'x'",
         "A number of the scores"),
        ("warehouse", "drop table ops.model_fingerprints", "another version"),
    ],
)  # fmt: skip
def test_what_stands_is_refused_where_a_refresh_would_move_scores_by_itself(
    built: Settings, compiled: Compiled, tmp_path: Path, place: str, statement: str, words: str
) -> None:
    shutil.copytree(built.data_dir, tmp_path / "data")
    here = replace(built, data_dir=tmp_path / "data")
    with duckdb.connect(str(tmp_path / "data" / f"{place}.duckdb")) as connection:
        connection.execute(statement)
    with pytest.raises(UserError, match=words) as refused:
        checked(here, replace(compiled, seeds=here.warehouse))
    assert "run: intent refresh" in str(refused.value)


def test_without_a_whole_refresh_it_says_what_to_run(built: Settings, tmp_path: Path) -> None:
    shutil.copy(PROJECT_ROOT / SEEDS["score_bands"], tmp_path)
    for here, words in (
        (Settings(data_dir=tmp_path / "none"), r"Nothing is built yet .*run: intent refresh"),
        (replace(built, data_dir=tmp_path / "data"), r"did not come to its end; run: intent"),
    ):
        if here.data_dir.name == "data":
            shutil.copytree(built.data_dir, here.data_dir)
            unchanged.forget_standing(here)
        with pytest.raises(UserError, match=words):
            compare_and_print(
                here, tmp_path, TextOrJson.text, None, 1, io.StringIO(), io.StringIO()
            )


def hashes(here: Settings) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(here.data_dir.glob("*.duckdb"))
    }


@pytest.mark.slow
def test_the_command_tells_who_moves_and_changes_no_file(built: Settings, tmp_path: Path) -> None:
    folder, page = write_others(tmp_path / "proposal"), tmp_path / "page.html"
    before = hashes(built)
    done = intent(built.data_dir, "compare-rulesets", str(folder), "--format", "json", "--html",
                  str(page))  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["people"]["movers"]
    assert said["ruleset_before"] != said["ruleset_after"]
    assert {change["file"] for change in said["changes"]} == {SEEDS[seed] for seed in OTHERS}
    assert said["verdict"][0] in page.read_text("utf-8")
    assert {"warehouse.duckdb", "marts.duckdb"} <= before.keys()
    assert hashes(built) == before
    assert list(built.dbt_target.parent.glob(".rules*")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "old", "new", "words"),
    [
        ("scoring_rules", "pricing,15,14", "pricing,-1,14",
         "scoring_rules.csv, line 16: weight is '-1'; it must be at least 0"),
        ("scoring_rules", "pricing,15,14", "pricing,many,14",
         "scoring_rules.csv, line 16: weight is 'many', which is no number; write it as 12"),
        ("scoring_rules", "security_view,", "safety_view,",
         "opening_lines.csv, line 20: rule_id is 'security_view', which is no rule_id of "),
        ("page_classes", "^/integrations(/|$)", "^/integrations(/|$",
         "The models cannot run by these rules: "),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused_by_file_and_line(
    built: Settings, tmp_path: Path, seed: str, old: str, new: str, words: str
) -> None:
    text = (PROJECT_ROOT / SEEDS[seed]).read_text()
    assert old in text
    (tmp_path / f"{seed}.csv").write_text(text.replace(old, new, 1))
    done = intent(built.data_dir, "compare-rulesets", str(tmp_path))
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(built.dbt_target.parent.glob(".rules*")) == []
