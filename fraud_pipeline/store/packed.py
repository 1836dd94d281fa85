"""Files in a .zip or a .gz, unpacked in memory and counted while they are: nothing is written anywhere."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import PurePosixPath

from fraud_pipeline.core.torn_archives import TORN
from fraud_pipeline.errors import InputError

SUFFIXES = (".zip", ".gz")
_ENTRIES = 1000


def unpack(
    data: bytes, name: str, suffixes: tuple[str, ...], max_bytes: int
) -> list[tuple[str, bytes]]:
    """(name, bytes) of every file with one of the ``suffixes``, in the order of their names.

    Raises InputError for a torn archive, one with a password, one with no such file, and one that
    unpacks to more than ``max_bytes``, whatever sizes it states.
    """
    try:
        members = (
            _of_gzip(data, name, max_bytes)
            if name.lower().endswith(".gz")
            else _of_zip(data, name, suffixes, max_bytes)
        )
    except TORN as error:
        raise InputError(
            "cannot be unpacked: it is damaged or has a password", file=name
        ) from error
    if not members:
        raise InputError(f"holds no file of the kinds {', '.join(suffixes)}", file=name)
    return members


def _of_gzip(data: bytes, name: str, max_bytes: int) -> list[tuple[str, bytes]]:
    inner = name[: -len(".gz")]
    with gzip.open(io.BytesIO(data)) as file:
        return [
            (
                inner if "." in inner else f"{inner}.csv",
                _bounded(file.read(max_bytes + 1), name, max_bytes),
            )
        ]


def _of_zip(
    data: bytes, name: str, suffixes: tuple[str, ...], max_bytes: int
) -> list[tuple[str, bytes]]:
    members, left = [], max_bytes
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > _ENTRIES:
            raise InputError(
                f"holds {len(entries):,} files; unpack it and hand in one of them", file=name
            )
        for entry in sorted(entries, key=lambda e: e.filename):
            path = PurePosixPath(entry.filename.replace("\\", "/"))
            if (
                path.suffix.lower() in suffixes
                and not path.name.startswith(".")
                and "__MACOSX" not in path.parts
            ):
                with archive.open(entry) as file:
                    content = _bounded(file.read(left + 1), name, left)
                left -= len(content)
                members.append((path.name, content))
    return members


def _bounded(content: bytes, name: str, max_bytes: int) -> bytes:
    if len(content) > max_bytes:
        raise InputError("unpacks to more than can be read; hand it in in parts", file=name)
    return content
