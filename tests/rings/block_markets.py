"""Honest markets that fall into blocks: sectors, towns, a university and its spin-offs."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from tests.rings.worlds import START, claims_of, sharing


def block_market(seed):
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
    claims = claims_of([
        (f"E{e:04d}", f"I{i:03d}", 5000, START + timedelta(int(d)))
        for e, i, d in zip(firm, inst, day, strict=True)
    ])  # fmt: skip
    register = bool(rng.random() < 0.5)
    ties = sharing([])
    if register:
        groups = []
        for home in range(n_blocks):
            mine = rng.permutation(np.arange(home, n_firms, n_blocks))
            sizes = rng.integers(2, 26, size=4)
            cuts = np.split(mine, np.cumsum(sizes))[:4]
            groups += [[f"E{e:04d}" for e in cut] for cut in cuts if len(cut) > 1]
        kinds = [sharing(groups, kind) for kind in ("phone", "agent")]
        ties = pa.concat_tables(kinds)
    return claims, ties, {"blocks": n_blocks, "own": own, "register": register}
