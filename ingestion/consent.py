"""Which of a message's consent categories stands for this product."""

from __future__ import annotations

from pathlib import Path

import yaml  # type: ignore[import-untyped]


def consent_category(project_root: Path) -> str:
    """The var `consent_category` of dbt_project.yml, so that loader and models have one place."""
    project = yaml.safe_load((project_root / "dbt_project.yml").read_text(encoding="utf-8"))
    return str(project["vars"]["consent_category"])
