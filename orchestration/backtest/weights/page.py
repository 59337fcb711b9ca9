"""A suggestion as a page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from ingestion.settings import Settings
from orchestration.backtest.frames import HORIZON_DAYS
from orchestration.backtest.history import day_of
from orchestration.backtest.measures import AUC, CONFIDENCE, DRAWS, LIFT, SEED
from orchestration.backtest.page import TEMPLATES as BACKTEST_TEMPLATES
from orchestration.backtest.page import templates
from orchestration.backtest.report import MEASURE_NAMES
from orchestration.backtest.weights import charts
from orchestration.backtest.weights.findings import RuleFound, rules_found, shares, verdict
from orchestration.backtest.weights.report import (
    ADOPT,
    RANKING_NAMES,
    WHY_WORDS,
    moved,
    weight_interval,
)
from orchestration.backtest.weights.seed_files import ScoringSeeds
from orchestration.backtest.weights.suggestion import FIT_DRAWS, Suggestion
from orchestration.exports.overview.charts import prepare
from orchestration.exports.pages import TEMPLATES as EXPORT_TEMPLATES

TEMPLATES = Path(__file__).with_name("templates")


def suggestion_page(
    settings: Settings, suggestion: Suggestion, seeds: ScoringSeeds, files: Sequence[Path]
) -> str:
    """The suggestion as HTML."""
    prepare(settings)
    found = templates(settings.timezone)
    found.loader = ChoiceLoader(
        [FileSystemLoader(folder) for folder in (TEMPLATES, BACKTEST_TEMPLATES, EXPORT_TEMPLATES)]
    )
    found.globals["weights_css"] = Markup((TEMPLATES / "weights.css").read_text(encoding="utf-8"))
    found.filters |= {"day_number": day_of, "weight_interval": weight_interval}
    rules: list[RuleFound] = rules_found(suggestion, seeds)
    judged = suggestion.judged
    return found.get_template("weights.html.j2").render(
        suggestion=suggestion,
        verdict=verdict(suggestion),
        rules=rules,
        moved=moved,
        shares=shares,
        files=[path.name for path in files],
        folder=str(files[0].parent) if files else "",
        adopt=ADOPT,
        horizon=HORIZON_DAYS,
        confidence=f"{CONFIDENCE:.0%}".replace("%", " %"),
        draws=DRAWS,
        fit_draws=FIT_DRAWS,
        seed=SEED,
        ranking_names=RANKING_NAMES,
        measure_names=MEASURE_NAMES,
        why_words=WHY_WORDS,
        auc_chart=charts.rankings_chart(judged.contest, AUC) if judged else None,
        lift_chart=charts.rankings_chart(judged.contest, LIFT) if judged else None,
        weights_chart=charts.weights_chart(rules) if judged else None,
    )
