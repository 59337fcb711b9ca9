"""The journal: on the disk before it says so, many in one fsync, nothing lost with a process."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingestion.collector import live_files
from ingestion.collector.journal import Journal, JournalBusyError, JournalFailedError
from ingestion.collector.live_files import LiveFile
from ingestion.settings import Settings
from tests.collecting import landed, settings_in

LONG = 30.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def ids(settings: Settings) -> list[str]:
    return sorted(message["messageId"] for message in landed(settings))


def path_of(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def message(name: str, **parts: Any) -> dict[str, Any]:
    return {"messageId": name, **parts}


def leftover(settings: Settings, content: bytes, kind: str = "events") -> Path:
    """What a killed collector leaves."""
    settings.make_folder(settings.landing)
    path = settings.landing / f"{kind}-20260601T090000Z-0123456789ab.ndjson.part"
    path.write_bytes(content)
    return path


@contextmanager
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, list[int]]]:
    """A disk whose first fsync of a file waits for the event; the sizes at each fsync."""
    let_go, sizes = threading.Event(), list[int]()
    fsync = os.fsync

    def slow(descriptor: int) -> None:
        if path_of(descriptor).suffix == ".part":
            sizes.append(os.fstat(descriptor).st_size)
            assert let_go.wait(LONG)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    yield let_go, sizes
    let_go.set()


async def until(condition: Any) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(LONG):
        while not condition():
            turn = loop.create_future()
            loop.call_soon(turn.set_result, None)
            await turn


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_many_that_wait_for_the_disk_share_one_fsync_and_the_loop_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(journal: Journal) -> None:
        first = asyncio.create_task(journal.append([message("first")]))
        await until(lambda: sizes)
        others = [asyncio.create_task(journal.append([message(f"m{n}")])) for n in range(100)]
        await until(lambda: len(journal._queue) == 100)
        assert not any(task.done() for task in (first, *others))
        let_go.set()
        await asyncio.gather(first, *others)

    with slow_disk(monkeypatch) as (let_go, sizes), Journal(settings) as journal:
        run(work(journal))
        assert len(sizes) == 2
    assert len(ids(settings)) == 101


def test_messages_keep_their_order_and_get_the_time_of_arrival(settings: Settings) -> None:
    async def work(journal: Journal) -> None:
        await journal.append([message("b"), message("a", receivedAt="2026-06-01")])
        await journal.append([message("c")])
        await journal.append([])

    with Journal(settings) as journal:
        run(work(journal))
    found = landed(settings)
    assert [each["messageId"] for each in found] == ["b", "a", "c"]
    assert found[1]["receivedAt"] == "2026-06-01"
    assert found[0]["receivedAt"].endswith("Z")


def test_what_is_urgent_lies_in_landing_when_append_returns_and_what_led_to_it_too(
    settings: Settings,
) -> None:
    async def work(journal: Journal) -> None:
        await journal.append([message("usual")])
        await journal.append([message("urgent"), message("with it")], is_urgent=True)
        usual, urgent = sorted(settings.landing.glob("*.ndjson"))
        assert (usual.name[:7], urgent.name[:9]) == ("events-", "requests-")
        assert [len(path.read_text().splitlines()) for path in (usual, urgent)] == [1, 2]

    with Journal(settings) as journal:
        run(work(journal))
    assert ids(settings) == ["urgent", "usual", "with it"]


@pytest.mark.parametrize(
    ("options", "file_count"), [({"rotate_bytes": 60}, 2), ({"rotate_seconds": 0}, 3), ({}, 1)]
)
def test_files_are_rotated_by_size_by_time_and_at_the_end(
    settings: Settings, options: dict[str, Any], file_count: int
) -> None:
    async def work(journal: Journal) -> None:
        for name in "abc":
            await journal.append([message(name, receivedAt="0")])
            if "rotate_seconds" in options:
                await until(lambda: not list(settings.landing.glob("*.part")))

    with Journal(settings, **options) as journal:
        run(work(journal))
    assert len(list(settings.landing.iterdir())) == file_count
    assert ids(settings) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b'{"messageId":"a"}\n{"messageId":"b"}\n', ["a", "b"]),
        (b'{"messageId":"a"}\n{"messageId":"b"}', ["a"]),
        (b'{"messageId":"a"}\n' + b"\0" * 200_000, ["a"]),
        (b'{"messageId":"a","b":"' + b"x" * 200_000 + b'"}\n{"torn', ["a"]),
        (b'{"torn', []),
        (b"", []),
    ],
)
def test_of_what_a_killed_collector_left_only_the_torn_line_is_cut(
    settings: Settings, content: bytes, kept: list[str]
) -> None:
    leftover(settings, content)
    with Journal(settings):
        assert ids(settings) == kept
    assert not list(settings.landing.glob("*.part"))


def test_files_of_other_producers_are_not_touched(settings: Settings) -> None:
    part = leftover(settings, b"half")
    other = part.with_name("copying.ndjson.part")
    part.rename(other)
    with Journal(settings):
        assert other.read_bytes() == b"half"


def test_two_collectors_on_one_data_directory_do_not_take_each_others_files(
    settings: Settings,
) -> None:
    async def work() -> None:
        await first.append([message("1")])
        with Journal(settings) as second:
            assert len(list(settings.landing.glob("*.part"))) == 1
            await second.append([message("2")])
            await first.append([message("3")])
            assert len(list(settings.landing.glob("*.part"))) == 2
        assert ids(settings) == ["2"]
        await first.append([message("4")])

    with Journal(settings) as first:
        run(work())
    assert ids(settings) == ["1", "2", "3", "4"]


def test_a_collector_that_lives_takes_up_what_a_killed_one_left(settings: Settings) -> None:
    async def work() -> None:
        await until(lambda: not part.exists())

    with Journal(settings, rotate_seconds=0.01):
        part = leftover(settings, b'{"messageId":"a"}\n')
        run(work())
    assert ids(settings) == ["a"]


def test_an_empty_file_that_was_removed_before_its_lock_is_made_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.make_folder(settings.landing)
    flock, removed = fcntl.flock, list[Path]()

    def too_late(descriptor: int, operation: int) -> None:
        # another collector got the lock first, and found nothing in the file
        removed.append(path_of(descriptor))
        removed[0].unlink()
        monkeypatch.setattr(fcntl, "flock", flock)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", too_late)
    file = LiveFile(settings.landing, "events")
    file.append(b"{}\n")
    file.seal()
    assert len(removed) == 1
    [path] = settings.landing.iterdir()
    assert path.read_bytes() == b"{}\n"


def broken(error_number: int, name: str, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Has a call of the system fail, of files that are being written, while the list is [True]."""
    is_broken, call = [True], getattr(os, name)

    def failing(*given: Any, **named: Any) -> Any:
        place = given[0] if name == "rename" else path_of(given[0])
        if is_broken[0] and str(place).endswith(".part"):
            if name == "pwrite":
                call(given[0], given[1][: len(given[1]) // 2], given[2])
            raise OSError(error_number, os.strerror(error_number))
        return call(*given, **named)

    monkeypatch.setattr(os, name, failing)
    return is_broken


@pytest.mark.parametrize(
    ("name", "error_number", "words"),
    [
        ("pwrite", errno.ENOSPC, "the disk is full"),
        ("fsync", errno.EIO, "the disk failed"),
        ("pwrite", errno.EROFS, "the folder cannot be written to"),
    ],
)
@pytest.mark.parametrize("is_urgent", [False, True])
def test_what_the_disk_does_not_take_is_told_and_not_kept(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    error_number: int,
    words: str,
    is_urgent: bool,
) -> None:
    async def work(journal: Journal) -> None:
        await journal.append([message("before")], is_urgent)
        is_broken = broken(error_number, name, monkeypatch)
        for _ in range(2):
            with pytest.raises(JournalFailedError, match=words):
                await journal.append([message("refused"), message("too")], is_urgent)
        assert journal.failure == words
        is_broken[0] = False
        await journal.append([message("after")], is_urgent)
        assert journal.failure is None

    with Journal(settings) as journal:
        run(work(journal))
    assert ids(settings) == ["after", "before"]
    assert not list(settings.landing.glob("*.part"))


def test_an_urgent_message_whose_file_gets_no_name_is_not_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(journal: Journal) -> None:
        is_broken = broken(errno.EACCES, "rename", monkeypatch)
        with pytest.raises(JournalFailedError):
            await journal.append([message("refused")], is_urgent=True)
        is_broken[0] = False

    with Journal(settings) as journal:
        run(work(journal))
    with Journal(settings):
        assert ids(settings) == []


def test_an_urgent_message_whose_name_does_not_last_is_not_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_folder, is_broken = live_files.sync_folder, [True]

    def failing(folder: Path) -> None:
        if is_broken[0] and list(folder.glob("*.ndjson")):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync_folder(folder)

    async def work(journal: Journal) -> None:
        with pytest.raises(JournalFailedError):
            await journal.append([message("refused")], is_urgent=True)
        is_broken[0] = False
        await journal.append([message("after")], is_urgent=True)

    monkeypatch.setattr(live_files, "sync_folder", failing)
    with Journal(settings) as journal:
        run(work(journal))
    assert ids(settings) == ["after"]


def test_a_file_that_gets_no_name_at_the_end_gets_it_at_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        with Journal(settings) as journal:
            run(journal.append([message("a")]))
            broken(errno.EACCES, "rename", patch)
        assert ids(settings) == []
    with Journal(settings):
        assert ids(settings) == ["a"]


def test_more_than_may_wait_for_the_disk_is_turned_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(journal: Journal) -> None:
        large = [message("large", text="x" * 2_000)]
        first = asyncio.create_task(journal.append(large))
        await until(lambda: sizes)
        with pytest.raises(JournalBusyError):
            await journal.append([message("one more")])
        let_go.set()
        await first
        await journal.append([message("later")])

    with (
        slow_disk(monkeypatch) as (let_go, sizes),
        Journal(settings, waiting_bytes=1_000) as journal,
    ):
        run(work(journal))
    assert ids(settings) == ["large", "later"]


def test_whoever_has_gone_before_the_answer_stops_nobody_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(journal: Journal) -> None:
        gone = asyncio.create_task(journal.append([message("gone")]))
        await until(lambda: sizes)
        stays = asyncio.create_task(journal.append([message("stays")]))
        await until(lambda: journal._queue)
        gone.cancel()
        let_go.set()
        await stays

    with slow_disk(monkeypatch) as (let_go, sizes), Journal(settings) as journal:
        run(work(journal))
    assert ids(settings) == ["gone", "stays"]


def test_a_journal_that_is_closed_takes_nothing(settings: Settings) -> None:
    with Journal(settings) as journal:
        assert journal.is_open
    assert not journal.is_open
    with pytest.raises(JournalFailedError, match="ending"):
        run(journal.append([message("late")]))
    assert ids(settings) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_leaves_nobody_waiting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_write(*_: Any) -> None:
        raise RuntimeError("a mistake")

    with Journal(settings) as journal:
        monkeypatch.setattr(journal, "_write", broken_write)
        with pytest.raises(JournalFailedError):
            run(journal.append([message("a")]))
        assert not journal.is_open


def test_text_is_written_as_it_is_and_half_a_surrogate_pair_as_an_escape(
    settings: Settings,
) -> None:
    with Journal(settings) as journal:
        run(journal.append([message("a", text="Zoë 😀"), message("b", text="\ud83d")]))
    [path] = settings.landing.iterdir()
    first, second = path.read_bytes().splitlines()
    assert "Zoë 😀".encode() in first
    assert b'"\\ud83d"' in second
    assert json.loads(second)["text"] == "\ud83d"
