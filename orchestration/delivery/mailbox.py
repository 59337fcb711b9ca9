"""An address as a mail server is told it."""

from __future__ import annotations

import re

# what needs no quotes (RFC 5322, dot-atom), and a host of letters that DNS has
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_HOST = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.ASCII
)
_LONGEST_LOCAL = 64


def mailbox(address: str) -> str | None:
    """The address with its host in the letters of DNS; None for one that no server would take.

    What comes out has no white space, quotes, brackets or control characters, so it can neither end
    a line of a header nor name a second address.
    """
    local, _, host = address.strip().rpartition("@")
    try:
        host = host.encode("idna").decode().lower()
    except UnicodeError:
        return None
    if len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(host):
        return None
    return f"{local}@{host}"
