"""The scoring seeds that somebody proposes: which files they are, and the project with them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT

DECIDING = {
    "scoring_rules": "seeds/scoring/scoring_rules.csv",
    "scoring_groups": "seeds/scoring/scoring_groups.csv",
    "score_bands": "seeds/scoring/score_bands.csv",
    "page_classes": "seeds/pages/page_classes.csv",
}
"""The seeds that `ruleset_id` is the fingerprint of, with the file of each."""
FOLLOWING = {
    "opening_lines": "seeds/scoring/opening_lines.csv",
    "brief_bands": "seeds/scoring/brief_bands.csv",
    "alert_bands": "seeds/scoring/alert_bands.csv",
}
"""Seeds that name rules and bands, and so have to change with them. They move no score."""
SEEDS = DECIDING | FOLLOWING


@dataclass(frozen=True)
class Proposal:
    """The proposed files, by the name of the seed that each stands for."""

    files: Mapping[str, Path]

    def place_of(self, seed_file: str) -> Path:
        """The file that a seed of the project (`seeds/…`) was read from, to be named to people."""
        return self.files.get(Path(seed_file).stem, Path(seed_file))


def proposal_in(folder: Path, project_root: Path = PROJECT_ROOT) -> Proposal:
    """The scoring seeds that lie in `folder` or below it, found by their names.

    Copies of the project's other seeds, with nothing changed in them, are passed over: so the
    folder may be a copy of seeds/, or seeds/ itself. Raises UserError for everything else that is
    a CSV file, where there are none, or where the columns are not those of the seed.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder; name one that holds {_allowed()}")
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.csv")):
        if path.stem not in SEEDS:
            _pass_over(path, project_root)
        elif path.stem in files:
            raise UserError(f"{files[path.stem]} and {path} are the same seed; keep one of them")
        else:
            _check_columns(path, project_root / SEEDS[path.stem])
            files[path.stem] = path
    if not files:
        raise UserError(f"{folder} holds no scoring seed; put in one or more of {_allowed()}")
    return Proposal(files)


def write_project(root: Path, proposal: Proposal, project_root: Path = PROJECT_ROOT) -> None:
    """Makes `root` the dbt project with the proposed files in the place of its own."""
    for name in ("dbt_project", "seeds", "tests/dbt"):
        shutil.copytree(project_root / name, root / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy2(project_root / name, root / name)
    for seed, path in proposal.files.items():
        shutil.copyfile(path, root / SEEDS[seed])


def _allowed() -> str:
    return ", ".join(f"{seed}.csv" for seed in SEEDS)


def _pass_over(path: Path, project_root: Path) -> None:
    same = [own for own in project_root.glob("seeds/**/*.csv") if own.name == path.name]
    if not same:
        raise UserError(f"{path} is no scoring seed; take it out. Allowed are {_allowed()}")
    if path.read_bytes() != same[0].read_bytes():
        raise UserError(
            f"{path} differs from {same[0].relative_to(project_root)} and is no scoring seed;"
            f" take it out. Allowed are {_allowed()}"
        )


def _check_columns(path: Path, own: Path) -> None:
    try:
        columns, expected = _header(path), _header(own)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    if sorted(columns) != sorted(expected):
        raise UserError(
            f"{path} has the columns {', '.join(columns) or '(none)'};"
            f" it needs {', '.join(expected)}"
        )


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        # all of it is read, so that what cannot be is known before anything long begins
        return next(iter(list(csv.reader(file))), [])
