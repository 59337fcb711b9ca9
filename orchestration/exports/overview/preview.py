"""The overview in short, for where no page can be: the UI of Dagster, a mail."""

from __future__ import annotations

import base64

from ingestion.settings import Settings
from orchestration import plots
from orchestration.analytics import published
from orchestration.exports.overview import charts
from orchestration.exports.overview.figures import Overview, read_overview
from orchestration.exports.overview.page import tiles
from orchestration.exports.overview.words import number, percent_change

SIGNS = {"good": "▲", "bad": "▼", "even": "="}


def published_overview(settings: Settings) -> Overview:
    """The overview of what readers see now. Raises UserError where nothing is published."""
    with published(settings) as connection:
        return read_overview(connection)


def overview_in_markdown(settings: Settings) -> str:
    """Headlines, figures and the chart of sessions, as markdown that no name can break out of."""
    charts.prepare(settings)
    overview = published_overview(settings)
    headlines = "\n".join(
        f"- {SIGNS[each.tone]} {plots.escaped(each.sentence)}" for each in overview.headlines
    )
    table = plots.table(
        ["figure", "now", "before", "change"],
        [
            (tile.name, number(tile.figure.current), number(tile.figure.earlier),
             percent_change(tile.figure))
            for tile in tiles(overview)
        ],
        ["now", "before", "change"],
    )  # fmt: skip
    parts = [headlines or "Nothing to tell yet.", table]
    if picture := charts.sessions_png(overview):
        parts.append(
            f"![Sessions a day](data:image/png;base64,{base64.b64encode(picture).decode()})"
        )
    return "\n\n".join(parts)
