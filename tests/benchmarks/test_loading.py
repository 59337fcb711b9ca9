"""Loading, against what DuckDB's own reader takes for the same columns of the same files.

Of NDJSON reading, validation, and what follows are shown apart. The loader parses and validates in
one statement, so reading is measured alone, and validation is what the statement takes beyond it.

A missed goal is shown, and fails nothing: on a busy machine ratios move, and it is for a reader to
judge. What fails is a benchmark that did not do the work it measures.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ingestion import loader, warehouse
from ingestion.ledger import LedgerRow
from ingestion.settings import Settings
from tests.benchmarks.conftest import SITE_DOMAINS
from tests.benchmarks.figures import Figures
from tests.benchmarks.readers import READERS, parse_alone, read_alone, write_flat
from tests.benchmarks.rounds import Work, least, timed

pytestmark = pytest.mark.bench

NDJSON_GOAL = 1.5


SMALL_FILES = 200


@pytest.fixture(scope="session")
def files_by_format(
    log_files: list[Path], loaded: Settings, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Path]]:
    """The same log in each format that is measured."""
    folder = tmp_path_factory.mktemp("flat")
    return {
        "NDJSON": log_files,
        "CSV": [write_flat(loaded.warehouse, folder / "events.csv")],
        "Parquet": [write_flat(loaded.warehouse, folder / "events.parquet")],
    }


@pytest.mark.parametrize("format_name", READERS)
def test_loading_costs_little_more_than_reading(
    format_name: str,
    files_by_format: dict[str, list[Path]],
    figures: Figures,
    event_count: int,
    rounds: int,
    tmp_path: Path,
) -> None:
    files = files_by_format[format_name]
    loads: list[list[LedgerRow]] = []

    def load(folder: Path) -> float:
        settings = Settings(data_dir=folder, site_domains=SITE_DOMAINS)
        with warehouse.connect(settings) as connection:
            loads.append(loader.load_paths(connection, settings, files))
        return sum(row.parse_seconds for row in loads[-1])

    works: dict[str, Work] = {
        "alone": lambda folder: read_alone(format_name, files, folder),
        "load": load,
    }
    if format_name == "NDJSON":
        works["parse"] = lambda folder: parse_alone(files, folder)
    seconds = least(works, rounds, tmp_path)
    settling = min(sum(row.dedupe_seconds for row in rows) for rows in loads)
    group, (reader, _) = f"loading {format_name}", READERS[format_name]
    figures.megabytes(group, "size of the log", sum(path.stat().st_size for path in files))
    figures.seconds(group, f"{reader} into a table", seconds["alone"])
    if "parse" in seconds:
        figures.seconds(group, "load: parse, of that", seconds["parse"])
        figures.ratio(
            group, f"parse against {reader}", seconds["parse"] / seconds["alone"], NDJSON_GOAL
        )
    figures.seconds(group, "load: parse and validate", seconds["load"])
    figures.seconds(group, "load: dedupe and ledger", settling)
    figures.rate(
        group,
        "load: records",
        sum(row.record_count for row in loads[-1]),
        seconds["load"] + settling,
    )
    figures.ratio(group, f"parse and validate against {reader}", seconds["load"] / seconds["alone"])
    assert sum(row.loaded_count for row in loads[-1]) == event_count


def test_many_small_files_cost_little_more_than_one(
    log_files: list[Path], figures: Figures, rounds: int, tmp_path: Path
) -> None:
    """The same events, as one file, and as two hundred of ten events."""
    with log_files[0].open(encoding="utf-8") as log:
        lines = list(itertools.islice(log, SMALL_FILES * 10))
    one, many = tmp_path / "one", tmp_path / "many"
    one.mkdir()
    many.mkdir()
    (one / "events.ndjson").write_text("".join(lines), encoding="utf-8")
    for number in range(SMALL_FILES):
        text = "".join(lines[number * 10 : number * 10 + 10])
        (many / f"events-{number:04}.ndjson").write_text(text, encoding="utf-8")

    loads: list[list[LedgerRow]] = []

    def load(logs: Path, folder: Path) -> float:
        settings = Settings(data_dir=folder, site_domains=SITE_DOMAINS)
        with warehouse.connect(settings) as connection:
            return timed(lambda: loads.append(loader.load_paths(connection, settings, [logs])))

    works: dict[str, Work] = {
        "one": lambda folder: load(one, folder),
        "many": lambda folder: load(many, folder),
    }
    seconds = least(works, rounds, tmp_path)
    group = "loading small files"
    figures.seconds(group, "one file of 2,000 events", seconds["one"])
    figures.seconds(group, f"{SMALL_FILES} files of 10", seconds["many"])
    figures.ratio(
        group,
        "each further file, against the first",
        (seconds["many"] - seconds["one"]) / (SMALL_FILES - 1) / seconds["one"],
    )
    assert [len(rows) for rows in loads[:2]] == [1, SMALL_FILES]
    assert len({sum(row.record_count for row in rows) for rows in loads}) == 1
