"""A collector whose disk fills up, or may not be written to, told by what it answers.

`python -m tests.crash.collector_on_a_disk DATA_DIR` reads a line for each number of events to post
and prints as JSON the status of each answer, with the message of the last.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from starlette.testclient import TestClient

from ingestion.collector.application import application
from ingestion.collector.journal import Journal
from ingestion.settings import Settings
from tests.collecting import KEY, in_batch


def main() -> None:
    """Posts batches of one event of 30 KB, numbered through."""
    settings = Settings(
        data_dir=Path(sys.argv[1]),
        given_write_key=KEY,
        given_secret_key="of the disk, which is no secret at all",
        collect_rate=100_000,
    )
    number = 0
    with Journal(settings) as journal, TestClient(application(settings, journal)) as client:
        for line in sys.stdin:
            told = []
            answer = None
            for _ in range(int(line)):
                number += 1
                event = in_batch(f"m{number}", properties={"text": "x" * 30_000})
                answer = client.post("/v1/batch", json={"batch": [event]}, auth=(KEY, ""))
                told.append([f"m{number}", answer.status_code])
            assert answer is not None
            health = client.get("/healthz").status_code
            sys.stdout.write(json.dumps([told, answer.json().get("message"), health]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
