"""Reference lists: each distinct value is looked up once, with the versions recorded."""

from __future__ import annotations

import time
from importlib.metadata import version

import duckdb
import pytest

from ingestion import bots, email_domains, reference
from tests.unit.ingestion.conftest import Warehouse, message

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def refresh(loaded: Warehouse) -> None:
    reference.refresh_lists(loaded.connection)


def identify(number: int, email: str, agent: str = FIREFOX) -> dict[str, object]:
    return message(
        f"i{number}", type="identify", traits={"email": email}, context={"userAgent": agent}
    )


def test_every_domain_of_the_events_is_looked_up(loaded: Warehouse) -> None:
    loaded.load_messages(
        identify(1, "a@gmail.com"),
        identify(2, "b@mailinator.com"),
        identify(3, "c@eu.acme.co.uk"),
        identify(4, "d@eu.acme.co.uk"),
        identify(5, "e@co.uk"),
        identify(6, "f@carl.example"),
    )
    refresh(loaded)
    assert loaded.rows("select * from raw.email_domains order by email_domain") == [
        {
            "email_domain": domain,
            "registrable_domain": registrable,
            "is_free": is_free,
            "is_disposable": is_disposable,
        }
        for domain, registrable, is_free, is_disposable in (
            ("carl.example", "carl.example", False, False),
            ("co.uk", None, False, False),
            ("eu.acme.co.uk", "acme.co.uk", False, False),
            ("gmail.com", "gmail.com", True, False),
            ("mailinator.com", "mailinator.com", True, True),
        )
    ]


def test_every_domain_of_the_leads_is_looked_up(loaded: Warehouse) -> None:
    loaded.connection.execute(
        "insert into raw.leads by name select 'kim@yopmail.com' as email, 'x' as content_md5,"
        " 1 as load_id, 1 as line_number"
    )
    refresh(loaded)
    assert loaded.rows("select email_domain, is_disposable from raw.email_domains") == [
        {"email_domain": "yopmail.com", "is_disposable": True}
    ]


def test_addresses_in_the_properties_that_the_seed_lists_count_too(loaded: Warehouse) -> None:
    event_name, name = reference.email_properties(reference.PROJECT_ROOT)[0]
    loaded.load_messages(
        message("t1", type="track", event=event_name, properties={name: " A@Acme.com "}),
        message("t2", type="track", event=event_name, properties={name: "no address"}),
        message("t3", type="track", event="another_event", properties={name: "b@other.com"}),
    )
    refresh(loaded)
    assert loaded.rows("select email_domain from raw.email_domains") == [
        {"email_domain": "acme.com"}
    ]


def test_agents_are_bots_or_not_and_no_agent_is_none(loaded: Warehouse) -> None:
    loaded.load_messages(
        message("a", context={"userAgent": FIREFOX}),
        message("b", context={"userAgent": GOOGLEBOT}),
        message("c", context={"userAgent": "curl/8.1"}),
        message("d", context={"userAgent": " "}),
        message("e"),
    )
    refresh(loaded)
    assert loaded.rows("select * from raw.user_agents order by is_bot, user_agent") == [
        {"user_agent": FIREFOX, "is_bot": False, "bot_name": None},
        {"user_agent": GOOGLEBOT, "is_bot": True, "bot_name": "Googlebot"},
        {"user_agent": "curl/8.1", "is_bot": True, "bot_name": "curl"},
    ]


def test_a_second_refresh_looks_up_only_what_is_new(loaded: Warehouse) -> None:
    loaded.load_messages(identify(1, "a@one.com"))
    refresh(loaded)
    loaded.connection.execute("update raw.email_domains set is_free = true")
    loaded.load_messages(identify(2, "b@two.com"), identify(3, "c@one.com", GOOGLEBOT))
    refresh(loaded)
    assert loaded.rows("select email_domain, is_free from raw.email_domains order by all") == [
        {"email_domain": "one.com", "is_free": True},
        {"email_domain": "two.com", "is_free": False},
    ]
    assert len(loaded.rows("select * from raw.user_agents")) == 2


def test_versions_are_recorded_and_another_one_looks_all_up_anew(loaded: Warehouse) -> None:
    loaded.load_messages(identify(1, "a@one.com"))
    refresh(loaded)
    recorded = {
        row["list_name"]: row["version"] for row in loaded.rows("select * from raw.list_versions")
    }
    assert {name: recorded[name] for name in reference.LISTS} == {
        name: version(name) for name in reference.LISTS
    }
    loaded.connection.execute("update raw.email_domains set is_free = true")
    loaded.connection.execute(
        "update raw.list_versions set version = '0' where list_name = 'publicsuffixlist'"
    )
    refresh(loaded)
    assert loaded.rows("select email_domain, is_free from raw.email_domains") == [
        {"email_domain": "one.com", "is_free": False}
    ]
    assert len(loaded.rows("select * from raw.list_versions")) == len(recorded)


def test_a_warehouse_without_events_has_empty_lists(loaded: Warehouse) -> None:
    refresh(loaded)
    assert loaded.rows("select * from raw.email_domains") == []
    assert loaded.rows("select * from raw.user_agents") == []


def test_a_domain_is_on_a_list_when_the_one_it_is_registered_under_is() -> None:
    lists = email_domains.Lists(free={"free.com"}, disposable={"thrown.away"})
    assert lists.look_up("mail.free.com").is_free
    assert lists.look_up("x.y.thrown.away").is_disposable
    assert not lists.look_up("notfree.com").is_free


def classified(connection: duckdb.DuckDBPyConnection, *agents: str) -> dict[str, str | None]:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    connection.execute(
        "create or replace temp table new_agents as"
        " select unnest(cast(? as varchar[])) as user_agent",
        [list(agents)],
    )
    bots.classify(connection, [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA])
    found = connection.execute(
        "select user_agent, is_bot, bot_name from classified_agents"
    ).fetchall()
    assert all(is_bot == (name is not None) for _, is_bot, name in found)
    return {agent: name for agent, _, name in found}


def test_every_example_of_the_package_is_a_bot_with_a_short_name(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    examples = [text for entry in CRAWLER_USER_AGENTS_DATA for text in entry["instances"]]
    names = classified(macros, *examples)
    assert [agent for agent, name in names.items() if name is None] == []
    assert [name for name in names.values() if name is None or not 1 <= len(name) <= 60] == []


def test_an_agent_of_two_bots_is_called_by_the_one_named_first(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    agents = ["facebookexternalhit/1.1 Googlebot/2.1", "Googlebot/2.1 facebookexternalhit/1.1"]
    names = classified(macros, *agents)
    assert [names[agent] for agent in agents] == ["facebookexternalhit", "Googlebot"]


def test_a_pattern_that_cannot_be_read_costs_only_itself(
    macros: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture
) -> None:
    joined = bots.matchers(macros, ["one", "(?<!x)two", "three"])
    assert joined == ["(?:one)|(?:three)"]
    assert "(?<!x)two" in caplog.text


def test_ten_thousand_agents_take_no_time_to_speak_of(macros: duckdb.DuckDBPyConnection) -> None:
    agents = [
        f"Mozilla/5.0 (Windows NT 10.0) Chrome/{n}.0.0.0 Safari/537.36" for n in range(10_000)
    ]
    began = time.process_time()
    names = classified(macros, *agents)
    assert set(names.values()) == {None}
    assert time.process_time() - began < 5
