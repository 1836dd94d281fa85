"""Share of rings that keep their id after 1.5 % of claims come or go.

    python -m benchmarks.rings_lineage [worlds] [first seed]

Worlds of 1,071 claims at camouflage 0, 1 and 2. *Removed*: a night over all claims, then one without
1.5 % of them, chosen by chance. *Added*: the other way round. A ring of the first night is kept
when a ring of the second night carries its id and shares half or more of its parties with it
(Jaccard). All rings shown count, certified or not; certified ones (p <= 0.05) also apart.
"""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import graph, rings
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.settings import GraphSettings, RingSettings
from fraud_pipeline.simulate import simulate

SHARE = 0.015
WORLDS = 19  # chance worlds a night: they set the line from which rings are shown


def night(tables: Tables, previous: RingSet | None) -> RingSet:
    ties = graph.build_ties(tables, GraphSettings())
    return rings.find(ties, tables["claims"], RingSettings(null_samples=WORLDS), previous)


def thinned(tables: Tables, seed: int) -> Tables:
    rng = np.random.default_rng([seed, 15])
    n = tables["claims"].num_rows
    stay = np.sort(rng.permutation(n)[: n - round(SHARE * n)])
    return tables.replaced(claims=tables["claims"].take(stay))


def members(found: RingSet) -> dict[str, set[str]]:
    of: dict[str, set[str]] = {}
    columns = (found.members[c].to_pylist() for c in ("ring_id", "party_id"))
    for ring, party in zip(*columns, strict=True):
        of.setdefault(ring, set()).add(party)
    return of


def kept(before: RingSet, after: RingSet, least_p: float) -> tuple[int, int]:
    """(rings of ``before`` with p up to ``least_p`` that go on under their id, all such rings)."""
    rows: pa.Table = before.rings.filter(pc.less_equal(before.rings["p_value"], least_p))
    old, new = members(before), members(after)
    ids = rows["ring_id"].to_pylist()
    same = [r for r in ids if r in new and 2 * len(old[r] & new[r]) >= len(old[r] | new[r])]
    return len(same), len(ids)


def main(worlds: int = 10, first: int = 101) -> None:
    print("| change | camouflage | rings kept | share | certified kept | share |")
    print("|---|---|---|---|---|---|")
    for camouflage in (0, 1, 2):
        counts = np.zeros((2, 2, 2), int)  # removed or added, all or certified, kept or there
        for seed in range(first, first + worlds):
            full = simulate("wuhan", 1071, seed, camouflage=camouflage).tables
            less = thinned(full, seed)
            for way, (one, two) in enumerate(((full, less), (less, full))):
                before = night(one, None)
                after = night(two, before)
                counts[way, 0] += kept(before, after, 1.0)
                counts[way, 1] += kept(before, after, 0.05)
        for way, name in enumerate(("1.5 % removed", "1.5 % added")):
            (a, n), (b, m) = counts[way]
            print(f"| {name} | {camouflage} | {a} of {n} | {a / max(n, 1):.3f} | {b} of {m} | "
                  f"{b / max(m, 1):.3f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
