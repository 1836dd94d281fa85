"""Files written whole or not at all, and operating-system errors in one line."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraud_pipeline import schema
from fraud_pipeline.core.lazy import lazy_module
from fraud_pipeline.errors import InputError, IntegrityError, WorkspaceError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa, pq = lazy_module("pyarrow"), lazy_module("pyarrow.parquet")

_CANNOT_WRITE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than this account may write",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "this account may not write there",
    errno.EPERM: "this account may not write there",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EEXIST: "a file stands where a folder is needed",
}


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turns a failed write below ``place`` into a WorkspaceError that says why."""
    try:
        yield
    except OSError as error:
        reason = _CANNOT_WRITE.get(error.errno or 0, error.strerror or str(error))
        raise WorkspaceError(f"{place}: {reason}; nothing was published") from error


@contextlib.contextmanager
def _whole_or_not(path: Path) -> Iterator[Path]:
    """A name to write under; the file gets its own name when it is complete."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            yield temporary
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_bytes(path: Path, data: bytes) -> None:
    """Writes ``data`` under a temporary name, flushes it to disk, then renames it."""
    with _whole_or_not(path) as temporary, temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_json(path: Path, value: Any) -> None:
    """JSON with sorted keys, so that equal values are equal bytes."""
    write_bytes(path, dump_json(value).encode())


def dump_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def read_json(path: Path) -> Any:
    """Parsed JSON; IntegrityError when the file is torn, WorkspaceError when absent."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise IntegrityError(f"{path}: not the JSON that was written ({error})") from error
    except OSError as error:
        raise WorkspaceError(f"{path}: {error.strerror}") from error


_GROUP = 1 << 20  # rows of a Parquet file's groups
_BATCH = (
    1 << 17
)  # rows of a mapped file's chunks; Parquet is decoded into chunks of this length too
MAPPED = ".arrow"


def write_table(path: Path, table: pa.Table | schema.ChunkedTable) -> int:
    """Parquet with fixed writer options: equal tables are equal bytes, chunked or whole.

    Returns the number of rows; of a chunked table only one group of rows is held at a time.
    """
    whole = isinstance(table, pa.Table)
    chunked = schema.ChunkedTable(table.schema, [table]) if whole else table
    columns, n_rows = chunked.schema.remove_metadata(), 0
    with (
        _whole_or_not(path) as temporary,
        pq.ParquetWriter(temporary, columns, compression="zstd", version="2.6") as writer,
    ):
        for group in chunked.of_rows(_GROUP):
            if group.num_rows or not n_rows:
                bare = group.replace_schema_metadata(None).combine_chunks()
                writer.write_table(bare, row_group_size=_GROUP)
            n_rows += group.num_rows
    return n_rows


def write_mapped(path: Path, table: pa.Table) -> int:
    """As it lies in memory: who reads it maps the file, and only columns that are touched are read.

    Several times as large as Parquet, so for what is deleted once a run is published. The
    chunks are of one length, however the table came about. Returns the number of rows.
    """
    bare = table.replace_schema_metadata(None).combine_chunks()
    with (
        _whole_or_not(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, bare.schema) as writer,
    ):
        writer.write_table(bare, max_chunksize=_BATCH)
    return int(table.num_rows)


def read_table(path: Path, where: tuple[str, str] | None = None) -> pa.Table:
    """A stored table; IntegrityError when the file is torn or was changed.

    ``where``: only rows whose column (the first) has the value (the second); parts of the
    file whose statistics rule that out are not read.
    """
    try:
        if path.suffix == MAPPED:
            return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        if where is None:
            return pq.read_table(path)
        return pq.read_table(path, filters=[(where[0], "=", where[1])])
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise WorkspaceError(f"{path}: no such table") from error
        raise IntegrityError(f"{path}: not the table that was written") from error


def types_of(path: Path) -> pa.Schema:
    """The columns of a stored table."""
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise IntegrityError(f"{path}: not the table that was written") from error


def read_chunks(path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Some columns of a stored table chunk by chunk, for those too long to hold."""
    try:
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                yield file.read_row_group(number, columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise IntegrityError(f"{path}: not the table that was written") from error


def null_shares(path: Path) -> dict[str, float]:
    """Share of missing values a column, from the file's footer; only where a column has no
    statistics there is it read.
    """
    try:
        with pq.ParquetFile(path) as file:
            footer = file.metadata
            groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
            missing = {}
            for at, name in enumerate(footer.schema.names):
                statistics = [group.column(at).statistics for group in groups]
                known = all(s is not None and s.has_null_count for s in statistics)
                missing[name] = (
                    sum(s.null_count for s in statistics)
                    if known
                    else file.read(columns=[name]).column(0).null_count
                )
    except (pa.ArrowException, OSError) as error:
        raise IntegrityError(f"{path}: not the table that was written") from error
    return {name: count / max(1, footer.num_rows) for name, count in missing.items()}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_text(path: Path, what: str) -> str:
    """A small text file the user named; InputError in one line when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is not UTF-8 text", file=str(path)) from error
    except OSError as error:
        raise InputError(f"{what} cannot be read: {error.strerror}", file=str(path)) from error
