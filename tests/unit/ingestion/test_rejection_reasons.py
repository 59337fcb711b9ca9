"""Every reason code that ingestion gives is explained, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import rejection_reasons
from ingestion.rejection_reasons import REASONS, UNTOLD, reason_of
from ingestion.settings import PROJECT_ROOT

INGESTION = PROJECT_ROOT / "ingestion"
WORD = r"[a-z0-9]+(?:_[a-z0-9]+)+"
JUDGING = re.compile(
    r"^(?:bad|broken|corrupt|empty|implausible|invalid|malformed|missing|nested|no|not|too|"
    r"truncated|unknown|unparsable|unreadable|unsupported|wrong)_"
)
"""How a reason begins: as a judgement on what was found."""

NO_REASONS: set[str] = set()
"""Words of ingestion that read like a reason and are none."""


def sources() -> list[Path]:
    told = Path(rejection_reasons.__file__)
    return [
        path
        for path in sorted(INGESTION.rglob("*.py"))
        if path != told and "simulator" not in path.parts
    ]


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Every text of a module but its docstrings, which tell of reasons and give none."""
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def words_of(text: str) -> set[str]:
    """A text that is one word, and the quoted words of a query."""
    return {text} & set(re.findall(WORD, text)) | set(re.findall(rf"'({WORD})'", text))


def given_as_reason(text: str) -> set[str]:
    """Words that a query gives as a reason, however they are spelled."""
    compared = re.findall(rf"reason(?:_code)?\s*=\s*'({WORD})'", text)
    chosen = [
        word
        for case in re.findall(r"case\b(?:(?!\bcase\b).)*?\bend\s+as\s+reason\b", text, re.S)
        for word in re.findall(rf"then\s+'({WORD})'", case)
    ]
    return {*compared, *chosen}


def fields_of_reasons(tree: ast.AST) -> Iterator[str]:
    """The expressions of field `reason_code` where a format lists its fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "reason_code":
                    yield from (text for text in texts_of(value))


def codes_given() -> dict[str, str]:
    """Reason codes in the sources, each with a file that gives it."""
    found: dict[str, str] = {}
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words = {word for text in texts_of(tree) for word in words_of(text)}
        codes = {word for word in words if JUDGING.match(word) or word in REASONS}
        codes |= {code for text in texts_of(tree) for code in given_as_reason(text)}
        for expression in fields_of_reasons(tree):
            codes |= set(re.findall(rf"then\s+'({WORD})'", expression))
        found |= dict.fromkeys(codes - NO_REASONS, str(path.relative_to(PROJECT_ROOT)))
    return found


def test_every_reason_that_is_given_is_explained() -> None:
    assert {code: path for code, path in codes_given().items() if code not in REASONS} == {}


def test_every_reason_that_is_explained_is_given_somewhere() -> None:
    assert set(REASONS) - set(codes_given()) == set()


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("x = 'wrong_column_count'", "wrong_column_count"),
        ("q = f\"select case when {x} then 'bad_quotes' end as reason_code\"", "bad_quotes"),
        ("q = \"update t set reason_code = 'odd_one_out'\"", "odd_one_out"),
    ],
)
def test_a_new_reason_is_noticed_however_it_is_given(source: str, code: str) -> None:
    tree = ast.parse(source)
    words = {word for text in texts_of(tree) for word in words_of(text)}
    given = {code for text in texts_of(tree) for code in given_as_reason(text)}
    assert code in {word for word in words if JUDGING.match(word)} | given


@pytest.mark.parametrize("code", sorted(REASONS))
def test_meaning_and_advice_fit_in_a_line(code: str) -> None:
    reason = REASONS[code]
    assert 0 < len(reason.meaning) <= 60
    assert 0 < len(reason.advice) <= 90
    assert not (reason.meaning + reason.advice).endswith(".")


def test_a_code_of_another_version_is_told_as_unknown() -> None:
    assert reason_of("not_json") is UNTOLD
