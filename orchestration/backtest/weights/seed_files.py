"""The seed files of scoring: those in force, and copies with suggested cells beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.backtest.history import Flags
from orchestration.backtest.scoring import Rules
from orchestration.exports.files import write_file

SEEDS = PROJECT_ROOT / "seeds"
RULES, GROUPS = "scoring_rules.csv", "scoring_groups.csv"
_CONVERSIONS = "conversion_events.csv"


@dataclass(frozen=True)
class SeedTable:
    """A seed file: its header, and its rows in the order of the file."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]

    @property
    def text(self) -> str:
        """The file as it is written."""
        written = io.StringIO()
        to = csv.DictWriter(written, self.columns, lineterminator="\n")
        to.writeheader()
        to.writerows(self.rows)
        return written.getvalue()


@dataclass(frozen=True)
class ScoringSeeds:
    """The rules and groups as their files have them, and of each rule, in order of rule_id, whether
    what it is for converts."""

    rules: SeedTable
    groups: SeedTable
    is_conversion: Flags

    @property
    def rule_ids(self) -> list[str]:
        """In the order of Rules."""
        return sorted(row["rule_id"] for row in self.rules.rows)

    @property
    def group_names(self) -> list[str]:
        """In the order of Rules.group_caps."""
        return sorted(row["score_group"] for row in self.groups.rows)

    @property
    def reasons(self) -> list[str]:
        """Of each rule the words that sales read, in the order of Rules."""
        of_rule = {row["rule_id"]: row["reason"] for row in self.rules.rows}
        return [of_rule[rule_id] for rule_id in self.rule_ids]


def read_seeds(rules: Rules, seeds: Path = SEEDS) -> ScoringSeeds:
    """The files below `seeds`, which say what `rules` were loaded from.

    Raises UserError where they say something else by now.
    """
    table = _read(seeds / "scoring" / RULES)
    converts = {
        (row["event_type"], row["event_name"])
        for row in _read(seeds / "attribution" / _CONVERSIONS).rows
    }
    in_order = sorted(table.rows, key=lambda row: row["rule_id"])
    found = ScoringSeeds(
        table,
        _read(seeds / "scoring" / GROUPS),
        np.array(
            [(row["event_type"], row["event_name"]) in converts for row in in_order], np.bool_
        ),
    )
    if not _say_the_same(found, rules):
        raise UserError(
            f"{seeds / 'scoring'} has changed since the last refresh, so what would be suggested"
            " were changes of other rules; run: intent refresh"
        )
    return found


def with_rules(seeds: ScoringSeeds, today: Rules, suggested: Rules) -> ScoringSeeds:
    """The seeds with the cells in which `suggested` differs from `today`, and all others kept."""
    place = {rule_id: at for at, rule_id in enumerate(seeds.rule_ids)}
    numbers = {
        "weight": (today.weight, suggested.weight),
        "half_life_days": (today.half_life_days, suggested.half_life_days),
        "daily_cap": (today.daily_cap, suggested.daily_cap),
        "saturation": (today.saturation, suggested.saturation),
    }
    rules = [
        {**row, **{
            name: written(new[at])
            for name, (old, new) in numbers.items()
            for at in [place[row["rule_id"]]] if new[at] != old[at]
        }}
        for row in seeds.rules.rows
    ]  # fmt: skip
    group_place = {name: at for at, name in enumerate(seeds.group_names)}
    groups = [
        {**row, "group_cap": written(suggested.group_caps[at])}
        if suggested.group_caps[at] != today.group_caps[at] else row
        for row in seeds.groups.rows
        for at in [group_place[row["score_group"]]]
    ]  # fmt: skip
    return replace(
        seeds,
        rules=replace(seeds.rules, rows=rules),
        groups=replace(seeds.groups, rows=groups),
    )


def written(value: float) -> str:
    """A number as somebody writes it: 15, 2.5."""
    return f"{value:g}"


def check_folder(folder: Path, seeds: Path = SEEDS) -> None:
    """Raises UserError where suggestions cannot be written to `folder`, or may not."""
    place = folder.resolve()
    if place.is_relative_to(seeds.resolve()):
        raise UserError(
            f"{folder} lies in the seeds that are in force, and a suggestion is not adopted by"
            " itself; name another folder, look, and copy what you want"
        )
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UserError(f"{folder} holds something already; name a new or empty folder")


def write_seeds(seeds: ScoringSeeds, folder: Path) -> list[Path]:
    """Writes both files to `folder`, which `check_folder` has found to be fit; returns their paths.

    Raises UserError where they cannot be written.
    """
    paths = []
    try:
        for name, table in ((RULES, seeds.rules), (GROUPS, seeds.groups)):
            write_file(folder / name, table.text.encode("utf-8"))
            paths.append(folder / name)
    except OSError as error:
        raise UserError(f"{folder} cannot be written to: {error.strerror}") from error
    return paths


def _read(path: Path) -> SeedTable:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return SeedTable(list(rows.fieldnames or ()), list(rows))


def _say_the_same(seeds: ScoringSeeds, rules: Rules) -> bool:
    in_order = sorted(seeds.rules.rows, key=lambda row: row["rule_id"])
    groups = sorted(seeds.groups.rows, key=lambda row: row["score_group"])
    place = {row["score_group"]: at for at, row in enumerate(groups)}
    try:
        said = [
            [float(row[name]) for row in in_order]
            for name in ("weight", "half_life_days", "daily_cap", "saturation")
        ]
        caps = [float(row["group_cap"]) for row in groups]
    except ValueError:
        return False
    loaded = (rules.weight, rules.half_life_days, rules.daily_cap, rules.saturation)
    return (
        all(one == other.tolist() for one, other in zip(said, loaded, strict=True))
        and [place.get(row["score_group"], -1) for row in in_order] == rules.group.tolist()
        and caps == rules.group_caps.tolist()
    )
