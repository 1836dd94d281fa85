"""The scan of an institution's clients: what singles a group out, and what never may."""

import math
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline import rings
from fraud_pipeline.rings.evidence.exclusive_values import shared_values
from fraud_pipeline.rings.evidence.scan import OtherEvidence, edge_marks, find_groups
from fraud_pipeline.rings.evidence.scan.pools import make_pools
from fraud_pipeline.rings.evidence.scan.prefixes import MarkArrays, _add_kind, exceedance
from fraud_pipeline.rings.graph.parties import build
from fraud_pipeline.rings.null.segments import _large_ones
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.schema.outputs import TIES
from tests.rings.worlds import START, claims_of, market, ring, sharing

SETTINGS = RingParameters(null_samples=9)
MEMBERS = [f"SE{k}" for k in range(5)]


def priced(claims, times=None, seed=1):
    """``claims`` with a service, a price around 1,000 yuan a unit, ``times`` that for some."""
    rng = np.random.default_rng(seed)
    price = 1000.0 * np.exp(rng.normal(0.0, 0.15, claims.num_rows))
    of = claims["enterprise_id"].to_pylist()
    price *= [(times or {}).get(enterprise, 1.0) for enterprise in of]
    amounts = pa.array([Decimal(f"{p:.2f}") for p in price], pa.decimal128(18, 2))
    columns = {
        "service_type": pa.array(["testing"] * len(of)),
        "service_title": pa.array(["a test of a kind"] * len(of)),
        "unit": pa.array(["piece"] * len(of)),
        "quantity": pa.array([1.0] * len(of)),
        "contract_amount": amounts,
        "reviewer_id": pa.array([f"R{n % 7}" for n in range(len(of))]),
    }
    for name, column in columns.items():
        claims = claims.append_column(name, column)
    return claims


def hidden_group():
    """Five enterprises among some thirty clients of an institution, over two years."""
    return claims_of(market(21) + [(e, "I003", 5000, START + timedelta(100 * k))
                                   for k, e in enumerate(MEMBERS)])  # fmt: skip


def outcomes_of(claims, enterprises):
    rows = [c for c in claims.to_pylist() if c["enterprise_id"] in enterprises]
    return pa.table({
        "claim_id": pa.array([c["claim_id"] for c in rows], pa.string()),
        "verdict": pa.array(["fraud"] * len(rows), pa.string()),
    })  # fmt: skip


def paid(*steps):
    """Payments (payer, payee, day of 2016)."""
    return pa.table({
        "payer_id": pa.array([s[0] for s in steps], pa.string()),
        "payee_id": pa.array([s[1] for s in steps], pa.string()),
        "paid_on": pa.array([date(2016, 1, 1) + timedelta(s[2]) for s in steps], pa.date32()),
    })  # fmt: skip


def enterprises_of(found):
    rows = found.members.to_pylist()
    return sorted(r["party_id"] for r in rows if r["party_kind"] == "enterprise")


def marks_of(claims, ties, records):
    parties = build(ties, claims, SETTINGS)
    shared = shared_values(parties, ties)
    return parties, OtherEvidence(shared, edge_marks(parties, shared, claims, records))


def test_prices_and_verdicts_together_single_out_a_group_that_shares_nothing():
    claims = priced(hidden_group(), dict.fromkeys(MEMBERS, 2.0))
    records = {"outcomes": outcomes_of(claims, MEMBERS[:3])}
    found = rings.find(sharing([]), claims, SETTINGS, records=records)
    assert enterprises_of(found) == MEMBERS
    (row,) = found.rings.to_pylist()
    assert "price level (5)" in row["story_en"]
    assert "verdicts or sanctions (3)" in row["story_en"]
    assert "价格水平（5家）" in row["story_zh"]
    told = [e["sentence_en"] for e in found.evidence.to_pylist() if e["kind"] == "price"]
    assert ["5 of 5 enterprises paid prices" in sentence for sentence in told] == [True]


@pytest.mark.parametrize("only", ["price", "verdict"])
def test_one_kind_of_evidence_is_not_enough(only):
    claims = priced(hidden_group(), dict.fromkeys(MEMBERS, 2.0) if only == "price" else None)
    verdicts = outcomes_of(claims, MEMBERS[:3] if only == "verdict" else ())
    found = rings.find(sharing([]), claims, SETTINGS, records={"outcomes": verdicts})
    assert found.rings.num_rows == 0


def test_what_a_table_that_is_missing_would_say_is_not_said():
    claims, ties = hidden_group(), sharing([])
    assert marks_of(claims, ties, {})[1].marks.kinds == ()
    assert marks_of(priced(claims), ties, {})[1].marks.kinds == ("price",)
    records = {"outcomes": outcomes_of(claims, MEMBERS[:1])}
    assert marks_of(claims, ties, records)[1].marks.kinds == ("verdict",)
    assert marks_of(claims, ties, {"outcomes": outcomes_of(claims, ())})[1].marks.kinds == ()


@pytest.mark.parametrize(
    ("steps", "reaches"),
    [
        ([("I003", "X", 10), ("X", "SE0", 20)], True),
        ([("I003", "X", 20), ("X", "SE0", 10)], False),  # in the wrong order
        ([("I003", "X", 10), ("X", "SE0", 500)], False),  # more than a year later
        ([("I001", "X", 10), ("X", "SE0", 20)], False),  # from where it does not buy
    ],
)
def test_money_that_comes_back_over_somebody_else(steps, reaches):
    parties, other = marks_of(hidden_group(), sharing([]), {"payments": paid(*steps)})
    marked = other.marks.marked
    assert marked.sum() == reaches
    if reaches:
        edge = parties.graph.enterprise_ptr[parties.ids.index("SE0")]
        assert marked[0, edge]


def test_a_bank_that_pays_everybody_joins_nobody():
    steps = [("I003", "BANK", 10), *(("BANK", f"E{n:04d}", 20) for n in range(31))]
    assert marks_of(hidden_group(), sharing([]), {"payments": paid(*steps)})[1].marks.kinds == ()


@pytest.mark.parametrize("seed", range(12))
def test_honest_markets_with_prices_verdicts_and_bookkeepers_have_no_group(seed):
    rng = np.random.default_rng(seed)
    claims = claims_of(market(seed, n_claims=800))
    firms = sorted(set(claims["enterprise_id"].to_pylist()))
    dear = {e: float(np.exp(rng.normal(0.0, 0.3))) for e in firms}  # some buy dear everywhere
    claims = priced(claims, dear, seed)
    caught = [e for e in firms if rng.random() < 0.04]
    order = rng.permutation(firms).tolist()
    ties = sharing([order[:20], order[20:28], order[28:30], order[30:32], order[32:34]])
    records = {"outcomes": outcomes_of(claims, caught), "payments": paid(("I000", firms[0], 5))}
    parties, other = marks_of(claims, ties, records)
    assert find_groups(parties, other, 3) == []


def test_rows_in_another_order_give_the_same_groups():
    claims = priced(hidden_group(), dict.fromkeys(MEMBERS, 2.0))
    records = {"outcomes": outcomes_of(claims, MEMBERS[:3])}
    ties = sharing([["E0001", "E0002"], MEMBERS[:2]])
    order = np.random.default_rng(1).permutation(claims.num_rows)
    one, other = (marks_of(c, ties, records) for c in (claims, claims.take(order)))
    assert find_groups(*one, 3) == find_groups(*other, 3) != []


def test_clients_of_one_season_or_one_reviewer_are_pools_of_their_own():
    claims = priced(claims_of(market(5) + ring(4)))
    parties, other = marks_of(claims, sharing([]), {})
    weight = np.zeros(parties.graph.enterprise_institution.size)
    pools = make_pools(parties, other.marks.reviewer, weight, 3)
    sizes = np.diff(pools.ptr)
    assert sizes.min() >= 3
    busy = pools.institution == parties.ids.index("I000") - parties.graph.n_enterprises
    assert sizes[busy].max() == np.diff(parties.graph.institution_ptr)[0]
    assert np.allclose(pools.cost[busy], math.log(busy.sum()))
    for p in np.flatnonzero(busy):
        edges = pools.edge[pools.ptr[p] : pools.ptr[p + 1]]
        assert len(set(edges.tolist())) == edges.size
        assert (parties.graph.enterprise_institution[edges] == pools.institution[p]).all()


@pytest.mark.parametrize(
    ("hits", "n", "share", "nats"),
    [
        (3, 3, 0.05, 3 * math.log(20)),
        (1, 4, 0.25, 0.0),
        (0, 4, 0.25, 0.0),
        (2, 4, 0.25, 2 * math.log(2) + 2 * math.log(0.5 / 0.75)),
    ],
)
def test_nats_of_hits_are_chernoffs_exponent(hits, n, share, nats):
    assert exceedance(float(hits), float(n), share) == pytest.approx(nats, abs=1e-12)


def at_a_new_institution():
    """Claims of five enterprises at an institution founded a month before, and the register."""
    claims = claims_of(market(21) + [(e, "NEW", 5000, START + timedelta(30 + 9 * k))
                                     for k, e in enumerate(MEMBERS)])  # fmt: skip
    ids = sorted(set(claims["institution_id"].to_pylist()))
    founded = [START if i == "NEW" else date(2000, 1, 1) for i in ids]
    return claims, pa.table({
        "institution_id": pa.array(ids, pa.string()), "founded_on": pa.array(founded, pa.date32()),
    })  # fmt: skip


@pytest.mark.parametrize(("other", "shown"), [("price", False), ("verdict", True)])
def test_that_an_institution_is_new_is_one_fact_and_explains_its_prices(other, shown):
    plain, register = at_a_new_institution()
    claims = priced(plain, dict.fromkeys(MEMBERS, 2.0) if other == "price" else None)
    records = {"institutions": register}
    if other == "verdict":
        records["outcomes"] = outcomes_of(claims, MEMBERS[:3])
    parties, evidence = marks_of(claims, sharing([]), records)
    kind = evidence.marks.kinds.index("newness")
    row = evidence.marks.level_ptr[kind]
    assert evidence.marks.marked[row].sum() == len(MEMBERS)
    assert evidence.marks.alike[row] == 1.0
    assert bool(find_groups(parties, evidence, 3)) == shown


@pytest.mark.parametrize(("everybody", "shown"), [(False, True), (True, False)])
def test_an_institution_that_pays_all_its_clients_singles_nobody_out(everybody, shown):
    claims = hidden_group()
    rows = claims.to_pylist()
    clients = sorted({r["enterprise_id"] for r in rows if r["institution_id"] == "I003"})
    steps = [s for e in (clients if everybody else MEMBERS)
             for s in (("I003", "GO", 1), ("GO", e, 30))]  # fmt: skip
    records = {"payments": paid(*steps), "outcomes": outcomes_of(claims, MEMBERS[:3])}
    parties, evidence = marks_of(claims, sharing([]), records)
    assert bool(find_groups(parties, evidence, 3)) == shown


@pytest.mark.parametrize(
    ("refunded", "share", "marked"), [(1, 0.04, 0), (1, 0.06, 1), (0, 0.06, 0)]
)
def test_a_refund_below_the_materiality_of_an_audit_is_no_money_back(refunded, share, marked):
    claims = priced(hidden_group())
    contract = next(c for c in claims.to_pylist() if c["enterprise_id"] == "SE0")["contract_amount"]
    tie = {"left_id": "SE0", "left_kind": "enterprise", "right_id": "I003", "kind": "money_back",
           "right_kind": "institution", "weight": 1.0}  # fmt: skip
    ties = pa.Table.from_pylist([tie] * refunded, TIES.arrow)
    amount = pa.array([float(contract) * share])
    payments = paid(("I003", "SE0", 10)).append_column("amount", amount)
    marks = marks_of(claims, ties, {"payments": payments})[1].marks
    assert marks.marked[: len(marks.kinds) - 1].sum() == marked  # the price is the last kind
    assert ("money_back" in marks.kinds) == bool(marked)


@pytest.mark.parametrize(
    ("marked", "apart", "counts"),
    [(1, False, [0, 0, 0, 0]), (2, False, [0, 1, 1, 1]), (1, True, [1, 1, 1, 1])],
)
def test_one_refund_is_no_kind_of_evidence_and_one_verdict_is(marked, apart, counts):
    """Chance explains none of the marks; ``apart`` as verdicts and related parties are."""
    row = np.arange(4) < marked
    marks = MarkArrays(
        row[None], np.full((1, 4), 0.001), np.zeros(1), np.array([0, 1]), np.array([apart]),
        np.zeros((1, 1)), np.array([4]),
    )  # fmt: skip
    total, n_kinds = np.zeros(4), np.zeros(4, np.int64)
    _add_kind(np.arange(4), marks, 0, 0, math.log(20.0), total, n_kinds)
    assert n_kinds.tolist() == counts
    assert (total > 0).all(), "the nats themselves stay"


def test_small_parts_stay_with_the_largest_segment():
    label = np.repeat([0, 1, 2, 3], [4, 60, 30, 11])
    assert np.bincount(_large_ones(label)).tolist() == [75, 30]
