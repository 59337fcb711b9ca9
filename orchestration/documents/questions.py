"""docs/questions.md: the analyses of the dbt project, as SQL for the published file.

`python -m orchestration.documents.questions` writes it from dbt_project/analyses/. An analysis
begins with a comment: the question, a blank line of comment, and how to read the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from orchestration.dbt.manifest import Manifest
from orchestration.documents.project import DOCS, Node, compiled_project, own_nodes

PAGE = DOCS / "questions.md"

SECTIONS = {
    "sales": "Sales",
    "marketing": "Marketing",
    "visitors": "Visitors",
    "data_quality": "Can the data be trusted?",
}
"""The title of each folder of analyses, in the order of the page."""

_RELATION = re.compile(r'"published"\."(\w+)"\."(\w+)"')
_INTRODUCTION = """\
# Questions, answered in SQL

Each runs as it stands on `analytics.duckdb`: in `intent shell`, by `intent query - < question.sql`,
or in [any other tool](connecting.md) that opens the file. Names of events, pages and bands stand in
the SQL to be changed to yours. What a table or column means is in the
[data dictionary](data_dictionary.md).

Three things are thought of in each, and worth keeping in yours:

- **Bots** have rows: leave out `is_bot` in events and sessions.
- **Excluded people** (bots, colleagues, throw-away addresses) have rows in `dim_people`, and
  sessions and events: keep those whose `exclusion_reason is null`.
- **Denied consent** leaves events without a session or person: they are in counts of `fct_events`
  alone.

The same SQL is in `dbt_project/analyses`, one file a question, and a test runs each. This page is
made from there by `python -m orchestration.documents.questions`.
"""


@dataclass(frozen=True)
class Question:
    """A question, how to read its answer, and the SQL that gives it."""

    name: str
    folder: str
    path: str
    question: str
    reading: str
    sql: str

    @property
    def anchor(self) -> str:
        """What a heading with the question is linked by."""
        return re.sub(r"[^\w -]", "", self.question.lower()).replace(" ", "-")


def questions_of(manifest: Manifest) -> list[Question]:
    """The analyses in the order of the page, ready to be run on the published file.

    Raises ValueError for one that does not begin with its question, or lies in a folder that has no
    section.
    """
    found = [_question(node) for node in own_nodes(manifest, "analysis")]
    order = list(SECTIONS)
    return sorted(found, key=lambda one: (order.index(one.folder), one.question))


def questions_page(manifest: Manifest) -> str:
    """The page, in Markdown: an index, and the questions in sections."""
    questions = questions_of(manifest)
    parts = [_INTRODUCTION]
    for folder, title in SECTIONS.items():
        asked = [one for one in questions if one.folder == folder]
        parts.append(f"**{title}**\n")
        parts.append("".join(f"- [{one.question}](#{one.anchor})\n" for one in asked))
    for folder, title in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_section(one) for one in questions if one.folder == folder]
    return "\n".join(parts)


def _section(one: Question) -> str:
    return f"### {one.question}\n\n{one.reading}\n\n```sql\n{one.sql}\n```\n\n*In* `{one.path}`\n"


def _question(node: Node) -> Question:
    path = PurePosixPath(node["original_file_path"])
    if path.parent.name not in SECTIONS:
        raise ValueError(f"{path} lies in a folder without a section in {PAGE.name}")
    comment, sql = _split(node["compiled_code"])
    paragraphs = "\n".join(comment).split("\n\n")
    if len(paragraphs) != 2 or not paragraphs[0].endswith("?"):
        raise ValueError(f"{path} does not begin with its question and how to read the answer")
    question, reading = (" ".join(paragraph.split("\n")) for paragraph in paragraphs)
    return Question(node["name"], path.parent.name, str(path), question, reading, sql)


def _split(code: str) -> tuple[list[str], str]:
    """The comment on top, without its dashes, and the SQL below it as a statement."""
    lines = code.strip().splitlines()
    height = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    comment = [line.removeprefix("--").strip() for line in lines[:height]]
    return comment, _without_database(lines[height:]) + ";"


def _without_database(lines: Iterable[str]) -> str:
    """The tables by schema and name alone, as the published file has them."""
    return _RELATION.sub(r"\1.\2", "\n".join(lines)).strip()


def main() -> None:
    """Writes the page anew."""
    PAGE.write_text(questions_page(compiled_project()), encoding="utf-8")


if __name__ == "__main__":
    main()
