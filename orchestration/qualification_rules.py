"""The rules by which a request qualifies (`seeds/lead_magnet/qualification_rules.csv`), read before
dbt starts: a rule about a flag that nobody has would hold for everybody, and nothing would show."""

from __future__ import annotations

import csv
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT

RULES = Path("seeds/lead_magnet/qualification_rules.csv")
FLAGS = ("competitor", "job_seeker", "student", "customer", "cannot_email")
"""What fct_person_flags knows."""


def check_qualification_rules(root: Path = PROJECT_ROOT) -> None:
    """Raises UserError where a rule `without_flag` names none of FLAGS, with each such line."""
    problems = []
    with (root / RULES).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if row.get("kind") == "without_flag" and row.get("accepted") not in FLAGS:
                problems.append(
                    f"{RULES}, line {reader.line_num}: the rule {row.get('rule_id')} is about the"
                    f" flag {row.get('accepted') or ''!r}, which nobody has; write one of"
                    f" {', '.join(FLAGS)} into accepted"
                )
    if problems:
        raise UserError("\n".join(problems))
