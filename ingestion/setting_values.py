"""What the text of a setting means. UserError names the setting, where it means nothing."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ingestion.errors import UserError

_MEMORY = re.compile(
    r"(?=.*[1-9])(\d+(\.\d+)?\s*[MGT](i?B)?|(100|\d{1,2}(\.\d+)?)\s*%)", re.IGNORECASE | re.ASCII
)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)*", re.ASCII)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.ASCII)
_HOST = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*")


SHORTEST_SECRET = 32
"""Letters of a secret key. Who can guess it can make a link to anybody's report; the product's own
have 64 (of 4 bits each)."""


def secret_key(text: str | None) -> str | None:
    if not text:
        return None
    if len(text.strip()) < SHORTEST_SECRET:
        raise UserError(
            f"INTENT_SECRET_KEY has {len(text.strip())} letters, so few that links could be forged;"
            f" give {SHORTEST_SECRET} at least, such as openssl rand -hex 32 prints, or leave it"
            " unset: then one is made and kept in the data directory"
        )
    return text


def write_key(text: str | None) -> str | None:
    if text and not text.strip():
        raise UserError(
            "INTENT_WRITE_KEY is blank; give a word, or leave it unset: then one is made and kept"
            " in the data directory"
        )
    return text or None


def positive_integer(name: str, text: str | None, most: int = 1_000_000) -> int | None:
    if not text:
        return None
    # a number of so many digits is none that anybody means, and takes long to be read as one
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    if not is_number or int(text) == 0:
        raise UserError(f"{name} is {text!r}; set it to a whole number above 0, or leave it unset")
    if int(text) > most:
        raise UserError(f"{name} is {text}; set it to {most} at most, or leave it unset")
    return int(text)


def days(name: str, text: str | None) -> int | None:
    return positive_integer(name, text, most=36_500)


def folder(text: str | None) -> Path | None:
    return Path(text).absolute() if text else None


def domains(text: str) -> tuple[str, ...]:
    names = (name.strip().lower().strip(".") for name in text.replace(";", ",").split(","))
    return tuple(dict.fromkeys(host(name).removeprefix("www.") for name in names if name))


def host(name: str) -> str:
    if _HOST.fullmatch(name):
        return name
    try:
        meant = (urlsplit(name if "//" in name else f"//{name}").hostname or "").lstrip("*.")
    except ValueError:
        meant = ""
    advice = meant if _HOST.fullmatch(meant) else "a name such as example.com"
    raise UserError(f"INTENT_SITE_DOMAINS has {name!r}, which is no bare host name; give {advice}")


def public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_good = is_good and not (parts.query or parts.fragment or parts.username)
        # links of mails are: a name with other letters has one for machines, xn--…
        is_good = is_good and text.isascii() and not re.search(r"[\s<>,]", text)
    except ValueError:
        is_good = False
    if not is_good:
        raise UserError(
            f"INTENT_PUBLIC_URL is {text!r}; give where visitors reach the collector in ASCII, such"
            " as https://go.example.com"
        )
    return text.rstrip("/")


def switch(name: str, text: str | None) -> bool | None:
    if not text:
        return None
    words = {"on": True, "true": True, "yes": True, "1": True}
    words |= {"off": False, "false": False, "no": False, "0": False}
    if text.strip().lower() not in words:
        raise UserError(f"{name} is {text!r}; set it to on or off")
    return words[text.strip().lower()]


def origins(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    if "*" in found:
        return ()
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise UserError(
                f"INTENT_COLLECT_ORIGINS has {origin!r}, which is no origin; give some such as"
                " https://www.example.com, with commas between them"
            )
    return found


def proxies(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for proxy in found:
        try:
            ip_network(proxy)
        except ValueError:
            raise UserError(
                f"INTENT_TRUSTED_PROXIES has {proxy!r}, which is no address; give some such as"
                " 10.0.0.5 or 10.0.0.0/8, with commas between them"
            ) from None
    return found


def sender(text: str) -> str | None:
    found = addresses("INTENT_MAIL_FROM", text)
    if len(found) > 1:
        raise UserError(f"INTENT_MAIL_FROM is {text!r}; give one address")
    return found[0] if found else None


def addresses(name: str, text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for address in found:
        if not _ADDRESS.fullmatch(address):
            raise UserError(
                f"{name} has {address!r}, which is no address; give some such as anna@example.com,"
                " with commas between them"
            )
    return found


def privacy_url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_good = False
    if text and not is_good:
        raise UserError(
            f"INTENT_PRIVACY_URL is {text!r}; give the address of your privacy notice, such as"
            " https://example.com/privacy"
        )
    return text or None


def memory_limit(text: str) -> str | None:
    if text and not _MEMORY.fullmatch(text.strip()):
        raise UserError(f"INTENT_MEMORY_LIMIT is {text!r}; give a size such as 4GB, 512MiB or 80%")
    return text.strip() or None


def timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UserError(
            f"INTENT_TIMEZONE is {name!r}, which is no time zone; use a name such as Europe/Berlin"
        ) from None
    return name
