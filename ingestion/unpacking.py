"""The bytes of a log, unpacked where the file is compressed: told by its first bytes, not its name.

gzip is what log rotation writes; several archives one after the other are one. Unpacked bit by bit,
since Python's own reader of gzip gives nothing of the stretch that a break lies in.
"""

from __future__ import annotations

import io
import zlib

_GZIP_MAGIC = b"\x1f\x8b"
_WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS
_PACKED_CHUNK = 16 << 10


class UnpackedFile(io.RawIOBase):
    """What `packed` holds, as far as it can be unpacked.

    An archive that was cut off or damaged ends early and says so: `is_broken` is final once the
    end was read. All of `packed` has been read by then, so a hash taken below is that of the file.
    """

    def __init__(self, packed: io.RawIOBase) -> None:
        super().__init__()
        self._packed = io.BufferedReader(packed)
        self._is_packed = self._packed.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        self._unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._ahead = b""
        self.is_broken = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; fewer at the end alone."""
        if not self._is_packed or size < 0:
            return self._packed.read(size)
        unpacked: list[bytes] = []
        missing = size
        while missing and not self.is_broken:
            chunk = self._ahead or self._packed.read(_PACKED_CHUNK)
            if self._unpacker.eof:
                chunk = chunk.lstrip(b"\0")  # archives may be padded
                if chunk:
                    self._unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
                elif not self._packed.peek(1):
                    break
            elif not chunk:
                self._break_off()
                break
            try:
                unpacked.append(self._unpacker.decompress(chunk, missing))
            except zlib.error:
                self._break_off()
                break
            self._ahead = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            missing -= len(unpacked[-1])
        return b"".join(unpacked)

    def _break_off(self) -> None:
        self.is_broken = True
        while self._packed.read(_PACKED_CHUNK):
            pass
