"""What the compiled models made, as a data directory holds it after a refresh."""

from __future__ import annotations

from ingestion.settings import Settings
from orchestration.apart.compiled import Compiled
from tests.compiled_models import CompiledModels


def files_of(models: CompiledModels, settings: Settings) -> Compiled:
    """Writes warehouse.duckdb and marts.duckdb; returns what they were made by."""
    for name, path in (("warehouse", settings.warehouse), ("published", settings.marts)):
        path.unlink(missing_ok=True)
        models.connection.execute(f"attach '{path}' as copied")
        models.connection.execute(f"copy from database {name} to copied")
        models.connection.execute("detach copied")
    return Compiled(models.manifest, models.target, settings.warehouse)
