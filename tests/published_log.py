"""A small simulated log as readers find it: loaded, built as of two days, in analytics.duckdb.

It is built by the compiled models, so it costs seconds. What the simulator never writes is added:
a login that is passed around, whose addresses are too many for one person.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from ingestion import loader, warehouse
from ingestion.settings import Settings
from ingestion.simulator import simulate
from tests.compiled_models import CompiledModels

EARLIER, AS_OF = date(2026, 6, 20), date(2026, 6, 30)
EVENTS, DAYS, SEED = 16_000, 60, 1
SHARED_LOGIN = "shared-login"
ADDRESSES = 6
"""One more than seeds/identity/identity_limits.csv allows."""


def publish_simulated(models: CompiledModels, folder: Path) -> Settings:
    """Writes analytics.duckdb (schemas marts and ops, without ops.refreshes) under `folder`."""
    settings = Settings(data_dir=folder / "data", site_domains=("example.com",))
    simulate(EVENTS, folder / "log", seed=SEED, days=DAYS, end=AS_OF)
    (folder / "log" / "shared.ndjson").write_text("".join(_shared_login()))
    with warehouse.connect(settings) as connection:
        lists = [folder / "log" / name for name in ("leads.csv", "ad_spend.csv")]
        files = [*sorted((folder / "log").glob("*.ndjson")), *lists]
        loader.load_paths(connection, settings, files)
    models.run_loaded(settings.warehouse, EARLIER, settings)
    told = models.connection.execute("from published.marts.fct_score_history").fetchall()
    models.run_loaded(settings.warehouse, AS_OF, settings)
    models.connection.executemany(
        "insert into published.marts.fct_score_history values (?, ?, ?, ?, ?, ?)", told
    )
    models.connection.execute(
        f"attach '{settings.analytics}' as analytics (storage_version 'v1.5.0')"
    )
    models.connection.execute("copy from database published to analytics")
    models.connection.execute("detach analytics")
    return settings


def _shared_login() -> list[str]:
    return [
        json.dumps(
            {
                "messageId": f"shared-{number}",
                "type": "identify",
                "timestamp": f"2026-06-10T09:0{number}:00Z",
                "anonymousId": "kiosk",
                "userId": SHARED_LOGIN,
                "traits": {"email": f"person{number}@shared.example"},
            }
        )
        + "\n"
        for number in range(ADDRESSES)
    ]
