"""Opens what people hand in: a folder, a workbook, a file or a database, read only."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline.errors import InputError
from fraud_pipeline.records.source import Source

SUFFIXES = (".csv", ".tsv", ".xlsx", ".xls", ".parquet")
MAX_BYTES = 8 << 30


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
            return [_file(p) for p in files if p.stem.lower() in stems]
        if path.is_file():
            if path.suffix.lower() not in SUFFIXES:
                raise InputError(f"not one of {', '.join(SUFFIXES)}", file=where)
            return [_file(path)]
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=where) from error
    raise InputError("there is no such folder or file", file=where)


def _file(path: Path) -> Source:
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES >> 30} GB", file=path.name)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return Source(path.name, path.stem.lower(), path.suffix.lower(), digest, data=data)


def _database(url: str, stems: frozenset[str]) -> list[Source]:
    try:
        engine = sa.create_engine(url)
        shown = engine.url.render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError):
        # the error text of the library may quote the address, and with it the password
        raise InputError("not a database address that SQLAlchemy understands") from None
    try:
        with engine.connect() as connection:
            present = sorted(sa.inspect(connection).get_table_names())
            return [_table(connection, name) for name in present if name.lower() in stems]
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).split("\n", 1)[0]
        raise InputError(f"the database cannot be read: {reason}", file=shown) from None
    finally:
        engine.dispose()


def _table(connection: sa.Connection, name: str) -> Source:
    """All rows as text, in the order of that text: a database promises no order of its own."""
    quoted = connection.dialect.identifier_preparer.quote(name)
    result = connection.execute(sa.text(f"SELECT * FROM {quoted}"))  # noqa: S608 - name comes from the catalogue
    columns = list(result.keys())
    rows = sorted(tuple("" if v is None else str(v) for v in row) for row in result)
    digest = hashlib.sha256(repr((columns, rows)).encode()).hexdigest()
    arrays = (
        [pa.array(list(c), pa.string()) for c in zip(*rows, strict=True)]
        if rows
        else [pa.array([], pa.string()) for _ in columns]
    )
    return Source(
        name, name.lower(), "", digest, frame=pa.table(dict(zip(columns, arrays, strict=True)))
    )
