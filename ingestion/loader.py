"""Files into schema raw: one transaction a file, every record of it accounted for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from ingestion import clock, landing, ledger, quarantine
from ingestion.errors import UserError
from ingestion.formats import FORMATS
from ingestion.hashing import sha256_of
from ingestion.ledger import LedgerRow
from ingestion.opening import OpenedFile
from ingestion.settings import Settings
from ingestion.staging import Stage
from ingestion.warehouse import transaction

_LOG = logging.getLogger("intent.ingestion")


def load_paths(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    paths: Sequence[Path],
    format: str | None = None,  # noqa: A002 - the word of the command line
    on_file: Callable[[LedgerRow], None] | None = None,
) -> list[LedgerRow]:
    """Loads files, and the files of directories in the order of their names.

    `connection` comes from `warehouse.connect`. Each file is one transaction: after a failure or a
    crash the files before it are loaded, and running again does the rest. A file that the ledger
    knows is left alone; its row comes back with `already_loaded`. One that is gone when its turn
    comes has no row. `format` is for files whose content does not tell.

    Raises UserError for a path that does not exist or cannot be read, or an unknown format, before
    anything is loaded, or for a file whose records do not fit into the memory that the settings
    allow; ledger.ConservationError where a record of a file is not accounted for.
    """
    if format is not None and format not in FORMATS:
        raise UserError(f"no format {format!r}; there are: {', '.join(FORMATS)}")
    files = _expanded(paths)
    quarantine.purge(connection, settings.quarantine_days, clock.utc_now())
    unchanged = _unchanged(connection, files, format)
    rows = []
    with Stage(connection, settings) as stage:
        for path in files:
            try:
                row = unchanged.get(path) or _load_file(connection, stage, path, format)
            except FileNotFoundError:
                if path.exists():
                    raise  # another file it is that is lacking
                # as where a log is rotated; under its new name it comes with the next load
                _LOG.warning("%s is gone since its folder was listed", path.name)
                continue
            rows.append(row)
            if on_file is not None:
                on_file(row)
    return rows


def _expanded(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files.extend(landing.log_files(path))
        elif path.is_file():
            files.append(path)
        elif path.exists():
            raise UserError(f"{path} is neither a file nor a folder")
        else:
            raise UserError(f"no such file or folder: {path}")
    return files


def _load_file(
    connection: duckdb.DuckDBPyConnection,
    stage: Stage,
    path: Path,
    given_format: str | None,
) -> LedgerRow:
    file_path = ledger.path_text(path.resolve())
    known = _known(connection, path, given_format)
    if known is not None:
        _LOG.info("%s is already loaded", path.name)
        return known
    try:
        row = _read_and_settle(connection, stage, path, file_path, given_format)
    except duckdb.OutOfMemoryException:
        stage.clear()
        if not stage.widen():
            raise UserError(
                f"{path} holds records too large for the memory that DuckDB may take; "
                "set INTENT_MEMORY_LIMIT higher, or leave it unset"
            ) from None
        _LOG.info("%s holds large records: read again with more memory", path.name)
        row = _read_and_settle(connection, stage, path, file_path, given_format)
    finally:
        stage.clear()
    _LOG.info(
        "%s: %d records, %d loaded, %d duplicate, %d rejected; parsed in %.1f s, settled in %.1f s",
        row.file_name,
        row.record_count,
        row.loaded_count,
        row.duplicate_count,
        row.rejected_count,
        row.parse_seconds,
        row.dedupe_seconds,
    )
    return row


def _unchanged(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], given_format: str | None
) -> dict[Path, LedgerRow]:
    """The ledger's rows of the files that are as they were when they were loaded. Told another
    format than that time, a file is not known."""
    resolved = {path: ledger.path_text(path.resolve()) for path in files}
    states = []
    for path, file_path in resolved.items():
        try:
            status = path.stat()
        except FileNotFoundError:
            continue  # gone since its folder was listed: told when its turn comes
        states.append((file_path, status.st_size, status.st_mtime_ns))
    known = ledger.same_files(connection, states)
    return {
        path: row
        for path, file_path in resolved.items()
        if (row := known.get(file_path)) is not None and given_format in (None, row.format)
    }


def _known(
    connection: duckdb.DuckDBPyConnection, path: Path, given_format: str | None
) -> LedgerRow | None:
    """The ledger's row of a file with these bytes, under whatever name it was loaded."""
    if not ledger.knows_size(connection, path.stat().st_size):
        return None
    row = ledger.same_content(connection, sha256_of(path))
    return row if row is None or given_format in (None, row.format) else None


def _read_and_settle(
    connection: duckdb.DuckDBPyConnection,
    stage: Stage,
    path: Path,
    file_path: str,
    given_format: str | None,
) -> LedgerRow:
    """Reads a file, and puts what it holds into the history; what it returns is in the ledger."""
    started_at = clock.utc_now()
    began = time.perf_counter()
    modified_ns = path.stat().st_mtime_ns
    file_name = ledger.path_text(path.name)
    with OpenedFile(path, given_format) as file:
        record_count = _read(file, stage)
    parsed = time.perf_counter()
    columns = stage.decide()
    with transaction(connection):
        [(load_id,)] = connection.execute("select nextval('raw.load_ids')").fetchall()
        if columns["rejected_count"]:
            header = file.layout.header.text if file.layout.header else None
            own = landing.own_file(path.name)
            is_gathered = own is not None and own.kind is landing.Kind.gathered
            origin = quarantine.Origin(
                load_id, file_name, file.layout.format, header, is_gathered=is_gathered
            )
            quarantine.keep_rejected(connection, origin, clock.utc_now())
        stage.move(load_id)
        row = LedgerRow(
            load_id=load_id,
            file_name=file_name,
            file_path=file_path,
            content_sha256=file.content_sha256,
            byte_count=file.byte_count,
            modified_ns=modified_ns,
            format=file.layout.format,
            record_count=record_count,
            started_at=started_at,
            loaded_at=clock.utc_now(),
            parse_seconds=parsed - began,
            dedupe_seconds=time.perf_counter() - parsed,
            **columns,
        )
        ledger.append(connection, row)
    return row


def _read(file: OpenedFile, stage: Stage) -> int:
    """Stages all records of a file; how many there are, as its reader counts them."""
    record_count = 0
    if file.records is not None:
        record_count = stage.read(file.records, file.layout)
    for refusal in (file.refusal, file.break_off):
        if refusal is not None:
            stage.refuse(refusal)
            record_count += 1
    return record_count
