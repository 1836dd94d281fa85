"""Named random streams: adding a mechanism must not reshuffle the others."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """An independent generator for ``name`` under the world's seed."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
