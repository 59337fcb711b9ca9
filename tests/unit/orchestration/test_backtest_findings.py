"""What a backtest says of its figures, and what it leaves unsaid."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from ingestion.settings import Settings
from orchestration.backtest.findings import Findings, findings_of, verdict
from orchestration.backtest.frames import Frames
from orchestration.backtest.measures import AUC, LIFT
from orchestration.backtest.page import findings_page, write_findings
from orchestration.backtest.report import (
    figure,
    findings_in_markdown,
    findings_json,
    print_findings,
)
from tests.unit.orchestration.backtests import BANDS, Seen, drawn, frames_of


def found(frames: Frames) -> Findings:
    return findings_of(frames, np.unique(frames.day).tolist(), BANDS)


@pytest.fixture(scope="module")
def telling() -> Findings:
    """A log in which the score tells who converts, and neither baseline does."""
    return found(drawn(people=350, seed=2, converts=(2, 0, 0)))


def few(converted: int) -> Frames:
    return frames_of(Seen(one, one, converts_after=int(one < converted)) for one in range(200))


def test_below_twenty_conversions_there_are_no_figures() -> None:
    findings = found(few(19))
    assert verdict(findings) == [
        "Not enough data: 19 people converted within 30 days after a date on which they were looked"
        " at; figures need 20."
    ]
    assert findings.compared is None
    said = json.loads(findings_json(findings))
    assert (said["is_enough"], said["figures"], said["bands"]) == (False, {}, [])
    out = io.StringIO()
    print_findings(findings, out)
    assert "AUC" not in out.getvalue()


def test_with_twenty_there_are() -> None:
    assert found(few(20)).is_enough


def test_one_person_who_converts_is_one_however_many_weeks_they_stand_in() -> None:
    rows = [Seen(one, 50, converts_after=int(one < 5), day=day)
            for one in range(100) for day in range(100, 170, 7)]  # fmt: skip
    findings = found(frames_of(rows))
    assert findings.converted_people == 5
    assert not findings.is_enough


def test_a_log_without_dates_has_too_little(tmp_path: Path) -> None:
    findings = findings_of(frames_of([]), [], BANDS)
    assert "shorter than the 30 days" in verdict(findings)[0]
    assert "shorter than the 30 days" in findings_page(Settings(data_dir=tmp_path), findings)


def test_a_score_that_tells_beats_both_baselines(telling: Findings) -> None:
    first, second, third = verdict(telling)
    assert first.startswith("The score beats both baselines: AUC 0.")
    assert second.startswith("The tenth with the highest scores converted more often than average")
    assert third == "A higher band converted at least as often as every lower one."


def test_where_recency_tells_more_it_says_so() -> None:
    first, *_ = verdict(found(drawn(people=350, seed=2, converts=(0, 2, 0))))
    assert first.startswith("Recency alone tells better than the score who converts: AUC 0.")


def test_where_the_count_tells_more_it_says_so() -> None:
    first, *_ = verdict(found(drawn(people=350, seed=2, converts=(0, 0, 2))))
    assert first.startswith("The count of events alone tells better than the score")


def test_where_nothing_tells_no_lift_is_claimed() -> None:
    first, second, *_ = verdict(found(drawn(people=400, seed=2, converts=(0, 0, 0))))
    assert first.startswith("The score does not tell who converts: AUC 0.")
    assert second.startswith("No lift can be claimed")


def test_where_both_tell_the_same_which_is_better_stays_open() -> None:
    frames = drawn(people=350, seed=2, converts=(2, 0, 0))
    same = Frames(**{
        name: getattr(frames, name) for name in Frames.__dataclass_fields__ if name != "idle_days"
    }, idle_days=(100 - frames.score).astype(np.int64))  # fmt: skip
    first, *_ = verdict(found(same))
    assert "whether better than recency is open; it beats the count of events" in first


def test_bands_out_of_order_are_told() -> None:
    rows = [Seen(one, 80, converts_after=int(one < 3)) for one in range(60)]
    rows += [Seen(60 + one, 20, converts_after=int(one < 20)) for one in range(60)]
    assert verdict(found(frames_of(rows)))[-1].startswith("The bands are out of order")


def test_median_days_are_those_of_who_converted() -> None:
    rows = [Seen(one, 80, converts_after=one if one < 22 else 0) for one in range(60)]
    hot, warm, *_ = found(frames_of(rows)).bands
    assert (hot.median_days, hot.converted_people, warm.median_days) == (11, 21, None)


def test_text_json_markdown_and_page_tell_the_same(telling: Findings, tmp_path: Path) -> None:
    out = io.StringIO()
    print_findings(telling, out)
    said = json.loads(findings_json(telling))
    page = findings_page(Settings(data_dir=tmp_path), telling)
    auc = said["figures"]["score"]["auc"]
    words = f"{auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})"
    assert words in out.getvalue()
    assert words.replace(".", "\\.") in findings_in_markdown(telling)
    assert f"{auc['low']:.2f} to {auc['high']:.2f}" in page
    assert page.count("<svg") == 4
    assert said["verdict"][0] in page
    assert out.getvalue().startswith(said["verdict"][0])
    assert said["weeks"][0]["as_of"] == "1970-04-11"


def test_a_difference_that_is_nothing_once_rounded_has_no_sign() -> None:
    assert [figure(value, LIFT, signed=True) for value in (-0.04, 0.04, -0.06)] == [
        "0.0 ×", "0.0 ×", "−0.1 ×"
    ]  # fmt: skip
    assert figure(0.125, AUC, signed=True) == "+0.12"


def test_the_page_and_the_json_are_kept_by_the_last_date(telling: Findings, tmp_path: Path) -> None:
    page, document = write_findings(Settings(data_dir=tmp_path), telling)
    assert page.relative_to(tmp_path).as_posix() == "exports/backtests/backtest_1970-05-02.html"
    assert json.loads(document.read_text())["is_enough"] is True
