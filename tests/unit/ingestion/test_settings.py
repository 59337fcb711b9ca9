"""What can be set, what is refused, and how a process hands its settings to another."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import Settings


@pytest.mark.parametrize("limit", ["4GB", "512MiB", "1.5 gb", "2T", "80%", "100%", "0.5%"])
def test_a_memory_limit_is_what_duckdb_takes_for_one(limit: str) -> None:
    settings = Settings.from_environment({"INTENT_MEMORY_LIMIT": limit})
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = ?", [settings.memory_limit])
    assert settings.memory_limit == limit


@pytest.mark.parametrize("limit", ["lots", "4", "GB", "0GB", "-1GB", "101%", "4GB; drop", "1e3MB"])
def test_what_is_no_size_is_refused_as_a_memory_limit(limit: str) -> None:
    with pytest.raises(UserError, match=r"INTENT_MEMORY_LIMIT is .* such as 4GB"):
        Settings.from_environment({"INTENT_MEMORY_LIMIT": limit})


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("https://example.com/", "example.com"),
        ("example.org, http://Shop.Example.com:8080/x?y", "shop.example.com"),
        ("example.com:443", "example.com"),
        ("example.com/blog", "example.com"),
        ("*.example.com", "example.com"),
        ("me@example.com", "example.com"),
        ("exam ple.com", "a name such as example.com"),
        ("http://[", "a name such as example.com"),
    ],
)
def test_a_site_domain_that_is_no_bare_name_is_refused_with_the_name_to_give(
    given: str, name: str
) -> None:
    with pytest.raises(UserError, match=f"INTENT_SITE_DOMAINS has .*; give {name}$"):
        Settings.from_environment({"INTENT_SITE_DOMAINS": given})


def test_site_domains_are_bare_names_in_lower_case_each_once() -> None:
    text = "www.Example.com; example.com, shop-1.example.org., bücher.example, localhost,"
    settings = Settings.from_environment({"INTENT_SITE_DOMAINS": text})
    assert settings.site_domains == (
        "example.com", "shop-1.example.org", "bücher.example", "localhost",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            {"INTENT_COMPANY_NAME": " Kestrel\n GmbH ", "INTENT_SITE_DOMAINS": "a.com"},
            "Kestrel GmbH",
        ),
        ({"INTENT_SITE_DOMAINS": "a.com,b.com"}, "a.com"),
        ({}, ""),
    ],
)
def test_visitors_are_told_the_company_else_the_site(given: dict[str, str], shown: str) -> None:
    assert Settings.from_environment(given).shown_name == shown


@pytest.mark.parametrize(
    "given",
    [
        {},
        {
            "INTENT_DATA_DIR": "somewhere",
            "INTENT_THREADS": "3",
            "INTENT_MEMORY_LIMIT": "4GB",
            "INTENT_SPILL_DIR": "spill",
            "INTENT_COMPACT_ABOVE": "30",
            "INTENT_SITE_DOMAINS": "example.com,example.org",
            "INTENT_TIMEZONE": "Europe/Berlin",
            "INTENT_COMPANY_NAME": "Kestrel GmbH",
            "INTENT_SECRET_KEY": "0a1b" * 8,
            "INTENT_QUARANTINE_DAYS": "7",
        },
        {
            "INTENT_HONOUR_PRIVACY_SIGNALS": "off",
            "INTENT_REQUIRE_CONSENT": "on",
            "INTENT_FIRST_PARTY_COOKIE": "on",
            "INTENT_COLLECT_ORIGINS": "https://www.example.com,http://localhost:3000",
            "INTENT_COLLECT_RATE": "7",
            "INTENT_TRUSTED_PROXIES": "10.0.0.0/8,2001:db8::5",
        },
    ],
)
def test_settings_read_from_their_own_environment_are_the_same(given: dict[str, str]) -> None:
    settings = Settings.from_environment(given)
    environment = settings.environment()
    assert Settings.from_environment(environment) == settings
    assert Path(environment["INTENT_DATA_DIR"]).is_absolute()
    assert Path(environment["INTENT_SPILL_DIR"] or "/none").is_absolute()


def test_what_is_not_set_here_no_env_file_of_the_other_process_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    (tmp_path / ".env").write_text(f"INTENT_THREADS=7\nINTENT_SECRET_KEY={'theirs' * 6}\n")
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment().threads == 7
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment() == settings


def test_the_collector_is_careful_unless_it_is_told_otherwise() -> None:
    default = Settings.from_environment({})
    assert default.honour_privacy_signals
    assert not default.first_party_cookie
    assert default.trusted_proxies == ("127.0.0.1", "::1")
    told = Settings.from_environment(
        {"INTENT_HONOUR_PRIVACY_SIGNALS": "No", "INTENT_FIRST_PARTY_COOKIE": "TRUE"}
    )
    assert not told.honour_privacy_signals
    assert told.first_party_cookie
    assert Settings.from_environment({"INTENT_COLLECT_ORIGINS": "*"}).collect_origins == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("INTENT_HONOUR_PRIVACY_SIGNALS", "maybe"),
        ("INTENT_FIRST_PARTY_COOKIE", "2"),
        ("INTENT_COLLECT_ORIGINS", "www.example.com"),
        ("INTENT_COLLECT_ORIGINS", "https://www.example.com/"),
        ("INTENT_COLLECT_RATE", "0"),
        ("INTENT_PUBLIC_URL", "https://go.müller.example"),
        ("INTENT_PUBLIC_URL", "https://go.example.com/a b"),
        ("INTENT_TRUSTED_PROXIES", "proxy.example.com"),
    ],
)
def test_a_setting_of_the_collector_that_cannot_be_used_is_named(name: str, text: str) -> None:
    with pytest.raises(UserError, match=f"{name} .*{text.replace('/', '.')}"):
        Settings.from_environment({name: text})


@pytest.mark.parametrize("text", ["999999", "²", "1" * 5_000, "-1", "1e3", "0"])
def test_a_number_of_days_that_cannot_be_meant_is_refused_by_name(text: str) -> None:
    for name in ("INTENT_QUARANTINE_DAYS", "INTENT_KEEP_LANDING_DAYS", "INTENT_REPORT_DAYS"):
        with pytest.raises(UserError, match=name):
            Settings.from_environment({name: text})
    assert Settings.from_environment({"INTENT_QUARANTINE_DAYS": "36500"}).quarantine_days == 36_500


@pytest.mark.parametrize("key", ["a", "a" * 31, "a" * 31 + " \n", " " * 40])
def test_a_secret_that_can_be_guessed_is_refused_and_not_told(tmp_path: Path, key: str) -> None:
    with pytest.raises(UserError, match=r"INTENT_SECRET_KEY has .*give 32 at least") as refused:
        Settings.from_environment({"INTENT_SECRET_KEY": key})
    assert "aa" not in str(refused.value)
    (tmp_path / "secret_key").write_text(key)
    with pytest.raises(UserError, match=r"secret_key holds .*from a backup, or remove it"):
        Settings(tmp_path).secret_key()


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_file_of_a_key_is_refused(tmp_path: Path, text: str) -> None:
    settings = Settings(tmp_path)
    for name in ("secret_key", "write_key"):
        (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match="secret_key holds a key of 0 letters"):
        settings.secret_key()
    with pytest.raises(UserError, match="write_key holds a key of 0 letters"):
        settings.write_key()


def test_a_blank_write_key_is_refused() -> None:
    with pytest.raises(UserError, match="INTENT_WRITE_KEY is blank"):
        Settings.from_environment({"INTENT_WRITE_KEY": " "})


def test_keys_that_are_long_enough_are_taken_and_those_made_here_are(tmp_path: Path) -> None:
    given = Settings.from_environment({"INTENT_SECRET_KEY": "a" * 32, "INTENT_WRITE_KEY": "w"})
    assert (given.secret_key(), given.write_key()) == ("a" * 32, "w")
    settings = Settings(tmp_path)
    assert len(settings.secret_key()) == 64
    assert Settings(tmp_path).secret_key() == settings.secret_key()
    (tmp_path / "write_key").write_text("w\n")
    assert settings.write_key() == "w"
