"""What each kept model is made of, but for the log: SQL, rules, lists and settings, by fingerprint.

A kept model is one whose table stays from refresh to refresh and is only brought up to date (an
incremental one of strategy `replace`). Its table is good for as long as nothing of this changes.

Two things a model may say of itself, in `config(meta={…})`:

- `reads`: of a seed, the columns that decide what it holds: `{'scoring_rules': ['rule_id', …]}`.
  A change of the others is none for it, or for those below it.
- `writes_differences`: it works out all its rows each time and writes those that come out
  otherwise, with the load of the change. So rules that change need no rebuild of it, and of those
  below it none that comes by way of it; another way of making it does.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from ingestion.reference import EMAIL_LISTS, USER_AGENT_LISTS
from ingestion.settings import PROJECT_ROOT
from orchestration.dbt.manifest import Manifest

Ingredients = dict[str, str]
"""By what it is (`seeds/pages/page_classes.csv`, `list publicsuffixlist`, `var engaged_seconds`,
`model int_x`, `site domains`): a hash, or the value where that is short. A colon and columns
after a seed's path say that these columns alone are meant."""

MODEL = "model "
LIST = "list "
VAR = "var "
SITE_DOMAINS = "site domains"
COLUMNS_OF = ":"

_LISTS_OF_SOURCES = {"email_domains": EMAIL_LISTS, "user_agents": USER_AGENT_LISTS}
_CONFIG = (
    "database", "schema", "alias", "incremental_strategy", "unique_key", "alive_column",
    "counted_from", "of_people", "keeps_gone", "carried", "same_for_all",
)  # fmt: skip
_VAR = re.compile(r"\bvar\(\s*(?:'(\w+)'|\"(\w+)\")?")

Node = Mapping[str, Any]


def is_kept(node: Node) -> bool:
    """Whether the node is a model whose table is brought up to date by replacing rows of keys."""
    config: Mapping[str, Any] = node["config"]
    return bool(
        node["resource_type"] == "model"
        and config["materialized"] == "incremental"
        and config.get("incremental_strategy") == "replace"
    )


def writes_differences(node: Node) -> bool:
    """Whether a kept model compares all that it works out with what it holds."""
    return bool(node["config"]["meta"].get("writes_differences", False))


class Fingerprints:
    """The ingredients of the nodes of one project, for one run.

    list_versions: of the reference lists, by name. site_domains: the company's own.
    """

    def __init__(
        self,
        manifest: Manifest,
        list_versions: Mapping[str, str],
        site_domains: Sequence[str],
        project_root: Path = PROJECT_ROOT,
    ) -> None:
        self._manifest = manifest
        self._lists = list_versions
        self._site_domains = site_domains
        self._root = project_root
        self._found: dict[str, Ingredients] = {}
        project = yaml.safe_load((project_root / "dbt_project.yml").read_text(encoding="utf-8"))
        self._vars: Mapping[str, object] = project.get("vars") or {}
        self._macros = {
            name: macro
            for name, macro in manifest["macros"].items()
            if macro["package_name"] == project["name"]
        }

    def kept(self) -> list[Node]:
        """The kept models, each after those that it reads."""
        ordered: dict[str, Node] = {}

        def visit(unique_id: str) -> None:
            node = self._manifest["nodes"].get(unique_id)
            if node is None or unique_id in ordered:
                return
            for parent in node["depends_on"].get("nodes", ()):
                visit(parent)
            ordered[unique_id] = node

        for unique_id in self._manifest["nodes"]:
            visit(unique_id)
        return [node for node in ordered.values() if is_kept(node)]

    def kept_above(self, node: Node) -> list[str]:
        """The kept models that the node reads, itself or by way of others that are not kept."""
        found: dict[str, None] = {}
        for unique_id in node["depends_on"]["nodes"]:
            parent = self._manifest["nodes"].get(unique_id)
            if parent is None or parent["resource_type"] == "seed":
                continue
            found.update(
                dict.fromkeys([parent["name"]] if is_kept(parent) else self.kept_above(parent))
            )
        return list(found)

    def of(self, node: Node) -> Ingredients:
        """What the node is made of, its parents' ingredients included."""
        unique_id = str(node["unique_id"])
        if unique_id not in self._found:
            self._found[unique_id] = dict(sorted(self._ingredients(node)))
        return self._found[unique_id]

    def _ingredients(self, node: Node) -> Iterator[tuple[str, str]]:
        macros = self._macros_of(node)
        sql = [str(node.get("raw_code", "")), *(str(macro["macro_sql"]) for macro in macros)]
        yield MODEL + node["name"], hash_of(node["checksum"]["checksum"], _contract(node), *sql[1:])
        for name in self._vars_in(sql):
            yield VAR + name, json.dumps(self._vars[name])
        reads = node["config"]["meta"].get("reads", {})
        for unique_id in node["depends_on"]["nodes"]:
            yield from self._of_parent(unique_id, reads)

    def _of_parent(
        self, unique_id: str, reads: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[str, str]]:
        if unique_id in self._manifest["sources"]:
            yield from self._of_source(self._manifest["sources"][unique_id]["name"])
            return
        parent = self._manifest["nodes"][unique_id]
        if parent["resource_type"] == "seed":
            yield seed_fingerprint(parent, self._root, reads.get(parent["name"]))
        elif writes_differences(parent):
            yield from ((name, value) for name, value in self.of(parent).items() if is_code(name))
        else:
            yield from self.of(parent).items()

    def _of_source(self, table: str) -> Iterator[tuple[str, str]]:
        for name in _LISTS_OF_SOURCES.get(table, ()):
            yield LIST + name, self._lists.get(name, "")
        if table == "site_domains":
            yield SITE_DOMAINS, hash_of(*sorted(self._site_domains))

    def _macros_of(self, node: Node) -> list[Node]:
        """The project's own macros that the node's SQL may call, each with those that it calls."""
        found: set[str] = set()
        waiting = list(node["depends_on"]["macros"])
        while waiting:
            unique_id = waiting.pop()
            if unique_id in found or unique_id not in self._macros:
                continue
            found.add(unique_id)
            macro = self._macros[unique_id]
            waiting.extend(macro["depends_on"]["macros"])
            # what a dispatch may come to
            ending = f"__{macro['name']}"
            waiting.extend(other for other in self._macros if other.endswith(ending))
        return [self._macros[unique_id] for unique_id in sorted(found)]

    def _vars_in(self, texts: Sequence[str]) -> list[str]:
        """The project's vars that the texts name; all where one is named by an expression."""
        names = {single or double for text in texts for single, double in _VAR.findall(text)}
        return sorted(self._vars if "" in names else names & self._vars.keys())


def seed_fingerprint(
    seed: Node, project_root: Path, columns: Sequence[str] | None = None
) -> tuple[str, str]:
    """What a seed is called and the fingerprint of its rows, in any order: all that they hold, or
    these columns."""
    path = str(seed["original_file_path"])
    with (project_root / path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=seed["config"].get("delimiter") or ","))
    types = seed["config"].get("column_types") or {}
    chosen = sorted(columns or {str(name) for row in rows for name in row} | set(types))
    cells = sorted(json.dumps([row.get(name) for name in chosen]) for row in rows)
    name = path + (COLUMNS_OF + ",".join(chosen) if columns else "")
    return name, hash_of(json.dumps([[name, types.get(name)] for name in chosen]), *cells)


def is_code(ingredient: str) -> bool:
    """Whether it is a way of making a model, and not a rule that is data."""
    return ingredient.startswith(MODEL)


def _contract(node: Node) -> str:
    contract = (node.get("contract") or {}).get("checksum")
    config = [node["config"].get(name) for name in _CONFIG] if is_kept(node) else []
    return json.dumps([contract, config])


def hash_of(*texts: str) -> str:
    """A short hash of texts, in their order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode())
    return digest.hexdigest()[:16]
