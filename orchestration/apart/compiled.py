"""The rules as dbt reads them: the seeds as tables, and the SQL that makes each model whole.

What a refresh leaves behind is the SQL that brings tables up to date, from what is new. Apart from
the published tables there is nothing to bring up to date. Some rules (bands, page classes, channel
groups) are written into the SQL, so seeds and SQL are made together, once for each state of the
project.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingestion import warehouse
from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.apart.graph import ManifestNode, Model, in_order, model_of
from orchestration.dbt.manifest import fingerprint, reuse_parse
from orchestration.dbt.process import DbtFailed, DbtProcess

_PREFIX = "whole-"


@dataclass(frozen=True)
class Compiled:
    """dbt's manifest, the folder with what it compiled, and a database whose schema `seeds` holds
    the rules that went into it."""

    manifest: dict[str, Any]
    target: Path
    seeds: Path

    @property
    def nodes(self) -> list[ManifestNode]:
        """Seeds and models, each after those that it reads."""
        return in_order(self.manifest)

    @property
    def models(self) -> list[Model]:
        """The models, each after those that it reads."""
        return [
            model_of(node, self.target) for node in self.nodes if node["resource_type"] == "model"
        ]


def compiled_models(settings: Settings, say: Callable[[str], None] | None = None) -> Compiled:
    """The project as it now lies on disk; made (some 20 seconds) where a file of it has changed.

    say: is told before that begins. Raises UserError where dbt refuses the project.
    """
    folder = settings.dbt_target.parent
    kept = folder / f"{_PREFIX}{fingerprint(PROJECT_ROOT)}"
    if not kept.exists():
        if say is not None:
            say("Compiling the models, once for each change of them …")
        draft = folder / f".{kept.name}.{os.getpid()}"
        try:
            compile_into(draft, settings, PROJECT_ROOT)
            if not kept.exists():
                draft.rename(kept)
        except DbtFailed as failed:
            raise UserError(f"dbt refuses the models or seeds as they are now: {failed}") from None
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for older in folder.glob(f"{_PREFIX}*"):
            if older != kept:
                shutil.rmtree(older, ignore_errors=True)
    return compiled_in(kept)


def compiled_in(folder: Path) -> Compiled:
    """What `compile_into` has put into `folder`."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    return Compiled(manifest, folder, folder / "seeds.duckdb")


def compile_into(
    folder: Path, settings: Settings, project_root: Path, *, is_tested: bool = False
) -> None:
    """Loads the seeds of a project and compiles it, beside an empty warehouse: where no table is,
    all of it is made.

    is_tested: run the tests of the seeds too, so that rules that make no sense are refused.
    Raises DbtFailed with the words of dbt.
    """
    empty, target = replace(settings, data_dir=folder / "empty"), folder / "target"
    warehouse.connect(empty).close()
    reuse_parse(settings, target)
    tested = ["build", "--select", "resource_type:seed", "--indirect-selection", "cautious"]
    models = ["compile", "--select", "resource_type:model"]
    for arguments in (tested if is_tested else ["seed"], models):
        for _ in DbtProcess(empty, project_root).stream(arguments, target):
            pass
    empty.warehouse.rename(folder / "seeds.duckdb")
    for name in ("compiled", "manifest.json"):
        (target / name).rename(folder / name)
    for leftover in (empty.data_dir, target):
        shutil.rmtree(leftover)
