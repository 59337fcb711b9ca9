"""What an API client may say of mails to somebody: that they want none, and nothing else.

The write key stands in every page, so whoever knows an address could take back its refusal. A yes
comes by the form's own box, by the CRM's leads, or in a log that the operator loads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingestion.seeds import is_true, seed_rows

SEED = Path("seeds") / "flags" / "mail_words.csv"

# what the models take for a yes and a no (the macro yes_or_no)
_ANSWERS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off"), False),
}


class MailWords:
    """The words of seeds/flags/mail_words.csv."""

    def __init__(self, project_root: Path) -> None:
        rows = seed_rows(project_root, SEED, "said_in", "name", "refuses_when")
        self.allowing_events = frozenset(
            row["name"]
            for row in rows
            if row["said_in"] == "event" and not is_true(row["refuses_when"])
        )
        """Events that take a refusal back."""
        self._refusing_answers = {
            row["name"]: is_true(row["refuses_when"]) for row in rows if row["said_in"] == "trait"
        }

    def without_permission(self, traits: Any) -> Any:
        """The traits without those that allow mail, or say neither yes nor no of it."""
        if not isinstance(traits, Mapping):
            return traits
        return {key: value for key, value in traits.items() if self._may_stand(key, value)}

    def _may_stand(self, name: str, value: Any) -> bool:
        refusing = self._refusing_answers.get(name.replace("\0", ""))
        if refusing is None:
            return True
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        return _ANSWERS.get(text.replace("\0", "").strip(" ").lower()) is refusing
