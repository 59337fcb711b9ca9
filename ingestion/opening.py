"""A file as records: unpacked, its format found, and read by what knows the format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ingestion.blocks import Records
from ingestion.formats import EXPORTS, JSON, PARQUET, detection, flat, whole_file
from ingestion.formats.csv_rows import CsvRows, Header
from ingestion.formats.flat import Column
from ingestion.formats.json_documents import JsonDocuments
from ingestion.formats.parquet_rows import ParquetRows, UnreadableParquet
from ingestion.hashing import HashingFile
from ingestion.lines import LineStream
from ingestion.unpacking import UnpackedFile


@dataclass(frozen=True)
class Layout:
    """What has to be known to read a file's records: its format, and of flat rows the columns."""

    format: str
    columns: tuple[Column, ...] = ()
    header: Header | None = None
    """The first line of CSV."""


@dataclass(frozen=True)
class Refusal:
    """Why a file is refused as a whole, or what of it."""

    reason_code: str
    detail: str


class OpenedFile:
    """One pass over a file. `records` is None, and `refusal` says why, where it cannot be read.

    `content_sha256`, `byte_count` and `break_off` hold once the records are used up.
    """

    def __init__(self, path: Path, given_format: str | None = None) -> None:
        self._file = HashingFile(path)
        try:
            self._unpacked = UnpackedFile(self._file)
            self._lines = LineStream(self._unpacked)
            detected = detection.detect(self._lines.sample(), given_format)
            self.layout = Layout(detected.format or whole_file.UNKNOWN, header=detected.header)
            self.records: Records | None = None
            self.refusal: Refusal | None = None
            if detected.format is None:
                self._refuse(whole_file.UNKNOWN_FORMAT, detected.reason)
            elif detected.format == PARQUET:
                self._open_parquet(path)
            else:
                self.records = self._text_records(self.layout)
        except BaseException:
            self._file.close()
            raise

    def _refuse(self, reason_code: str, detail: str) -> None:
        self._lines.skip()
        self.refusal = Refusal(reason_code, detail)

    def _open_parquet(self, path: Path) -> None:
        self._lines.skip()
        try:
            rows = ParquetRows(path)
        except UnreadableParquet as error:
            self.refusal = Refusal(whole_file.BROKEN_FILE, f"no readable Parquet: {error}")
        else:
            self.records = rows
            self.layout = Layout(PARQUET, tuple(rows.columns))

    def _text_records(self, layout: Layout) -> Records:
        if layout.format == JSON:
            return JsonDocuments(self._lines)
        if layout.header is None:
            return self._lines
        self.layout = table_layout(layout.format, layout.header)
        return CsvRows(self._lines, layout.header, self._is_whole)

    def _is_whole(self) -> bool:
        """Whether nothing can be added to the file: an archive has an end, and no log is written
        at once."""
        is_finished = self._unpacked.is_packed or self.layout.format in EXPORTS
        return is_finished and not self._unpacked.is_broken

    @property
    def break_off(self) -> Refusal | None:
        """What of the file could not be unpacked."""
        if not self._unpacked.is_broken:
            return None
        return Refusal(
            whole_file.BROKEN_ARCHIVE,
            "it could be unpacked in part only; what came before the break is loaded",
        )

    @property
    def content_sha256(self) -> str:
        """Of the file's bytes, in hexadecimal."""
        return self._file.sha256()

    @property
    def byte_count(self) -> int:
        """The size of the file, as far as it was read."""
        return self._file.byte_count

    def __enter__(self) -> OpenedFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def table_layout(format_name: str, header: Header) -> Layout:
    """The layout of CSV with this header: events, leads or ad spend."""
    columns = tuple(flat.csv_column(key) for key in flat.message_keys(header.names))
    return Layout(format_name, columns, header)
