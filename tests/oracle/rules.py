"""The rules that are data: read from the seeds, or from other tables of the same columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "seeds"

TABLES = {
    "scoring_rules": "scoring/scoring_rules.csv",
    "scoring_groups": "scoring/scoring_groups.csv",
    "score_bands": "scoring/score_bands.csv",
    "page_classes": "pages/page_classes.csv",
    "identity_limits": "identity/identity_limits.csv",
    "role_local_parts": "identity/role_local_parts.csv",
    "blocked_identifiers": "identity/blocked_identifiers.csv",
    "email_properties": "identity/email_properties.csv",
    "email_domain_overrides": "identity/email_domain_overrides.csv",
    "conversion_events": "attribution/conversion_events.csv",
    "masked_url_parameters": "ingestion/masked_url_parameters.csv",
    "internal_networks": "traffic/internal_networks.csv",
    "internal_users": "traffic/internal_users.csv",
}


@dataclass(frozen=True)
class ScoringRule:
    """One row of the scoring rules; a column left empty matches everything."""

    rule_id: str
    priority: int
    event_type: str | None
    event_name: str | None
    page_class: str | None
    weight: float
    half_life_days: float
    daily_cap: float
    saturation: float
    is_hand_raise: bool
    group: str | None = None


@dataclass(frozen=True)
class ConversionRule:
    """What a conversion is called and worth, and the properties in which events say so."""

    conversion_name: str
    value: Decimal
    currency: str
    value_property: str | None
    currency_property: str | None


@dataclass(frozen=True)
class PageClass:
    """Paths that match `pattern` are of this class, the lowest priority first."""

    page_class: str
    priority: int
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Rules:
    """All that the answers depend on beside the events, the lists and the as-of date."""

    scoring: tuple[ScoringRule, ...]
    bands: tuple[tuple[str, float], ...]
    page_classes: tuple[PageClass, ...]
    limits: Mapping[str, int]
    role_local_parts: frozenset[str]
    blocked_exact: frozenset[str]
    blocked_any_case: frozenset[str]
    email_properties: Mapping[str, tuple[str, ...]]
    email_domain_overrides: Mapping[str, str]
    conversions: tuple[tuple[str | None, str | None], ...]
    masked_parameters: frozenset[str]
    site_domains: tuple[str, ...] = ()
    internal_networks: frozenset[str] = frozenset()
    internal_users: frozenset[str] = frozenset()
    group_caps: Mapping[str, float] = field(default_factory=dict)
    conversion_rules: Mapping[tuple[str | None, str | None], ConversionRule] = field(
        default_factory=dict
    )
    ignores_email_tags: bool = False
    dotless_domains: frozenset[str] = frozenset()
    consent_category: str = "Analytics"
    session_gap_seconds: int = 1800


def load_rules(
    site_domains: tuple[str, ...] = (),
    seeds: Path = SEEDS,
    replaced: Mapping[str, Path] | None = None,
) -> Rules:
    """Reads every table of `TABLES` from `seeds`, or from the file named in `replaced`.

    Scoring rules without the column score_group are in no group.
    Raises FileNotFoundError for a table that is not there.
    """
    files = {name: seeds / path for name, path in TABLES.items()} | dict(replaced or {})
    tables = {name: _rows(path) for name, path in files.items()}
    scoring = sorted(
        (
            ScoringRule(
                rule_id=row["rule_id"],
                priority=int(row["priority"]),
                event_type=row["event_type"] or None,
                event_name=row["event_name"] or None,
                page_class=row["page_class"] or None,
                weight=float(row["weight"]),
                half_life_days=float(row["half_life_days"]),
                daily_cap=float(row["daily_cap"]),
                saturation=float(row["saturation"]),
                is_hand_raise=row["is_hand_raise"].strip().lower() == "true",
                group=row.get("score_group") or None,
            )
            for row in tables["scoring_rules"]
        ),
        key=lambda rule: rule.priority,
    )
    pages = sorted(
        (
            PageClass(row["page_class"], int(row["priority"]), re.compile(row["path_pattern"]))
            for row in tables["page_classes"]
        ),
        key=lambda row: row.priority,
    )
    properties: dict[str, list[str]] = {}
    for row in tables["email_properties"]:
        properties.setdefault(row["event_name"], []).append(row["property"])
    blocked = tables["blocked_identifiers"]
    return Rules(
        scoring=tuple(scoring),
        bands=tuple(
            sorted(
                ((row["band"], float(row["minimum_score"])) for row in tables["score_bands"]),
                key=lambda band: -band[1],
            )
        ),
        page_classes=tuple(pages),
        limits={
            row["identifier_type"]: int(row["maximum_per_person"])
            for row in tables["identity_limits"]
        },
        role_local_parts=frozenset(
            row["local_part"].strip().lower() for row in tables["role_local_parts"]
        ),
        blocked_exact=frozenset(
            row["identifier"].strip() for row in blocked if row["match"] == "exact"
        ),
        blocked_any_case=frozenset(
            row["identifier"].strip().lower() for row in blocked if row["match"] == "any_case"
        ),
        email_properties={name: tuple(sorted(names)) for name, names in properties.items()},
        email_domain_overrides={
            row["email_domain"].strip().lower(): row["email_class"]
            for row in tables["email_domain_overrides"]
        },
        conversions=tuple(
            (row["event_type"] or None, row["event_name"] or None)
            for row in tables["conversion_events"]
        ),
        masked_parameters=frozenset(
            row["parameter"].strip() for row in tables["masked_url_parameters"]
        ),
        site_domains=tuple(domain.strip().lower() for domain in site_domains),
        internal_networks=frozenset(row["network"] for row in tables["internal_networks"]),
        internal_users=frozenset(row["user_id"] for row in tables["internal_users"]),
        group_caps={
            row["score_group"]: float(row["group_cap"]) for row in tables["scoring_groups"]
        },
        conversion_rules={
            (row["event_type"], row["event_name"]): ConversionRule(
                row["conversion_name"],
                Decimal(row["value"]),
                row["currency"],
                row["value_property"] or None,
                row["currency_property"] or None,
            )
            for row in tables["conversion_events"]
        },
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
