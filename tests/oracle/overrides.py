"""The overrides of who is who, from the rows of the seed as a person writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.oracle.identity import Overrides, Pair
from tests.oracle.names import EMAIL, USER_ID, Node, email_address
from tests.oracle.rules import Rules


def read_overrides(rows: Iterable[Mapping[str, str]], rules: Rules) -> Overrides:
    """Pairs to force and pairs to forbid; a row that names no two names says nothing."""
    pairs: dict[str, set[Pair]] = {"force": set(), "forbid": set()}
    for row in rows:
        one = written_node(row["first_type"], row["first_identifier"], rules)
        other = written_node(row["second_type"], row["second_identifier"], rules)
        if one is not None and other is not None and one != other:
            pairs[row["action"]].add((one, other))
    return Overrides(tuple(sorted(pairs["force"])), tuple(sorted(pairs["forbid"])))


def written_node(kind: str, identifier: str, rules: Rules) -> Node | None:
    """The name as events carry it: an address in lower case, a user id in its own."""
    value = email_address(identifier, rules) if kind == EMAIL else identifier.strip()
    return Node(EMAIL if kind == EMAIL else USER_ID, value) if value else None
