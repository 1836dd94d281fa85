"""What the standard library raises on archives that are torn, locked or made to mislead."""

import struct
import zipfile
import zlib

TORN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError,
    struct.error, zlib.error, OverflowError, MemoryError,
)  # fmt: skip
