"""The draw: fixed size, exact probabilities, and checkable by anyone with the seed.

Probabilities are whole multiples of 2^-32, so a draw is integer arithmetic and comes
out the same on every machine. Within a stratum the claims stand in the order of their
tickets, SHA-256(seed | frame hash | claim id); their probabilities are laid end to end
and every whole number is hit once from a start in [0, 1): randomised systematic
sampling with unequal probabilities (Goodman and Kish 1950; Hartley and Rao 1962). Given
any order, claim i is hit with probability exactly pi_i, and exactly n claims are hit.
The frame's hash is part of the ticket: who knows the seed beforehand still cannot
tell what will be drawn without knowing every score, and one changed bit draws anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.money import to_fen
from fraud_pipeline.errors import IntegrityError

Units = np.ndarray  # int64, shape (n,): probabilities in units of 2^-32

BITS = 32
ONE = 1 << BITS


def frame_sha256(frame: pa.Table) -> str:
    """The hash to publish before the seed is known; ``frame`` sorted by claim id.

    SHA-256 over, for claim_id and enterprise_id: the byte lengths as little-endian
    int64 and then the UTF-8 bytes; for inclusion_prob (units of 2^-32) and for
    expected_loss and claimed_amount (fen): little-endian int64. A plan that keeps
    limits adds part and place like the ids, and cost_days in thousandths, unknown = -1.
    """
    limited = has_parts(frame)
    digest = hashlib.sha256(b"audit frame 2\n" if limited else b"audit frame 1\n")
    for name in ("claim_id", "enterprise_id", *(("part", "place") if limited else ())):
        raw = [(word or "").encode() for word in frame[name].to_pylist()]
        digest.update(np.array([len(word) for word in raw], dtype="<i8").tobytes())
        digest.update(b"".join(raw))
    if limited:
        digest.update(thousandths(frame).astype("<i8").tobytes())
    digest.update(to_units(frame["inclusion_prob"].to_numpy()).astype("<i8").tobytes())
    for name in ("expected_loss", "claimed_amount"):
        digest.update(to_fen(frame[name]).astype("<i8").tobytes())
    return digest.hexdigest()


def has_parts(frame: pa.Table) -> bool:
    """Whether the plan keeps limits, so that parts, places and days say how to draw."""
    return "part" in frame.column_names and frame["part"].null_count < frame.num_rows


def thousandths(frame: pa.Table) -> Units:
    """Auditor-days of each claim in thousandths, -1 where they do not matter."""
    days = frame["cost_days"].fill_null(-0.001).to_numpy()
    return np.rint(days * 1000.0).astype(np.int64)


def to_units(probability: np.ndarray) -> Units:
    """Stored probabilities as whole units. Raises IntegrityError unless exact and in (0, 1]."""
    scaled = probability * float(ONE)
    units = np.rint(scaled).astype(np.int64)
    if not (np.array_equal(scaled, units) and ((units > 0) & (units <= ONE)).all()):
        raise IntegrityError("table audit_frame: a probability is not in (0, 1] at 2^-32 steps")
    return units


def tickets(seed: int, frame_hash: str, claim_ids: Sequence[str], purpose: str = "draw") -> Units:
    """The first 64 bits of SHA-256(``seed|frame hash|purpose|claim id``), shape (n,)."""
    prefix = hashlib.sha256(f"{seed}|{frame_hash}|{purpose}|".encode())
    parts = []
    for claim_id in claim_ids:  # the one loop over claims: hashlib takes one message a call
        state = prefix.copy()
        state.update(claim_id.encode())
        parts.append(state.digest()[:8])
    return np.frombuffer(b"".join(parts), dtype=">u8").astype(np.uint64)


def start(seed: int, frame_hash: str, purpose: str) -> int:
    """A whole number in [0, 2^32) from the seed."""
    text = f"{seed}|{frame_hash}|start {purpose}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")


def hits(units: Units, first: int) -> np.ndarray:
    """Which of the claims laid end to end are hit, bool of shape (n,)."""
    steps = (np.cumsum(units) + first) >> BITS
    return np.asarray(np.diff(steps, prepend=first >> BITS) > 0)


def order_in_parts(
    frame: pa.Table, ticket: Units, seed: int, frame_hash: str
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """(part of each claim, its place in line, names of the parts) for a plan with limits.

    Claims of one region stand together, within it those of one institution, in the
    order of their own tickets; without places they stand in the order of their days.
    Ties are in the order of the claims' tickets.
    """
    parts = frame["part"].combine_chunks().dictionary_encode()
    names = parts.dictionary.to_pylist()
    keys: list[np.ndarray] = [ticket]
    if frame["place"].null_count < frame.num_rows:
        places = frame["place"].combine_chunks().dictionary_encode()
        both = places.dictionary.to_pylist()
        inner = tickets(seed, frame_hash, both, "institution")
        outer = tickets(seed, frame_hash, [name.split("/")[0] for name in both], "region")
        at = places.indices.to_numpy()
        keys += [inner[at], outer[at]]
    else:
        keys.append(thousandths(frame))
    rank = np.empty(len(ticket), dtype=np.int64)
    rank[np.lexsort(keys)] = np.arange(len(ticket))
    order = sorted(names)
    number = np.array([order.index(name) for name in names], dtype=np.int64)
    return number[parts.indices.to_numpy()], rank, order


def draw(units: Units, strata: np.ndarray, ticket: Units, starts: Sequence[int]) -> np.ndarray:
    """The drawn claims, bool of shape (n,).

    ``strata`` numbers each claim's stratum; within each the probabilities add up
    to a whole number, which is how many are drawn. Raises IntegrityError otherwise.
    """
    selected = np.zeros(len(units), dtype=bool)
    for number, first in enumerate(starts):
        members = np.flatnonzero(strata == number)
        if int(units[members].sum()) % ONE:
            raise IntegrityError("table audit_frame: probabilities do not add up to whole audits")
        members = members[np.argsort(ticket[members], kind="stable")]
        selected[members[hits(units[members], first)]] = True
    return selected


def whole(pi: np.ndarray, floor: np.ndarray, n: int) -> Units:
    """``pi`` in units that add up to exactly n audits, each between its floor and one.

    What rounding leaves over is spread evenly over the claims that are neither
    certain nor at their floor, and over others only when there are none. Raises
    IntegrityError when no such units exist.
    """
    least = np.minimum(np.ceil(floor * ONE).astype(np.int64), ONE)
    units: Units = np.clip(np.rint(pi * ONE).astype(np.int64), least, ONE)
    inside = np.flatnonzero((units > least) & (units < ONE))
    for members in (inside, np.arange(len(units))):
        units[members] = _moved(units[members], least[members], n * ONE - int(units.sum()))
    if int(units.sum()) != n * ONE:
        raise IntegrityError(f"no probabilities between their floors and one add up to {n}")
    return units


def _moved(units: Units, least: Units, missing: int) -> Units:
    """``units`` with ``missing`` more (or fewer) in all, as far as there is room."""
    units = units.copy()
    while missing:
        headroom = ONE - units if missing > 0 else units - least
        open_ = np.flatnonzero(headroom)
        if len(open_) == 0:
            break
        each, rest = divmod(abs(missing), len(open_))
        share = np.minimum(each + (np.arange(len(open_)) < rest), headroom[open_])
        units[open_] += np.sign(missing) * share
        missing -= int(np.sign(missing) * share.sum())
    return units
