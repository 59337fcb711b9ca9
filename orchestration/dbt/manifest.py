"""dbt's manifest, kept by the fingerprint of the project's files, so that it is parsed only anew
when a file changed.

Dagster's definitions are made from the manifest, in every process that loads them. A manifest
that dbt is rewriting at that moment would be half a file, so dbt parses into a folder that is this
process's own, and what the definitions read is put in place by one rename.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dbt.process import DbtProcess
from orchestration.dbt.seed_texts import check_seed_texts

_PROJECT_FILES = ("dbt_project.yml", "profiles.yml")
_PARTIAL_PARSE = "partial_parse.msgpack"
_PROJECT_FOLDERS = ("dbt_project", "seeds", "tests/dbt")
_LONGEST_PARSE_SECONDS = 3600


Manifest = dict[str, Any]
"""dbt's manifest.json."""


def current_manifest(settings: Settings, project_root: Path = PROJECT_ROOT) -> Manifest:
    """The manifest of the project as it now lies on disk, its tests completed for asset checks.

    Parses the project (some seconds) when a file of it has changed. Raises DbtFailed where the
    project cannot be parsed, and UserError where a file of seeds/ is no table.
    """
    kept = settings.dbt_target.parent / f"manifest-{fingerprint(project_root)}.json"
    if not kept.exists():
        check_seed_texts(project_root)
        _parse(settings, project_root, kept)
        for older in kept.parent.glob("manifest-*.json"):
            if older != kept:
                older.unlink(missing_ok=True)
    manifest: Manifest = json.loads(kept.read_bytes())
    complete_tests(manifest)
    return manifest


def _parse(settings: Settings, project_root: Path, kept: Path) -> None:
    """Writes the manifest to `kept`. In a folder of this process, since another may be parsing."""
    shared = parse_folder(settings)
    own = shared.with_name(f"{shared.name}-{os.getpid()}")
    _remove_leftovers(shared)
    try:
        # what the last parse knows makes this one short
        if (known := shared / _PARTIAL_PARSE).exists():
            own.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(known, own / _PARTIAL_PARSE)
        for _ in DbtProcess(settings, project_root).stream(["parse"], own):
            pass
        if (parsed := own / _PARTIAL_PARSE).exists():
            shared.mkdir(parents=True, exist_ok=True)
            parsed.replace(shared / _PARTIAL_PARSE)
        (own / "manifest.json").replace(kept)
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _remove_leftovers(shared: Path) -> None:
    """Removes the folders of processes that were killed while they parsed."""
    for folder in shared.parent.glob(f"{shared.name}-*"):
        if time.time() - folder.stat().st_mtime > _LONGEST_PARSE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def parse_folder(settings: Settings) -> Path:
    """Where what the last parse knows is kept: not where a build may be writing."""
    return settings.dbt_target.with_name("parse")


def reuse_parse(settings: Settings, target: Path) -> None:
    """Hands what the last parse knows to a dbt that writes to `target`, unless it knows better."""
    parsed, known = parse_folder(settings) / _PARTIAL_PARSE, target / _PARTIAL_PARSE
    if parsed.exists() and not (
        known.exists() and known.stat().st_mtime_ns >= parsed.stat().st_mtime_ns
    ):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(parsed, known)


def fingerprint(project_root: Path = PROJECT_ROOT) -> str:
    """Changes when a file of the dbt project is added, removed or written, or dbt is upgraded."""
    digest = hashlib.sha256(version("dbt-core").encode() + version("dbt-duckdb").encode())
    for path in project_files(project_root):
        status = path.stat()
        name = path.relative_to(project_root).as_posix()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def complete_tests(manifest: Manifest) -> None:
    """Gives each test what an asset check needs: a table that it is shown at, and a description.

    A test that reads several tables is shown at the model that reads the most of the others: the
    one that the test is about. A test that is a file of SQL is described by the comment on top.
    """
    for node in manifest["nodes"].values():
        if node["resource_type"] != "test":
            continue
        if not node.get("attached_node"):
            node["attached_node"] = _shown_at(node["depends_on"]["nodes"], manifest["parent_map"])
        if not node.get("description"):
            node["description"] = leading_comment(node.get("raw_code", ""))
        # where the asset check's description is taken from
        node.setdefault("meta", {}).setdefault("description", node["description"])


def leading_comment(sql: str) -> str:
    """The lines of comment that a file of SQL begins with, as one line of text."""
    lines = itertools.takewhile(lambda line: line.startswith("--"), sql.strip().splitlines())
    return " ".join(line.removeprefix("--").strip() for line in lines)


def _shown_at(tested: Sequence[str], parents: Mapping[str, Sequence[str]]) -> str | None:
    models = [name for name in tested if name.startswith("model.")]
    return max(
        models or tested, key=lambda name: (len(_ancestors(name, parents)), name), default=None
    )


def _ancestors(name: str, parents: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def project_files(project_root: Path) -> Iterator[Path]:
    """Every file of the dbt project, in a fixed order."""
    yield from (project_root / name for name in _PROJECT_FILES)
    for folder in _PROJECT_FOLDERS:
        yield from sorted(path for path in (project_root / folder).rglob("*") if path.is_file())
