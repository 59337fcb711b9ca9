"""What `intent collect` says before a visitor comes, of settings that hardly do what is meant."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.commands import collecting


def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **given: Any) -> str:
    """What it prints, once it would serve."""

    def tell_alone(_app: object, _settings: object, opened: Any, is_ready: Any) -> None:
        is_ready()
        opened.close()

    monkeypatch.setattr(collecting, "serve", tell_alone)
    out = io.StringIO()
    assert collecting.collect(Settings(tmp_path / "data", **given), "127.0.0.1", 0, out) == 0
    return out.getvalue()


def test_links_follow_the_port_where_nobody_said_how_visitors_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = told(monkeypatch, tmp_path)
    listening = text.splitlines()[0].split()[2]
    assert f'src="{listening}/tracker.js"' in text
    assert f"set it to {listening} there" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "is two people"),
        ({"first_party_cookie": True}, "no cookie is set: go.shop.example lies at none of"),
        ({"first_party_cookie": True, "site_domains": ("shop.example",)}, None),
    ],
)
def test_a_cookie_that_would_not_work_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, Any], words: str | None
) -> None:
    text = told(monkeypatch, tmp_path, public_url="https://go.shop.example", **given)
    assert "Note: " in text  # of the example's calendar
    if words is None:
        assert "cookie is set" not in text
        assert "two people" not in text
    else:
        assert words in text
    assert "not https" not in text


def test_an_address_without_tls_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "is not https" in told(monkeypatch, tmp_path, public_url="http://go.shop.example")


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, ""),
        ({"first_party_cookie": True}, ' data-cookie="true"'),
        ({"require_consent": True}, ' data-consent="required"'),
        ({"honour_privacy_signals": False}, ' data-honour-privacy="false"'),
    ],
)
def test_the_line_to_paste_has_the_tracker_do_as_the_collector_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, Any], options: str
) -> None:
    text = told(monkeypatch, tmp_path, **given)
    [tag] = [line.strip() for line in text.splitlines() if "<script" in line]
    key = Settings(tmp_path / "data").write_key()
    assert tag.endswith(f'data-write-key="{key}"{options}></script>')


def test_a_mail_server_that_cannot_be_read_is_refused_before_anybody_is_promised_a_mail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="INTENT_SMTP_URL"):
        told(monkeypatch, tmp_path, smtp_url="mail.shop.example:587")
