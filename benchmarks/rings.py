"""Rings: which planted groups are among the first 20 shown, against five simpler lists.

    python -m benchmarks.rings [first_seed last_seed] [camouflage ...]

A shown group finds a planted ring when the Jaccard overlap of their parties is at least 0.5;
a shown group is a false one when it overlaps no planted ring by 0.5. Seeds 1-20 served to set
the defaults; report on others. Every world is Wuhan's (1,071 claims, five planted rings).
Columns: recall of planted rings, of those with five or more firms, the mean Jaccard overlap of
the best match, the share of shown groups that are planted, false ones among the first
ten without a wrong claim of which three quarters are one kind of honest look-alike, groups shown.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable

import networkx as nx
import numpy as np
import pyarrow as pa

from fraud_pipeline import graph, rings
from fraud_pipeline.settings import GraphSettings, RingSettings
from fraud_pipeline.simulate import World, simulate

SHOWN = 20
Groups = list[set[str]]


def ours(world: World, ties: pa.Table) -> Groups:
    found = rings.find(ties, world.tables["claims"], RingSettings())
    members: dict[str, set[str]] = defaultdict(set)
    for ring, party in zip(
        found.members["ring_id"].to_pylist(), found.members["party_id"].to_pylist(), strict=True
    ):
        members[ring].add(party)
    return [members[ring] for ring in found.rings["ring_id"].to_pylist()][:SHOWN]


def _dealings(ties: pa.Table) -> list[dict[str, object]]:
    return [t for t in ties.to_pylist() if t["kind"] == "claim"]


def plain_peeling(world: World, ties: pa.Table) -> Groups:
    """FRAUDAR's greedy on the claims graph with log column weights, one block after another."""
    rows = _dealings(ties)
    ids = sorted({t["left_id"] for t in rows} | {t["right_id"] for t in rows})
    number = {party: n for n, party in enumerate(ids)}
    left = np.array([number[t["left_id"]] for t in rows])
    right = np.array([number[t["right_id"]] for t in rows])
    weight = np.array([t["n_claims"] * t["weight"] for t in rows])
    blocks = rings.dense_blocks(len(ids), left, right, weight, SHOWN)
    return [{ids[n] for n in nodes} for nodes, _ in blocks]


def louvain_claims(world: World, ties: pa.Table) -> Groups:
    """Communities of the claims graph alone."""
    return louvain(world, pa.Table.from_pylist(_dealings(ties), schema=ties.schema))


def louvain(world: World, ties: pa.Table) -> Groups:
    """Communities of the graph of all our ties, hub discount and all, densest first."""
    g = nx.Graph()
    rows = sorted(ties.to_pylist(), key=lambda t: (t["left_id"], t["right_id"], t["kind"]))
    g.add_nodes_from(sorted({t["left_id"] for t in rows} | {t["right_id"] for t in rows}))
    for t in rows:
        before = g.get_edge_data(t["left_id"], t["right_id"], {"weight": 0.0})["weight"]
        g.add_edge(t["left_id"], t["right_id"], weight=before + t["weight"])
    parts = nx.community.louvain_communities(g, weight="weight", resolution=3.0, seed=1)
    parts = [p for p in parts if len(p) >= 3]
    density = {n: g.subgraph(p).size(weight="weight") / len(p) for n, p in enumerate(parts)}
    order = sorted(density, key=lambda n: (-density[n], min(parts[n])))
    return [set(parts[n]) for n in order[:SHOWN]]


def claim_count(world: World, ties: pa.Table) -> Groups:
    """Each institution with its clients, most claims first."""
    groups: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for t in _dealings(ties):
        groups[str(t["right_id"])] |= {str(t["left_id"]), str(t["right_id"])}
        counts[str(t["right_id"])] += int(str(t["n_claims"]))
    order = sorted(groups, key=lambda k: (-counts[k], k))
    return [groups[k] for k in order[:SHOWN]]


def shared_identity(world: World, ties: pa.Table) -> Groups:
    """Connected components of identity ties that weigh anything, largest first."""
    g = nx.Graph()
    for t in ties.to_pylist():
        if t["kind"] not in ("claim", "money_back", "text", "tenancy") and t["weight"] > 0:
            g.add_edge(t["left_id"], t["right_id"])
    parts = sorted((set(p) for p in nx.connected_components(g)), key=lambda p: (-len(p), min(p)))
    return [p for p in parts if len(p) >= 3][:SHOWN]


METHODS: dict[str, Callable[[World, pa.Table], Groups]] = {
    "rings.find": ours,
    "FRAUDAR peel": plain_peeling,
    "Louvain, claims": louvain_claims,
    "Louvain, our ties": louvain,
    "claim count": claim_count,
    "identity components": shared_identity,
}


def planted(world: World) -> dict[str, set[str]]:
    claims = world.tables["claims"]
    party = {
        c: (e, i)
        for c, e, i in zip(
            *(claims[n].to_pylist() for n in ("claim_id", "enterprise_id", "institution_id")),
            strict=True,
        )
    }
    truth: dict[str, set[str]] = defaultdict(set)
    for claim, ring in zip(
        world.truth["claim_id"].to_pylist(), world.truth["ring_id"].to_pylist(), strict=True
    ):
        if ring is not None:
            truth[ring] |= set(party[claim])
    return truth


def lookalikes(world: World) -> Groups:
    """The firms of each kind of honest look-alike the simulator names."""
    claims = world.tables["claims"]
    firm = dict(
        zip(claims["claim_id"].to_pylist(), claims["enterprise_id"].to_pylist(), strict=True)
    )
    groups: dict[str, set[str]] = defaultdict(set)
    for row in world.groups.to_pylist():
        groups[row["group"]].add(firm[row["claim_id"]])
    return list(groups.values())


def wrong_pairs(world: World) -> set[tuple[str, str]]:
    """Firm and institution of every claim that is fraud or irregular, in a ring or not."""
    claims = world.tables["claims"].join(world.truth, "claim_id").to_pylist()
    return {
        (c["enterprise_id"], c["institution_id"])
        for c in claims
        if c["is_fraud"] or c["is_irregular"]
    }


def jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b)


def measure(
    shown: Groups, truth: dict[str, set[str]], honest: Groups, wrong: set[tuple[str, str]]
) -> dict[str, float]:
    best = {r: max((jaccard(t, g) for g in shown), default=0.0) for r, t in truth.items()}
    firms_of_five = [r for r, t in truth.items() if len(t) >= 6]  # five firms and an institution
    hit = [any(jaccard(t, g) >= 0.5 for t in truth.values()) for g in shown]
    false_ten = [g for g, h in list(zip(shown, hit, strict=True))[:10] if not h]
    clean = [g for g in false_ten if not any(f in g and i in g for f, i in wrong)]
    alike = sum(any(len(g & h) >= 0.75 * (len(g) - 1) for h in honest) for g in clean)
    return {
        "recall": float(np.mean([b >= 0.5 for b in best.values()])) if best else np.nan,
        "recall5+": float(np.mean([best[r] >= 0.5 for r in firms_of_five])),
        "jaccard": float(np.mean(list(best.values()))) if best else np.nan,
        "precision": float(np.mean(hit)) if hit else np.nan,
        "alike@10": float(alike),
        "shown": float(len(shown)),
    }


def main(first: int = 21, last: int = 40, camouflage: tuple[int, ...] = (0, 1, 2)) -> None:
    print(f"seeds {first}-{last}, first {SHOWN} shown")
    for level in camouflage:
        rows: dict[str, list[dict[str, float]]] = defaultdict(list)
        for seed in range(first, last + 1):
            world = simulate("wuhan", n_claims=1071, seed=seed, camouflage=level)
            ties = graph.build_ties(world.tables, GraphSettings())
            truth, honest = planted(world), lookalikes(world)
            wrong = wrong_pairs(world)
            for name, method in METHODS.items():
                rows[name].append(measure(method(world, ties), truth, honest, wrong))
        print(f"\ncamouflage {level}")
        for name, results in rows.items():
            means = {k: np.nanmean([r[k] for r in results]) for k in results[0]}
            print(
                f"  {name:20s}" + "  ".join(f"{k} {v:5.2f}" for k, v in means.items()), flush=True
            )


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*given[:2], *([tuple(given[2:])] if len(given) > 2 else []))
