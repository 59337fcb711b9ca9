"""The paths of a message that a format reads, gathered so that one call finds them all."""

from __future__ import annotations


class Paths:
    """Paths of one json_extract_string, whose result is the list column `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._paths: list[str] = []

    def find(self, path: str) -> str:
        """SQL: what the message has at `path` (written without `$.`), as text."""
        if path not in self._paths:
            self._paths.append(path)
        return f"{self._name}[{self._paths.index(path) + 1}]"

    def extraction(self, line: str) -> str:
        """SQL: the list, from column `line`, which must be JSON."""
        paths = ", ".join("'$." + path.replace("'", "''") + "'" for path in self._paths)
        return f"json_extract_string({line}, [{paths}])"

    def keys(self) -> list[str]:
        """The top-level keys among the paths."""
        return [path for path in self._paths if "." not in path]

    def key_count(self) -> str:
        """SQL: how many of the top-level keys the message has."""
        return " + ".join(f"cast({self.find(key)} is not null as integer)" for key in self.keys())
