"""A comparison as text for people, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TextIO

from orchestration import console
from orchestration.rulesets.comparison import Change, Comparison, Mover, Moves

_SHOWN = 10
"""So many movers are printed; JSON has all."""
_REASON_WIDTH = 44


def verdict(comparison: Comparison) -> list[str]:
    """What it comes to, in sentences."""
    if comparison.is_same:
        return ["Nothing differs: these are the rules that the last refresh used."]
    people, accounts = comparison.people, comparison.accounts
    if not (people.movers or accounts.movers):
        return ["The rules differ, and nobody moves."]
    return [
        _sentence(people, "identified person" if people.total == 1 else "identified people"),
        _sentence(accounts, "account" if accounts.total == 1 else "accounts"),
    ]


def _sentence(moves: Moves, noun: str) -> str:
    only_score = len(moves.movers) - moves.band_changes
    return (
        f"{moves.total:,} {noun}: {moves.band_changes:,} in another band, {only_score:,} with"
        f" another score alone, {moves.unmoved:,} unmoved; mean change"
        f" {signed(moves.mean_change)} points."
    )


def comparison_json(comparison: Comparison) -> str:
    """One JSON object, with all who move."""
    document = {
        "verdict": verdict(comparison),
        "as_of_date": comparison.as_of,
        "ruleset_before": comparison.ruleset_before,
        "ruleset_after": comparison.ruleset_after,
        "changes": [asdict(change) for change in comparison.changes],
        "bands": list(comparison.bands),
        "people": _moves(comparison.people),
        "accounts": _moves(comparison.accounts),
    }
    return json.dumps(document, default=console.utc_value, indent=2, ensure_ascii=False)


def _moves(moves: Moves) -> dict[str, Any]:
    return {
        "total": moves.total,
        "band_changes": moves.band_changes,
        "unmoved": moves.unmoved,
        "mean_change": moves.mean_change,
        "flows": [asdict(flow) for flow in moves.flows],
        "movers": [{**asdict(mover), "change": mover.change} for mover in moves.movers],
    }


def print_comparison(comparison: Comparison, out: TextIO) -> None:
    """The verdict, the rules that differ, and who moves."""
    for sentence in verdict(comparison):
        print(sentence, file=out)
    print("", file=out)
    print(f"As of    {comparison.as_of}", file=out)
    print(f"Ruleset  {comparison.ruleset_before}, as published", file=out)
    print(f"         {comparison.ruleset_after}, by these rules", file=out)
    if comparison.is_same:
        return
    print("\nRules that differ", file=out)
    console.table(
        ["file", "row", "what", "before", "after"],
        [cells for change in comparison.changes for cells in change_cells(change)],
        indent=2,
        out=out,
    )
    for moves, noun in ((comparison.people, "people"), (comparison.accounts, "accounts")):
        _print_moves(comparison, moves, noun, out)


def change_cells(change: Change) -> list[tuple[str, str, str, str, str]]:
    """File, row, what, before, after: a line each cell, or one for a row that comes or goes."""
    if change.kind != "changed":
        held = ", ".join(
            f"{cell.column} {cell.before if cell.after is None else cell.after}"
            for cell in change.cells
        )
        before, after = ("", held) if change.kind == "added" else (held, "")
        return [(change.file, change.row, change.kind, before, after)]
    return [
        (change.file, change.row, cell.column, cell.before or "", cell.after or "")
        for cell in change.cells
    ]


def _print_moves(comparison: Comparison, moves: Moves, noun: str, out: TextIO) -> None:
    print(f"\nBands of {noun}: before, and by these rules", file=out)
    columns = [f"to {band}" for band in comparison.bands]
    console.table(
        ["from", *columns],
        [
            [before, *(f"{moves.count_of(before, after):,}" for after in comparison.bands)]
            for before in comparison.bands
        ],
        right=columns,
        indent=2,
        out=out,
    )
    if not moves.movers:
        return
    shown = moves.movers[:_SHOWN]
    print(f"\nThe {noun} who move most", file=out)
    console.table(
        [noun, "band", "score", "change", "main reason before", "main reason after"],
        [
            [
                console.cut(mover.name, 40),
                bands_words(mover),
                f"{mover.score_before:.1f} → {mover.score_after:.1f}",
                signed(mover.change),
                console.cut(mover.reason_before or "–", _REASON_WIDTH),
                console.cut(mover.reason_after or "–", _REASON_WIDTH),
            ]
            for mover in shown
        ],
        right=["change"],
        indent=2,
        out=out,
    )
    if len(moves.movers) > _SHOWN:
        print(f"  and {len(moves.movers) - _SHOWN:,} more: --format json has all", file=out)


def bands_words(mover: Mover) -> str:
    """cool → warm, or cool."""
    if mover.changes_band:
        return f"{mover.band_before} → {mover.band_after}"
    return mover.band_after


def signed(points: float) -> str:
    """+1.2, −0.4; what is nothing once rounded has no sign."""
    words = f"{points:+.1f}"
    return words.replace("-", "−") if words.strip("+-0.") else "0.0"
