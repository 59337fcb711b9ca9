"""The dbt project as the documents read it: the manifest, with the analyses compiled."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.dbt.manifest import Manifest
from orchestration.dbt.process import DbtProcess

DOCS = PROJECT_ROOT / "docs"

Node = dict[str, Any]
"""A node of dbt's manifest."""


def compiled_project() -> Manifest:
    """The manifest of the project as it now lies on disk; analyses carry `compiled_code`.

    dbt compiles in a data directory that is thrown away (some seconds): what analyses say does not
    depend on the data, and nobody has to wait for the writer lock. Raises DbtFailed where the
    project cannot be compiled.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        arguments = ["compile", "--select", "resource_type:analysis", "--no-populate-cache"]
        for _ in DbtProcess(settings).stream(arguments, settings.dbt_target):
            pass
        manifest: Manifest = json.loads((settings.dbt_target / "manifest.json").read_bytes())
    return manifest


def own_nodes(manifest: Manifest, resource_type: str) -> list[Node]:
    """The project's nodes of one type, ordered by name."""
    nodes = (node for node in manifest["nodes"].values() if node["resource_type"] == resource_type)
    return sorted(nodes, key=lambda node: str(node["name"]))
