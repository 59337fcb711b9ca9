"""The rules of the dbt project, read from its manifest and from what it builds."""

from __future__ import annotations

import csv
import re
from pathlib import PurePosixPath

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT
from orchestration.dbt.seed_files import TESTS, TYPES, check_seed_files
from orchestration.refreshing.publish import REFRESHES_DDL
from tests.architecture.built_project import BuiltProject, Node, described_place
from tests.dbt_runs import run_dbt

PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_", "map_"),
    "activation": ("rpt_", "sync_"),
    # the tables of schema ops are called what they hold: files, rejected_events
    "ops": ("",),
}

CLOCK_OR_ENVIRONMENT = re.compile(
    r"\b(now|today|random|uuid|gen_random_uuid|get_current_timestamp|transaction_timestamp)\s*\(\s*\)"
    r"|\b(current_date|current_time|current_timestamp|localtimestamp)\b"
    r"|\b(env_var|run_started_at|invocation_id|getenv)\b"
    r"|\bmodules\.datetime\b|\bdatetime\.(now|today|utcnow)\b|\btime\.time\b",
    re.IGNORECASE,
)
SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)


def folder_of(node: Node) -> PurePosixPath:
    return PurePosixPath(node["original_file_path"]).parent


def layer_of(node: Node) -> str:
    """staging, intermediate or marts; a folder of marts with rules of its own, as activation."""
    parts = PurePosixPath(node["path"]).parts
    return parts[1] if parts[0] == "marts" and parts[1] in PREFIXES else parts[0]


def group_of(node: Node) -> str:
    return PurePosixPath(node["path"]).parts[0] if node["resource_type"] == "model" else ""


def relation_of(node: Node) -> str:
    return f"{node['schema']}.{node.get('alias') or node['name']}"


def test_there_are_models_in_every_layer(project: BuiltProject) -> None:
    assert {group_of(node) for node in project.nodes("model")} == {
        "staging",
        "intermediate",
        "marts",
    }


def test_a_model_is_named_after_its_layer(project: BuiltProject) -> None:
    misnamed = [
        described_place(node)
        for node in project.nodes("model")
        if not node["name"].startswith(PREFIXES[layer_of(node)])
    ]
    assert misnamed == []


def test_a_staging_model_is_named_source__plural(project: BuiltProject) -> None:
    staging = [node["name"] for node in project.nodes("model") if layer_of(node) == "staging"]
    assert [n for n in staging if not re.fullmatch(r"stg_[a-z]+__[a-z_]+", n)] == []


@pytest.mark.parametrize("resource_type", ["model", "seed"])
def test_every_model_and_seed_is_described(project: BuiltProject, resource_type: str) -> None:
    nodes = project.nodes(resource_type)
    assert [described_place(node) for node in nodes if not node["description"].strip()] == []


@pytest.mark.parametrize("resource_type", ["model", "seed"])
def test_every_column_is_described(project: BuiltProject, resource_type: str) -> None:
    missing = {}
    for node in project.nodes(resource_type):
        described = {name for name, col in node["columns"].items() if col["description"].strip()}
        built = project.relation_columns.get(relation_of(node), [])
        lacking = [column for column in built if column not in described]
        if lacking or (not built and node["config"]["materialized"] != "ephemeral"):
            missing[described_place(node)] = lacking or "not built"
    assert missing == {}


def test_descriptions_of_published_columns_are_comments_in_the_database(
    project: BuiltProject,
) -> None:
    assert project.uncommented == []


def test_every_column_of_the_record_of_refreshes_has_a_comment() -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(REFRESHES_DDL)
        rows = connection.execute(
            "select column_name from duckdb_columns() where not internal and comment is null"
        ).fetchall()
    assert rows == []


def test_no_description_is_of_a_column_that_is_not_there(project: BuiltProject) -> None:
    ghosts = {}
    for node in [*project.nodes("model"), *project.nodes("seed")]:
        built = project.relation_columns.get(relation_of(node))
        unknown = [name for name in node["columns"] if built is not None and name not in built]
        if unknown:
            ghosts[described_place(node)] = unknown
    assert ghosts == {}


def test_every_source_table_is_described(project: BuiltProject) -> None:
    sources = project.manifest["sources"].values()
    assert [s["name"] for s in sources if not s["description"].strip()] == []
    assert {s["source_name"] for s in sources} == {"raw"}


def test_every_source_table_is_one_that_the_loader_makes(project: BuiltProject) -> None:
    ddl = (PROJECT_ROOT / "ingestion" / "raw_schema.sql").read_text(encoding="utf-8")
    made = set(re.findall(r"create table if not exists raw\.(\w+)", ddl))
    assert {s["name"] for s in project.manifest["sources"].values()} <= made


def test_every_mart_has_an_enforced_contract(project: BuiltProject) -> None:
    loose = [
        described_place(node)
        for node in project.nodes("model")
        if group_of(node) == "marts" and not node["config"]["contract"]["enforced"]
    ]
    assert loose == []


def test_marts_lie_in_the_published_database_and_nothing_else_does(project: BuiltProject) -> None:
    misplaced = [
        described_place(node)
        for node in project.nodes("model")
        if (node["database"] == "published") != (group_of(node) == "marts")
    ]
    assert misplaced == []


def test_a_layer_reads_only_what_comes_before_it(project: BuiltProject) -> None:
    may_read = {
        "staging": {"source", "seed"},
        "intermediate": {"staging", "intermediate", "seed"},
        "marts": {"intermediate", "marts", "seed"},
        "activation": {"marts", "activation", "seed"},
        # the ledger's own pages for readers: nothing lies between them and staging
        "ops": {"staging", "intermediate", "seed"},
    }
    offences = []
    for node in project.nodes("model"):
        for parent in project.parents(node):
            kind = parent["resource_type"]
            layer = layer_of(parent) if kind == "model" else kind
            if layer not in may_read[layer_of(node)]:
                offences.append(f"{described_place(node)} reads {layer} {parent['name']}")
    assert offences == []


def test_no_model_reads_the_clock_or_the_environment(project: BuiltProject) -> None:
    code = {node["original_file_path"]: node["raw_code"] for node in project.nodes("model")}
    code |= {
        f"{macro['original_file_path']} {macro['name']}": macro["macro_sql"]
        for macro in project.macros_of(project.nodes("model"))
    }
    readers = {
        path: match.group()
        for path, text in code.items()
        if (match := CLOCK_OR_ENVIRONMENT.search(SQL_COMMENT.sub("", text)))
    }
    assert readers == {}


def test_models_are_described_in_the_file_of_their_folder(project: BuiltProject) -> None:
    strays = []
    for node in project.nodes("model"):
        folder = folder_of(node)
        expected = rf"intent_growth://{folder}/_{folder.name}(_\w+)?__models\.yml"
        if not re.fullmatch(expected, node["patch_path"] or ""):
            strays.append(f"{node['name']}: described in {node['patch_path']}")
    assert strays == []


def test_every_unit_test_of_dbt_passes(project: BuiltProject) -> None:
    tested = run_dbt(project.settings, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout
    assert re.search(r"Completed successfully", tested.stdout)


def test_unit_tests_stand_in_the_file_of_their_folder(project: BuiltProject) -> None:
    files = {test["original_file_path"] for test in project.manifest["unit_tests"].values()}
    assert files
    assert [f for f in files if not re.search(r"/_\w+__unit_tests\.yml$", f)] == []


def test_every_model_is_tested(project: BuiltProject) -> None:
    tested = {
        parent for test in project.nodes("test") for parent in test["depends_on"]["nodes"]
    } | {
        parent
        for t in project.manifest["unit_tests"].values()
        for parent in t["depends_on"]["nodes"]
    }
    untested = [
        described_place(node)
        for node in project.nodes("model")
        if node["unique_id"] not in tested and group_of(node) == "marts"
    ]
    assert untested == []


def test_a_singular_test_is_named_for_the_truth_it_asserts(project: BuiltProject) -> None:
    singular = [node for node in project.nodes("test") if "test_metadata" not in node]
    assert [node["name"] for node in singular if not node["name"].startswith("assert_")] == []


def test_no_data_test_only_warns_or_is_off(project: BuiltProject) -> None:
    lenient = [
        node["name"]
        for node in project.nodes("test")
        if node["config"]["severity"].upper() != "ERROR"
    ]
    assert lenient == []
    assert list(project.manifest["disabled"]) == []


def test_what_is_demanded_of_seeds_is_asked_of_their_files(project: BuiltProject) -> None:
    seeds = {node["unique_id"] for node in project.nodes("seed")}
    demands = [node for node in project.nodes("test") if node.get("attached_node") in seeds]
    assert {node["test_metadata"]["name"] for node in demands} <= TESTS
    kinds = {kind for n in project.nodes("seed") for kind in n["config"]["column_types"].values()}
    assert [kind for kind in kinds if not TYPES.fullmatch(kind)] == []
    check_seed_files(project.manifest)


def test_every_seed_names_the_type_of_every_column(project: BuiltProject) -> None:
    untyped = {}
    for node in project.nodes("seed"):
        path = PROJECT_ROOT / node["original_file_path"]
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        types = node["config"]["column_types"]
        lacking = [column for column in header if column not in types]
        if lacking:
            untyped[node["name"]] = lacking
    assert untyped == {}


def test_every_seed_is_tested(project: BuiltProject) -> None:
    tested = {parent for test in project.nodes("test") for parent in test["depends_on"]["nodes"]}
    assert [n["name"] for n in project.nodes("seed") if n["unique_id"] not in tested] == []


def test_a_class_of_pages_may_have_a_line_for_each_pattern(project: BuiltProject) -> None:
    unique = [
        node["column_name"]
        for node in project.nodes("test")
        if node.get("attached_node") == "seed.intent_growth.page_classes"
        and node["test_metadata"]["name"] == "unique"
    ]
    assert unique == ["priority"]
