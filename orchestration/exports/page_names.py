"""Names of files made from domains, which may hold anything that an address in a log did."""

from __future__ import annotations

import hashlib
import re

LONGEST = 80
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_UNSAFE = re.compile(r"[^a-z0-9.-]+")
# names that Windows takes for devices whatever follows the dot, and the page that lists the others
_TAKEN = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|index)(?:\..*)?")


def page_name(domain: str) -> str:
    """The file name of the brief of `domain`: `acme.com.html`.

    A domain that is no plain one (other letters, capitals, signs of a path, too long, a name with a
    meaning of its own) is brought into shape and gets the first 8 digits of its SHA-256 behind an
    underscore, which no plain name has: two domains never share a file.
    """
    if len(domain) <= LONGEST and _PLAIN.fullmatch(domain) and not _TAKEN.fullmatch(domain):
        return f"{domain}.html"
    shaped = _UNSAFE.sub("-", domain.lower())[:LONGEST].strip(".-") or "account"
    digest = hashlib.sha256(domain.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    if _TAKEN.fullmatch(shaped):
        shaped = f"account-{shaped}"
    return f"{shaped}_{digest}.html"
