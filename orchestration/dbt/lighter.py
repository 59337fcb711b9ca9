"""What dbt does at every node and nobody here asks for, left out; and what takes long, at one time.

Each function changes dbt for as long as the process lives, and nothing that comes out of it.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import duckdb


def leave_debugging_out() -> None:
    """What dbt would tell at the level `debug` is dropped before it is made.

    dbt makes every event whole, scrubs it of secrets, and then asks whether anybody wants it: on a
    small log, a fifth of its time. Here an event of that level keeps what it was given, and is
    made of it when somebody looks at it after all.
    """
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    make: Callable[..., None] = BaseEvent.__init__
    look: Callable[[BaseEvent, str], Any] = BaseEvent.__getattr__

    def keep(event: BaseEvent, *arguments: Any, **facts: Any) -> None:
        if event.level_tag() is EventLevel.DEBUG:
            event.__dict__["given"] = (arguments, facts)
        else:
            make(event, *arguments, **facts)

    def make_then_look(event: BaseEvent, name: str) -> Any:
        if "given" not in event.__dict__:
            return look(event, name)
        arguments, facts = event.__dict__.pop("given")
        make(event, *arguments, **facts)
        return getattr(event, name)

    class WithoutDebugging(EventManager):
        def fire_event(
            self, e: BaseEvent, level: EventLevel | None = None, *others: Any, **more: Any
        ) -> None:
            if (level or e.level_tag()) is not EventLevel.DEBUG:
                super().fire_event(e, level, *others, **more)

    setattr(BaseEvent, "__init__", keep)  # noqa: B010
    setattr(BaseEvent, "__getattr__", make_then_look)  # noqa: B010
    ctx_set_event_manager(WithoutDebugging())


def learn_dates_once() -> None:
    """Tables of results share one vocabulary of dates in words.

    dbt makes a table of the results of every statement, those without any included, and agate for
    every table the words that name dates in a language, by which nobody here reads any.
    """
    import parsedatetime  # type: ignore[import-untyped]

    parsedatetime.Constants = functools.cache(parsedatetime.Constants)


def name_macros_at_once() -> None:
    """The names that a node can call macros by are laid out in one go.

    For every node dbt makes a callable of each of 700 macros, asks of each where it belongs, and
    of each name, as it copies them, which of five places has it. What comes out is the same.
    """
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder

    class Namespace(dict[str, Any]):
        packages: dict[str, dict[str, MacroGenerator]]
        global_project_namespace: dict[str, MacroGenerator]
        get_from_package = MacroNamespace.get_from_package

    def build_namespace(
        builder: MacroNamespaceBuilder,
        macros_by_package: Mapping[str, Mapping[str, Any]],
        context: dict[str, Any],
    ) -> Namespace:
        shared = {"context": context, "node": builder.node, "stack": builder.thread_ctx}

        def callable_of(macro: Any) -> MacroGenerator:
            made = MacroGenerator.__new__(MacroGenerator)
            made.__dict__ = shared | {"macro": macro}
            return made

        packages = {
            package: {macro.name: callable_of(macro) for macro in macros.values()}
            for package, macros in macros_by_package.items()
        }
        library: dict[str, MacroGenerator] = {}
        for package in reversed(builder.internal_package_names_order):
            library |= packages.pop(package, {})
        # who comes later hides who came before
        namespace = Namespace(
            library
            | {"dbt": library}
            | packages
            | packages.get(builder.root_package, {})
            | packages.get(builder.search_package, {})
        )
        namespace.packages = packages
        namespace.global_project_namespace = library
        return namespace

    setattr(MacroNamespaceBuilder, "build_namespace", build_namespace)  # noqa: B010


def keep_what_is_parsed() -> None:
    """Garbage is collected from the first node on, and not from what was loaded before.

    Modules, manifest and graph are objects that stay to the end: to look through them again and
    again took two seconds of a refresh.
    """
    from dbt.task.runnable import GraphRunnableTask

    execute_nodes: Callable[[GraphRunnableTask], Any] = GraphRunnableTask.execute_nodes

    def execute_with_collections(task: GraphRunnableTask) -> Any:
        gc.freeze()
        gc.enable()
        return execute_nodes(task)

    setattr(GraphRunnableTask, "execute_nodes", execute_with_collections)  # noqa: B010


def write_files_side_by_side() -> None:
    """What is new is written into both files at one time, once all nodes have run.

    DuckDB writes a file with one thread, and at its end a process writes them one after the other.
    What cannot be written now is tried again then, as without this.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.task.runnable import GraphRunnableTask

    execute_nodes: Callable[[GraphRunnableTask], Any] = GraphRunnableTask.execute_nodes

    def execute_and_write(task: GraphRunnableTask) -> Any:
        results = execute_nodes(task)
        environment: Any = DuckDBConnectionManager._ENV
        if environment is not None and environment.conn is not None:
            write_files(environment.conn)
        return results

    setattr(GraphRunnableTask, "execute_nodes", execute_and_write)  # noqa: B010


def write_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes what is new into every file that is attached, all at one time."""

    def write(name: str) -> None:
        connection.cursor().execute(f'checkpoint "{name}"')

    with suppress(duckdb.Error), ThreadPoolExecutor() as threads:
        files = connection.cursor().execute(
            "select database_name from duckdb_databases()"
            " where not internal and not readonly and path is not null"
        )
        # each is asked for before the outcome of any is looked at
        list(threads.map(write, [name for (name,) in files.fetchall()]))
