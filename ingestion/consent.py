"""Which of a message's consent categories stands for this product."""

from __future__ import annotations

from pathlib import Path

import yaml  # type: ignore[import-untyped]

DEFAULT_CATEGORY = "Analytics"


def consent_category(project_root: Path) -> str:
    """The var `consent_category` of dbt_project.yml, so that loader and models have one place."""
    project = project_root / "dbt_project.yml"
    if not project.is_file():
        return DEFAULT_CATEGORY
    settings = yaml.safe_load(project.read_text(encoding="utf-8")) or {}
    variables = settings.get("vars") or {}
    own = variables.get(settings.get("name")) or {}
    return str(own.get("consent_category") or variables.get("consent_category") or DEFAULT_CATEGORY)
