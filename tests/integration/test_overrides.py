"""Who is who, on logs that link a lot and with overrides: the models' SQL against the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings

from ingestion.settings import Settings
from tests import model_answers
from tests.compiled_models import CompiledModels
from tests.given_rows import frame_of_events
from tests.oracle import tables
from tests.oracle.ids import person_id
from tests.oracle.override_strategies import rows_and_overrides
from tests.oracle.overrides import read_overrides
from tests.oracle.product import Result, run_rows
from tests.oracle.rules import load_rules
from tests.oracle.strategies import AS_OF, SITE_DOMAINS

RULES = load_rules(SITE_DOMAINS)
GIVEN = Settings(data_dir=Path("unused"), site_domains=SITE_DOMAINS)

Table = list[dict[str, Any]]


def answer(models: CompiledModels, rows: Table, overrides: Table) -> None:
    """Builds what says who is who, and nothing beyond it."""
    models.run(
        frame_of_events(rows, RULES),
        AS_OF,
        GIVEN,
        overrides=overrides,
        only=(
            "map_identities",
            "map_accepted_links",
            "map_refused_links",
            "map_person_ids",
            "int_slices_owned",
        ),
    )


def assert_same_people(models: CompiledModels, result: Result) -> None:
    """The maps hold the oracle's rows, and every event has the oracle's owner."""
    labels = model_answers.labels_of(result)
    for name in (
        "expected_identities.csv",
        "expected_accepted_links.csv",
        "expected_refused_links.csv",
    ):
        tables.assert_same(model_answers.TABLES[name](models, labels), tables.TABLES[name](result))
    owners = dict(
        models.rows(
            "select event_id, person_id from warehouse.intermediate.int_events_placed"
            " left join warehouse.intermediate.int_slices_owned using (slice_id)"
        )
    )
    assert {event: labels.get(owner) for event, owner in owners.items()} == {
        event: answer.person for event, answer in result.events.items()
    }
    canonical = dict(
        models.rows("select own_person_id, canonical_person_id from published.marts.map_person_ids")
    )
    for node, person in result.identity.person_of_node.items():
        assert labels[canonical[person_id(node.label)]] == person


def tell_what_it_holds(result: Result) -> None:
    """Says what the log had to be decided in, for --hypothesis-show-statistics."""
    for reason in {link.reason for link in result.identity.refused}:
        event(f"a link is refused: {reason}")
    if any(len(slices) > 1 for slices in result.identity.slices.values()):
        event("a device is cut into slices")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(given_rows=rows_and_overrides(RULES))
def test_who_is_who_is_answered_as_by_the_oracle_whatever_people_decide(
    models: CompiledModels, given_rows: tuple[Table, Table]
) -> None:
    rows, overrides = given_rows
    answer(models, rows, overrides)
    result = run_rows(rows, AS_OF, RULES, read_overrides(overrides, RULES))
    tell_what_it_holds(result)
    assert_same_people(models, result)
