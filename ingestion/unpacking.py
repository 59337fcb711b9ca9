"""The bytes of a log, unpacked where the file is compressed: told by its first bytes, not its name.

gzip is what log rotation writes, Zstandard what archives are kept in; several archives one after
the other are one. Unpacked bit by bit, since the usual readers give nothing of the stretch that a
break lies in.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Mapping

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC = b"\x1f\x8b"
ZSTANDARD_MAGIC = b"\x28\xb5\x2f\xfd"

_WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS
_PACKED_CHUNK = 16 << 10
_ZSTANDARD_BITE = 4 << 10


class _Damaged(Exception):
    """An archive that cannot be unpacked further; `salvaged` is what came before the damage."""

    def __init__(self, salvaged: bytes = b"") -> None:
        super().__init__("damaged archive")
        self.salvaged = salvaged


class _Gzip:
    """One archive: `rest` is what was handed over and is still packed, or lies behind its end."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_WITH_GZIP_HEADER)
        self.rest = b""

    @property
    def is_at_end(self) -> bool:
        return self._stream.eof

    @property
    def is_hungry(self) -> bool:
        """Whether nothing more comes out before something goes in."""
        return not self.rest

    def unpack(self, packed: bytes, limit: int) -> bytes:
        """At most `limit` bytes of what comes out of `packed`. Raises _Damaged."""
        before = self._stream.copy()
        try:
            unpacked = self._stream.decompress(packed, limit)
        except zlib.error:
            raise _Damaged(_until_damage(before, packed)) from None
        self.rest = self._stream.unconsumed_tail or self._stream.unused_data
        return unpacked


def _until_damage(stream: zlib._Decompress, packed: bytes) -> bytes:
    """What a damaged chunk holds before the damage, found byte by byte."""
    unpacked = b""
    for place in range(len(packed)):
        try:
            unpacked += stream.decompress(packed[place : place + 1])
        except zlib.error:
            break
    return unpacked


class _Zstandard:
    """The same for Zstandard, which is packed in blocks: a damaged one is lost as a whole."""

    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()
        self.rest = b""

    @property
    def is_at_end(self) -> bool:
        return self._stream.eof

    @property
    def is_hungry(self) -> bool:
        return self._stream.needs_input and not self.rest

    def unpack(self, packed: bytes, limit: int) -> bytes:
        # a small bite: the blocks that end in it go with a damaged one that begins in it
        bite = packed[:_ZSTANDARD_BITE] if self._stream.needs_input else b""
        try:
            unpacked = self._stream.decompress(bite, limit)
        except (zstd.ZstdError, MemoryError):
            raise _Damaged from None
        self.rest = (self._stream.unused_data if self.is_at_end else b"") + packed[len(bite) :]
        return unpacked


_Unpacker = _Gzip | _Zstandard

_UNPACKERS: Mapping[bytes, type[_Unpacker]] = {GZIP_MAGIC: _Gzip, ZSTANDARD_MAGIC: _Zstandard}


class UnpackedFile(io.RawIOBase):
    """What `packed` holds, as far as it can be unpacked.

    An archive that was cut off or damaged ends early and says so: `is_broken` is final once the
    end was read. All of `packed` has been read by then, so a hash taken below is that of the file.
    """

    def __init__(self, packed: io.RawIOBase) -> None:
        super().__init__()
        self._packed = io.BufferedReader(packed)
        first = self._packed.peek(len(ZSTANDARD_MAGIC))
        kinds = (kind for magic, kind in _UNPACKERS.items() if first.startswith(magic))
        self._unpacker: _Unpacker | None = next((kind() for kind in kinds), None)
        self.is_packed = self._unpacker is not None
        self.is_broken = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, and what was salvaged at a break; fewer at the end alone."""
        if self._unpacker is None or size < 0:
            return self._packed.read(size)
        unpacked: list[bytes] = []
        missing = size
        while missing > 0 and not self.is_broken:
            unpacker = self._at_work(self._unpacker)
            if unpacker is None:
                break
            try:
                unpacked.append(self._unpack(unpacker, missing))
            except _Damaged as damage:
                unpacked.append(damage.salvaged)
                self._break_off()
            missing -= len(unpacked[-1])
        return b"".join(unpacked)

    def _at_work(self, unpacker: _Unpacker) -> _Unpacker | None:
        """The unpacker of the current archive, or of the next one; None behind the last."""
        if not unpacker.is_at_end:
            return unpacker
        rest = unpacker.rest.lstrip(b"\0")  # archives may be padded
        while not rest:
            chunk = self._packed.read(_PACKED_CHUNK)
            if not chunk:
                return None
            rest = chunk.lstrip(b"\0")
        self._unpacker = type(unpacker)()
        self._unpacker.rest = rest
        return self._unpacker

    def _unpack(self, unpacker: _Unpacker, limit: int) -> bytes:
        packed = unpacker.rest
        if unpacker.is_hungry:
            packed = self._packed.read(_PACKED_CHUNK)
            if not packed:
                raise _Damaged  # cut off before its end
        return unpacker.unpack(packed, limit)

    def _break_off(self) -> None:
        self.is_broken = True
        while self._packed.read(_PACKED_CHUNK):
            pass
