"""Nothing that names a person in a URL, and no full address, is stored."""

from __future__ import annotations

import csv
import json

import duckdb
import pytest

from ingestion import privacy
from ingestion.settings import PROJECT_ROOT
from tests.unit.ingestion.conftest import Warehouse, message

NAMES = privacy.masked_parameters(PROJECT_ROOT)


def masked_url(connection: duckdb.DuckDBPyConnection, url: str) -> str:
    [(masked,)] = connection.execute(
        f"select {privacy.masked_url('url', NAMES)} from (select cast(? as varchar) as url)", [url]
    ).fetchall()
    return str(masked)


def test_the_seed_names_the_parameters_of_the_mailers() -> None:
    assert {"mc_eid", "mkt_tok", "_kx"} <= set(NAMES)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://x/?mc_eid=SECRET", "https://x/?mc_eid=masked"),
        ("https://x/?mc_eid=SECRET&utm_source=m", "https://x/?mc_eid=masked&utm_source=m"),
        ("https://x/?a=1&mkt_tok=SECRET#top", "https://x/?a=1&mkt_tok=masked#top"),
        ("https://x/?a=1&_kx=SEC%20RET%3D&b=2", "https://x/?a=1&_kx=masked&b=2"),
        ("https://x/?MC_EID=SECRET", "https://x/?MC_EID=masked"),
        ("https://x/?mc%5Feid=SECRET", "https://x/?mc%5Feid=masked"),
        ("https://x/?a=1&amp;mc_eid=SECRET&amp;b=2", "https://x/?a=1&amp;mc_eid=masked&amp;b=2"),
        ("/p?mc_eid=SE;C'RET", "/p?mc_eid=masked"),
        ("/p#mc_eid=SECRET", "/p#mc_eid=masked"),
        ("mc_eid=SECRET", "mc_eid=masked"),
        (
            "https://x/r?to=https%3A%2F%2Fy%2F%3Fmc_eid%3DSEC%2520RET%26b%3D2&c=3",
            "https://x/r?to=https%3A%2F%2Fy%2F%3Fmc_eid%3Dmasked%26b%3D2&c=3",
        ),
        (
            "https://x/r?to=%253Fmkt_tok%253DSECRET%2526b%253D2",
            "https://x/r?to=%253Fmkt_tok%253Dmasked%2526b%253D2",
        ),
        ("https://x/?mc_eid=SECRET&mc_eid=SECRET", "https://x/?mc_eid=masked&mc_eid=masked"),
        ("https://x/?mc_eid=", "https://x/?mc_eid=masked"),
    ],
)
def test_a_parameter_that_names_a_person_is_masked(
    macros: duckdb.DuckDBPyConnection, url: str, masked: str
) -> None:
    assert masked_url(macros, url) == masked


@pytest.mark.parametrize(
    "url",
    [
        "https://x/?mc_cid=campaign",
        "https://x/?not_mc_eid=1",
        "https://x/mc_eid",
        "https://x/?q=mc_eid",
        "https://x/?gclid=Cj0&fbclid=1",
    ],
)
def test_other_parameters_stay(macros: duckdb.DuckDBPyConnection, url: str) -> None:
    assert masked_url(macros, url) == url


def test_nothing_masked_reaches_any_table_by_any_way(loaded: Warehouse) -> None:
    url = "https://x/?mc_eid=SECRET&b=1"
    nested = "https://x/r?to=https%3A%2F%2Fy%2F%3F_kx%3DSECRET%26b%3D1"
    event = loaded.event(
        context={
            "page": {"url": url, "referrer": nested, "search": "?mkt_tok=SECRET"},
            "ip": "203.0.113.77",
            "campaign": {"link": url},
        },
        properties={
            "href": nested,
            "query": {"mc_eid": "SEC\"RET", "mkt_tok": 77777},
            "ip": "203.0.113.77",
        },
        traits={"last": [url], "ip_address": "203.0.113.77", "Forwarded": "for=203.0.113.77"},
        ip="203.0.113.77",
        unknown=url,
    )  # fmt: skip
    stored = json.dumps(event, default=str)
    assert "SEC" not in stored
    assert "77777" not in stored
    assert "203.0.113.77" not in stored
    assert event["page_url"] == "https://x/?mc_eid=masked&b=1"
    assert event["ip_prefix"] == "203.0.113.0/24"
    assert json.loads(event["properties"]) == {
        "href": "https://x/r?to=https%3A%2F%2Fy%2F%3F_kx%3Dmasked%26b%3D1",
        "query": {"mc_eid": "masked", "mkt_tok": "masked"},
        "ip": "masked",
    }


def test_what_is_masked_is_masked_before_it_is_hashed(loaded: Warehouse) -> None:
    row = loaded.load_messages(
        message(None, properties={"url": "https://x/?mc_eid=ONE"}),
        message(None, properties={"url": "https://x/?mc_eid=TWO"}),
    )
    assert (row.loaded_count, row.duplicate_count) == (1, 1)


def test_click_ids_that_name_a_person_are_the_parameters_that_are_masked() -> None:
    with (PROJECT_ROOT / "seeds" / "channels" / "click_ids.csv").open(encoding="utf-8") as file:
        naming = {row["parameter"] for row in csv.DictReader(file) if row["names_person"] == "true"}
    assert naming == set(NAMES)
    assert {"mc_eid", "mkt_tok", "_kx"} <= naming


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_of_the_seed_is_masked(
    macros: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert masked_url(macros, f"https://x/?{name}=SECRET&b=2") == f"https://x/?{name}=masked&b=2"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        (" 203.0.113.77, 10.0.0.1", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:DB8::5", "2001:db8::"),
        ("::1", "::"),
        ("0.0.0.0", "0.0.0.0"),
    ],
)
def test_the_prefix_of_a_shortened_address_is_that_of_the_whole_one(
    macros: duckdb.DuckDBPyConnection, given: str, kept: str
) -> None:
    assert privacy.shortened_address(given) == kept
    [prefixes] = macros.execute(
        "select address_prefix(?), address_prefix(?)", [given, kept]
    ).fetchall()
    assert prefixes[0] == prefixes[1] is not None


@pytest.mark.parametrize("given", ["", "unknown", "203.0.113", "203.0.113.77:80", "1.2.3.4.5"])
def test_what_is_no_address_is_not_kept_at_all(given: str) -> None:
    assert privacy.shortened_address(given) is None


def test_a_message_that_is_not_written_yet_is_masked_as_the_loader_masks(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    given = {
        "a": ["https://x/?mc_eid=SECRET&b=1", {"to": "https%3A%2F%2Fy%2F%3F_kx%3DSECRET%26b%3D1"}],
        "mkt_tok": 5,
        "mc_eid": 'SEC"RET',
        "ip": "203.0.113.77",
        "remoteAddr": "203.0.113.77",
        "X-Forwarded-For": "203.0.113.77",
        "client_ip": "203.0.113.77",
        "X-Real-IP": ["203.0.113.77", 'a"]b', 5],
        "user-ip": [],
        "ip_address ": ["203.0.113.77"],
        "$ip": [["203.0.113.77"], {"a": 1}],
        "is": True,
        "ip_address": {"within": "https://x/?%5fkx=1&_kx=SECRET"},
        "text": "100 % of = _kx",
    }
    parameters = privacy.masked_parameters(PROJECT_ROOT)
    text = json.dumps(given, separators=(",", ":"))
    [(masked,)] = macros.execute(
        f"select {privacy.masked_json('given', parameters)} from (select ? as given)", [text]
    ).fetchall()
    assert privacy.Masking(parameters).masked(given) == json.loads(masked)
