"""Candidates from several detectors: local search, parties paid back, stars of clients."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.executor import Work
from fraud_pipeline.rings.search.pruning import without_fringe
from fraud_pipeline.rings.search.seeds import joined
from fraud_pipeline.rings.search.splitting import pieces
from fraud_pipeline.rings.search.tasks import Candidate, climb, seeds_of

_LARGEST_MARKET_SEEN_WHOLE = 30  # enterprises; a file of so few may be one ring's


def find_candidates(
    parties: Parties, money_back: np.ndarray, star_sets: list[list[int]], settings: RingParameters,
    work: Work,
) -> list[Candidate]:  # fmt: skip
    """What the search proposes, who was paid back, and stars of clients with exclusive values."""
    web = parties.web
    found = climb(web, seeds_of(web, settings, work), settings, work=work)
    found += _paid_back(parties, money_back, settings)
    new = {tuple(sorted(s)) for s in star_sets} - {c.nodes for c in found}
    found += score_sets(parties, [list(nodes) for nodes in sorted(new)], settings)
    found = _without_cover(parties, _taken_apart(parties, found, settings), settings)
    return [
        c for c in found
        if settings.min_enterprises <= dealing_firms(parties, c.nodes) and not _market(parties, c)
    ]  # fmt: skip


def _market(parties: Parties, candidate: Candidate) -> bool:
    """Whether a set is the market itself, or what is left of it beside a dense part.

    Half of all enterprises are no ring, however little they trade with the other half.
    """
    n = sum(node < parties.web.n_firms for node in candidate.nodes)
    return n > _LARGEST_MARKET_SEEN_WHOLE and 2 * n >= parties.web.n_firms


def _paid_back(
    parties: Parties, money_back: np.ndarray, settings: RingParameters
) -> list[Candidate]:
    """For each institution that paid two firms or more back, those firms and it, as they are."""
    groups: dict[int, list[int]] = {}
    for firm, inst in money_back.tolist():
        groups.setdefault(inst, []).append(firm)
    sets = [[*sorted(firms), inst] for inst, firms in sorted(groups.items()) if len(firms) >= 2]
    return score_sets(parties, [s for s in sets if len(s) <= settings.largest_seed], settings)


def _taken_apart(
    parties: Parties, found: list[Candidate], settings: RingParameters
) -> list[Candidate]:
    """Candidates that are two rings or more replaced by these, each weighed for itself."""
    whole, parts = [], set()
    for candidate in found:
        several = [
            tuple(piece)
            for piece in pieces(parties.web, candidate.nodes, settings.least_tied)
            if sum(n < parties.web.n_firms for n in piece) >= settings.min_enterprises
        ]
        if len(several) < 2:
            whole.append(candidate)
        else:
            parts.update(several)
    return whole + score_sets(parties, [list(p) for p in sorted(parts)], settings)


def _without_cover(
    parties: Parties, found: list[Candidate], settings: RingParameters
) -> list[Candidate]:
    """Candidates with institutions that are only cover replaced by what is left without them."""
    inner = [without_fringe(parties.web, c.nodes) for c in found]
    same = [c for c, nodes in zip(found, inner, strict=True) if nodes == c.nodes]
    less = {nodes for c, nodes in zip(found, inner, strict=True) if nodes != c.nodes}
    return same + score_sets(parties, [list(nodes) for nodes in sorted(less)], settings)


def score_sets(
    parties: Parties, sets: list[list[int]], settings: RingParameters
) -> list[Candidate]:
    """The surprise of given sets at every level of ties."""
    ptr = np.concatenate([[0], np.cumsum([len(s) for s in sets])]).astype(np.int64)
    nodes = np.array([n for s in sets for n in s], np.int64)
    levels = range(len(parties.web.tie_ptr))
    return climb(
        parties.web, joined([(ptr, nodes, level) for level in levels]), settings, as_they_are=True
    )


def dealing_firms(parties: Parties, nodes: tuple[int, ...]) -> int:
    """Firms of a set that deal with its institutions; the others are in it for their ties."""
    web, members = parties.web, set(nodes)
    return sum(
        any(
            int(k) + web.n_firms in members
            for k in web.firm_inst[web.firm_ptr[n] : web.firm_ptr[n + 1]]
        )
        for n in nodes
        if n < web.n_firms
    )


def known_numbers(parties: Parties, ties: pa.Table | None) -> np.ndarray:
    """The money-back ties as pairs of nodes, int64 (k, 2); parties without claims left out."""
    if ties is None:
        return np.zeros((0, 2), np.int64)
    kinds = np.asarray(ties["kind"].to_pylist(), dtype=object)
    rows = ties.filter(pa.array(kinds == "money_back", pa.bool_()))
    firm = {party: n for n, party in enumerate(parties.ids[: parties.web.n_firms])}
    inst = {
        party: n + parties.web.n_firms for n, party in enumerate(parties.ids[parties.web.n_firms :])
    }
    pairs = [
        (firm[left], inst[right])
        for left, right in zip(
            rows["left_id"].to_pylist(), rows["right_id"].to_pylist(), strict=True
        )
        if left in firm and right in inst
    ]
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
