"""How the commands print."""

from __future__ import annotations

from enum import StrEnum


class TextOrJson(StrEnum):
    """For people, or for programs."""

    text = "text"
    json = "json"


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
