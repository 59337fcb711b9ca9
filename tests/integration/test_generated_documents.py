"""Pages of docs/ that are made from the models say what the models say now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.documents import data_dictionary, questions
from tests.compiled_models import CompiledModels


def test_the_data_dictionary_is_what_the_models_say(models: CompiledModels) -> None:
    made = data_dictionary.data_dictionary(models.manifest)
    assert data_dictionary.PAGE.read_text(encoding="utf-8") == made, (
        "docs/data_dictionary.md is stale; run: python -m orchestration.documents.data_dictionary"
    )


def test_the_questions_are_what_the_analyses_ask(models: CompiledModels) -> None:
    made = questions.questions_page(models.manifest)
    assert questions.PAGE.read_text(encoding="utf-8") == made, (
        "docs/questions.md is stale; run: python -m orchestration.documents.questions"
    )


@pytest.mark.parametrize("page", [data_dictionary.PAGE, questions.PAGE], ids=lambda page: page.name)
def test_every_entry_of_an_index_leads_to_its_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert len(anchors) == len(headings)
    linked = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert linked
    assert linked <= anchors
