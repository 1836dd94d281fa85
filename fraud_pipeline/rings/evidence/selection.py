"""From candidates to the rings that are shown: further evidence, overlap, order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fraud_pipeline.rings.evidence.exclusive_values import SetEvidence, measure_evidence, stars
from fraud_pipeline.rings.evidence.marked_sets import marked_nats
from fraud_pipeline.rings.evidence.scan import (
    Group,
    KindEvidence,
    OtherEvidence,
    by_kind,
    find_groups,
    whole_membership,
)
from fraud_pipeline.rings.evidence.scan.kinds import CONVINCING
from fraud_pipeline.rings.evidence.supporting import Marks, supporting_nats
from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.null.significance import p_values, q_values
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.candidates import find_candidates, score_unchanged
from fraud_pipeline.rings.search.core import critical_score, smallest_core
from fraud_pipeline.rings.search.executor import Executor
from fraud_pipeline.rings.search.overlap import overlaps_known, without_overlap
from fraud_pipeline.rings.search.tasks import LOCAL_EXECUTOR, Candidate, null_maxima

_SIGNIFICANT = 0.05  # p-value at which the smallest significant core of a ring is listed


@dataclass(frozen=True)
class SelectedRing:
    """A ring before it is described: numbers of its parties, what speaks for it."""

    nodes: tuple[int, ...]
    structure_nats: float  # nats of the claims graph, given who is tied to whom
    further: float  # nats of money, amounts and further kinds of identity
    p_value: float
    q_value: float
    score: float
    core: tuple[int, ...] = ()  # the smallest significant core, if smaller
    score_without_verdicts: float | None = None  # None: the same
    kinds: Mapping[str, KindEvidence] = field(default_factory=dict)  # of marks of its edges


def select_rings(
    parties: Parties, money_back: np.ndarray, marks: Marks, settings: RingParameters,
    known: Sequence[frozenset[int]] = (), executor: Executor = LOCAL_EXECUTOR, other: OtherEvidence | None = None,
) -> tuple[list[SelectedRing], np.ndarray]:  # fmt: skip
    """The rings, best first, and the best score of each null sample they were compared with.

    ``money_back`` int64 (k, 2): enterprise and institution nodes between which money came back.
    ``marks``: edges with further evidence; it moves a ring up the list but not its p-value,
    because money and equal amounts come with dealing, so null samples say nothing about them.
    ``known``: the members of the rings of the previous run; a faint one goes later than it came,
    or a list would flicker. ``other``: the evidence besides structure; where it is given, structure
    alone is no ring: something else must speak for a set (:mod:`fraud_pipeline.rings.evidence.exclusive_values`),
    and groups that several kinds of evidence single out are candidates of their own
    (:mod:`fraud_pipeline.rings.evidence.scan`).
    ``executor`` runs the search, of the data and of the null samples; what follows looks at some thousands
    of sets at once, each against the others, and stays in one place.
    """
    star_sets = [] if other is None else stars(other.shared, settings.min_enterprises)
    groups = [] if other is None else find_groups(parties, other, settings.min_enterprises)
    candidates = find_candidates(
        parties, money_back, [*star_sets, *(list(g.nodes) for g in groups)], settings, executor
    )
    sufficient = star_nats = singled_out = np.full(len(candidates), -np.inf)
    if other is not None:
        sets = [c.nodes for c in candidates]
        besides = measure_evidence(parties, other.shared, sets)
        singled_out = np.maximum(
            _group_nats(candidates, groups),
            marked_nats(parties, other, sets, besides.exclusive, groups),
        )
        rows = np.flatnonzero((besides.best >= 0.0) | (singled_out >= 0.0))
        candidates, singled_out = [candidates[i] for i in rows], singled_out[rows]
        star_nats = _star_nats(besides.of(rows), candidates, star_sets)
        sufficient = np.maximum(star_nats, singled_out)
    if not candidates:
        return [], np.zeros(0)
    maxima = null_maxima(parties.graph, settings, executor)
    further = np.array(supporting_nats(parties, marks, [c.nodes for c in candidates]))
    structure_nats = np.array([c.structure_nats for c in candidates])
    stays = overlaps_known([c.nodes for c in candidates], known)
    excess = excess_nats(structure_nats, further, maxima)
    if other is not None:
        supported = (p_values(structure_nats, maxima) <= _SIGNIFICANT) & (
            besides.of(rows).best >= _least_evidence(parties, candidates)
        )
        usual = float(np.median(maxima)) if maxima.size else 0.0
        open_ones = np.flatnonzero(~supported & (structure_nats >= usual))
        supported[open_ones] = [
            _has_convincing_marks(parties, other, candidates[i]) for i in open_ones
        ]
        excess = np.where(stays | supported, excess, -np.inf)
    strength = np.maximum(excess, sufficient)
    blind = np.maximum(excess, star_nats)
    first = structure_nats + further if other is None else strength
    least = np.where(stays, settings.least_excess_kept, settings.min_excess)
    enough = (strength >= least) | (singled_out >= 0.0)
    whole = _with_all_members(parties, other, candidates, strength)
    # Those that are not shown come last, so that they hide nobody who is.
    order = sorted(
        range(len(candidates)), key=lambda i: (not enough[i], -first[i], candidates[i].nodes)
    )
    cores = {g.nodes: g.core for g in groups}
    marked = [cores.get(candidates[i].nodes, ()) for i in order]
    distinct = _with_own_evidence(
        marked, [whole[i] for i in order],
        without_overlap([whole[i] for i in order], settings.overlap),
    )  # fmt: skip
    # The p-values are of the best of a whole search, so each alone bounds the false discoveries
    # of all that pass it; candidates that do worse than a usual null sample compete for nothing.
    rows = np.array([order[i] for i in distinct if strength[order[i]] >= 0.0], np.int64)
    p = p_values(structure_nats[rows], maxima)
    q = q_values(p)
    shown = np.flatnonzero(enough[rows])[: settings.max_rings]
    score = _score(strength[rows], settings)
    certain = critical_score(maxima, _SIGNIFICANT)

    def chosen(n: int) -> SelectedRing:
        i = rows[n]
        nodes = candidates[i].nodes
        convincing = (
            smallest_core(parties, nodes, certain, settings)
            if structure_nats[i] >= certain
            else cores.get(nodes, nodes)
        )
        as_found = {} if other is None else by_kind(parties, other.marks, nodes)
        left = singled_out[i] - (as_found["verdict"].nats if "verdict" in as_found else 0.0)
        without = float(_score(np.maximum(blind[i], left), settings))
        kinds = {} if other is None else by_kind(parties, other.marks, whole[i])
        return SelectedRing(whole[i], float(structure_nats[i]), float(further[i]), float(p[n]), float(q[n]),
                      float(score[n]), convincing, without, kinds)  # fmt: skip

    return [chosen(n) for n in shown], maxima


def _with_all_members(
    parties: Parties,
    other: OtherEvidence | None,
    candidates: list[Candidate],
    strength: np.ndarray,
) -> list[tuple[int, ...]]:
    """The nodes of each candidate; where it may be shown, with all who carry the same evidence."""
    nodes = [c.nodes for c in candidates]
    if other is not None:
        rows = np.flatnonzero(strength >= 0.0).tolist()
        grown = whole_membership(parties, other, [nodes[i] for i in rows])
        for i, members in zip(rows, grown, strict=True):
            nodes[i] = members
    return nodes


def _with_own_evidence(
    cores: Sequence[tuple[int, ...]], whole: Sequence[tuple[int, ...]], distinct: list[int]
) -> list[int]:
    """Those of ``distinct`` whose evidence is no stronger ring's.

    ``cores``: of a group of the scan the clients whose marks are its evidence, with their institution last. If a stronger
    ring has that institution and one of them, what is left is that ring's evidence, as between two groups.
    """
    places: list[int] = []
    holders: dict[int, list[set[int]]] = {}  # by party
    for place in distinct:
        core = cores[place]
        stronger = holders.get(core[-1], []) if core else []
        if any(not ring.isdisjoint(core[:-1]) for ring in stronger):
            continue
        places.append(place)
        ring = set(whole[place])
        for node in ring:
            holders.setdefault(node, []).append(ring)
    return places


def _has_convincing_marks(parties: Parties, other: OtherEvidence, candidate: Candidate) -> bool:
    """Whether prices or verdicts convince of a set that something else already speaks for."""
    kinds = by_kind(parties, other.marks, candidate.nodes)
    return any(kind in kinds and kinds[kind].convinces for kind in ("price", "verdict"))


def _least_evidence(parties: Parties, candidates: list[Candidate]) -> np.ndarray:
    """(n,) nats of evidence that a set needs besides an unlikely structure.

    A set of several institutions is what a part of a market looks like, and a bookkeeper's clients are of
    one part: there a value must convince by itself. At one institution it must only not be chance.
    """
    sellers = np.array([sum(n >= parties.graph.n_enterprises for n in c.nodes) for c in candidates])
    return np.where(sellers > 1, CONVINCING, 0.0)


def _star_nats(
    besides: SetEvidence, candidates: list[Candidate], star_sets: list[list[int]]
) -> np.ndarray:
    """Nats of the stars that chance gives in one programme of twenty; -inf for all else.

    A set that the search made larger or smaller for its score is no star: of those it would
    have to be taken into account how many were tried.
    """
    whole = {tuple(sorted(s)) for s in star_sets}
    star = np.array([c.nodes in whole for c in candidates], bool) & (
        besides.exclusive >= CONVINCING
    )
    nats: np.ndarray = np.where(star, besides.exclusive, -np.inf)
    return nats


def _group_nats(candidates: list[Candidate], groups: list[Group]) -> np.ndarray:
    """Nats of the sets that evidence singles out at an institution; -inf for all else."""
    nats = {g.nodes: g.nats for g in groups}
    return np.array([nats.get(c.nodes, -np.inf) for c in candidates], float)


def rescore(
    parties: Parties, nodes: tuple[int, ...], one: SelectedRing, maxima: np.ndarray, marks: Marks,
    settings: RingParameters, other: OtherEvidence | None = None,
) -> SelectedRing:  # fmt: skip
    """``one`` with other members, as people judged: weighed anew, just as it stands.

    ``other``: as in :func:`choose`; members that people chose are no result of a search, so
    their exclusive values and marks count in full.

    The false discovery rate is not made smaller by taking members out.
    """
    structure_nats = np.array(
        [max(c.structure_nats for c in score_unchanged(parties, [list(nodes)], settings))]
    )
    further = np.array(supporting_nats(parties, marks, [nodes]))
    p = float(p_values(structure_nats, maxima)[0])
    nats = blind = -np.inf
    kinds: dict[str, KindEvidence] = {}
    if other is not None:
        kinds = dict(by_kind(parties, other.marks, nodes))
        values = float(measure_evidence(parties, other.shared, [nodes]).exclusive[0])
        nats = max(values, 0.0) + sum(kind_evidence.nats for kind_evidence in kinds.values())
        blind = nats - (kinds["verdict"].nats if "verdict" in kinds else 0.0)
    both = np.array([nats, blind])
    sufficient = np.where(both >= CONVINCING, both, -np.inf)
    score, without = _score(
        np.maximum(excess_nats(structure_nats, further, maxima), sufficient), settings
    )
    certain = critical_score(maxima, _SIGNIFICANT)
    return SelectedRing(
        nodes, float(structure_nats[0]), float(further[0]), p, max(one.q_value, p), float(score),
        smallest_core(parties, nodes, certain, settings) if structure_nats[0] >= certain else nodes,
        float(without), kinds,
    )  # fmt: skip


def _score(excess: np.ndarray, settings: RingParameters) -> np.ndarray:
    score: np.ndarray = 1.0 / (1.0 + np.exp(-(excess - settings.even_excess) / 3.0))
    return score


def excess_nats(structure_nats: np.ndarray, further: np.ndarray, maxima: np.ndarray) -> np.ndarray:
    """Nats above the usual best of a null sample, further evidence added.

    CandidateSets that lie x nats below that are about e**x times as many, and further evidence is looked
    up for all of them: what it says by accident somewhere among them is taken off.
    """
    above = structure_nats - (float(np.median(maxima)) if maxima.size else 0.0)
    total: np.ndarray = above + further - np.maximum(-above, 0.0)
    return total
