"""What the SQL linter knows of dbt's `adapter`: a dispatched macro is its DuckDB version.

The linter renders the models with Jinja alone, without dbt and without a database: a second
instead of half a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str, _package: str | None = None) -> Callable[..., Any]:
    """The macro `duckdb__<name>`, else `default__<name>`, as dbt-duckdb would choose."""
    for prefix in ("duckdb__", "default__"):
        macro: Callable[..., Any] | None = context.get(prefix + name)
        if macro is not None:
            return macro
    raise LookupError(f"dbt_project/macros has no macro duckdb__{name} or default__{name}")
