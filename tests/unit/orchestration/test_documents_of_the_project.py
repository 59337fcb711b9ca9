"""The data dictionary and the questions, made from a manifest that is small enough to read."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.documents.data_dictionary import data_dictionary
from orchestration.documents.questions import questions_of, questions_page

QUESTION = """\
-- Who came?
--
-- One row a person; `name`
-- says who.
with

people as (

    select * from "published"."marts"."dim_people"

)

select name from people
"""


def model(name: str, /, *, schema: str = "marts", **columns: str) -> dict[str, Any]:
    """A model whose columns have these descriptions; those that end in _id are never null."""
    return {
        "unique_id": f"model.{name}",
        "resource_type": "model",
        "name": name,
        "schema": schema,
        "description": f"One row a {name}. More of it.",
        "columns": {
            column: {
                "name": column,
                "data_type": "varchar",
                "description": description,
                "constraints": [{"type": "not_null"}] if column.endswith("_id") else [],
            }
            for column, description in columns.items()
        },
    }


def key_test(name: str, *columns: str) -> dict[str, Any]:
    """The test that says that columns of a model are unique together."""
    said = {"column_name": columns[0]} if len(columns) == 1 else {"columns": list(columns)}
    return {
        "unique_id": f"test.{name}",
        "resource_type": "test",
        "name": f"unique_{name}",
        "attached_node": f"model.{name}",
        "test_metadata": {
            "name": "unique" if len(columns) == 1 else "unique_together",
            "kwargs": said,
        },
    }


def analysis(code: str, folder: str = "sales") -> dict[str, Any]:
    return {
        "unique_id": "analysis.who",
        "resource_type": "analysis",
        "name": "who",
        "original_file_path": f"dbt_project/analyses/{folder}/who.sql",
        "compiled_code": code,
    }


def manifest(*nodes: dict[str, Any]) -> dict[str, Any]:
    metrics = {"metric.people": {"name": "people", "type": "simple", "description": "People."}}
    return {"nodes": {node["unique_id"]: node for node in nodes}, "metrics": metrics}


PEOPLE = model("dim_people", person_id="The person.", name="Name | nickname.")
EVENTS = model("fct_events", event_id="The event.", person_id="Whose it is.")
SINGULAR = {"unique_id": "test.s", "resource_type": "test", "name": "assert_x"}


def test_a_table_shows_its_grain_its_key_and_its_columns() -> None:
    page = data_dictionary(manifest(PEOPLE, key_test("dim_people", "person_id"), SINGULAR))
    assert "| [dim_people](#dim_people) | One row a dim_people |" in page
    assert "### dim_people\n\nOne row a dim_people. More of it.\n\nKey: `person_id`.\n" in page
    assert "| `person_id` | varchar |  | The person. |" in page


def test_a_bar_in_a_description_does_not_end_its_cell() -> None:
    assert r"| `name` | varchar | null | Name \| nickname. |" in data_dictionary(manifest(PEOPLE))


def test_a_column_named_as_the_key_of_another_table_leads_there() -> None:
    page = data_dictionary(
        manifest(
            PEOPLE,
            EVENTS,
            key_test("dim_people", "person_id"),
            key_test("fct_events", "event_id"),
        )
    )
    assert page.count("Joins: ") == 1
    assert "Joins: `person_id` → [dim_people](#dim_people).\n" in page


def test_a_key_of_several_columns_is_shown_whole() -> None:
    page = data_dictionary(manifest(EVENTS, key_test("fct_events", "event_id", "person_id")))
    assert "Key: `event_id`, `person_id`.\n" in page


def test_what_readers_do_not_see_is_not_in_the_dictionary() -> None:
    page = data_dictionary(manifest(PEOPLE, model("int_people", schema="intermediate")))
    assert "int_people" not in page


def test_a_table_of_no_group_is_not_left_out_in_silence() -> None:
    with pytest.raises(ValueError, match="other_people"):
        data_dictionary(manifest(model("other_people")))


def test_the_table_that_publish_writes_is_there_too_and_the_metrics() -> None:
    page = data_dictionary(manifest(PEOPLE))
    assert "### refreshes\n" in page
    assert "| `people` | simple | People. |" in page


def test_a_question_is_its_comment_and_its_sql_is_for_the_published_file() -> None:
    [one] = questions_of(manifest(analysis(QUESTION)))
    assert one.question == "Who came?"
    assert one.reading == "One row a person; `name` says who."
    assert one.sql.startswith("with\n\npeople as (\n\n    select * from marts.dim_people\n")
    assert one.sql.endswith("select name from people;")


def test_a_question_is_linked_from_the_index_and_shown_in_its_section() -> None:
    page = questions_page(manifest(analysis(QUESTION)))
    assert "**Sales**\n\n- [Who came?](#who-came)\n" in page
    assert "## Sales\n\n### Who came?\n\nOne row a person; `name` says who.\n\n```sql\n" in page


@pytest.mark.parametrize(
    ("code", "folder"),
    [
        ("select 1", "sales"),
        ("-- Only a question?\nselect 1", "sales"),
        ("-- No question\n--\n-- and more\nselect 1", "sales"),
        (QUESTION, "elsewhere"),
    ],
)
def test_an_analysis_that_asks_nothing_or_belongs_nowhere_is_refused(
    code: str, folder: str
) -> None:
    with pytest.raises(ValueError, match=r"who\.sql"):
        questions_of(manifest(analysis(code, folder)))
