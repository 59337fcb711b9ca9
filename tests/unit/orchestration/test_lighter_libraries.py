"""dbt and Dagster do as they always do, less what nobody asks for. Each in a process of its own,
since both are changed for as long as a process lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ingestion.settings import PROJECT_ROOT

_EVENTS = """
from dbt_common.events.event_manager_client import add_callback_to_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.base_types import EventLevel
from dbt_common.events.types import Note, SystemExecutingCmd
from orchestration.dbt.lighter import leave_debugging_out

leave_debugging_out()
add_callback_to_manager(lambda event: print(event.info.level, event.info.msg))
fire_event(Note(msg="what a statement was"), level=EventLevel.DEBUG)
fire_event(SystemExecutingCmd(of_no_such_name=1))
print("looked at", *SystemExecutingCmd(cmd=["ls", "-l"]).cmd)
fire_event(SystemExecutingCmd(cmd=["ls"]), level=EventLevel.INFO)
fire_event(Note(msg="a model is built"), level=EventLevel.INFO)
fire_event(Note(msg="a column is gone"), level=EventLevel.WARN)
fire_event(Note(msg="no such table"), level=EventLevel.ERROR)
"""

_MACROS = """
from types import SimpleNamespace
from dbt.clients.jinja import MacroStack
from dbt.context.macros import MacroNamespaceBuilder
from orchestration.dbt.lighter import name_macros_at_once

def macros(package, *names):
    return {name: SimpleNamespace(name=name, package_name=package, unique_id=package + "." + name)
            for name in names}

packages = {
    "dbt": macros("dbt", "cast", "hash", "left", "right"),
    "dbt_duckdb": macros("dbt_duckdb", "cast", "hash"),
    "shop": macros("shop", "hash", "left", "dates"),
    "dates": macros("dates", "left", "day", "dates"),
}
context = {"model": "this"}

def seen():
    for search in ("shop", "dates", "dbt"):
        builder = MacroNamespaceBuilder(
            "shop", search, MacroStack(), ["dbt_duckdb", "dbt"], "the node"
        )
        namespace = builder.build_namespace(packages, context)
        target = {}
        target.update(namespace)
        for name, found in sorted(target.items()):
            if isinstance(found, dict):
                yield search, name, sorted((key, one.macro.unique_id) for key, one in found.items())
            else:
                assert found.context is context and found.node == "the node"
                assert found.stack is builder.thread_ctx
                yield search, name, found.macro.unique_id
        for package in (None, "dbt", "shop", "dates"):
            found = namespace.get_from_package(package, "left")
            yield search, package, found and found.macro.unique_id

before = list(seen())
name_macros_at_once()
after = list(seen())
assert before == after, (before, after)
print(len(after))
"""

_NODES = """
import gc
from dbt.task.runnable import GraphRunnableTask
from orchestration.dbt.lighter import keep_what_is_parsed

GraphRunnableTask.execute_nodes = lambda task: (task, gc.isenabled(), gc.get_freeze_count())
gc.disable()
keep_what_is_parsed()
task, is_enabled, left_alone = GraphRunnableTask.execute_nodes("the task")
print(task, is_enabled, left_alone > 10_000)
"""

_FILES = """
import sys
from pathlib import Path
from types import SimpleNamespace
import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.task.runnable import GraphRunnableTask
from orchestration.dbt.lighter import write_files_side_by_side

folder = Path(sys.argv[1])
connection = duckdb.connect(folder / "a.duckdb")
connection.execute(f"attach '{folder}/b.duckdb' as b")
duckdb.connect(folder / "read.duckdb").close()
connection.execute(f"attach '{folder}/read.duckdb' as read (read_only)")
reader = connection.cursor()

def logs(): return sorted(log.name for log in folder.glob("*.wal"))

def build(task):
    for table in ("main.t", "b.t"):
        connection.execute(f"create or replace table {table} as select {task} as task")
    print(logs())
    return task

GraphRunnableTask.execute_nodes = build
write_files_side_by_side()
print(GraphRunnableTask.execute_nodes(1), logs())
DuckDBConnectionManager._ENV = SimpleNamespace(conn=connection)
print(GraphRunnableTask.execute_nodes(2), logs())
reader.execute("begin; from b.t")  # until who reads is done nothing is written
print(GraphRunnableTask.execute_nodes(3), logs())
reader.execute("commit")
connection.close()
print(logs(), duckdb.connect(folder / "b.duckdb").execute("from t").fetchall())
"""

_HISTORY = """
import sys
import dagster as dg
from orchestration.dagster_home.history import hasten

hasten()
hasten()
opened = []
sys.addaudithook(lambda what, of: what == "sqlite3.connect" and opened.append(of[0]))

@dg.asset
def leads() -> None: ...

from dagster._core.storage.event_log.sqlite import sqlite_event_log
made = sqlite_event_log.create_engine
assert made("sqlite:///" + sys.argv[1] + "/a.db") is made("sqlite:///" + sys.argv[1] + "/a.db")
assert made("sqlite:///" + sys.argv[1] + "/a.db") is not made("sqlite:///" + sys.argv[1] + "/b.db")
with dg.DagsterInstance.local_temp(sys.argv[1]) as instance:
    for _ in range(2):
        assert dg.materialize([leads], instance=instance).success
    print(len(instance.get_runs()), len(instance.fetch_materializations(leads.key, 10).records))
print(max(opened.count(path) for path in opened))
"""


def _said(script: str, *arguments: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_dbt_tells_what_it_did_and_keeps_what_it_debugs_by_to_itself() -> None:
    assert _said(_EVENTS) == [
        "looked at ls -l",
        'info Executing "ls"',
        "info a model is built",
        "warn a column is gone",
        "error no such table",
    ]


def test_dbt_finds_each_macro_where_it_always_did() -> None:
    [count] = _said(_MACROS)
    assert int(count) > 30


def test_dbt_writes_all_its_files_once_its_nodes_have_run(tmp_path: Path) -> None:
    both = "['a.duckdb.wal', 'b.duckdb.wal']"
    assert _said(_FILES, tmp_path) == [
        both, f"1 {both}",
        both, "2 []",
        both, f"3 {both}",
        "[] [(3,)]",
    ]  # fmt: skip


def test_dagster_remembers_every_run_over_one_connection_a_database(tmp_path: Path) -> None:
    assert _said(_HISTORY, tmp_path)[-2:] == ["2 2", "2"]


def test_garbage_is_looked_for_from_the_first_node_on_in_what_was_not_there_before() -> None:
    assert _said(_NODES) == ["the task True True"]
