"""Programs that hide behind a browser's agent: page views that no reader makes, and who makes them.

They stand in a file of their own beside the log of people, which is the same with and without
them. The simulator knows no rule of traffic: a program is drawn from a wide range of what such
programs do, and the careful one of each shape tries not to be noticed. How many of them are noticed
is for a test to measure (docs/rules.md, "Traffic").
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from ingestion.simulator.agents import AGENTS, DESKTOP, PLACES
from ingestion.simulator.draws import Draws, Words, below, pick
from ingestion.simulator.identifiers import Identifiers
from ingestion.simulator.site import PAGES, WWW
from ingestion.simulator.visits import DAY_MS, MINUTE_MS, Window

HIDDEN_LOG = "hidden-programs.ndjson"
HIDDEN_TRUTH = "hidden_programs.csv"
TRUTH_COLUMNS = ("program", "shape", "is_careful", "anonymous_id", "event_count")
_FIRST_NUMBER = 2**40
"""Above every number of an event or visitor of the log, whose ids are made from the same words."""
_CAREFUL_PER_MILLE = 400
_MOST_VIEWS = 3_000
_ARTICLES = [page.path for page in PAGES if page.host == WWW and page.path.count("/") == 2]
_SPAMMERS = ("http://www.semalt.com/project_crawl.php?u=www.example.com",
             "http://buttons-for-website.com/", "https://free-social-buttons.com/?ref=example",
             "http://darodar.com/")  # fmt: skip
"""Known for it; hosts under .example are not, as a sender's next host is not."""


@dataclass(frozen=True)
class View:
    """A page view, so many milliseconds after the one before."""

    gap_ms: int
    path: str
    query: str = ""
    referrer: str = f"{WWW}/"


class _Lot:
    """What one program decides, one word after the other."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._next = 0

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        word = self._words[self._next : self._next + 1]
        self._next += 1
        return least + int(below(word, most - least + 1)[0])

    def one_of(self, values: tuple[str, ...] | list[str]) -> str:
        """One of these, each as likely."""
        return values[self.between(0, len(values) - 1)]


def _scraper(lot: _Lot, is_careful: bool) -> Iterator[View]:
    """Reads prices and listings again and again, at many pages a minute."""
    a_minute = lot.between(6, 20) if is_careful else lot.between(20, 120)
    gap = MINUTE_MS // a_minute
    pages = [lot.one_of(_ARTICLES) for _ in range(5)]
    for number in range(a_minute * lot.between(3, 25)):
        yield View(lot.between(gap // 2, gap * 3 // 2), pages[number % 5])


def _crawler(lot: _Lot, is_careful: bool) -> Iterator[View]:
    """Follows every link of the site; the careful one pauses as if it read."""
    shortest, longest = (5_000, 90_000) if is_careful else (500, lot.between(2_000, 12_000))
    for _ in range(lot.between(60, 180) if is_careful else lot.between(120, 600)):
        yield View(lot.between(shortest, longest), lot.one_of(_ARTICLES))


def _walker(lot: _Lot, is_careful: bool) -> Iterator[View]:
    """Counts through addresses, those that do not exist included."""
    shortest, longest = (20_000, 60_000) if is_careful else (3_000, lot.between(8_000, 25_000))
    first = lot.between(1, 5_000)
    for number in range(lot.between(60, 150) if is_careful else lot.between(120, 900)):
        yield View(lot.between(shortest, longest), f"/blog/page/{first + number}")


def _monitor(lot: _Lot, is_careful: bool) -> Iterator[View]:
    """Asks whether the site is up, by the clock; the careful one wavers by a third."""
    interval = lot.between(2, 90) * MINUTE_MS
    wavering = interval // 3 if is_careful else lot.between(50, 2_000)
    path = lot.one_of(("/", "/pricing", "/login"))
    for _ in range(min(lot.between(1, 4) * DAY_MS // interval, _MOST_VIEWS)):
        yield View(interval + lot.between(-wavering, wavering), path, referrer="")


def _mail_filter(lot: _Lot, is_careful: bool) -> Iterator[View]:
    """Opens the links of a mail before its reader does; the careful one few of them, slowly."""
    shortest, longest = (15_000, 90_000) if is_careful else (100, lot.between(500, 5_000))
    paths = [lot.one_of(_ARTICLES) for _ in range(lot.between(2, 4 if is_careful else 9))]
    for path in paths:
        query = "?utm_source=newsletter&utm_medium=email&utm_campaign=newsletter-42"
        yield View(lot.between(shortest, longest), path, query, referrer="")


def _spammer(lot: _Lot, is_careful: bool) -> Iterator[View]:
    """Leaves its address in the statistics; the careful one under a name that is new."""
    known = lot.one_of(_SPAMMERS)
    referrer = f"https://rank-{lot.between(100, 999)}.example/" if is_careful else known
    for _ in range(lot.between(1, 3)):
        yield View(lot.between(1_000, 60_000), "/", referrer=referrer)


SHAPES: dict[str, Callable[[_Lot, bool], Iterator[View]]] = {
    "scraper": _scraper,
    "crawler": _crawler,
    "walker": _walker,
    "monitor": _monitor,
    "mail_filter": _mail_filter,
    "spammer": _spammer,
}


@dataclass(frozen=True)
class Program:
    """One program: who it pretends to be, and what it did at what time (epoch milliseconds)."""

    number: int
    shape: str
    is_careful: bool
    views: list[tuple[int, View]]
    agent: str
    network: int

    @property
    def name(self) -> str:
        """What the truth calls it."""
        return f"h{self.number}"


def draw_programs(draws: Draws, window: Window, count: int) -> list[Program]:
    """`count` programs, of every shape in turn; what would fall after the window is left out."""
    desktops = [agent.weight if agent.kind == DESKTOP else 0 for agent in AGENTS]
    careful = below(draws.words("hidden careful", count), 1_000) < _CAREFUL_PER_MILLE
    agents = pick(draws.words("hidden agent", count), desktops)
    begins = below(draws.words("hidden start", count), window.days * 24 * 60) * MINUTE_MS
    shapes = list(SHAPES)
    return [
        _program(draws, window, number, shapes[number % len(shapes)], bool(careful[number]),
                 AGENTS[agents[number]].text, window.start_ms + int(begins[number]) * 9 // 10)
        for number in range(count)
    ]  # fmt: skip


def _program(
    draws: Draws, window: Window, number: int, shape: str, is_careful: bool, agent: str, start: int
) -> Program:
    lot = _Lot(draws.words(f"hidden program {number}", 3 * _MOST_VIEWS))
    network = lot.between(0, 511)
    views = list(SHAPES[shape](lot, is_careful))
    at = accumulate((view.gap_ms for view in views), initial=start)
    timed = [(moment, view) for moment, view in zip(at, views, strict=False)
             if moment < window.end_ms]  # fmt: skip
    return Program(number, shape, is_careful, timed, agent, network)


def write_programs(seed: int, programs: list[Program], folder: Path, truth: Path) -> int:
    """Writes HIDDEN_LOG into `folder` and HIDDEN_TRUTH into `truth`; returns how many events.

    One row of the truth a program: its shape, whether it is careful, its anonymous id, its events.
    """
    identifiers = Identifiers(seed)
    numbers = _FIRST_NUMBER + np.arange(len(programs))
    devices = identifiers.anonymous_ids(numbers)
    timed = sorted(
        ((at, program, view) for program in programs for at, view in program.views),
        key=lambda each: (each[0], each[1].number),
    )
    ids = identifiers.event_ids(_FIRST_NUMBER + np.arange(len(timed)))
    with (folder / HIDDEN_LOG).open("w", encoding="utf-8", newline="\n") as file:
        for event_id, (at, program, view) in zip(ids, timed, strict=True):
            file.write(_line(event_id, devices[program.number], at, program, view) + "\n")
    with (truth / HIDDEN_TRUTH).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(TRUTH_COLUMNS)
        for program in programs:
            rows.writerow((
                program.name, program.shape, str(program.is_careful).lower(),
                devices[program.number], len(program.views),
            ))  # fmt: skip
    return len(timed)


def _line(event_id: str, device: str, at: int, program: Program, view: View) -> str:
    """A page call as the browser's library makes it."""
    place = PLACES[program.number % len(PLACES)]
    page = {
        "path": view.path,
        "referrer": view.referrer,
        "search": view.query,
        "url": f"{WWW}{view.path}{view.query}",
    }
    # a program waits for nothing: what it sends arrives as fast each time
    sent, received = _iso(at), _iso(at + 60)
    message = {
        "messageId": event_id,
        "type": "page",
        "anonymousId": device,
        "properties": {"path": view.path},
        "context": {
            "userAgent": program.agent,
            "locale": place.locale,
            "timezone": place.timezone,
            "ip": f"198.{18 + (program.network >> 8)}.{program.network & 255}.7",
            "page": page,
        },
        "timestamp": sent,
        "sentAt": sent,
        "receivedAt": received,
    }
    return json.dumps(message, separators=(",", ":"))


def _iso(at: int) -> str:
    return f"{np.datetime64(at, 'ms')}Z"
