"""The hand-tuned script: the marts as somebody who knows DuckDB would make them on one machine.

It is what the models are measured against. One file in eight parts (hand_tuned/), run in one
transaction on a database of its own; it reads schema raw and the seeds of the pipeline's warehouse
and leaves marts that are equal, row for row, to those of dbt (see same_marts).

Left out: fct_score_history and schema ops, which record what was done, dim_dates, attribution, the
documents' and exports' tables, and CRM leads, so a log with leads or with refused links is refused.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks.rounds import timed

PARTS = sorted((Path(__file__).parent / "hand_tuned").glob("*.sql"))

MARTS = (
    "dim_accounts",
    "dim_people",
    "fct_account_score_reasons",
    "fct_account_scores",
    "fct_events",
    "fct_person_score_reasons",
    "fct_person_scores",
    "fct_session_people",
    "fct_sessions",
    "map_identities",
    "map_person_ids",
    "map_refused_links",
)

# A file that is made anew or not at all needs no log to recover from; and of row groups of this
# size most are written while the next are made, not at the end.
_ATTACH = "attach '{}' as hand_tuned (recovery_mode 'no_wal_writes', row_group_size 20480)"


def run(warehouse: Path, database: Path) -> float:
    """Makes the marts in the new file `database`; returns the seconds, closing the file included.

    Raises duckdb.InvalidInputException for a log that the script does not handle.
    """
    texts = [path.read_text(encoding="utf-8") for path in PARTS]

    def work() -> None:
        with duckdb.connect() as connection:
            connection.execute(_ATTACH.format(database))
            connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
            connection.execute("use hand_tuned")
            connection.execute("begin")
            for text in texts:
                connection.execute(text)
            connection.execute("commit")
            connection.execute("use memory")
            connection.execute("detach hand_tuned")

    return timed(work)
