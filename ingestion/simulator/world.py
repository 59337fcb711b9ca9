"""The whole simulation: a log with its truth, written at once or not at all."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from ingestion.errors import UserError
from ingestion.landing import NOT_A_LOG
from ingestion.simulator.ad_spend import AD_SPEND, write_ad_spend
from ingestion.simulator.delivery import deliver
from ingestion.simulator.devices import draw_devices
from ingestion.simulator.draws import Draws, Ints
from ingestion.simulator.faults import BROKEN, FAULT_NAMES
from ingestion.simulator.hidden import HIDDEN_LOG, draw_programs, write_programs
from ingestion.simulator.history import draw_events
from ingestion.simulator.identifiers import Identifiers
from ingestion.simulator.leads import LEADS, Leads, draw_leads, write_leads
from ingestion.simulator.log import Log
from ingestion.simulator.namings import draw_namings
from ingestion.simulator.offer import requests_of
from ingestion.simulator.people import draw_people
from ingestion.simulator.truth import write_truth
from ingestion.simulator.visits import Window, draw_visits
from ingestion.simulator.worlds import EVENTS_A_PERSON, WORLDS, Drawn, draw_world, write_world
from ingestion.simulator.writer import Written, write_log

TRUTH = "truth"
SUMMARY = "summary.json"
MAKER = "intent simulate"
"""What the summary says of its maker: only a folder that says so is ever replaced."""
MOST_EVENTS = 200_000_000
MOST_HIDDEN_PROGRAMS = 10_000
EARLIEST_END = date(1990, 1, 1)
_EVENTS_A_PERSON = 5


@dataclass(frozen=True)
class SimulationSummary:
    """What was written. `lines` = records not in batches + batches; `records` = events +
    duplicates + collisions + broken + blank. Dates are UTC days. Hidden programs and their events
    stand in a file of their own and count nowhere else."""

    out: Path
    files: list[str]
    seed: int
    first_day: date
    last_day: date
    lines: int
    batches: int
    records: int
    events: int
    duplicates: int
    collisions: int
    broken: dict[str, int]
    blank: int
    people: int
    visitors: int
    sessions: int
    leads: int
    lead_rows: int
    unseen_leads: int
    spend_rows: int
    hidden_programs: int
    hidden_events: int
    world: str = ""

    def __str__(self) -> str:
        """What a person wants to know of it."""
        broken = ", ".join(f"{count:,} {name}" for name, count in self.broken.items())
        files = f"file {self.files[0]}"
        if len(self.files) > 1:
            files = f"files {self.files[0]} to {self.files[-1]}"
        hidden = ""
        if self.hidden_programs:
            hidden = (
                f"{self.hidden_programs:,} programs behind a browser's agent, with "
                f"{self.hidden_events:,} events in {HIDDEN_LOG}\n"
            )
        return (
            f"{self.out}: {self.lines:,} lines, {self.first_day} to {self.last_day} (UTC), "
            f"{files}\n"
            f"{self.events:,} events of {self.people:,} people with {self.visitors:,} anonymous "
            f"ids, in {self.sessions:,} sessions\n"
            f"{self.duplicates:,} records sent again, {self.collisions:,} with the id of another, "
            f"{self.blank:,} blank; broken: {broken}\n"
            f"{self.leads:,} leads of a CRM in {self.lead_rows:,} rows of {LEADS}, "
            f"{self.unseen_leads:,} of them never on the site\n"
            f"what ads cost in {self.spend_rows:,} rows of {AD_SPEND}\n"
            f"{hidden}who is who: {self.out / TRUTH}"
        )


def simulate(
    events: int,
    out: Path,
    seed: int = 1,
    days: int = 90,
    end: date | None = None,
    hidden_programs: int = 0,
    world: str = "",
) -> SimulationSummary:
    """Writes a log with `events` unique valid events to `out`/*.ndjson, its truth to `out`/truth/,
    what a CRM says of some of its people to `out`/leads.csv, and what the ads cost that brought
    them to `out`/ad_spend.csv.

    The log covers the `days` UTC days up to and with `end` (default: today). The same arguments
    give the same bytes, on any machine. `out` may be absent, empty, or an earlier simulation, which
    is replaced; nothing is to be seen there before all is written. `hidden_programs` come on top,
    in a file and a truth of their own (module `hidden`), and change nothing of the rest. In a
    `world` of module `worlds` it is known what decides who converts; its truth is in world.csv.
    Raises UserError where an argument cannot be used.
    """
    last_day = end or datetime.now(UTC).date()
    _check(events, out, seed, days, last_day, hidden_programs)
    if world and world not in WORLDS:
        raise UserError(f"there is no world {world!r}; name one of {', '.join(WORLDS)}")
    window = Window.ending(last_day, days)
    target = out.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        (draft / TRUTH).mkdir(parents=True)
        # or loading the folder would take the truth for logs
        (draft / TRUTH / NOT_A_LOG).touch()
        log, corrected, drawn = _happen(events, seed, window, world)
        written = write_log(log, draft)
        sessions = write_truth(log, corrected, draft / TRUTH)
        leads = draw_leads(Draws(seed), log.people, np.unique(log.events.person))
        lead_rows = write_leads(Draws(seed), window, log.people, leads, draft)
        spend_rows = write_ad_spend(Draws(seed), window, log, draft)
        programs = draw_programs(Draws(seed), window, hidden_programs)
        hidden_events = write_programs(seed, programs, draft, draft / TRUTH) if programs else 0
        summary = _summary(out, seed, window, last_day, log, written, sessions, leads, lead_rows)
        summary = replace(
            summary,
            spend_rows=spend_rows,
            hidden_programs=len(programs),
            hidden_events=hidden_events,
            world=world,
        )
        if drawn is not None:
            write_world(drawn, window, np.unique(log.events.person), draft / TRUTH)
        _write_summary(summary, draft / TRUTH / SUMMARY)
        _put_in_place(draft, target)
    except OSError as error:
        raise UserError(f"cannot write the simulated log to {out}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return summary


def _happen(count: int, seed: int, window: Window, world: str) -> tuple[Log, Ints, Drawn | None]:
    """All that happens, up to `count` events, the corrected time of each, and the world drawn."""
    draws = Draws(seed)
    crowd = count // (EVENTS_A_PERSON if world else _EVENTS_A_PERSON) + 40
    while True:
        drawn = draw_world(draws, window, WORLDS[world], crowd) if world else None
        if drawn is None:
            people = draw_people(draws, crowd, window.days)
            devices, belongings = draw_devices(draws, people)
            visits = draw_visits(draws, window, people, devices, belongings)
            everything = draw_events(draws, window, people, devices, visits)
        else:
            people, devices, visits = drawn.people, drawn.devices, drawn.visits
            beside = [drawn.conversions]
            everything = draw_events(draws, window, people, devices, visits, beside)
        if len(everything) >= count:
            break
        crowd = crowd * 5 // 4
    # whole people in order, but for the last one: the first part is as mixed as the whole
    events = everything.take(np.arange(count))
    namings = draw_namings(draws, window, people, devices, visits, events)
    clocks, deliveries, corrected = deliver(draws, window, devices, visits, events)
    identifiers = Identifiers(seed)
    requests = requests_of(events)
    log = Log(identifiers, people, devices, visits, events, namings, clocks, deliveries, requests)
    return log, corrected, drawn


def _check(
    events: int, out: Path, seed: int, days: int, last_day: date, hidden_programs: int
) -> None:
    if not 1 <= events <= MOST_EVENTS:
        raise UserError(f"cannot simulate {events} events; ask for 1 to {MOST_EVENTS}")
    if not 0 <= hidden_programs <= MOST_HIDDEN_PROGRAMS:
        raise UserError(
            f"cannot simulate {hidden_programs} hidden programs; ask for 0 to "
            f"{MOST_HIDDEN_PROGRAMS}"
        )
    if not 1 <= days <= 3660:
        raise UserError(f"cannot simulate {days} days; ask for 1 to 3660")
    if last_day < EARLIEST_END:
        raise UserError(f"cannot end the log on {last_day}; name a day from {EARLIEST_END} on")
    if seed < 0:
        raise UserError(f"the seed is {seed}; use a whole number from 0 up")
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file; name a folder for the simulated log")
    if out.is_dir() and any(out.iterdir()) and not _is_ours(out):
        raise UserError(f"{out} holds files of something else; name a new or empty folder")


def _is_ours(folder: Path) -> bool:
    try:
        said = json.loads((folder / TRUTH / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("maker") == MAKER


def _summary(
    out: Path,
    seed: int,
    window: Window,
    last_day: date,
    log: Log,
    written: Written,
    sessions: int,
    leads: Leads,
    lead_rows: int,
) -> SimulationSummary:
    faults = written.by_fault
    return SimulationSummary(
        out=out,
        files=written.files,
        seed=seed,
        first_day=window.first_day,
        last_day=last_day,
        lines=written.lines,
        batches=written.batches,
        records=written.records,
        events=len(log.events),
        duplicates=faults["resent"],
        collisions=faults["collided"],
        broken={FAULT_NAMES[fault]: faults[FAULT_NAMES[fault]] for fault in BROKEN},
        blank=faults["blank"],
        people=len(np.unique(log.events.person)),
        visitors=len(np.unique(log.namings.visitor[log.namings.visitor >= 0])),
        sessions=sessions,
        leads=len(leads),
        lead_rows=lead_rows,
        unseen_leads=leads.unseen,
        spend_rows=0,
        hidden_programs=0,
        hidden_events=0,
    )


def _write_summary(summary: SimulationSummary, path: Path) -> None:
    said = {"maker": MAKER, **asdict(summary)}
    del said["out"]  # the same log is the same bytes wherever it is written
    if not summary.world:
        del said["world"]
    text = json.dumps(said, indent=2, default=str)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _put_in_place(draft: Path, target: Path) -> None:
    """One rename shows the log; an earlier one steps aside first."""
    if target.exists() and any(target.iterdir()):
        earlier = draft.with_suffix(".earlier")
        target.rename(earlier)
        draft.rename(target)
        shutil.rmtree(earlier)
    else:
        draft.replace(target)
