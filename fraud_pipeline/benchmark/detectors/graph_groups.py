"""Groups by well-known graph methods; a claim scores by the place of its pair's best group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import rings
from fraud_pipeline.benchmark.case import Case
from fraud_pipeline.benchmark.detection import Detection, Detector

SHOWN = 20
_NO_IDENTITY = ("claim", "money_back", "text", "tenancy")


def _edges(case: Case) -> pa.Table:
    ties = case.evidence.ties
    return ties.filter(pc.equal(ties["kind"], "claim"))


def peel(case: Case, _: object) -> Detection:
    """FRAUDAR's greedy (Hooi et al. 2016), logarithmic column weights, several blocks."""
    ties = _edges(case)
    ids, codes = np.unique(
        np.r_[ties["left_id"].to_pylist(), ties["right_id"].to_pylist()], return_inverse=True
    )
    left, right = np.split(codes, 2)
    weight = ties["n_claims"].to_numpy() * ties["weight"].to_numpy()
    blocks = rings.dense_blocks(len(ids), left, right, weight, SHOWN)
    return _of_groups(case, [frozenset(str(ids[n]) for n in nodes) for nodes, _ in blocks])


def louvain_claims(case: Case, _: object) -> Detection:
    return _of_groups(case, _communities(_edges(case)))


def louvain_ties(case: Case, _: object) -> Detection:
    return _of_groups(case, _communities(case.evidence.ties))


def _communities(ties: pa.Table) -> list[frozenset[str]]:
    """Louvain communities (Blondel et al. 2008) of three parties or more, densest first."""
    g = nx.Graph()
    rows = sorted(ties.to_pylist(), key=lambda t: (t["left_id"], t["right_id"], t["kind"]))
    g.add_nodes_from(sorted({t["left_id"] for t in rows} | {t["right_id"] for t in rows}))
    for t in rows:
        before = g.get_edge_data(t["left_id"], t["right_id"], {"weight": 0.0})["weight"]
        g.add_edge(t["left_id"], t["right_id"], weight=before + t["weight"])
    communities = nx.community.louvain_communities(g, weight="weight", resolution=3.0, seed=1)
    parts = [frozenset(p) for p in communities if len(p) >= 3]
    density = {p: g.subgraph(p).size(weight="weight") / len(p) for p in parts}
    return sorted(parts, key=lambda p: (-density[p], min(p)))[:SHOWN]


def claim_count(case: Case, _: object) -> Detection:
    """Each institution with its clients, most claims first."""
    groups: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for t in _edges(case).to_pylist():
        groups[t["right_id"]] |= {t["left_id"], t["right_id"]}
        counts[t["right_id"]] += t["n_claims"]
    order = sorted(groups, key=lambda k: (-counts[k], k))
    return _of_groups(case, [frozenset(groups[k]) for k in order[:SHOWN]])


def shared_identity(case: Case, _: object) -> Detection:
    """Connected components of identity ties that weigh anything, largest first."""
    g = nx.Graph()
    for t in case.evidence.ties.to_pylist():
        if t["kind"] not in _NO_IDENTITY and t["weight"] > 0:
            g.add_edge(t["left_id"], t["right_id"])
    parts = sorted(
        (frozenset(p) for p in nx.connected_components(g)), key=lambda p: (-len(p), min(p))
    )
    return _of_groups(case, [p for p in parts if len(p) >= 3][:SHOWN])


def rule_stars(case: Case, _: object) -> Detection:
    """Each institution with the clients whose claims there break a rule, most of them first."""
    results = case.evidence.results
    hits = results.filter(pc.equal(results["outcome"], "hit"))["claim_id"].to_pylist()
    broken = case.claims[case.claims["claim_id"].isin(set(hits))]
    clients = broken.groupby("institution_id")["enterprise_id"].agg(frozenset)
    stars = sorted(
        (c | {k} for k, c in clients.items() if len(c) >= 3), key=lambda p: (-len(p), min(p))
    )
    return _of_groups(case, stars[:SHOWN])


def _of_groups(case: Case, groups: Sequence[frozenset[str]]) -> Detection:
    claims = case.claims
    score = np.zeros(len(claims))
    for place, group in reversed(list(enumerate(groups))):
        inside = (
            claims["enterprise_id"].isin(group) & claims["institution_id"].isin(group)
        ).to_numpy()
        score[inside] = len(groups) - place
    amount = claims["claimed_amount"].astype(float).to_numpy()
    return Detection(score=score + amount / (1.0 + amount.max()), groups=groups)


DETECTORS = [
    Detector("dense peeling", peel, words="FRAUDAR's greedy on the claims graph"),
    Detector("Louvain, claims", louvain_claims, words="communities of the claims graph"),
    Detector("Louvain, our ties", louvain_ties, words="communities of all our discounted ties"),
    Detector("claim count", claim_count, words="institutions by claims"),
    Detector("stars of rule hits", rule_stars, words="institutions by clients who break a rule"),
    Detector("shared identity", shared_identity, words="components of shared identifiers"),
]
