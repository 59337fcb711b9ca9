"""A dbt project of a few lines, as its manifest has it: what models may be made of.

prepared (kept; seed pages by a macro, user agents) → matched (kept; of seed rules the columns id
and kind) → counted (kept) → scored (a table; all of rules). owners (kept, writes differences; seed
overrides) goes into owned (kept).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestration.dbt.manifest import Manifest

SEEDS = {
    "pages": "page_class,path_pattern\npricing,^/pricing\ndocs,^/docs\n",
    "rules": "rule_id,kind,weight\nview,page,5\nask,track,20\n",
    "overrides": "action,first,second\n",
}


def write_project(root: Path, *, gap_seconds: int = 1800, **seeds: str) -> Path:
    """The files that fingerprints read, under `root`; `seeds` are other contents than SEEDS."""
    (root / "seeds").mkdir(parents=True, exist_ok=True)
    (root / "dbt_project.yml").write_text(
        f"name: shop\nvars:\n  gap_seconds: {gap_seconds}\n  scale: 40\n"
    )
    for name, text in (SEEDS | seeds).items():
        (root / "seeds" / f"{name}.csv").write_text(text)
    return root


def manifest(**sql: str) -> Manifest:
    """The project's manifest; `sql` are other texts of models, or of the macro page_class."""
    nodes = [
        _seed("pages"),
        _seed("rules"),
        _seed("overrides"),
        _model("prepared", ["seed.shop.pages", "source.shop.raw.user_agents"],
               macros=["macro.shop.page_class", "macro.dbt.ref"], kept=True),
        _model("matched", ["model.shop.prepared", "seed.shop.rules"], kept=True,
               meta={"reads": {"rules": ["rule_id", "kind"]}}),
        _model("counted", ["model.shop.prepared", "model.shop.matched"], kept=True,
               database="published"),
        _model("scored", ["model.shop.counted", "seed.shop.rules"]),
        _model("domains", ["source.shop.raw.email_domains", "source.shop.raw.site_domains"]),
        _model("owners", ["model.shop.domains", "seed.shop.overrides"], kept=True,
               meta={"writes_differences": True}),
        _model("owned", ["model.shop.owners"], kept=True),
    ]  # fmt: skip
    texts = {"prepared": "select {{ var('gap_seconds') }}", "scored": "{{ var('scale') }}", **sql}
    for node in nodes:
        node["raw_code"] = texts.get(node["name"], f"select '{node['name']}'")
        node["checksum"] = {"checksum": node["raw_code"]}
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "sources": {
            f"source.shop.raw.{table}": {"name": table}
            for table in ("user_agents", "email_domains", "site_domains")
        },
        "macros": {
            "macro.shop.page_class": _macro("page_class", sql, ["macro.shop.default__matches"]),
            "macro.shop.default__matches": _macro("default__matches", sql, []),
            "macro.dbt.ref": {**_macro("ref", sql, []), "package_name": "dbt"},
        },
    }


def _macro(name: str, sql: dict[str, str], calls: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "package_name": "shop",
        "macro_sql": sql.get(name, name),
        "depends_on": {"macros": calls},
    }


def _seed(name: str) -> dict[str, Any]:
    return {
        "unique_id": f"seed.shop.{name}",
        "name": name,
        "resource_type": "seed",
        "original_file_path": f"seeds/{name}.csv",
        "database": "warehouse",
        "schema": "seeds",
        "alias": name,
        "config": {"materialized": "seed", "meta": {}, "column_types": {}},
        "depends_on": {"macros": []},
    }


def _model(
    name: str,
    parents: list[str],
    *,
    macros: list[str] | None = None,
    kept: bool = False,
    database: str = "warehouse",
    meta: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "unique_id": f"model.shop.{name}",
        "name": name,
        "alias": name,
        "database": database,
        "schema": "marts" if database == "published" else "intermediate",
        "resource_type": "model",
        "config": {
            "materialized": "incremental" if kept else "table",
            "incremental_strategy": "replace" if kept else None,
            "meta": meta or {},
        },
        "depends_on": {"macros": macros or [], "nodes": parents},
    }
