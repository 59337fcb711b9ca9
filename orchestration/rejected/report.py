"""The quarantine on the screen, and as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from ingestion.rejection_reasons import reason_of
from orchestration import console
from orchestration.refreshing.summary import short
from orchestration.rejected.files import UNMENDABLE, Written
from orchestration.rejected.quarantine import Example, Group, Quarantine

_WIDTH = 120
"""Of a line where nobody looks at a terminal."""


def quarantine_json(quarantine: Quarantine) -> str:
    """The quarantine as one JSON object."""
    document = {
        "record_count": quarantine.record_count,
        "forgotten_count": quarantine.forgotten_count,
        "quarantine_days": quarantine.days,
        "reasons": [
            {
                **asdict(group),
                **asdict(reason_of(group.reason_code)),
                "examples": [asdict(example) for example in quarantine.examples_of(group)],
            }
            for group in quarantine.groups
        ],
    }
    return json.dumps(document, indent=2)


def print_quarantine(quarantine: Quarantine, reason: str | None, out: TextIO) -> None:
    """Each reason with its count, what it means, what to do, and examples cut to the width."""
    if not quarantine.groups:
        print("Nothing is in quarantine: every record could be read.", file=out)
        return
    width = shutil.get_terminal_size((_WIDTH, 0)).columns if console.is_terminal(out) else _WIDTH
    print(f"{console.counted(quarantine.record_count, 'record')} in quarantine.", file=out)
    if words := _forgotten(quarantine):
        print(words, file=out)
    for group in quarantine.groups:
        print(file=out)
        for line in _group_lines(group, quarantine.examples_of(group), width):
            print(line, file=out)
    print("\nTo mend them: intent rejected --write DIR, then: intent load DIR", file=out)
    if reason is None:
        print("More examples of one reason: intent rejected --reason CODE", file=out)


def print_written(
    quarantine: Quarantine, written: Sequence[Written], folder: Path, out: TextIO
) -> None:
    """The files written, the records that could not be, and what to do with them."""
    if written:
        console.table(
            ["file", "records"],
            [(short(file.path), f"{file.record_count:,}") for file in written],
            right=["records"],
            out=out,
        )
        print(f"\nMend them in an editor, then: intent load {console.safe(folder)}", file=out)
    else:
        print("There is no record that could be mended; nothing is written.", file=out)
    if words := _forgotten(quarantine):
        print(words, file=out)
    unmendable = sum(
        each.record_count for each in quarantine.groups if each.reason_code in UNMENDABLE
    )
    if unmendable:
        records = console.counted(unmendable, "record")
        print(f"Not written: {records} of which no more than a part is kept.", file=out)
    whole = {each.file_name for each in quarantine.examples if each.is_of_file}
    if whole:
        print(
            f"Not written: what is refused as a whole, as {console.listed(sorted(whole))}.",
            file=out,
        )


def _forgotten(quarantine: Quarantine) -> str:
    count = quarantine.forgotten_count
    if not count:
        return ""
    return (
        f"Of {console.counted(count, 'record')} only place and reason are left: what a record said"
        f" is forgotten after {quarantine.days:,} days (INTENT_QUARANTINE_DAYS)."
    )


def _group_lines(group: Group, examples: Sequence[Example], width: int) -> Iterator[str]:
    reason = reason_of(group.reason_code)
    records = console.counted(group.record_count, "record")
    files = console.counted(group.file_count, "file")
    yield f"{console.safe(group.reason_code)}: {records} in {files}"
    yield f"  Means    {reason.meaning}"
    yield f"  To do    {reason.advice}"
    for example in examples:
        yield f"  {console.cut(_example_words(example), width - 2)}"


def _example_words(example: Example) -> str:
    place = example.file_name
    if example.line_number:
        place += f":{example.line_number}"
    said = [text for text in (example.detail, example.raw_text) if text is not None]
    return f"{place}  {'  '.join(said) if said else '(forgotten)'}"
