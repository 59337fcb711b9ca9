"""The members of a message that a format reads, gathered so that one look finds them all."""

from __future__ import annotations

import json
from collections.abc import Sequence

_Tree = dict[str, "str | _Tree"]


class Members:
    """Every member becomes a field of the struct column `found`: one pass over a line fills it."""

    def __init__(self) -> None:
        self._tree: _Tree = {}

    def text(self, *paths: str) -> str:
        """SQL: the first of `paths` (as in `context.page.url`) that the message has, as text."""
        return self._first("VARCHAR", paths)

    def json(self, *paths: str) -> str:
        """The same, as JSON: text in its quotes."""
        return self._first("JSON", paths)

    def found_in(self, line: str) -> str:
        """SQL: the struct `found`, from column `line`, which must be JSON.

        A key that stands twice counts where it stands first; a JSON null is null. Within a member
        that is no object nothing is found.
        """
        return f"json_transform({line}, '{json.dumps(self._tree)}')"

    def has_only(
        self, key_count: str, path: Sequence[str] = (), keys: Sequence[str] | None = None
    ) -> str:
        """SQL: whether the object at `path`, of `key_count` keys, has but these, or known ones."""
        tree: str | _Tree = self._tree
        for key in path:
            assert isinstance(tree, dict)
            tree = tree[key]
        there = (
            f"cast({_field((*path, key))} is not null as integer)"
            for key in (tree if keys is None else keys)
        )
        return f"{key_count} = {' + '.join(there)}"

    def keys(self) -> list[str]:
        """The members of the message itself."""
        return list(self._tree)

    def _first(self, kind: str, paths: Sequence[str]) -> str:
        fields = []
        for path in paths:
            *parents, key = path.split(".")
            tree = self._tree
            for parent in parents:
                below = tree.setdefault(parent, {})
                assert isinstance(below, dict)
                tree = below
            tree.setdefault(key, kind)
            fields.append(_field((*parents, key)))
        return fields[0] if len(fields) == 1 else f"coalesce({', '.join(fields)})"


def _field(path: Sequence[str]) -> str:
    return ".".join(("found", *(f'"{key}"' for key in path)))
