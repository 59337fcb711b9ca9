"""What people have decided about who is who (`seeds/identity/identity_overrides.csv`), read before
dbt starts: a decision that nobody could carry out stops the refresh while nothing is built."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml  # type: ignore[import-untyped]

from ingestion.errors import UserError
from ingestion.seeds import seed_rows
from ingestion.settings import PROJECT_ROOT

OVERRIDES = Path("seeds/identity/identity_overrides.csv")
BLOCKED = Path("seeds/identity/blocked_identifiers.csv")
COLUMNS = ("action", "first_type", "first_identifier", "second_type", "second_identifier", "note")
ACTIONS = ("force", "forbid")
TYPES = ("user_id", "email")

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_QUOTES = "\"'` \t\r\n"


class Name(NamedTuple):
    """A user id or an address, in the spelling that the models give it."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


@dataclass(frozen=True)
class Decision:
    """A line of the file: two names that are one person, or that never are."""

    line: int
    action: str
    names: frozenset[Name]

    def __str__(self) -> str:
        return " and ".join(map(str, sorted(self.names, key=_user_ids_first)))


@dataclass(frozen=True)
class Spelling:
    """What the settings make of an address, and which names identify nobody."""

    ignores_tags: bool = False
    dotless_domains: frozenset[str] = frozenset()
    blocked_exact: frozenset[str] = frozenset()
    blocked_any_case: frozenset[str] = frozenset()

    def name(self, kind: str, text: str) -> Name:
        """The name that is meant. Raises ValueError, saying why, for what can be none."""
        if kind not in TYPES:
            raise ValueError(f"{kind!r} is no type of name; write {' or '.join(TYPES)}")
        text = text.strip()
        if not text:
            raise ValueError(f"a name is blank; give a {kind}")
        if self._is_nobody(text):
            raise ValueError(f"{text!r} identifies nobody ({BLOCKED}); give another name")
        if kind == "user_id":
            return Name(kind, text)
        if not _ADDRESS.fullmatch(text):
            raise ValueError(f"{text!r} is no address; write it as ada@acme.example")
        return Name(kind, self._address(text.lower()))

    def _is_nobody(self, text: str) -> bool:
        bare = text.strip(_QUOTES)
        return (
            not bare
            or bare in self.blocked_exact
            or bare.lower() in self.blocked_any_case
            or re.fullmatch("0[0-]*", bare) is not None
        )

    def _address(self, address: str) -> str:
        mailbox, _, domain = address.partition("@")
        if self.ignores_tags:
            mailbox = mailbox.partition("+")[0] or mailbox
        if domain in self.dotless_domains:
            mailbox = mailbox.replace(".", "") or mailbox
        return f"{mailbox}@{domain}"


def check_overrides(root: Path = PROJECT_ROOT) -> None:
    """Raises UserError where a line of the file of overrides says nothing that can be done.

    That is a line that cannot be read, that names one name twice or a name that identifies
    nobody, and a pair that is forbidden although others, taken together, force it.
    """
    decisions: list[Decision] = []
    problems: list[tuple[int, str]] = []
    with (root / OVERRIDES).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        spelling = _spelling(root)
        try:
            if tuple(next(reader, ())) != COLUMNS:
                problems.append((1, f"the first line must be {','.join(COLUMNS)}"))
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue
                try:
                    decisions.append(_decision(reader.line_num, row, spelling))
                except ValueError as error:
                    problems.append((reader.line_num, str(error)))
        except csv.Error as error:
            problems.append((reader.line_num, f"cannot be read as CSV: {error}"))
    problems.extend(_contradictions(decisions))
    if problems:
        raise UserError(
            "\n".join(f"{OVERRIDES}, line {line}: {words}" for line, words in sorted(problems))
        )


def _decision(line: int, row: Sequence[str], spelling: Spelling) -> Decision:
    if not len(COLUMNS) - 1 <= len(row) <= len(COLUMNS):
        raise ValueError(f"{len(row)} columns; write {','.join(COLUMNS)}, the note may be empty")
    action, first_type, first, second_type, second = (cell.strip() for cell in row[:5])
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is nothing that can be done; write {' or '.join(ACTIONS)}")
    names = frozenset({spelling.name(first_type, first), spelling.name(second_type, second)})
    if len(names) == 1:
        raise ValueError(f"both names are {next(iter(names))}; give two")
    return Decision(line, action, names)


def _contradictions(decisions: Sequence[Decision]) -> Iterator[tuple[int, str]]:
    """Forbidden pairs that forced ones make one person, each with the lines that do."""
    forced = [decision for decision in decisions if decision.action == "force"]
    for decision in decisions:
        if decision.action == "forbid":
            start, end = sorted(decision.names)
            lines = _lines_between(start, end, forced)
            if lines:
                words = f"forbids {decision} to be one person, which {_list(lines)}"
                yield decision.line, f"{words}; remove one of these lines"


def _lines_between(start: Name, end: Name, forced: Sequence[Decision]) -> list[int]:
    """The lines on a shortest way of forced pairs from one name to another; none where there is
    none."""
    ways: dict[Name, list[int]] = {start: []}
    waiting = [start]
    for name in waiting:
        for decision in forced:
            for other in decision.names if name in decision.names else ():
                if other not in ways:
                    ways[other] = [*ways[name], decision.line]
                    waiting.append(other)
    return sorted(ways.get(end, []))


def _list(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]} forces"
    return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]} together force"


def _user_ids_first(name: Name) -> tuple[bool, str]:
    return name.kind != "user_id", name.value


def _spelling(root: Path) -> Spelling:
    project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    values: Mapping[str, object] = project["vars"]
    domains = values["dotless_email_domains"]
    rows = seed_rows(root, BLOCKED, "match", "identifier")
    blocked = [(row["match"], row["identifier"].strip()) for row in rows]
    return Spelling(
        ignores_tags=bool(values["ignore_email_tags"]),
        dotless_domains=frozenset(
            str(domain).lower() for domain in (domains if isinstance(domains, list) else ())
        ),
        blocked_exact=frozenset(word for match, word in blocked if match == "exact"),
        blocked_any_case=frozenset(word.lower() for match, word in blocked if match == "any_case"),
    )
