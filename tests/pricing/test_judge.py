"""What a price verdict promises, whatever the model behind it."""

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import pricing
from fraud_pipeline.core.money import from_fen
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.inputs import CONTRACTS, INVOICES
from fraud_pipeline.schema.outputs import PRICE_RESULTS
from fraud_pipeline.settings import PricingSettings
from fraud_pipeline.vocabulary.prices import PRICE_BASES, PRICE_QUEUES

SETTINGS = PricingSettings()


def world(prices, seed=1, n_institutions=8, catalogue=None, **columns):
    """Claims for one testing service at ``prices`` yuan a unit, on random days, in Tables."""
    rng = np.random.default_rng(seed)
    n = len(prices)
    day = np.datetime64("2016-01-01") + rng.integers(0, 300, n).astype("timedelta64[D]")
    claims = {
        "claim_id": [f"C{k:05d}" for k in range(n)],
        "programme": ["wuhan"] * n,
        "enterprise_id": [f"E{k}" for k in range(n)],
        "institution_id": [f"I{k}" for k in rng.integers(0, n_institutions, n)],
        "service_type": ["testing"] * n,
        "contract_amount": from_fen(np.round(np.asarray(prices) * 100).astype(np.int64)),
        "claimed_amount": from_fen(np.round(np.asarray(prices) * 50).astype(np.int64)),
        "submitted_on": pa.array(day),
        "quantity": [1.0] * n,
        "unit": ["份"] * n,
    }
    institutions = {
        "institution_id": [f"I{k}" for k in range(n_institutions)],
        "name": ["x"] * n_institutions,
        "category": ["statutory_testing"] * n_institutions,
        "region": ["武汉"] * n_institutions,
    }
    tables = {"claims": pa.table({**claims, **columns}), "institutions": pa.table(institutions)}
    if catalogue:
        tables["market_prices"] = pa.table(catalogue)
    return Tables(tables)


def honest(n, seed, spread=0.15):
    return 1500 * np.exp(np.random.default_rng(seed).normal(0, spread, n))


def numbers(table, column):
    return pc.fill_null(table[column].cast(pa.float64()), np.nan).to_numpy()


def test_planted_overpricing_is_found_and_its_excess_told():
    prices = honest(400, 3)
    prices[350:360] *= 2.5
    days = pa.array(np.datetime64("2016-01-01") + np.arange(400).astype("timedelta64[D]"))
    result = pricing.judge(world(prices, submitted_on=days), SETTINGS)
    q_value, excess = numbers(result, "q_value"), numbers(result, "excess_amount")
    assert (q_value[350:360] <= 0.1).all()
    assert excess[350:360] == pytest.approx(
        prices[350:360] - numbers(result, "market_mid")[350:360], abs=0.02
    )


def with_worlds(*spreads):
    """(spread, number of worlds): four of each now, twelve in the long suite."""
    return [(s, 4) for s in spreads] + [
        pytest.param(s, 12, marks=pytest.mark.long) for s in spreads
    ]


@pytest.mark.parametrize(("spread", "n_worlds"), with_worlds(0.08, 0.2, 0.4))
def test_honest_prices_rarely_have_small_p_values(spread, n_worlds):
    p_value = np.concatenate(
        [
            numbers(pricing.judge(world(honest(500, s, spread), s), SETTINGS), "p_value")
            for s in range(n_worlds)
        ]
    )
    p_value = p_value[~np.isnan(p_value)]
    for level in (0.01, 0.05, 0.1):
        slack = 3 * np.sqrt(level * (1 - level) / len(p_value))
        assert (p_value <= level).mean() <= 1.2 * level + slack
    assert 0.4 <= (p_value <= 0.5).mean() <= 0.6


def test_later_claims_do_not_change_an_earlier_verdict():
    tables = world(honest(300, 5))
    claims = tables["claims"]
    early = claims.filter(pc.less(claims["submitted_on"], pa.scalar(date(2016, 6, 1))))
    columns = ["claim_id", "market_low", "market_mid", "market_high", "p_value", "comparables"]
    alone = pricing.judge_on_claim_day(tables.replaced(claims=early), SETTINGS).select(columns)
    together = pricing.judge_on_claim_day(tables, SETTINGS)
    known = pc.is_in(together["claim_id"], value_set=early["claim_id"].combine_chunks())
    assert together.filter(known).select(columns).equals(alone)


def test_row_order_does_not_matter_and_the_input_is_left_alone():
    tables = world(honest(200, 7))
    before = tables["claims"]
    shuffled = before.take(np.random.default_rng(0).permutation(200))
    assert pricing.judge(tables.replaced(claims=shuffled), SETTINGS).equals(
        pricing.judge(tables, SETTINGS)
    )
    assert tables["claims"].equals(before)


@pytest.mark.parametrize("rows", [0, 1])
def test_no_claims_and_one_claim(rows):
    result = pricing.judge(world(honest(rows, 1)), SETTINGS)
    assert result.schema == PRICE_RESULTS.arrow
    assert result["outcome"].to_pylist() == ["not_applicable"] * rows
    assert all(reason for reason in result["reason"].to_pylist())


@pytest.mark.parametrize(("spread", "n_worlds"), with_worlds(0.15, 0.3))
def test_a_catalogue_narrower_than_the_market_misleads_the_first_claims_only(spread, n_worlds):
    reach = np.exp(
        1.645 * spread
    )  # honest n_institutions differ by all of its range, not the half assumed
    listed = {
        "service_type": ["testing"], "unit": ["份"], "reference": from_fen(np.array([150_000])),
        "low": from_fen(np.array([int(150_000 / reach)])),
        "high": from_fen(np.array([int(150_000 * reach)])),
    }  # fmt: skip
    judged = [
        pricing.judge(world(honest(500, s, spread), s, catalogue=listed), SETTINGS)
        for s in range(n_worlds)
    ]
    p_value = np.concatenate([numbers(result, "p_value") for result in judged])
    for level in (0.01, 0.05, 0.1):
        slack = 3 * np.sqrt(level * (1 - level) / len(p_value))
        assert (p_value <= level).mean() <= 1.2 * level + slack


def test_an_institution_does_not_set_its_own_market():
    prices = honest(120, 9)
    institution = ["I0" if k >= 60 else f"I{1 + k % 7}" for k in range(120)]
    prices[60:] = 4500.0  # half of all claims, by one institution, at three times the price
    days = pa.array(np.datetime64("2016-01-01") + np.arange(120).astype("timedelta64[D]"))
    result = pricing.judge(world(prices, institution_id=institution, submitted_on=days), SETTINGS)
    assert numbers(result, "market_mid")[60:] == pytest.approx(1500, rel=0.1)


def test_ring_mates_do_not_set_each_others_market():
    prices = honest(120, 9)
    prices[60:] = 4500.0
    days = pa.array(np.datetime64("2016-01-01") + np.arange(120).astype("timedelta64[D]"))
    tables = world(prices, institution_id=[f"I{k % 8}" for k in range(120)], submitted_on=days)
    ring = pa.table({"ring_id": ["R1"] * 60, "claim_id": [f"C{k:05d}" for k in range(60, 120)]})
    assert numbers(pricing.judge(tables, SETTINGS, ring), "market_mid")[-1] == pytest.approx(
        1500, rel=0.12
    )


def test_a_thin_market_is_not_applicable_unless_a_catalogue_speaks():
    thin = pricing.judge(world([1500.0, 6000.0]), SETTINGS)
    assert thin["outcome"].to_pylist() == ["not_applicable"] * 2
    listed = {
        "service_type": ["testing"], "unit": ["份"], "low": from_fen(np.array([100_000])),
        "reference": from_fen(np.array([150_000])), "high": from_fen(np.array([200_000])),
    }  # fmt: skip
    result = pricing.judge(world([1500.0, 6000.0], catalogue=listed), SETTINGS)
    assert result["outcome"].to_pylist() == ["scored"] * 2
    p_value = numbers(result, "p_value")
    assert p_value[0] > 0.2 and p_value[1] < 0.1


def test_a_unit_without_a_quantity_has_no_price():
    result = pricing.judge(world(honest(40, 2), quantity=pa.array([None] + [1.0] * 39)), SETTINGS)
    assert result["outcome"][0].as_py() == "not_applicable" and result["reason"][0].as_py()


def test_comparables_are_known_clean_and_of_another_side():
    tables = world(honest(200, 4))
    result = pricing.judge(tables, SETTINGS)
    claims = {c["claim_id"]: c for c in tables["claims"].to_pylist()}
    shown = [
        (row["claim_id"], other)
        for row in result.select(["claim_id", "comparables"]).to_pylist()
        for other in (row["comparables"] or "").split(";")
        if other
    ]
    assert shown
    for claim, other in shown:
        assert claims[other]["submitted_on"] <= claims[claim]["submitted_on"]
        assert claims[other]["institution_id"] != claims[claim]["institution_id"]


def test_a_bundle_that_says_its_size_is_priced_by_the_piece():
    prices = honest(40, 2)
    prices[39] *= 40
    days = pa.array(np.datetime64("2016-01-01") + np.arange(40).astype("timedelta64[D]"))
    tables = world(
        prices, submitted_on=days, quantity=pa.array([1.0] * 39 + [None]),
        service_title=["检测报告"] * 39 + ["检测报告40份"],
    )  # fmt: skip
    row = pricing.judge(tables, SETTINGS).to_pylist()[39]
    assert row["outcome"] == "scored" and row["p_value"] > 0.01
    assert float(row["unit_price"]) == pytest.approx(prices[39] / 40, abs=0.01)
    assert "取自名称" in row["basis_zh"] and "read from the title" in row["basis_en"]


def test_every_basis_and_queue_has_a_label():
    columns = {c.name: c for c in PRICE_RESULTS.columns}
    assert set(columns["basis"].codes) == set(PRICE_BASES)
    assert set(columns["price_queue"].codes) == set(PRICE_QUEUES)


def test_the_market_is_said_in_one_language_a_column():
    result = pricing.judge(world(np.full(40, 1000.0)), SETTINGS)
    for name in ("basis", "claim_day_basis"):
        assert set(result[name].drop_null().to_pylist()) == {"comparables"}
        zh, en = result[f"{name}_zh"][39].as_py(), result[f"{name}_en"][39].as_py()
        assert "市场价" in zh and "market" not in zh
        assert "market" in en and "市场价" not in en
    short = pricing.judge(world(np.full(2, 1000.0)), SETTINGS)
    assert "可比申请不足" in short["reason"][0].as_py()
    assert short["reason_en"][0].as_py().startswith("too few comparables")


def with_papers(tables, contract, invoices=((1.0, None),), status=None, **claim):
    """``tables`` with one contract for claim C00007, and its invoices: (share of it, tax rate)."""
    own = tables["claims"].slice(7, 1).to_pylist()[0] | claim
    claims = tables["claims"].to_pylist()
    claims[7] = own | {"contract_id": "K7"}
    paper = {"contract_id": "K7", "enterprise_id": own["enterprise_id"], "service_type": "testing",
             "institution_id": own["institution_id"], "amount": Decimal(contract)}  # fmt: skip
    billed = [
        {"invoice_no": str(k), "contract_id": "K7", "status": status,
         "amount": (Decimal(contract) * Decimal(share)).quantize(Decimal("0.01")),
         "tax_rate": None if rate is None else Decimal(rate)}
        for k, (share, rate) in enumerate(invoices)
    ]  # fmt: skip
    return tables.replaced(
        claims=pa.Table.from_pylist(claims, schema=tables["claims"].schema),
        contracts=CONTRACTS.conform(pa.Table.from_pylist([paper])),
        invoices=INVOICES.conform(pa.Table.from_pylist(billed)),
    )


def row_of_slip(claimed, **papers):
    tables = world(honest(200, 4))
    papers = {"contract": 1500} | papers
    return pricing.judge(
        with_papers(tables, contract_amount=Decimal(claimed), **papers), SETTINGS
    ).to_pylist()[7]


@pytest.mark.parametrize("claimed", ["15000.00", "150000.00", "15000000.00", "150.00", "0.15"])
def test_a_slip_of_the_pen_is_priced_by_what_contract_and_invoice_agree_on(claimed):
    row = row_of_slip(claimed)
    assert row["unit_price"] == row["unit_price"].quantize(Decimal("0.01")) == Decimal(1500)
    assert row["price_queue"] is None and row["excess_amount"] == 0
    for view in ("basis", "claim_day_basis"):
        assert "金额按合同与发票一致的 1,500 元计（申请写 " in row[f"{view}_zh"]
        assert (
            "the 1,500 yuan on which contract and invoice agree (the claim says "
            in row[f"{view}_en"]
        )
    assert row["claim_day_p_value"] > 0.05 and row["p_value"] > 0.05


@pytest.mark.parametrize(
    ("claimed", "papers"),
    [
        ("4000.00", {}),  # no power of ten
        ("15400.00", {}),  # ten times, and something
        ("15000.00", {"invoices": ((0.5, None),)}),  # the papers do not agree
        ("15000.00", {"status": "作废"}),
        ("15000.00", {"invoices": ()}),
        ("15000.00", {"enterprise_id": "E8"}),  # as below: a contract of somebody else
        ("150.00", {"invoices": ((0.5, None), (0.5, None))}),  # may be one claim of several
    ],
)
def test_other_amounts_are_priced_as_the_claim_says(claimed, papers):
    tables = world(honest(200, 4))
    if "enterprise_id" in papers:
        tables = with_papers(tables, 1500, contract_amount=Decimal(claimed))
        contracts = tables["contracts"].to_pylist()
        contracts[0]["enterprise_id"] = papers["enterprise_id"]
        tables = tables.replaced(contracts=CONTRACTS.conform(pa.Table.from_pylist(contracts)))
        row = pricing.judge(tables, SETTINGS).to_pylist()[7]
    else:
        row = row_of_slip(claimed, **papers)
    assert row["unit_price"] == Decimal(claimed)
    assert "申请写" not in row["basis_zh"]


@pytest.mark.parametrize(
    "invoices", [((0.4, None), (0.6, None)), ((1.06, 0.06),), ((0.9434, 0.06),)]
)
def test_invoices_agree_with_the_contract_in_parts_and_with_or_without_tax(invoices):
    assert row_of_slip("15000.00", invoices=invoices)["unit_price"] == Decimal(1500)


def test_a_claim_is_compared_with_claims_of_other_institutions_and_their_number_said():
    tables = world(honest(200, 4))
    row = pricing.judge(tables, SETTINGS).to_pylist()[7]
    others = [i for i in tables["claims"]["institution_id"].to_pylist()
              if i != tables["claims"]["institution_id"][7].as_py()]  # fmt: skip
    assert f"n={len(others)} claims of {len(set(others))} other institutions" in row["basis_en"]
    assert f"n={len(others)}（" in row["basis_zh"]
    assert "市场价（90% 区间）" in row["basis_zh"] and "market (90% range) " in row["basis_en"]
    assert (
        "yuan a unit (份), " in row["basis_en"]
        and "yuan a unit (份), " in row["claim_day_basis_en"]
    )
