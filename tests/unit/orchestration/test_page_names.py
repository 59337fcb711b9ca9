"""A brief has a file name of its own, whatever the domain is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.exports.page_names import page_name
from tests.unit.orchestration.hostile_texts import ANY_TEXT

SAFE = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.html")
DEVICES = {"con", "prn", "aux", "nul", "com1", "lpt9"}


@given(ANY_TEXT)
def test_a_name_is_safe_on_every_file_system(domain: str) -> None:
    name = page_name(domain)
    assert SAFE.fullmatch(name)
    assert len(name) <= 110
    assert name.partition(".")[0] not in DEVICES
    assert name != "index.html"


@given(st.lists(ANY_TEXT, min_size=2, max_size=6, unique=True))
def test_two_domains_never_share_a_file(domains: list[str]) -> None:
    assert len({page_name(domain) for domain in domains}) == len(domains)


@pytest.mark.parametrize(
    ("domain", "pattern"),
    [
        ("acme.co.uk", r"acme\.co\.uk\.html"),
        ("xn--bcher-kva.de", r"xn--bcher-kva\.de\.html"),
        ("../../etc/passwd", r"etc-passwd_[0-9a-f]{8}\.html"),
        ("ACME.com", r"acme\.com_[0-9a-f]{8}\.html"),
        ("con.com", r"account-con\.com_[0-9a-f]{8}\.html"),
        ("index", r"account-index_[0-9a-f]{8}\.html"),
        ("bücher.de", r"b-cher\.de_[0-9a-f]{8}\.html"),
        ("", r"account_[0-9a-f]{8}\.html"),
        ("a" * 300, r"a{80}_[0-9a-f]{8}\.html"),
    ],
)
def test_plain_domains_keep_their_name_and_others_get_a_digest(domain: str, pattern: str) -> None:
    assert re.fullmatch(pattern, page_name(domain))
