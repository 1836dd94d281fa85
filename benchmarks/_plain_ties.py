"""Reused texts, shared attributes and dense groups, as :mod:`benchmarks._plain_script` looks for them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import HashingVectorizer

Frames = dict[str, pd.DataFrame]
HUB = 30  # an attribute shared by more parties says nothing of them
TEXT_ALIKE = 0.9


def texts_alike(claims: pd.DataFrame) -> pd.Series:
    """Reports nearly the same as another of the same institution: blocked, then cosine."""
    text = claims["report_text"].fillna("")
    rows = HashingVectorizer(analyzer="char", ngram_range=(3, 3), n_features=1 << 18).transform(
        text
    )
    alike = np.zeros(len(claims), dtype=bool)
    place = pd.Series(np.arange(len(claims)), index=claims.index)
    for _, at in place.groupby(claims["institution_id"]):
        index = at.to_numpy()
        if len(index) > 1:
            near = (rows[index] @ rows[index].T).tocoo()
            pairs = (near.row != near.col) & (near.data > TEXT_ALIKE)
            alike[index[near.row[pairs]]] = True
    return pd.Series(alike, index=claims.index) & text.ne("")


def tie_rows(f: Frames) -> pd.DataFrame:
    """Pairs of parties and what they share: phone, account, address, person, agent or device."""
    parts = []
    parties = pd.concat([
        f["enterprises"].rename(columns={"enterprise_id": "party"}),
        f["institutions"].rename(columns={"institution_id": "party"}),
    ])  # fmt: skip
    for column in ("phone", "email", "bank_account", "address", "legal_representative"):
        parts.append(
            parties[["party", column]].set_axis(["party", "value"], axis=1).assign(kind=column)
        )
    people = f["relations"][["party_id", "person_id"]].set_axis(["party", "value"], axis=1)
    parts.append(people.assign(kind="person"))
    for column in ("agent_id", "device_id", "contact_phone"):
        used = f["claims"][["enterprise_id", column]].set_axis(["party", "value"], axis=1)
        parts.append(used.assign(kind=column))
    shared = pd.concat(parts, ignore_index=True).dropna().drop_duplicates()
    size = shared.groupby(["kind", "value"])["party"].transform("count")
    shared = shared[(size > 1) & (size <= HUB)].assign(n=size)
    pairs = shared.merge(shared, on=["kind", "value"])
    pairs = pairs[pairs["party_x"] < pairs["party_y"]]
    return pairs.assign(weight=1 / np.log1p(pairs["n_x"]))


def ties(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a pair of parties, the weights of all it shares added up."""
    return rows.groupby(["party_x", "party_y"])["weight"].sum().reset_index()


def rings(f: Frames, tied: pd.DataFrame) -> pd.Series:
    """A score a party: density of the community it is in, by Louvain over ties and dealings."""
    deals = f["claims"].groupby(["enterprise_id", "institution_id"]).size()
    busy = f["claims"].groupby("institution_id")["enterprise_id"].nunique()
    graph = nx.Graph()
    graph.add_weighted_edges_from(tied.itertuples(index=False, name=None))
    weight = deals / np.log1p(busy.reindex(deals.index.get_level_values(1)).to_numpy()) * 0.2
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in weight.items())
    score: dict[str, float] = {}
    for group in nx.community.louvain_communities(graph, seed=1):
        if 4 <= len(group) <= 60:
            inside = graph.subgraph(group).size(weight="weight")
            density = inside / len(group)
            score.update(dict.fromkeys(group, density))
    return pd.Series(score, dtype=float)
