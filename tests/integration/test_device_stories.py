"""Whose a device is, and when: stories with the answer worked out by hand, told to both the
oracle and the models."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.settings import Settings
from tests import model_answers
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle import tables
from tests.oracle.product import Result, run_rows
from tests.oracle.rules import load_rules
from tests.told_stories import AS_OF, Story

RULES = load_rules(("example.com",))

STORIES = (
    Story(
        name="a kiosk: whoever was named last is at it, until another is named",
        events="""
            e1  4 09:00  kiosk  page                         user_id:ann
            e2  4 09:05  kiosk  identify ann ann@x.example   user_id:ann
            e3  4 09:07  kiosk  page                         user_id:ann
            e4  4 10:00  kiosk  identify bob bob@y.example   user_id:bob
            e5  4 10:04  kiosk  page                         user_id:bob
            e6  4 11:00  kiosk  as ann                       user_id:ann
            e7  5 09:00  kiosk  page                         user_id:ann
        """,
        slices="""
            kiosk  -        4 10:00  user_id:ann
            kiosk  4 10:00  4 11:00  user_id:bob
            kiosk  4 11:00  -        user_id:ann
        """,
    ),
    Story(
        name="a couple's laptop: two people share it, and what each does elsewhere stays theirs",
        events="""
            e1  4 08:00  laptop     identify ann ann@x.example  user_id:ann
            e2  4 08:10  laptop     page                        user_id:ann
            e3  4 12:00  ann-phone  as ann                      user_id:ann
            e4  4 12:05  ann-phone  page                        user_id:ann
            e5  4 20:00  laptop     identify bob bob@x.example  user_id:bob
            e6  4 20:10  laptop     page                        user_id:bob
            e7  5 12:00  ann-phone  page                        user_id:ann
            e8  5 20:00  laptop     page                        user_id:bob
            e9  5 21:00  bob-phone  as bob                      user_id:bob
        """,
        slices="""
            laptop     -        4 20:00  user_id:ann
            laptop     4 20:00  -        user_id:bob
            ann-phone  -        -        user_id:ann
            bob-phone  -        -        user_id:bob
        """,
    ),
    Story(
        name="a salesperson logs in as a customer: two people still, and their devices stay theirs",
        events="""
            e1  4 09:00  customer-pc  identify cara cara@acme.example     user_id:cara
            e2  4 09:10  sales-pc     identify sam sam@seller.example     user_id:sam
            e3  4 09:20  sales-pc     identify cara cara@acme.example     user_id:cara
            e4  4 09:25  sales-pc     page                                user_id:cara
            e5  4 09:30  sales-pc     as sam                              user_id:sam
            e6  4 09:40  sales-pc     page                                user_id:sam
            e7  4 09:45  customer-pc  page                                user_id:cara
        """,
        slices="""
            customer-pc  -        -        user_id:cara
            sales-pc     -        4 09:20  user_id:sam
            sales-pc     4 09:20  4 09:30  user_id:cara
            sales-pc     4 09:30  -        user_id:sam
        """,
        sessions="""
            e1  user_id:cara  user_id:cara
            e2  user_id:sam   user_id:sam user_id:cara
            e7  user_id:cara  user_id:cara
        """,
    ),
    Story(
        name="two people inside one session: it is the last one's, and both are known to be in it",
        events="""
            e1  4 09:00  shared  page        user_id:ann
            e2  4 09:01  shared  as ann      user_id:ann
            e3  4 09:02  shared  as bob      user_id:bob
            e4  4 09:03  shared  page        user_id:bob
        """,
        slices="""
            shared  -        4 09:02  user_id:ann
            shared  4 09:02  -        user_id:bob
        """,
        sessions="""
            e1  user_id:bob  user_id:ann user_id:bob
        """,
    ),
    Story(
        name="signing out: the name stays until another is named, or the device has a new one",
        events="""
            e1  4 09:00  desk        identify ann ann@x.example  user_id:ann
            e2  4 09:10  desk        track signed_out            user_id:ann
            e3  4 09:20  desk        page                        user_id:ann
            e4  6 09:00  desk        page                        user_id:ann
            e5  6 09:30  desk        as bob                      user_id:bob
            e6  6 09:40  desk        track signed_out            user_id:bob
            e7  6 09:50  desk-again  page                        visitor:desk-again
        """,
        slices="""
            desk        -        6 09:30  user_id:ann
            desk        6 09:30  -        user_id:bob
            desk-again  -        -        visitor:desk-again
        """,
    ),
    Story(
        name="a server's event: whose it names, and it tells no device whose that is",
        events="""
            e1  4 09:00  phone  page                        user_id:ann
            e2  4 09:10  phone  identify ann ann@x.example  user_id:ann
            e3  4 09:20  -      as bob                      user_id:bob
            e4  4 09:30  phone  page                        user_id:ann
            e5  4 09:40  -      identify - ann@x.example    user_id:ann
            e6  4 09:50  -      identify - eve@y.example    email:eve@y.example
            e7  4 10:00  -      as ann                      user_id:ann
        """,
        slices="""
            phone  -  -  user_id:ann
        """,
        sessions="""
            e1  user_id:ann          user_id:ann
            e3  user_id:bob          user_id:bob
            e5  user_id:ann          user_id:ann
            e6  email:eve@y.example  email:eve@y.example
            e7  user_id:ann          user_id:ann
        """,
    ),
    Story(
        name="an alias of a device to two users: the second has it from then on, and they stay two",
        events="""
            e1  4 09:00  pad    page                user_id:u1
            e2  4 09:10  -      alias u1 of pad     user_id:u1
            e3  4 09:20  pad    page                user_id:u1
            e4  4 09:30  -      alias u2 of pad     user_id:u2
            e5  4 09:40  pad    page                user_id:u2
            e6  4 09:50  other  alias u2 of pad     user_id:u2
            e7  4 09:55  other  page                user_id:u2
        """,
        slices="""
            pad    -        4 09:30  user_id:u1
            pad    4 09:30  -        user_id:u2
            other  -        -        user_id:u2
        """,
    ),
    Story(
        name="an anonymous history before any name is promoted; who was seen first lends the id",
        events="""
            e1  1 09:00  desk  page                        email:ann@x.example
            e2  2 09:00  desk  track cta_click             email:ann@x.example
            e3  3 09:00  desk  identify - ann@x.example    email:ann@x.example
            e4  4 09:00  web   identify ann ann@x.example  email:ann@x.example
            e5  4 09:10  lone  page                        visitor:lone
        """,
        slices="""
            desk  -  -  email:ann@x.example
            web   -  -  email:ann@x.example
            lone  -  -  visitor:lone
        """,
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_oracle_says_what_was_worked_out_by_hand(story: Story) -> None:
    result = run_rows(story.rows(RULES), AS_OF, RULES)
    assert {event: answer.person for event, answer in result.events.items()} == story.owners()
    assert devices_of(tables.identities(result)) == story.people_by_slice()
    if story.sessions:
        assert sessions_of(result) == story.people_by_session()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_models_say_what_was_worked_out_by_hand(story: Story, models: CompiledModels) -> None:
    rows = story.rows(RULES)
    models.run(
        frame_of_events(rows, RULES),
        AS_OF,
        Settings(data_dir=Path("unused"), site_domains=("example.com",)),
        only=("map_identities", "fct_session_people", "fct_sessions", "fct_events"),
    )
    labels = model_answers.labels_of(run_rows(rows, AS_OF, RULES))
    owners = models.rows("select event_id, person_id from published.marts.fct_events")
    assert {event: labels[owner] for event, owner in owners} == story.owners()
    assert devices_of(model_answers.identities(models, labels)) == story.people_by_slice()
    if story.sessions:
        assert modelled_sessions(models, labels) == story.people_by_session()


def devices_of(identities: list[tables.Row]) -> set[tuple[str, ...]]:
    """The rows of the map of identities that are slices of devices."""
    return {
        (row["identifier"], row["valid_from"], row["valid_to"], row["person"])
        for row in identities
        if row["identifier_type"] == "anonymous_id"
    }


def sessions_of(result: Result) -> dict[str, tuple[str, frozenset[str]]]:
    """By the session's first event: its person, and everybody in it, by the oracle."""
    return {
        first: (
            session.person,
            frozenset(result.identity.owners[event] for event in session.event_ids),
        )
        for first, session in result.sessions.items()
    }


def modelled_sessions(
    models: CompiledModels, labels: dict[str, str]
) -> dict[str, tuple[str, frozenset[str]]]:
    """The same by the models."""
    rows = models.rows(
        """
        select
            (
                select min_by(events.event_id, (events.event_at, events.event_id))
                from published.marts.fct_events as events
                where events.session_id = sessions.session_id
            ),
            sessions.person_id,
            list(people.person_id)
        from published.marts.fct_sessions as sessions
        join published.marts.fct_session_people as people using (session_id)
        group by all
        """
    )
    return {
        first: (labels[person], frozenset(labels[one] for one in everybody))
        for first, person, everybody in rows
    }
