"""The rules of canonical columns, as temporary macros of a session."""

from __future__ import annotations

from pathlib import Path

import duckdb

_MACROS = Path(__file__).with_name("canonical_macros.sql")

_WHITE_SPACE = " \t\n\r\v\f\x85\xa0\u1680" + (
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Every white space of Unicode, and the byte order mark."""

_VISIBLE = "".join(map(chr, range(ord("!"), ord("~") + 1)))
"""All of ASCII that leaves a mark."""


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros of `canonical_macros.sql` known; sets the session's time zone to UTC."""
    macros = _MACROS.read_text(encoding="utf-8")
    # as literals: a statement that asks for a variable is planned anew each time that it runs
    for name, characters in (("white_space", _WHITE_SPACE), ("visible", _VISIBLE)):
        macros = macros.replace(f"{{{name}}}", "'" + characters.replace("'", "''") + "'")
    connection.execute("set timezone = 'UTC'")
    connection.execute(macros)
