"""Hypothesis strategies for what a person decides about who is who, on logs that link a lot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.log import unique_rows
from tests.oracle.rules import Rules
from tests.oracle.stored import as_stored
from tests.oracle.strategies import raw_rows

Table = list[dict[str, Any]]

_NOON = datetime(2028, 2, 29, 12, tzinfo=UTC)
USERS = ("u1", "u2", "u3", "U1", "u:4")
EMAILS = ("ada@north.example", "bob@north.example", "dee@gmail.com", "info@north.example")
MANY_EMAILS = tuple(f"n{number}@many.example" for number in range(6))
"""One more than a person may have."""
DEVICES = ("d1", "d2", "u2")


@st.composite
def rows_and_overrides(draw: st.DrawFn, rules: Rules) -> tuple[Table, Table]:
    """Rows of raw.events in which few names meet often, and rows of the seed of overrides."""
    rows = draw(raw_rows(rules) if draw(st.integers(0, 3)) == 0 else linked_rows(rules))
    return rows, draw(overrides())


@st.composite
def linked_rows(draw: st.DrawFn, rules: Rules, max_size: int = 16) -> Table:
    """Identifies and aliases of few names within seconds, and visits on the same devices."""
    emails = st.sampled_from(EMAILS if draw(st.booleans()) else (*EMAILS[:1], *MANY_EMAILS))
    told = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(("identify", "identify", "alias", "page")),
            "second": st.integers(0, 5),
            "device": st.sampled_from((None, *DEVICES)),
            "user": st.sampled_from((None, *USERS, *USERS)),
            "other": st.sampled_from((*USERS, *DEVICES)),
            "email": emails,
        }
    )
    messages = [
        _message(number, **fields)
        for number, fields in enumerate(draw(st.lists(told, max_size=max_size)))
    ]
    rows = [as_stored(row) for row in unique_rows(draw(st.permutations(messages)), rules)]
    return [{**row, "load_id": 1, "line_number": n} for n, row in enumerate(rows, start=1)]


def overrides(max_size: int = 4) -> st.SearchStrategy[Table]:
    """Decisions on the names of the log and on names unseen, contradictory ones among them."""
    names = st.one_of(
        st.sampled_from((*USERS, " u1 ", "unseen")).map(lambda name: ("user_id", name)),
        st.sampled_from((*EMAILS, *MANY_EMAILS, " Ada@North.Example")).map(
            lambda name: ("email", name)
        ),
    )
    decisions = st.tuples(st.sampled_from(("force", "forbid", "forbid")), names, names)
    return st.lists(decisions.map(_row), max_size=max_size)


def _row(decision: tuple[str, tuple[str, str], tuple[str, str]]) -> dict[str, str]:
    action, (first_type, first_identifier), (second_type, second_identifier) = decision
    return {
        "action": action,
        "first_type": first_type,
        "first_identifier": first_identifier,
        "second_type": second_type,
        "second_identifier": second_identifier,
    }


def _message(
    number: int,
    *,
    kind: str,
    second: int,
    device: str | None,
    user: str | None,
    other: str,
    email: str,
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "messageId": f"e{number:02d}",
        "type": kind,
        "timestamp": (_NOON + timedelta(seconds=second)).isoformat(),
        "anonymousId": device,
        "userId": user,
        "context": {},
    }
    if kind == "identify":
        fields["traits"] = {"email": email}
    if kind == "alias":
        fields["previousId"] = other
    return fields
