"""The questions of docs/questions.md, asked of a small simulated log."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.analytics import published
from orchestration.commands.query import query
from orchestration.documents.questions import Question, questions_of
from orchestration.formats import Format
from tests.compiled_models import CompiledModels
from tests.oracle.ids import id_of
from tests.published_log import ADDRESSES, AS_OF, EARLIER, SHARED_LOGIN
from tests.shadows import SHADOWS

NAMES = sorted(path.stem for path in (PROJECT_ROOT / "dbt_project" / "analyses").rglob("*.sql"))
OF_THE_AUDIENCE = [
    path.stem
    for folder in ("sales", "marketing", "visitors")
    for path in sorted((PROJECT_ROOT / "dbt_project" / "analyses" / folder).glob("*.sql"))
]
"""Questions about people whom the company wants to win: no bots, colleagues, throw-away mail."""

ACCOUNT = id_of("unknown.example")

Row = dict[str, Any]


@pytest.fixture(scope="session")
def questions(models: CompiledModels) -> dict[str, Question]:
    return {one.name: one for one in questions_of(models.manifest)}


class Reader:
    """Asks the questions, or anything else, of one database."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, questions: dict[str, Question]
    ) -> None:
        self.connection = connection
        self.questions = questions

    def answer(self, name: str) -> list[Row]:
        return self.rows(self.questions[name].sql)

    def rows(self, sql: str) -> list[Row]:
        result = self.connection.execute(sql)
        columns = [column[0] for column in result.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def count(self, what: str) -> int:
        """Rows of `what`: a table and its conditions."""
        [(number,)] = self.connection.execute(f"select count(*) from {what}").fetchall()
        return int(number)


@pytest.fixture(scope="module")
def reader(published_log: Settings, questions: dict[str, Question]) -> Iterator[Reader]:
    with published(published_log) as connection:
        yield Reader(connection, questions)


@contextmanager
def copy_of(settings: Settings, questions: dict[str, Question]) -> Iterator[Reader]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.analytics}' as original (read_only)")
        connection.execute("copy from database original to memory")
        connection.execute("detach original")
        yield Reader(connection, questions)


@pytest.fixture
def copy(published_log: Settings, questions: dict[str, Question]) -> Iterator[Reader]:
    """The same tables in memory, to be changed."""
    with copy_of(published_log, questions) as copied:
        yield copied


@pytest.fixture(scope="module")
def shadowed(published_log: Settings, questions: dict[str, Question]) -> Iterator[Reader]:
    """The same tables with what may change no answer about the audience; to be read only."""
    with copy_of(published_log, questions) as copied:
        for statement in SHADOWS:
            copied.connection.execute(statement)
        yield copied


@pytest.fixture(scope="module")
def lying_otherwise(published_log: Settings, questions: dict[str, Question]) -> Iterator[Reader]:
    """The same rows in another order; to be read only."""
    with copy_of(published_log, questions) as copied:
        for table in copied.rows("select schema_name, table_name from duckdb_tables()"):
            relation = f"{table['schema_name']}.{table['table_name']}"
            copied.connection.execute(
                f"create or replace table {relation} as"
                f" from {relation} as lying order by hash(lying)"
            )
        yield copied


def total(rows: list[Row], column: str) -> int:
    return sum(row[column] for row in rows)


HUMAN_SESSIONS = (
    "fct_sessions join dim_people using (person_id) where not is_bot and exclusion_reason is null"
)
AUDIENCE = "dim_people where exclusion_reason is null"


def test_there_are_twenty_questions_and_more(questions: dict[str, Question]) -> None:
    assert len(questions) >= 20
    assert sorted(questions) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_question_runs_as_the_page_shows_it(
    name: str, published_log: Settings, questions: dict[str, Question]
) -> None:
    out, notes = io.StringIO(), io.StringIO()
    query(published_log, questions[name].sql, Format.csv, out, notes)
    assert len(out.getvalue().splitlines()) > 1


@pytest.mark.parametrize("name", NAMES)
def test_shares_lie_between_none_and_all(name: str, reader: Reader) -> None:
    rows = reader.answer(name)
    for row in rows:
        for column, value in row.items():
            if "share" in column.split("_") or column.endswith("_rate"):
                most = 100 if column == "score_share" else 1
                assert value is None or 0 <= value <= most, (column, row)
            if column.endswith("_count") or column == "people":
                assert isinstance(value, int), column
                assert value >= 0


@pytest.mark.parametrize("name", OF_THE_AUDIENCE)
def test_bots_excluded_people_and_denied_consent_change_no_answer(
    name: str, reader: Reader, shadowed: Reader
) -> None:
    assert shadowed.count(f"marts.{AUDIENCE}") < shadowed.count("marts.dim_people") / 2
    assert shadowed.answer(name) == reader.answer(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_and_its_order_do_not_depend_on_how_rows_lie(
    name: str, reader: Reader, lying_otherwise: Reader
) -> None:
    assert lying_otherwise.answer(name) == reader.answer(name)


def test_everybody_hot_or_warm_with_an_address_is_to_be_called(reader: Reader) -> None:
    rows = reader.answer("people_to_call_today")
    expected = reader.rows("select email from sync_people where intent_band in ('hot', 'warm')")
    assert {row["email"] for row in rows} == {row["email"] for row in expected}
    raised = [row["has_raised_hand"] for row in rows]
    assert raised == sorted(raised, reverse=True)
    assert 0 < raised.count(True) < len(raised)
    assert all(("hot for" in row["why"]) == row["has_raised_hand"] for row in rows)


def test_a_company_that_woke_up_did_something_this_week_and_little_before(reader: Reader) -> None:
    rows = reader.answer("accounts_that_woke_up")
    assert all(row["surge"] is None or row["surge"] >= 2 for row in rows)
    assert all(row["was_silent"] == (row["surge"] is None) for row in rows)
    week = reader.rows(
        f"""
        select domain, count(distinct people.person_id) as people
        from fct_events as events join dim_people as people using (person_id)
        join dim_accounts as accounts using (account_id)
        where rule_id is not null and not is_bot
            and cast(event_at as date) between date '{AS_OF}' - 6 and date '{AS_OF}'
        group by domain
        """
    )
    active = {row["domain"]: row["people"] for row in week}
    assert {row["domain"]: row["active_people_7d"] for row in rows}.items() <= active.items()


def test_the_active_people_of_an_account_are_all_named(reader: Reader) -> None:
    for row in reader.answer("accounts_with_several_active_people"):
        assert len(row["active_people"].split("; ")) == row["active_people_14d"] >= 2
    assert len(reader.answer("accounts_with_several_active_people")) == reader.count(
        "dim_accounts where active_people_14d >= 2"
    )


def test_the_reasons_of_the_hottest_person_lead_to_their_score(reader: Reader) -> None:
    story = reader.answer("why_somebody_is_hot")
    [score] = reader.rows(
        "select max(intent_score) as highest from dim_people"
        " where is_identified and exclusion_reason is null"
    )
    reasons = [row for row in story if row["kind"] == "reason"]
    told = [row for row in story if row["kind"] == "score"]
    assert reasons[-1]["score_so_far"] == pytest.approx(score["highest"], abs=1e-9)
    assert told[-1]["story_date"] == AS_OF
    assert told[-1]["score_so_far"] == score["highest"]


def test_who_was_warm_before_a_raised_hand_is_said_as_it_was_told(reader: Reader) -> None:
    rows = reader.answer("hand_raises_and_warmth_before")
    history = reader.rows("from fct_score_history where entity_type = 'person'")
    told = {(row["entity_id"], row["as_of_date"]): row["band"] for row in history}
    people = {row["primary_email"]: row["person_id"] for row in reader.rows("from dim_people")}
    bands = Counter()
    for row in rows:
        raised_on: date = row["raised_at"].date()
        assert row["refreshed_date"] == (EARLIER if raised_on > EARLIER else None)
        band = told.get((people[row["primary_email"]], EARLIER)) if raised_on > EARLIER else None
        assert row["band_before"] in ({band} if band else {"cold", None})
        assert row["was_warm_before"] == (
            None if row["band_before"] is None else row["band_before"] in ("warm", "hot")
        )
        bands[row["band_before"]] += 1
    assert len(bands) > 1


def test_a_name_that_a_refresh_could_not_know_is_not_called_cold(copy: Reader) -> None:
    [hand, *_] = copy.answer("hand_raises_and_warmth_before")
    raised_on: date = hand["raised_at"].date()
    copy.connection.execute("delete from marts.fct_score_history where entity_type = 'person'")
    for told_on in (raised_on - timedelta(days=1), date(1999, 1, 1)):
        copy.connection.execute(
            "insert into marts.fct_score_history by name select 'account' as entity_type,"
            f" '{ACCOUNT}' as entity_id, 'hot' as band, 'r' as ruleset_id, 99 as score,"
            f" date '{told_on}' as as_of_date"
        )
    [person] = copy.rows(
        "select person_id, min(cast(event_at as date)) as named_on from marts.fct_events"
        " join marts.dim_people using (person_id)"
        f" where primary_email = '{hand['primary_email']}' and (user_id is not null"
        " or email is not null) group by person_id"
    )
    [after, *_] = copy.answer("hand_raises_and_warmth_before")
    assert after["refreshed_date"] == raised_on - timedelta(days=1)
    assert after["band_before"] == ("cold" if person["named_on"] < raised_on else None)


def test_a_step_of_the_funnel_is_counted_only_after_the_steps_before_it(reader: Reader) -> None:
    events = reader.rows(
        "select person_id, event_type, event_name, page_class from fct_events"
        " join dim_people using (person_id) where exclusion_reason is null and not is_bot"
        " order by event_at, event_id"
    )
    product = {"case_study", "compare", "features", "integrations", "security"}
    reached: dict[str, int] = defaultdict(int)
    for event in events:
        is_page, page = event["event_type"] == "page", event["page_class"]
        asks = event["event_type"] == "track" and event["event_name"] in (
            "demo_request", "contact_sales",
        )  # fmt: skip
        step = reached[event["person_id"]]
        taken = [is_page, page in product, page == "pricing", page == "contact", asks]
        while step < 5 and taken[step] and (is_page or step == 4):
            step += 1
        reached[event["person_id"]] = step
    expected = [sum(step >= number for step in reached.values()) for number in range(1, 6)]
    assert [row["people"] for row in reader.answer("funnel_by_page_class")] == expected
    assert expected[2] > 0


def test_the_parts_of_an_answer_add_up_to_the_whole(reader: Reader) -> None:
    """Nobody is counted twice, and nobody is left out who should be in."""
    answer, count = reader.answer, reader.count
    assert total(answer("channels_of_hot_people"), "people") == count(AUDIENCE)
    assert total(answer("channels_of_hot_people"), "hot_people") == count(
        f"{AUDIENCE} and intent_band = 'hot'"
    )
    assert total(answer("time_from_first_visit_to_identify"), "identified_people") == count(
        f"{AUDIENCE} and is_identified"
    )
    assert total(answer("engaged_rate_by_channel_and_week"), "session_count") == count(
        HUMAN_SESSIONS
    )
    assert total(answer("engaged_rate_by_channel_and_week"), "engaged_session_count") == count(
        f"{HUMAN_SESSIONS} and is_engaged"
    )
    asked = "select distinct person_id from fct_events where event_name = 'demo_request'"
    requests = answer("sessions_before_a_demo_request")
    assert total(requests, "people") == count(f"{AUDIENCE} and person_id in ({asked})")
    assert requests[-1]["share_so_far"] == 1
    on_site = f"{HUMAN_SESSIONS} and anonymous_id is not null"
    visits = answer("returning_visitors_by_week")
    assert total(visits, "new_visitors") == count(f"(select distinct visitor_id from {on_site})")
    assert all(row["visitors"] == row["new_visitors"] + row["returning_visitors"] for row in visits)


def test_traffic_is_counted_whole_whoever_caused_it(reader: Reader) -> None:
    answer, count = reader.answer, reader.count
    bots = answer("bot_share_of_traffic")
    assert total(bots, "event_count") == count("fct_events")
    assert total(bots, "bot_event_count") == count("fct_events where is_bot")
    assert total(bots, "session_count") == count("fct_sessions")
    denied = answer("consent_denials_by_week")
    assert total(denied, "event_count") == count("fct_events where not is_bot")
    assert total(denied, "denied_event_count") == count("fct_events where is_consent_denied")
    late = answer("late_events")
    assert total(late, "event_count") == count("fct_events")
    assert sum(row["event_share"] for row in late) == pytest.approx(1)
    colleagues = answer("internal_traffic")
    assert len(colleagues) == count("dim_people where exclusion_reason = 'internal'")
    rejected = answer("rejected_records_by_file")
    [ledger] = reader.rows("select sum(rejected_count) as records from files")
    assert total(rejected, "rejected_records") == ledger["records"]


def test_every_conversion_is_credited_once_by_each_model_and_way(reader: Reader) -> None:
    conversions = reader.count("fct_conversions")
    channels = reader.answer("credit_by_channel_and_model")
    for model in ("first_touch", "last_touch", "last_non_direct", "linear", "position_based",
                  "time_decay"):  # fmt: skip
        assert sum(row[model] or 0 for row in channels) == conversions
    campaigns = reader.answer("campaigns_that_lead_to_conversions")
    assert sum(row["credited_conversions"] for row in campaigns) == conversions
    assert total(reader.answer("who_opened_the_door_at_companies"), "conversion_count") == (
        reader.count("fct_conversions where account_id is not null")
    )
    lost = reader.answer("what_is_lost_without_a_channel")
    credited = sum(row["credited_conversions"] or 0 for row in lost)
    assert credited == pytest.approx(conversions, abs=1e-6)
    paths = reader.answer("paths_to_conversions")
    assert 0 < total(paths, "conversion_count") <= conversions
    assert total(paths, "path_count") <= reader.count("fct_channel_paths")


def test_cohorts_start_whole_and_end_with_the_last_whole_week(reader: Reader) -> None:
    cells = reader.answer("weekly_cohorts")
    starts = [cell for cell in cells if cell["weeks_later"] == 0]
    assert all(cell["active_people"] == cell["people"] for cell in starts)
    on_site = f"{HUMAN_SESSIONS} and anonymous_id is not null"
    last_week = AS_OF - timedelta(days=AS_OF.weekday())
    assert AS_OF.weekday() != 6
    assert total(starts, "people") == reader.count(
        f"(select person_id from {on_site} group by person_id"
        f" having min(started_at) < '{last_week}')"
    )
    ends = {cell["cohort_week"] + timedelta(weeks=cell["weeks_later"]) for cell in cells}
    assert max(ends) == last_week - timedelta(weeks=1)


def test_an_entry_page_is_credited_with_those_who_came_unknown(reader: Reader) -> None:
    rows = reader.answer("entry_pages_before_identification")
    assert not any("?" in row["entry_page"] for row in rows)
    named = "user_id is not null or email is not null"
    unknown = reader.count(
        f"""
        (
            select person_id,
                min(started_at) as first_at,
                (select min(event_at) from fct_events as events
                    where events.person_id = sessions.person_id and ({named})) as named_at
            from ({HUMAN_SESSIONS.replace("fct_sessions", "from fct_sessions")}) as sessions
            group by person_id
            having min_by(entry_page_url is not null, (started_at, session_id))
        )
        where named_at is null or named_at > first_at
        """
    )
    assert total(rows, "people") == unknown


def test_the_login_that_was_passed_around_is_refused_its_last_address(reader: Reader) -> None:
    [row] = reader.answer("refused_links")
    assert SHARED_LOGIN in (row["left_identifier"], row["right_identifier"])
    assert row["event_id"] == f"shared-{ADDRESSES - 1}"
    assert row["are_one_person"] is False


def test_the_login_that_was_passed_around_is_the_first_to_look_at(reader: Reader) -> None:
    first, *others = reader.answer("suspicious_people")
    assert first["reasons"] == "refused_links, many_addresses"
    assert (first["refused_link_count"], first["address_count"]) == (1, ADDRESSES - 1)
    assert all(row["reasons"] for row in others)
