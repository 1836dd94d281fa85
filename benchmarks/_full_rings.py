"""The rings of :mod:`benchmarks._full_script`: a search repeated on chance worlds, with p and q."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from scipy import sparse, special, stats

from benchmarks._plain_ties import Frames

WORLDS, DEALINGS_IN_ALL = (
    99,
    2_000_000,
)  # as the product's setting rings.null_samples and null_budget


class Web(NamedTuple):
    """Dealings (first claim of a pair) and ties by node: firms first, then institutions."""

    names: np.ndarray
    n_firms: int
    firm: np.ndarray
    inst: np.ndarray
    cell: np.ndarray  # season and region: what a chance world keeps
    tied: np.ndarray  # (ties, 2)
    weight: np.ndarray


def web_of(f: Frames, tied: pd.DataFrame) -> Web:
    c = f["claims"].sort_values("submitted_on").drop_duplicates(["enterprise_id", "institution_id"])
    firm, firms = pd.factorize(c["enterprise_id"])
    inst, insts = pd.factorize(c["institution_id"])
    names = np.concatenate([firms, insts])
    where = f["enterprises"].drop_duplicates("enterprise_id").set_index("enterprise_id")["region"]
    region = pd.factorize(where.reindex(c["enterprise_id"]))[0]
    season = (c["submitted_on"] - c["submitted_on"].min()).dt.days.to_numpy() // 91
    node = pd.Series(np.arange(len(names)), index=names)
    pairs = np.stack([node.reindex(tied[x]).to_numpy() for x in ("party_x", "party_y")], axis=1)
    known = ~np.isnan(pairs).any(axis=1)
    return Web(names, len(firms), firm, inst, season * (region.max() + 2) + region,
               pairs[known].astype(int), tied["weight"].to_numpy()[known])  # fmt: skip


def louvain(web: Web, inst: np.ndarray) -> np.ndarray:
    """Community of each node, -1 for none of use: Louvain over ties and dealings."""
    busy = np.bincount(inst)
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(*web.tied.T.tolist(), web.weight.tolist(), strict=True))
    weight = 0.2 / np.log1p(busy[inst])
    graph.add_weighted_edges_from(
        zip(web.firm.tolist(), (inst + web.n_firms).tolist(), weight.tolist(), strict=True)
    )
    label = np.full(len(web.names), -1)
    for number, group in enumerate(nx.community.louvain_communities(graph, seed=1)):
        if 4 <= len(group) <= 60:
            label[list(group)] = number
    return label


def tied_firms(web: Web, inst: np.ndarray) -> np.ndarray:
    """Community of each node: firms joined by a tie and a common institution, and what they share."""
    n_insts = len(web.names) - web.n_firms
    deals = sparse.csr_matrix((np.ones(len(inst)), (web.firm, inst)), shape=(web.n_firms, n_insts))
    pairs = web.tied[(web.tied < web.n_firms).all(axis=1)]
    common = np.asarray(deals[pairs[:, 0]].multiply(deals[pairs[:, 1]]).sum(axis=1)).ravel()
    a, b = pairs[common > 0].T
    link = sparse.csr_matrix((np.ones(len(a)), (a, b)), shape=(web.n_firms, web.n_firms))
    n, part = sparse.csgraph.connected_components(link, directed=False)
    label = np.full(len(web.names), -1)
    large = np.bincount(part, minlength=n) >= 3
    label[: web.n_firms] = np.where(large[part], part, -1)
    shared = pd.DataFrame({"inst": inst, "part": part[web.firm]})
    shared = shared[large[shared["part"]]].groupby(["inst", "part"]).size().reset_index(name="n")
    shared = shared[shared["n"] >= 2].sort_values("n").drop_duplicates("inst", keep="last")
    label[web.n_firms + shared["inst"].to_numpy()] = shared["part"].to_numpy()
    return label


SEARCHES = {"louvain": louvain, "tied": tied_firms}


def surprises(web: Web, inst: np.ndarray, label: np.ndarray) -> pd.Series:
    """Nats by which the dealings inside a group exceed chance, less the cost of naming it."""
    firms, insts = label[: web.n_firms], label[web.n_firms :]
    n = label.max() + 1
    if n == 0:
        return pd.Series(dtype=float)
    at_firm, at_inst = firms[web.firm], insts[inst]
    inside = np.bincount(at_firm[(at_firm >= 0) & (at_firm == at_inst)], minlength=n)
    m = np.bincount(at_firm[at_firm >= 0], minlength=n)
    k = np.bincount(at_inst[at_inst >= 0], minlength=n)
    cost = np.zeros(n)
    size = []
    for part, every in ((firms, web.n_firms), (insts, len(insts))):
        size.append(np.bincount(part[part >= 0], minlength=n))
        cost += special.gammaln(every + 1) - special.gammaln(size[-1] + 1)
        cost -= special.gammaln(every - size[-1] + 1)
    nats = -stats.poisson.logsf(inside - 1, np.maximum(m * k / len(inst), 1e-12)).clip(-700)
    return pd.Series(nats - cost)[(size[0] >= 3) & (size[1] >= 1) & (inside >= 3)]


def chance_best(web: Web, search: str, seconds: float) -> tuple[np.ndarray, dict[str, Any]]:
    """The best of each chance world, searched alike; institutions dealt out anew in each cell."""
    wanted = min(WORLDS, DEALINGS_IN_ALL // len(web.inst))
    draw, best, begun = np.random.default_rng(1), [], time.process_time()
    slots = np.argsort(web.cell, kind="stable")
    for _ in range(wanted):
        inst = np.empty_like(web.inst)
        inst[slots] = web.inst[np.lexsort((draw.random(len(inst)), web.cell))]
        best.append(surprises(web, inst, SEARCHES[search](web, inst)).max())
        if (time.process_time() - begun) * (1 + 1 / len(best)) > seconds:
            break
    spent = time.process_time() - begun
    told = {"worlds": len(best), "worlds_wanted": wanted, "worlds_cpu": round(spent, 1),
            "worlds_cpu_scaled": round(spent * wanted / len(best), 1)}  # fmt: skip
    return np.nan_to_num(np.array(best), nan=-np.inf), told


def rings(f: Frames, rows: pd.DataFrame, web: Web, search: str, seconds: float) -> dict[str, Any]:
    """Groups with p and q, members with roles, claims, evidence, a story in two languages."""
    label = SEARCHES[search](web, web.inst)
    nats = surprises(web, web.inst, label)
    best, told = chance_best(web, search, seconds)
    best = best[np.isfinite(best)]
    counted = (1 + (best[None, :] >= nats.to_numpy()[:, None]).sum(axis=1)) / (1 + len(best))
    place, scale = stats.gumbel_r.fit(best) if len(best) > 2 else (0.0, 1.0)
    tail = stats.gumbel_r.sf(nats, place, scale)
    p = np.where(nats > best.max(initial=-np.inf), np.minimum(counted, tail), counted)
    found = pd.DataFrame({"ring": nats.index, "surprise": nats, "p_value": p,
                          "q_value": stats.false_discovery_control(p) if len(p) else p})  # fmt: skip
    shown = found[found["p_value"] <= 0.2].copy()
    member = pd.DataFrame(
        {"party_id": web.names, "ring": label, "firm": np.arange(len(label)) < web.n_firms}
    )
    member = member[member["ring"].isin(shown["ring"])]
    ring_of = member.set_index("party_id")["ring"]
    c = f["claims"][
        ["claim_id", "enterprise_id", "institution_id", "claimed_amount", "submitted_on"]
    ]
    mine = c[["enterprise_id", "institution_id"]].apply(lambda x: x.map(ring_of))
    inside = c[
        mine["enterprise_id"].notna() & mine["enterprise_id"].eq(mine["institution_id"])
    ].assign(ring=mine["enterprise_id"])
    side = rows.assign(a=rows["party_x"].map(ring_of), b=rows["party_y"].map(ring_of))
    side = side[side["a"].notna() & side["a"].eq(side["b"])].assign(ring=lambda t: t["a"])
    side["sentence_zh"] = side["party_x"] + "与" + side["party_y"] + "共用" + side["kind"]
    side["sentence_en"] = side["party_x"] + " and " + side["party_y"] + " share " + side["kind"]
    ends = pd.concat([side["party_x"], side["party_y"]]).value_counts()
    busy = pd.concat([c["enterprise_id"], c["institution_id"]]).value_counts()
    here = pd.concat([inside["enterprise_id"], inside["institution_id"]]).value_counts()
    member["strength"] = member["party_id"].map(here / busy).fillna(0)
    member["ties"] = member["party_id"].map(ends).fillna(0)
    most = member.groupby("ring")["ties"].transform("max")
    member["role"] = np.select(
        [~member["firm"] & (member["strength"] >= 0.5), ~member["firm"], (member["ties"] == most) & (most > 0),
         (member["ties"] == 0) & (member["strength"] < 0.5)],
        ["complicit_institution", "institution", "organiser", "drawn_in_customer"], "member")  # fmt: skip
    sums = inside.groupby("ring").agg(n_claims=("claim_id", "size"), amount=("claimed_amount", "sum"),
                                      first_on=("submitted_on", "min"), last_on=("submitted_on", "max"))  # fmt: skip
    sums["n_firms"] = member[member["firm"]].groupby("ring").size()
    sums["n_institutions"] = member[~member["firm"]].groupby("ring").size()
    sums["shared"] = side.groupby("ring")["kind"].agg(
        lambda x: "; ".join(x.value_counts().index[:4])
    )
    shown = shown.merge(sums.reset_index(), on="ring")
    shown["score"] = (
        special.expit((shown["surprise"] - np.median(best) - 2.3) / 3) if len(best) else 0.0
    )
    told_zh, told_en = [], []
    for r in shown.itertuples():
        told_zh.append(f"{r.n_firms}家企业在{r.first_on:%Y-%m-%d}至{r.last_on:%Y-%m-%d}间向{r.n_institutions}家机构"
                       f"提交{r.n_claims}笔申请，合计{r.amount:,.2f}元；共用：{r.shared}；偶然概率{r.p_value:.3g}")  # fmt: skip
        told_en.append(f"{r.n_firms} enterprises filed {r.n_claims} claims for {r.amount:,.2f} yuan with {r.n_institutions} "
                       f"institutions from {r.first_on:%Y-%m-%d} to {r.last_on:%Y-%m-%d}; shared: {r.shared}; chance {r.p_value:.3g}")  # fmt: skip
    shown = shown.assign(story_zh=told_zh, story_en=told_en)
    return {"rings": shown, "members": member, "claims": inside[["ring", "claim_id"]],
            "evidence": side.drop(columns=["a", "b"]), "told": told}  # fmt: skip
