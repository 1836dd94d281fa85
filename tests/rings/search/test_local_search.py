"""The compiled climb keeps its books: every incremental count equals one made afresh."""

import numpy as np

from fraud_pipeline.rings.graph.bipartite import build_graph
from fraud_pipeline.rings.search.code_length import SetSize, set_code_length, tail_nats
from fraud_pipeline.rings.search.local_search import SearchLimits, ascend
from fraud_pipeline.rings.search.search_state import (
    move,
    move_gain,
    new_search_state,
    provisional_code_length,
)


def small_web(seed):
    rng = np.random.default_rng(seed)
    firm, inst = rng.integers(0, 12, 40), rng.integers(0, 5, 40)
    season = rng.integers(0, 3, 40)
    pairs = np.unique(np.column_stack([firm, inst]), axis=0, return_index=True)[1]
    ties = rng.integers(0, 17, (14, 2))
    ties = ties[ties[:, 0] != ties[:, 1]]
    none = np.zeros((0, 2), np.int64)
    return build_graph(12, 5, firm[pairs], inst[pairs], season[pairs], [none, ties])


def afresh(web, level, nodes, q1, q2):
    """Surprise of a set by definition, one group assumed among tied members as in a step."""
    firms = {u for u in nodes if u < web.n_enterprises}
    insts = {u - web.n_enterprises for u in nodes if u >= web.n_enterprises}
    near = {u: web.tie_to[web.tie_ptr[level, u] : web.tie_ptr[level, u + 1]].tolist()
            for u in range(web.n_enterprises + web.n_institutions)}  # fmt: skip
    m, k, c = (np.zeros(web.n_seasons, int) for _ in range(3))
    for f in firms:
        for p in range(web.enterprise_ptr[f], web.enterprise_ptr[f + 1]):
            m[web.enterprise_season[p]] += 1
            c[web.enterprise_season[p]] += web.enterprise_institution[p] in insts
    for i in insts:
        k += web.institution_count[i]
    gain = sum(
        tail_nats(web.log_factorial, web.season_total[q], m[q], k[q], c[q])
        for q in range(q1, q2 + 1)
    )
    lone = [u for u in nodes if not set(near[u]) & set(nodes)]
    border = len({v for u in nodes for v in near[u]})
    lone_enterprises = sum(u < web.n_enterprises for u in lone)
    return gain - set_code_length(
        web.log_factorial, web.n_enterprises, web.n_institutions,
        SetSize(len(firms), len(insts), lone_enterprises, len(lone) - lone_enterprises,
                int(len(lone) < len(nodes)), border),
    )  # fmt: skip


def test_each_trial_is_the_difference_of_two_fresh_sums():
    for seed in range(8):
        web = small_web(seed)
        rng = np.random.default_rng(seed)
        for level in (0, 1):
            state = new_search_state(web)
            info, structure_nats = state.counts, state.nats
            nodes = [0, 1, 12]
            for u in nodes:
                move(web, level, state, u, 1)
            info[6], info[7] = 0, web.n_seasons - 1
            for _ in range(25):
                for q in range(web.n_seasons):
                    structure_nats[q] = tail_nats(
                        web.log_factorial, web.season_total[q], *state.season[:3, q]
                    )
                u = int(rng.integers(17))
                sign = -1 if u in nodes else 1
                after = [v for v in nodes if v != u] if sign < 0 else [*nodes, u]
                if not after:
                    continue
                change = move_gain(web, level, state, u, sign, provisional_code_length(web, info))
                wanted = afresh(web, level, after, 0, web.n_seasons - 1) - afresh(
                    web, level, nodes, 0, web.n_seasons - 1
                )
                assert abs(change - wanted) < 1e-9
                move(web, level, state, u, sign)
                nodes = after


def test_a_climb_leaves_its_scratch_clean_and_never_ends_below_its_start():
    web = small_web(3)
    state = new_search_state(web)
    seed = np.array([0, 1, 2, 12])
    start = ascend(web, 1, state, seed, 0, SearchLimits(0, 3, 100))
    top = ascend(web, 1, state, seed, start[4], SearchLimits(50, 3, 100))
    again = ascend(web, 1, state, seed, top[4], SearchLimits(50, 3, 100))
    assert top[0] >= start[0]
    assert top[0] == again[0] and (top[1] == again[1]).all()
    assert not any(part.any() for part in (state.member, state.tied, state.edges, state.season[:3]))
    assert not state.counts[:6].any()
