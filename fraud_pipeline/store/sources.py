"""Opens what people hand in: a folder, a workbook, a file or a database, read only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from fraud_pipeline.errors import InputError, SourceAwayError
from fraud_pipeline.schema.source import Source
from fraud_pipeline.store import isolated, packed

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".ods", ".xls", ".parquet", ".json",
            ".jsonl", ".ndjson")  # fmt: skip
MAX_BYTES = 2 << 30  # a text column addresses two gigabytes
_ROWS_AT_ONCE = 50_000
_SECONDS_TO_CONNECT = 10
# What a careful sender adds to the files, last: `sha256sum *.csv > SHA256SUMS`.
SUMS = "SHA256SUMS"


def open_sources(where: str, stems: frozenset[str]) -> list[Source]:
    """Every file or database table below ``where`` whose stem is in ``stems``.

    A single file is taken whatever it is called. Raises InputError in one line
    for what is absent, unreadable or too large; a password never shows.
    """
    if "://" in where:
        return _database(where, stems)
    path = Path(where)
    try:
        if path.is_dir():
            files = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
            sources = [_file(p) for p in files if p.stem.strip().lower() in stems]
            _check_sums(path / SUMS, sources)
            return sources
        if path.is_file():
            if path.suffix.lower() not in (*SUFFIXES, *packed.SUFFIXES):
                every = ", ".join((*SUFFIXES, *packed.SUFFIXES))
                raise InputError(f"not one of {every}; save it as .csv or .xlsx", file=where)
            return _packed(path, stems) if path.suffix.lower() in packed.SUFFIXES else [_file(path)]
        if path.exists():
            raise InputError("neither a file nor a folder", file=where)
    except OSError as error:
        name = error.filename or where
        raise InputError(f"cannot be read: {error.strerror}", file=str(name)) from error
    raise InputError("there is no such folder or file", file=where)


def _packed(path: Path, stems: frozenset[str]) -> list[Source]:
    """The files in a .zip or .gz: all of known names, or the only one whatever it is called."""
    members = packed.unpack(_bytes(path), path.name, SUFFIXES, MAX_BYTES)
    sources = [_source(name, data) for name, data in members]
    known = [source for source in sources if source.stem in stems]
    if not known and len(sources) > 1:
        names = ", ".join(name for name, _ in members[:8])
        raise InputError(
            f"holds several files ({names}); unpack it and hand in one of them", file=path.name
        )
    return known or sources


def _file(path: Path) -> Source:
    return _source(path.name, _bytes(path))


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError("not a file", file=path.name)
    before = path.stat()
    if before.st_size > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES >> 30} GB; hand it in in parts", file=path.name)
    data = path.read_bytes()
    after = path.stat()
    if (len(data), before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceAwayError("is still being written", file=path.name)
    return data


def _source(name: str, data: bytes) -> Source:
    path = Path(name)
    digest = hashlib.sha256(data).hexdigest()
    return Source(name, path.stem.strip().lower(), path.suffix.lower(), digest, data=data,
                  workbook_reader=isolated.read)  # fmt: skip


def _check_sums(sums: Path, sources: list[Source]) -> None:
    """Compares the files with the sender's own sums, where there are any.

    A file cut off in transfer at the end of a row looks like a shorter file; only its sender
    can tell. Raises SourceAwayError: the rest may still be in transfer.
    """
    if not sums.is_file():
        return
    sums_by_name = {}
    for line in sums.read_text("utf-8", "replace").splitlines():
        digest, _, name = line.partition(" ")
        sums_by_name[name.strip().removeprefix("*")] = digest.lower()
    for source in sources:
        if sums_by_name.get(source.name, source.sha256) != source.sha256:
            raise SourceAwayError(f"is not the file that {SUMS} names", file=source.name)


def _database(url: str, stems: frozenset[str]) -> list[Source]:
    try:
        address = sa.make_url(url)
        shown = address.render_as_string(hide_password=True)
        if address.get_backend_name() == "sqlite":
            _must_exist(address, shown)
            engine = sa.create_engine(address)
        else:
            engine = sa.create_engine(address, connect_args=_patience(address))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError):
        # the error text of the library may quote the address, and with it the password
        raise InputError("not a database address that SQLAlchemy understands") from None
    try:
        with engine.connect() as connection:
            catalogue = sa.inspect(connection)
            present = sorted({*catalogue.get_table_names(), *catalogue.get_view_names()})
            return [_table(connection, n) for n in present if n.strip().lower() in stems]
    except (sa.exc.SQLAlchemyError, UnicodeError) as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).split("\n", 1)[0]
        if address.password:
            reason = reason.replace(str(address.password), "***")
        away = isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError)
        kind = SourceAwayError if away else InputError
        raise kind(f"the database cannot be read: {reason}", file=shown) from None
    finally:
        engine.dispose()


def _must_exist(address: sa.URL, shown: str) -> None:
    """SQLite would make a file that is not there, and call it an empty database."""
    name = address.database
    if name and name != ":memory:" and not name.startswith("file:") and not Path(name).is_file():
        raise InputError("there is no such database file", file=shown)


def _patience(address: sa.URL) -> dict[str, Any]:
    return {"connect_timeout": _SECONDS_TO_CONNECT} if "psycopg" in address.drivername else {}


def _table(connection: sa.Connection, name: str) -> Source:
    """All rows as text, in the order of that text: a database promises no order of its own."""
    quoted = connection.dialect.identifier_preparer.quote(name)
    statement = sa.text(f"SELECT * FROM {quoted}")  # noqa: S608 - the name is the catalogue's
    result = connection.execution_options(stream_results=True).execute(statement)
    columns = list(result.keys())
    schema = pa.schema([(column, pa.string()) for column in columns])
    table = pa.Table.from_batches(_batches(result, schema), schema=schema)
    if table.num_rows and columns:
        table = table.sort_by([(column, "ascending") for column in columns])
    return Source(name, name.strip().lower(), "", _digest(table), frame=table)


def _batches(result: sa.CursorResult[Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in result.partitions(_ROWS_AT_ONCE):
        cells = zip(*rows, strict=True)
        arrays = [pa.array([_text(value) for value in column], pa.string()) for column in cells]
        yield pa.record_batch(arrays, schema=schema)


def _text(value: object) -> str:
    """A database's value as the text a file would hold."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value).encode("utf-8", "replace").decode()


def _digest(table: pa.Table) -> str:
    """sha256 of names and cells; equal for equal content in any order of rows."""
    digest = hashlib.sha256(repr((table.column_names, table.num_rows)).encode())
    for column in table.columns:
        for chunk in column.chunks:
            lengths = pc.binary_length(chunk)
            digest.update(lengths.to_numpy(zero_copy_only=False).astype("<i4").tobytes())
        for chunk in column.chunks:
            digest.update("".join(chunk.to_pylist()).encode())
    return digest.hexdigest()
