"""The SHA-256 of a file: by it the ledger knows a content again, under whatever name."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import BinaryIO


class HashingFile(io.RawIOBase):
    """Reads a file and takes its SHA-256 and its length on the way, whatever unpacks it above."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._hash = hashlib.sha256()
        self.byte_count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        count = self._file.readinto(view)  # type: ignore[attr-defined]
        self._hash.update(view[:count])
        self.byte_count += count
        return int(count)

    def sha256(self) -> str:
        """Of the bytes read so far, in hexadecimal."""
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()
        super().close()


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hexadecimal; for a file that may be known."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
