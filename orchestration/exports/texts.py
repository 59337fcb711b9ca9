"""Text that came out of a log, made fit for a document."""

from __future__ import annotations

REPLACEMENT = "\ufffd"

# XML forbids these, and HTML turns some into others: each is shown by its picture, as ␀ or ␛.
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_HALVES: dict[int, str | int] = dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT)
_READABLE: dict[int, str | int] = {
    **_PICTURES,
    0x7F: 0x2421,
    0xFFFE: REPLACEMENT,
    0xFFFF: REPLACEMENT,
    **_HALVES,
}

# the letters of Europe's names among them
_BEGINNING = "0-9A-Za-zÀ-ÖØ-öø-ɏ"
_SIGN = "!-:<-~À-ÖØ-öø-ɏ"
SIMPLE = rf"^[{_BEGINNING}][{_SIGN}]*(?: [{_SIGN}]+|; ?[{_BEGINNING}][{_SIGN}]*)*$"
"""For Arrow: a text that no CSV writes otherwise. It begins with a letter or digit, as does what
follows each semicolon, so that nothing in it starts a formula, and its blanks are single."""


def is_plain(text: str) -> bool:
    """Whether `text` is printable ASCII, and it and what follows each semicolon of it begin with a
    letter or digit, blanks apart.

    Then no document needs it otherwise, and nothing in it starts a formula. Most texts are so, and
    to know it is far cheaper than to search them for patterns.
    """
    if not (text.isascii() and text.isprintable()):
        return False
    if ";" not in text:
        return text[:1].isalnum()
    return all(part.lstrip()[:1].isalnum() for part in text.split(";"))


def encodable(text: str) -> str:
    """`text` as UTF-8 may hold it: half surrogate pairs become U+FFFD."""
    return text if text.isascii() else text.translate(_HALVES)


def readable(text: str) -> str:
    """`text` as XML and HTML may hold it.

    Control characters but tab and line ends become their pictures (U+2400 …); half surrogate pairs,
    U+FFFE and U+FFFF become U+FFFD. All else stays as it is.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_READABLE)


def cut(text: str, limit: int) -> str:
    """`text`, with an ellipsis at its end where it is longer than `limit` UTF-16 code units.

    That is how Excel counts; a character outside of the first plane is two.
    """
    if len(text) * 2 <= limit or (len(text) <= limit and text.isascii()):
        return text
    units = 0
    kept = 0
    for place, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units <= limit - 1:
            kept = place + 1
        if units > limit:
            return text[:kept] + "…"
    return text
