"""What must not be stored in the clear: parameters that name a person, and full addresses.

The parameters are a seed, `seeds/ingestion/masked_url_parameters.csv`. Their values are replaced in
every URL wherever it stands, so that `?mc_eid=abc&utm_source=x` becomes
`?mc_eid=masked&utm_source=x`; inside another URL, percent-encoded once or more often, too.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.seeds import seed_rows

SEED = Path("seeds") / "ingestion" / "masked_url_parameters.csv"

_ADDRESS_NAMES = (
    "ip", r"\$ip", "ip[ _-]?address", "remote_?addr(?:ess)?", "x[-_]forwarded[-_]for",
    "forwarded", "(?:client|user|x[-_]real)[-_]?ip",
)  # fmt: skip


def masked_parameters(project_root: Path) -> tuple[str, ...]:
    """The parameter names of the seed, in its order."""
    rows = seed_rows(project_root, SEED, "parameter")
    return tuple(row["parameter"].strip() for row in rows)


def _names(parameters: Sequence[str]) -> str:
    # an underscore may itself be percent-encoded; letters never are
    return "|".join(re.escape(name).replace("_", "(?:_|%(?:25)*5f)") for name in parameters)


def _member_names(parameters: Sequence[str]) -> str:
    return "|".join([_names(parameters), *_ADDRESS_NAMES])


def parameter_pattern(parameters: Sequence[str]) -> str:
    """RE2 pattern, group 1 the part that stays: separator, name and equals sign.

    A value ends at & or #, plain or percent-encoded (%26, %2526, ...), and at what no URL holds.
    RE2 has no look-ahead, so "a percent sign that begins none of these" is spelt out.
    """
    start = r"(?:[?&;#/\s\"']|^|%(?:25)*(?:3f|26|23|3b))"
    equals = r"(?:=|%(?:25)*3d)"
    outside = r"&#\s\"<>\\"
    plain = f"[^%{outside}]"
    encoded = f"%(?:25)*(?:[^2{outside}]|2[^356{outside}])"
    return f"(?i)({start}(?:{_names(parameters)}){equals})(?:{plain}|{encoded})*"


def member_pattern(parameters: Sequence[str]) -> str:
    """RE2 pattern of a JSON member with the name of a parameter or of an address.

    Group 1 is the name; the value is a text, a number, or a list of such.
    """
    text = r'"(?:[^"\\]|\\.)*"'
    value = rf"(?:{text}|[-+.0-9e]+|\[(?:[-+.0-9e,\s]|{text})*\])"
    return f'(?i)("(?:{_member_names(parameters)})":){value}'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def needs_masking(urls: Sequence[str], objects: Sequence[str], parameters: Sequence[str]) -> str:
    """SQL: whether any of these columns may hold something to mask; cheap and never too few.

    `objects` are text of JSON objects.
    """
    within, text = (f"concat({', '.join(columns)})" for columns in (objects, [*urls, *objects]))
    parameter = _literal(f"(?i){_names(parameters)}")
    member = _literal(f'(?i)"(?:{_member_names(parameters)})":')
    # A parameter has its equals sign, plain or percent-encoded, as few texts do. In a case, since
    # both sides of an `and` are worked out for every row.
    return f"""case
            when contains({text}, '=') or contains({text}, '%')
                then regexp_matches({text}, {parameter}) or regexp_matches({within}, {member})
            else regexp_matches({within}, {member})
        end"""


def masked_url(column: str, parameters: Sequence[str]) -> str:
    """SQL: a URL with its masked parameters."""
    pattern = _literal(parameter_pattern(parameters))
    return f"regexp_replace({column}, {pattern}, '\\1masked', 'g')"


def masked_json(column: str, parameters: Sequence[str]) -> str:
    """SQL: the text of a JSON object with the URLs, parameters and addresses in it masked."""
    pattern = _literal(member_pattern(parameters))
    return f"regexp_replace({masked_url(column, parameters)}, {pattern}, '\\1\"masked\"', 'g')"


@lru_cache(maxsize=2_000)
def shortened_address(given: str) -> str | None:
    """The network of an address, /24 or /48, as an address: `203.0.113.0`, `2001:db8:1::`.

    Of a forwarding list it is the first one's; None where there is no address. The loader keeps the
    same prefix of it as of the whole address.
    """
    first = given.partition(",")[0]
    try:
        address = ipaddress.ip_address(first.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    length = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, length), strict=False).network_address)


class Masking:
    """`masked_json` for a message that is not written yet, so that none ever is in the clear."""

    def __init__(self, parameters: Sequence[str]) -> None:
        self._parameter = re.compile(parameter_pattern(parameters))
        member = re.compile(_member_names(parameters), re.IGNORECASE)
        # of the same few names in every message
        self._is_masked = lru_cache(maxsize=2_000)(lambda key: member.fullmatch(key) is not None)

    def masked(self, value: Any) -> Any:
        """A JSON value with the URLs, parameters and addresses in it masked."""
        if isinstance(value, str):
            # a parameter has its equals sign, plain or percent-encoded, as few texts do
            has_equals = "=" in value or "%" in value
            return self._parameter.sub(r"\1masked", value) if has_equals else value
        if isinstance(value, dict):
            return {key: self.of_member(key, member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.masked(each) for each in value]
        return value

    def of_member(self, key: str, value: Any) -> Any:
        """The value of a member of this name, masked."""
        members = value if type(value) is list else [value]
        if self._is_masked(key) and all(type(each) in (str, int, float) for each in members):
            return "masked"
        return self.masked(value)
