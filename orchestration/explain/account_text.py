"""An account's score as text, with its arithmetic step by step."""

from __future__ import annotations

from typing import TextIO

from orchestration import console
from orchestration.explain import sentences
from orchestration.explain.account import AccountExplained
from orchestration.explain.lines import NAME_WIDTH, line, paragraph
from orchestration.whole_points import whole_score, whole_shares


def print_account(account: AccountExplained, out: TextIO) -> None:
    """The account, its reasons and its arithmetic."""
    profile = account.profile
    name = f" ({profile.company_name})" if profile.company_name else ""
    line("Account", f"{profile.domain}{name}", out)
    line(
        "Score",
        f"{whole_score(profile.account_score)}, {profile.account_band}, as of"
        f" {profile.as_of_date} ({console.score(profile.points)} points)",
        out,
    )
    surge = "no base to compare with" if profile.surge is None else f"{profile.surge:.1f} × usual"
    line(
        "People",
        f"{profile.people_count:,}, of whom {profile.active_people_14d:,} active in"
        f" {account.ruleset.numbers.active_people_days} days; surge: {surge}",
        out,
    )
    said = sentences.without_news_sentence(profile.account_band, account.falls, account.ruleset)
    line("Outlook", said, out)
    if not account.reasons:
        return
    print("\nReasons", file=out)
    shares = whole_shares([each.score_share for each in account.reasons], profile.account_score)
    console.table(
        ["share", "who", "reason"],
        [
            (
                share,
                console.cut(each.full_name or each.primary_email or each.reason_type, 30),
                console.cut(each.reason, 58),
            )
            for each, share in zip(account.reasons, shares, strict=True)
        ]
        + [(sum(shares), "", "sum: the score")],
        right=["share"],
        indent=2,
        out=out,
    )
    _print_arithmetic(account, out)
    print(file=out)


def _print_arithmetic(account: AccountExplained, out: TextIO) -> None:
    steps, numbers = account.arithmetic, account.ruleset.numbers
    print("\nThe arithmetic", file=out)
    console.table(
        ["", "points", "weight", "add", "active", "person"],
        [
            (
                rank,
                f"{each.points:.4f}",
                f"{each.weight:.4g}",
                f"{each.added_points:.4f}",
                "yes" if each.is_active else "no",
                console.cut(each.name, NAME_WIDTH),
            )
            for rank, each in enumerate(account.members, 1)
        ]
        + [("", "", "", f"{steps.people_points:.4f}", "", "sum")],
        right=["", "points", "weight", "add"],
        indent=2,
        out=out,
    )
    for said in sentences.arithmetic_sentences(steps, numbers):
        paragraph(said, out)
