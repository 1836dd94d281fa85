"""Files of a workspace belong to their owner alone: 0600 and 0700, whatever the umask."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_OTHERS = 0o077  # what group and everybody else may do


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """What this process makes inside the block is readable for its owner only."""
    before = os.umask(0)
    os.umask(before | _OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def make_private() -> None:
    """As :func:`private_files`, for the rest of this process."""
    os.umask(os.umask(0) | _OTHERS)


def tighten(folder: Path) -> None:
    """Takes the rights of others from a folder and everything in it; what is not ours stays."""
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(OSError):
            mode = path.lstat().st_mode
            if not path.is_symlink() and mode & _OTHERS:
                path.chmod(mode & 0o7777 & ~_OTHERS)
