"""The pieces of a search: cut anyhow, done in any order and twice, they give one result."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from fraud_pipeline import graph, rings
from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.null.rewiring import null_sample, rewired
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.executor import (
    CandidateSets,
    Task,
    concatenate_sets,
    partition,
    select,
)
from fraud_pipeline.rings.search.seeds import all_seeds
from fraud_pipeline.rings.search.tasks import (
    LOCAL_EXECUTOR,
    find_seeds,
    local_search,
    null_maxima,
    run_task,
)
from fraud_pipeline.settings import GraphSettings
from fraud_pipeline.simulate import simulate

SETTINGS = RingParameters(null_samples=19)
TABLES = ("rings", "members", "claims", "evidence")


@pytest.fixture(scope="module", params=["wuhan", "shanxi"])  # one region, and eleven
def given(request):
    tables = simulate(request.param, n_claims=900, seed=4).tables
    return graph.build_ties(tables, GraphSettings()), tables["claims"]


@dataclass
class Shuffled:
    """Does pieces one by one in an order of its own, some of them twice, and counts them."""

    parts: int
    seed: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def __call__(self, web, settings, pieces):
        assert len(pieces) > 0 and len({task.kind for task in pieces}) == 1
        self.seen[pieces[0].kind] = self.seen.get(pieces[0].kind, 0) + len(pieces)
        rng = np.random.default_rng(self.seed)
        order = rng.permutation(len(pieces)).tolist()
        answers = {n: self.one(web, settings, pieces[n]) for n in [*order, *order[:2]]}
        return [answers[n] for n in range(len(pieces))]

    def one(self, web, settings, task):
        return run_task(web, settings, task)


class Forgetful(Shuffled):
    """Loses a seed of every piece: what a wrong cut would do."""

    def one(self, web, settings, task):
        if task.kind != "climb":
            return super().one(web, settings, task)
        best = CandidateSets(**super().one(web, settings, task))
        return select(best, np.flatnonzero(best.net < best.net.max()))._asdict()


def same(left, right):
    return all(getattr(left, name).equals(getattr(right, name)) for name in TABLES)


def test_rings_are_the_same_however_the_search_is_cut(given):
    ties, claims = given
    whole = rings.find(ties, claims, SETTINGS)
    assert whole.rings.num_rows >= 3
    for parts in (2, 5, 64):
        executor = Shuffled(parts, seed=parts)
        assert same(whole, rings.find(ties, claims, SETTINGS, executor=executor))
        assert set(executor.seen) == {"seeds", "climb", "widen", "worlds"}
        assert executor.seen["worlds"] == min(parts, SETTINGS.null_samples)
    assert same(
        whole, rings.find(ties, claims, SETTINGS, executor=replace(LOCAL_EXECUTOR, parts=3))
    )


def test_the_comparison_would_notice(given):
    ties, claims = given
    web = build(ties, claims, SETTINGS).graph
    seeds = find_seeds(web, SETTINGS)
    assert local_search(web, seeds, SETTINGS, executor=Forgetful(5)) != local_search(
        web, seeds, SETTINGS
    )


def test_candidates_and_chance_are_the_same_to_the_last_bit(given):
    ties, claims = given
    web = build(ties, claims, SETTINGS).graph
    executor = Shuffled(7, seed=1)
    seeds = find_seeds(web, SETTINGS, executor)
    for ours, theirs in zip(seeds, all_seeds(web, SETTINGS), strict=True):
        assert ours.dtype == theirs.dtype and (ours == theirs).all()
    assert local_search(web, seeds, SETTINGS, executor=executor) == local_search(
        web, seeds, SETTINGS
    )
    assert null_maxima(web, SETTINGS, executor).tobytes() == null_maxima(web, SETTINGS).tobytes()


def test_a_chance_world_made_alone_is_the_one_drawn_in_its_turn(given):
    ties, claims = given
    web = build(ties, claims, SETTINGS).graph
    rng = np.random.default_rng(SETTINGS.seed)
    for number in range(4):
        drawn, alone = rewired(web, rng), null_sample(web, SETTINGS, number)
        assert (drawn.enterprise_institution == alone.enterprise_institution).all()
        assert (drawn.institution_enterprise == alone.institution_enterprise).all()
    other = null_sample(web, SETTINGS.model_copy(update={"seed": 7}), 0)
    assert (
        other.enterprise_institution != null_sample(web, SETTINGS, 0).enterprise_institution
    ).any()


def test_pieces_and_answers_are_plain_arrays(given):
    ties, claims = given
    web = build(ties, claims, SETTINGS).graph
    met = []

    @dataclass
    class Watching(Shuffled):
        def one(self, web, settings, task):
            answer = run_task(web, settings, task)
            again = run_task(web, settings, task)
            met.extend([*task.arrays.values(), *answer.values()])
            assert [a.tobytes() for a in answer.values()] == [a.tobytes() for a in again.values()]
            return answer

    rings.find(ties, claims, SETTINGS, executor=Watching(3))
    assert {str(a.dtype) for a in met} == {"int64", "float64"}
    assert all(a.ndim == 1 for a in met)
    assert web.enterprise_institution.size > 0


def test_cutting_leaves_nothing_out_and_makes_no_empty_piece():
    for n, parts in ((0, 4), (3, 5), (10, 3), (7, 1)):
        pieces = partition(n, parts)
        assert len(pieces) == min(n, parts) and all(task.size for task in pieces)
        assert sorted(np.concatenate([[], *pieces]).tolist()) == list(range(n))


def test_sets_come_together_by_the_number_of_their_seed():
    sets = CandidateSets(
        np.array([4, 7, 9]), np.array([1.0, -2.0, 3.0]), np.array([0, 1, 2]), np.array([0, 0, 1]),
        np.array([1, 2, 3]), np.array([0, 2, 2, 5]), np.array([3, 8, 1, 5, 6]),
    )  # fmt: skip
    parts = [select(sets, np.array([2, 0])), select(sets, np.array([1]))]
    for ours, theirs in zip(concatenate_sets(parts), sets, strict=True):
        assert (ours == theirs).all()


def test_no_claims_and_no_worlds_ask_for_no_pieces():
    web = build(None, _none(), SETTINGS).graph
    executor = Shuffled(4)
    assert null_maxima(web, SETTINGS.model_copy(update={"null_samples": 0}), executor).size == 0
    assert local_search(web, find_seeds(web, SETTINGS, executor), SETTINGS, executor=executor) == []
    assert set(executor.seen) == {"seeds"}


def _none():
    tables = simulate("wuhan", n_claims=50, seed=1).tables
    return tables["claims"].slice(0, 0)


@pytest.mark.parametrize("kind", ["", "climbs"])
def test_an_unknown_kind_of_piece_is_refused(given, kind):
    ties, claims = given
    web = build(ties, claims, SETTINGS).graph
    with pytest.raises(KeyError):
        run_task(web, SETTINGS, Task(kind, {}))
