"""From candidates to the rings that are shown: further evidence, overlap, order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa

from fraud_pipeline.rings.chance import p_values, q_values
from fraud_pipeline.rings.core import core, least_convincing
from fraud_pipeline.rings.exclusive import Evidence, evidence, stars
from fraud_pipeline.rings.fringe import without_fringe
from fraud_pipeline.rings.further import Marks, further_nats
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.parties import Parties
from fraud_pipeline.rings.pieces import pieces
from fraud_pipeline.rings.scan import Group, KindEvidence, OtherEvidence, by_kind, find_groups
from fraud_pipeline.rings.search import HERE, Candidate, chance_maxima, climb, seeds_of
from fraud_pipeline.rings.seeds import joined
from fraud_pipeline.rings.work import Work

_ALONE = float(np.log(20.0))  # nats of evidence that chance gives in one programme of twenty
_LARGEST_MARKET_SEEN_WHOLE = 30  # enterprises; a file of so few may be one ring's
CONVINCING = 0.05  # p-value at which the smallest telling part of a ring is told


@dataclass(frozen=True)
class Chosen:
    """A ring before it is described: numbers of its parties, what speaks for it."""

    nodes: tuple[int, ...]
    surprise: float  # nats of the claims graph, given who is tied to whom
    further: float  # nats of money, amounts and further kinds of identity
    p_value: float
    q_value: float
    score: float
    core: tuple[int, ...] = ()  # the smallest part that still convinces, if smaller
    score_without_verdicts: float | None = None  # None: the same
    kinds: Mapping[str, KindEvidence] = field(default_factory=dict)  # of marks of its edges


def choose(
    parties: Parties, money_back: np.ndarray, marks: Marks, settings: RingParameters,
    known: Sequence[frozenset[int]] = (), work: Work = HERE, other: OtherEvidence | None = None,
) -> tuple[list[Chosen], np.ndarray]:  # fmt: skip
    """The rings, best first, and the best surprise of each chance world they were compared with.

    ``money_back`` int64 (k, 2): firm and institution nodes between which money came back.
    ``marks``: dealings with further evidence; it moves a ring up the list but not its p-value,
    because money and equal amounts come with dealing, so chance worlds say nothing about them.
    ``known``: the members of the rings of the night before; a faint one goes later than it came,
    or a list would flicker. ``other``: the evidence besides structure; where it is given, structure
    alone is no ring: something else must speak for a set (:mod:`fraud_pipeline.rings.exclusive`),
    and groups that several kinds of evidence single out are candidates of their own
    (:mod:`fraud_pipeline.rings.scan`).
    ``work`` does the search, here and in the chance worlds; what follows looks at some thousands
    of sets at once, each against the others, and stays in one place.
    """
    star_sets = [] if other is None else stars(other.shared, settings.min_enterprises)
    groups = [] if other is None else find_groups(parties, other, settings.min_enterprises)
    found = _candidates(
        parties, money_back, [*star_sets, *(list(g.nodes) for g in groups)], settings, work
    )
    alone = star_nats = singled_out = np.full(len(found), -np.inf)
    if other is not None:
        singled_out = _of_groups(found, groups)
        besides = evidence(parties, other.shared, [c.nodes for c in found])
        rows = np.flatnonzero((besides.best >= 0.0) | (singled_out >= 0.0))
        found, singled_out = [found[i] for i in rows], singled_out[rows]
        star_nats = _of_stars(besides.of(rows), found, star_sets)
        alone = np.maximum(star_nats, singled_out)
    if not found:
        return [], np.zeros(0)
    maxima = chance_maxima(parties.web, settings, work)
    further = np.array(further_nats(parties, marks, [c.nodes for c in found]))
    surprise = np.array([c.surprise for c in found])
    stays = _overlaps([c.nodes for c in found], known)
    excess = _excess(surprise, further, maxima)
    if other is not None:
        supported = (p_values(surprise, maxima) <= CONVINCING) & (
            besides.of(rows).best >= _least_evidence(parties, found)
        )
        usual = float(np.median(maxima)) if maxima.size else 0.0
        open_ones = np.flatnonzero(~supported & (surprise >= usual))
        supported[open_ones] = [_marked(parties, other, found[i]) for i in open_ones]
        excess = np.where(stays | supported, excess, -np.inf)
    strength = np.maximum(excess, alone)
    blind = np.maximum(excess, star_nats)
    first = surprise + further if other is None else strength
    order = sorted(range(len(found)), key=lambda i: (-first[i], found[i].nodes))
    kept = _without_overlap([found[i].nodes for i in order], settings.overlap)
    # The p-values are of the best of a whole search, so each alone bounds the false discoveries
    # of all that pass it; candidates that do worse than a usual chance world compete for nothing.
    rows = np.array([order[i] for i in kept if strength[order[i]] >= 0.0], np.int64)
    p = p_values(surprise[rows], maxima)
    q = q_values(p)
    least = np.where(stays[rows], settings.least_excess_kept, settings.min_excess)
    enough = (strength[rows] >= least) | (singled_out[rows] >= 0.0)
    shown = np.flatnonzero(enough)[: settings.max_rings]
    score = _score(strength[rows], settings)
    certain = least_convincing(maxima, CONVINCING)
    cores = {g.nodes: g.core for g in groups}

    def chosen(n: int) -> Chosen:
        i = rows[n]
        nodes = found[i].nodes
        convincing = (
            core(parties, nodes, certain, settings)
            if surprise[i] >= certain
            else cores.get(nodes, nodes)
        )
        said = {} if other is None else by_kind(parties, other.marks, nodes)
        left = singled_out[i] - (said["verdict"].nats if "verdict" in said else 0.0)
        without = float(_score(np.maximum(blind[i], left), settings))
        return Chosen(nodes, float(surprise[i]), float(further[i]), float(p[n]), float(q[n]),
                      float(score[n]), convincing, without, said)  # fmt: skip

    return [chosen(n) for n in shown], maxima


def _candidates(
    parties: Parties, money_back: np.ndarray, star_sets: list[list[int]], settings: RingParameters,
    work: Work,
) -> list[Candidate]:  # fmt: skip
    """What the search proposes, who was paid back, and stars of clients with exclusive values."""
    web = parties.web
    found = climb(web, seeds_of(web, settings, work), settings, work=work)
    found += _paid_back(parties, money_back, settings)
    new = {tuple(sorted(s)) for s in star_sets} - {c.nodes for c in found}
    found += _as_they_are(parties, [list(nodes) for nodes in sorted(new)], settings)
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


def _marked(parties: Parties, other: OtherEvidence, candidate: Candidate) -> bool:
    """Whether prices or verdicts convince of a set that something else already speaks for."""
    kinds = by_kind(parties, other.marks, candidate.nodes)
    return any(kind in kinds and kinds[kind].convinces for kind in ("price", "verdict"))


def _least_evidence(parties: Parties, found: list[Candidate]) -> np.ndarray:
    """(n,) nats of evidence that a set needs besides an unlikely structure.

    A set of several institutions is what a part of a market looks like, and a bookkeeper's clients are of
    one part: there a value must convince by itself. At one institution it must only not be chance.
    """
    sellers = np.array([sum(n >= parties.web.n_firms for n in c.nodes) for c in found])
    return np.where(sellers > 1, _ALONE, 0.0)


def _of_stars(besides: Evidence, found: list[Candidate], star_sets: list[list[int]]) -> np.ndarray:
    """Nats of the stars that chance gives in one programme of twenty; -inf for all else.

    A set that the search made larger or smaller to be surprising is no star: of those it would
    have to be taken into account how many were tried.
    """
    whole = {tuple(sorted(s)) for s in star_sets}
    star = np.array([c.nodes in whole for c in found], bool) & (besides.exclusive >= _ALONE)
    nats: np.ndarray = np.where(star, besides.exclusive, -np.inf)
    return nats


def _of_groups(found: list[Candidate], groups: list[Group]) -> np.ndarray:
    """Nats of the sets that evidence singles out at an institution; -inf for all else."""
    nats = {g.nodes: g.nats for g in groups}
    return np.array([nats.get(c.nodes, -np.inf) for c in found], float)


def weighed(
    parties: Parties, nodes: tuple[int, ...], one: Chosen, maxima: np.ndarray, marks: Marks,
    settings: RingParameters, other: OtherEvidence | None = None,
) -> Chosen:  # fmt: skip
    """``one`` with other members, as people judged: weighed anew, just as it stands.

    ``other``: as in :func:`choose`; members that people chose are no result of a search, so
    their exclusive values and marks count in full.

    The false discovery rate is not made smaller by taking members out.
    """
    surprise = np.array([max(c.surprise for c in _as_they_are(parties, [list(nodes)], settings))])
    further = np.array(further_nats(parties, marks, [nodes]))
    p = float(p_values(surprise, maxima)[0])
    nats = blind = -np.inf
    said: dict[str, KindEvidence] = {}
    if other is not None:
        said = dict(by_kind(parties, other.marks, nodes))
        values = float(evidence(parties, other.shared, [nodes]).exclusive[0])
        nats = max(values, 0.0) + sum(kind.nats for kind in said.values())
        blind = nats - (said["verdict"].nats if "verdict" in said else 0.0)
    both = np.array([nats, blind])
    alone = np.where(both >= _ALONE, both, -np.inf)
    score, without = _score(np.maximum(_excess(surprise, further, maxima), alone), settings)
    certain = least_convincing(maxima, CONVINCING)
    return Chosen(
        nodes, float(surprise[0]), float(further[0]), p, max(one.q_value, p), float(score),
        core(parties, nodes, certain, settings) if surprise[0] >= certain else nodes,
        float(without), said,
    )  # fmt: skip


def _score(excess: np.ndarray, settings: RingParameters) -> np.ndarray:
    score: np.ndarray = 1.0 / (1.0 + np.exp(-(excess - settings.even_excess) / 3.0))
    return score


def _excess(surprise: np.ndarray, further: np.ndarray, maxima: np.ndarray) -> np.ndarray:
    """Nats above the usual best of a chance world, further evidence added.

    Sets that lie x nats below that are about e**x times as many, and further evidence is looked
    up for all of them: what it says by accident somewhere among them is taken off.
    """
    above = surprise - (float(np.median(maxima)) if maxima.size else 0.0)
    total: np.ndarray = above + further - np.maximum(-above, 0.0)
    return total


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


def _paid_back(
    parties: Parties, money_back: np.ndarray, settings: RingParameters
) -> list[Candidate]:
    """For each institution that paid two firms or more back, those firms and it, as they are."""
    groups: dict[int, list[int]] = {}
    for firm, inst in money_back.tolist():
        groups.setdefault(inst, []).append(firm)
    sets = [[*sorted(firms), inst] for inst, firms in sorted(groups.items()) if len(firms) >= 2]
    return _as_they_are(parties, [s for s in sets if len(s) <= settings.largest_seed], settings)


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
    return whole + _as_they_are(parties, [list(p) for p in sorted(parts)], settings)


def _without_cover(
    parties: Parties, found: list[Candidate], settings: RingParameters
) -> list[Candidate]:
    """Candidates with institutions that are only cover replaced by what is left without them."""
    inner = [without_fringe(parties.web, c.nodes) for c in found]
    same = [c for c, nodes in zip(found, inner, strict=True) if nodes == c.nodes]
    less = {nodes for c, nodes in zip(found, inner, strict=True) if nodes != c.nodes}
    return same + _as_they_are(parties, [list(nodes) for nodes in sorted(less)], settings)


def _as_they_are(
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


def _overlaps(sets: list[tuple[int, ...]], known: Sequence[frozenset[int]]) -> np.ndarray:
    """Whether each set shares half or more of its parties with a known one (Jaccard)."""
    holders: dict[int, list[int]] = {}
    for place, members in enumerate(known):
        for n in members:
            holders.setdefault(n, []).append(place)
    stays = np.zeros(len(sets), bool)
    for i, nodes in enumerate(sets):
        common = Counter(place for n in nodes for place in holders.get(n, ()))
        stays[i] = any(
            3 * c >= len(nodes) + len(known[place]) for place, c in common.items()
        )  # c / (a + b - c) >= 1/2
    return stays


def _without_overlap(sets: list[tuple[int, ...]], most: float) -> list[int]:
    """Places of the sets that share no more than ``most`` of the smaller one with a better one."""
    kept: list[int] = []
    sizes = [len(nodes) for nodes in sets]
    little = most * min(sizes, default=0)  # whatever the other's size: most sets share no more
    holders: dict[int, list[int]] = {}
    for place, nodes in enumerate(sets):
        common = Counter(chain.from_iterable(holders.get(n, ()) for n in nodes))
        if max(common.values(), default=0) <= little or all(
            c <= most * min(len(nodes), sizes[other]) for other, c in common.items()
        ):
            kept.append(place)
            for n in nodes:
                holders.setdefault(n, []).append(place)
    return kept
