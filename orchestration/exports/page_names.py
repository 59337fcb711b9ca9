"""Names of files made from what a log or a CRM says, which may hold anything."""

from __future__ import annotations

import hashlib
import re

LONGEST = 80
_PLAIN_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_PLAIN_NAME = re.compile(r"[A-Z][a-z]*(?: [A-Z][a-z]*)*")
_PLAIN_ADDRESS = re.compile(rf"[a-z0-9](?:[a-z0-9.+-]*[a-z0-9])?@{_PLAIN_DOMAIN.pattern}")
_UNSAFE = re.compile(r"[^a-z0-9.-]+")
# names that Windows takes for devices whatever follows the dot, and the page that lists the others
_TAKEN = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|index)(?:\..*)?")


def page_name(domain: str) -> str:
    """The file name of the brief of `domain`: `acme.com.html`.

    A domain that is no plain one (other letters, capitals, signs of a path, too long, a name with a
    meaning of its own) is brought into shape and gets the first 8 digits of its SHA-256 behind an
    underscore, which no plain name has: two domains never share a file.
    """
    plain = domain if _PLAIN_DOMAIN.fullmatch(domain) else None
    return f"{_stem(domain, plain, 'account')}.html"


def list_name(owner: str) -> str:
    """The file name of the list of `owner`: `kim-lee.csv` for Kim Lee.

    A plain address stays as it is; any other text is treated as a domain that is no plain one. The
    name depends on the owner alone, and two owners never share a file.
    """
    plain = None
    if _PLAIN_NAME.fullmatch(owner):
        plain = owner.lower().replace(" ", "-")
    elif _PLAIN_ADDRESS.fullmatch(owner):
        plain = owner
    return f"{_stem(owner, plain, 'owner')}.csv"


def _stem(text: str, plain: str | None, noun: str) -> str:
    """`plain` where it will do; else `text` brought into shape, or `noun`, and a digest."""
    if plain is not None and len(plain) <= LONGEST and not _TAKEN.fullmatch(plain):
        return plain
    shaped = _UNSAFE.sub("-", text.lower())[:LONGEST].strip(".-") or noun
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    if _TAKEN.fullmatch(shaped):
        shaped = f"{noun}-{shaped}"
    return f"{shaped}_{digest}"
