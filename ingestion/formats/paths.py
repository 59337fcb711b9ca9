"""The paths of a message that a format reads, gathered so that one call finds them all."""

from __future__ import annotations


class Paths:
    """Every path goes into one json_extract_string, whose result is the list column `found`."""

    def __init__(self) -> None:
        self._paths: list[str] = []

    def first(self, *paths: str) -> str:
        """SQL: the first of `paths` (written without `$.`) that the message has, as text."""
        found = []
        for path in paths:
            if path not in self._paths:
                self._paths.append(path)
            found.append(f"found[{self._paths.index(path) + 1}]")
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

    def extraction(self, line: str) -> str:
        """SQL: the list `found`, from column `line`, which must be JSON."""
        paths = ", ".join("'$." + path.replace("'", "''") + "'" for path in self._paths)
        return f"json_extract_string({line}, [{paths}])"

    def keys(self) -> list[str]:
        """The top-level keys among the paths."""
        return [path for path in self._paths if "." not in path]
