"""Small made-up worlds for the ring tests."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from fraud_pipeline.schema.outputs import TIES

START = date(2016, 1, 1)


def market(seed, n_enterprises=200, n_institutions=40, n_claims=500):
    """Honest trade: institutions of heavy-tailed popularity, firms buying now and then."""
    rng = np.random.default_rng(seed)
    popularity = 1.0 / np.arange(1, n_institutions + 1)
    return [
        (f"E{rng.integers(n_enterprises):04d}", f"I{k:03d}", int(rng.integers(20, 300)) * 100,
         START + timedelta(int(rng.integers(0, 540))))
        for k in rng.choice(n_institutions, n_claims, p=popularity / popularity.sum())
    ]  # fmt: skip


def ring(firms=8, insts=1, begin=200, days=30, name="R", seed=0):
    """Claims of ring firms, each at every ring institution, within ``days``."""
    rng = np.random.default_rng(seed)
    return [
        (f"{name}E{f}", f"{name}I{k}", 5000, START + timedelta(begin + int(rng.integers(days))))
        for f in range(firms)
        for k in range(insts)
    ]


def claims_of(trades):
    columns = list(zip(*trades, strict=True)) or [(), (), (), ()]
    return pa.table(
        {
            "claim_id": pa.array([f"C{n:05d}" for n in range(len(trades))], pa.string()),
            "enterprise_id": pa.array(columns[0], pa.string()),
            "institution_id": pa.array(columns[1], pa.string()),
            "claimed_amount": pa.array([Decimal(a) for a in columns[2]], pa.decimal128(18, 2)),
            "submitted_on": pa.array(columns[3], pa.date32()),
        }
    )


def sharing(groups, kind="phone", base=0.6):
    """TIES rows: the parties of each group share one value of ``kind``."""
    rows = []
    for n, group in enumerate(groups):
        members = sorted(group)
        for i, left in enumerate(members):
            rows += [
                {
                    "left_id": left, "left_kind": "enterprise", "right_id": right,
                    "right_kind": "enterprise", "kind": kind,
                    "weight": base / (len(members) - 1), "n_sharing": len(members),
                    "known_on": START, "detail": f"{kind}-{n}", "source": "enterprises",
                }
                for right in members[i + 1 :]
            ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TIES.arrow)


def random_groups(seed, parties, sizes):
    """Honest sharers: disjoint groups of the given sizes among ``parties``."""
    order = np.random.default_rng(seed).permutation(sorted(parties)).tolist()
    groups = []
    for size in sizes:
        groups.append(order[:size])
        order = order[size:]
    return groups
