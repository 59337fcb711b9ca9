"""How an export is put in place: by a rename, so that nobody opens a half."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DAY = r"\d{4}-\d{2}-\d{2}"
"""An as-of date in the name of an export."""


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """A hidden path beside `path` to write to; in its place when the body is through."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """Puts `content` at `path`."""
    with drafted(path) as draft:
        draft.write_bytes(content)


def copy_to_latest(path: Path, kind: str) -> None:
    """Leaves one export of `kind` in latest/ beside `path`: a copy of it.

    What somebody put there by a name of their own stays.
    """
    latest = path.parent / "latest"
    with drafted(latest / path.name) as draft:
        shutil.copyfile(path, draft)
    named_so = re.compile(rf"{kind}_{DAY}{re.escape(path.suffix)}")
    for older in latest.iterdir():
        if older.name != path.name and named_so.fullmatch(older.name):
            older.unlink()


def link_or_copy(source: str, target: str) -> None:
    """The same file under one more name; a copy where the file system knows no such thing.

    For files that nobody changes in place: thousands of pages are then written once, not twice.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def drafted_folder(folder: Path) -> Iterator[Path]:
    """A new, hidden folder beside `folder`; takes its place, whole, when the body is through.

    A folder cannot be renamed over one that holds files, so for an instant there is none. A run
    killed just then leaves the former one hidden, and the next run puts it back before all else.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.draft")
    former = folder.with_name(f".{folder.name}.former")
    if former.exists() and not folder.exists():
        former.rename(folder)
    for leftover in (draft, former):
        shutil.rmtree(leftover, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        if folder.exists():
            folder.rename(former)
        try:
            draft.rename(folder)
        except OSError:
            if former.exists():
                former.rename(folder)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
