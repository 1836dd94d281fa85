"""Honest markets that fall into blocks: sectors, towns, a university and its spin-offs."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from fraud_pipeline.schema.outputs import TIES

_START = date(2016, 1, 1)


def _claims(firm: np.ndarray, institution: np.ndarray, day: np.ndarray) -> pa.Table:
    n = firm.size
    return pa.table({
        "claim_id": pa.array([f"C{i:05d}" for i in range(n)], pa.string()),
        "enterprise_id": pa.array([f"E{e:04d}" for e in firm], pa.string()),
        "institution_id": pa.array([f"I{i:03d}" for i in institution], pa.string()),
        "claimed_amount": pa.array([Decimal(5000)] * n, pa.decimal128(18, 2)),
        "submitted_on": pa.array([_START + timedelta(int(d)) for d in day], pa.date32()),
    })  # fmt: skip


def _sharing(groups: list[list[str]], kind: str) -> pa.Table:
    """TIES rows: the enterprises of each group share one value of ``kind``."""
    rows = [
        {
            "left_id": left, "left_kind": "enterprise", "right_id": right,
            "right_kind": "enterprise", "kind": kind, "weight": 0.6 / (len(group) - 1),
            "n_sharing": len(group), "known_on": _START, "detail": f"{kind}-{n}",
            "source": "enterprises",
        }
        for n, group in enumerate(map(sorted, groups))
        for i, left in enumerate(group)
        for right in group[i + 1 :]
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TIES.arrow)


def block_market(seed: int) -> tuple[pa.Table, pa.Table, dict[str, float]]:
    """Claims, ties and a description of an honest market of 2 to 8 blocks.

    Each enterprise takes a share of .3 to 1 of its claims to institutions of its own block. With a
    register, bookkeepers file for clients of one block (2 to 25 each) and addresses are shared.
    """
    rng = np.random.default_rng(90_000 + seed)
    n_blocks, own = int(rng.integers(2, 9)), float(rng.uniform(0.3, 1.0))
    n_firms, n_insts = n_blocks * int(rng.integers(15, 60)), n_blocks * int(rng.integers(4, 15))
    n_claims = int(n_firms * rng.uniform(2.0, 5.0))
    firm = rng.integers(n_firms, size=n_claims)
    at_home = rng.random(n_claims) < own
    pick = rng.integers(n_insts // n_blocks, size=n_claims)
    block = np.where(at_home, firm % n_blocks, rng.integers(n_blocks, size=n_claims))
    inst = block + n_blocks * pick
    rush = rng.random(n_claims) < 0.3  # a seasonal call for tender
    day = np.where(rush, 300 + rng.integers(20, size=n_claims), rng.integers(720, size=n_claims))
    claims = _claims(firm, inst, day)
    register = bool(rng.random() < 0.5)
    ties = TIES.empty()
    if register:
        groups: list[list[str]] = []
        for home in range(n_blocks):
            mine = rng.permutation(np.arange(home, n_firms, n_blocks))
            sizes = rng.integers(2, 26, size=4)
            cuts = np.split(mine, np.cumsum(sizes))[:4]
            groups += [[f"E{e:04d}" for e in cut] for cut in cuts if len(cut) > 1]
        kinds = [_sharing(groups, kind) for kind in ("phone", "agent")]
        ties = pa.concat_tables(kinds)
    return claims, ties, {"blocks": n_blocks, "own": own, "register": register}
