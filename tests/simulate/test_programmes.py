"""Every programme's world: published margins, whole tables, references, the law."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest

from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.simulate import simulate, simulate_parts
from fraud_pipeline.simulate.world.programmes import PROGRAMMES, SHANXI_TABLE

SIZES = {"wuhan": 1071, "shanxi": 1030, "changxing": 3000, "zhejiang": 12000, "national": 900}
# relative, by the word in the figure's name; shares are in points
LOOSE = {
    "active institutions": 0.12,
    "institutions": 0.06,
    "redeemed": 0.01,
    "issued": 0.12,
    "contracts": 0.08,
    "users": 0.03,
}


@pytest.fixture(scope="module", params=list(SIZES))
def world(request):
    return simulate(request.param, SIZES[request.param], 51)


def slack(name, published, few=False):
    if "share" in name:  # a handful of universities in a small world: a matter of luck
        return 0.08 if few and "university" in name else 0.05
    return next((s for word, s in LOOSE.items() if word in name), 0.005) * published + 1.5


def test_published_margins_are_met(world):
    off = {
        name: (published, simulated)
        for name, (published, simulated) in world.margins.items()
        if abs(simulated - published) > slack(name, published, few=True)
    }
    assert off == {}


@pytest.mark.long
@pytest.mark.parametrize("programme", ["changxing", "zhejiang"])
def test_published_margins_are_met_at_their_own_size(programme):
    world = simulate(programme, PROGRAMMES[programme].services, 52)
    for name, (published, simulated) in world.margins.items():
        assert abs(simulated - published) <= slack(name, published), name


def test_shanxi_repeats_the_published_table_to_the_yuan():
    """From the claims themselves, not from what the simulator says of them."""
    world = simulate("shanxi", 1030, 77)
    claims = world.tables["claims"].to_pandas()
    firms = world.tables["enterprises"].to_pandas().set_index("enterprise_id")
    city = firms["region"].reindex(claims["enterprise_id"]).to_numpy()
    year = pd.to_datetime(claims["paid_on"]).dt.year.to_numpy()
    period = np.select([year < 2019, year < 2022], [year - 2016, 3], 4)
    paid = claims["paid_amount"].astype(float).groupby([city, period]).sum()
    names = [place.zh for place in PROGRAMMES["shanxi"].places]
    published = {
        (name, k): yuan * 10_000.0
        for name, row in zip(names, SHANXI_TABLE, strict=True)
        for k, yuan in enumerate(row)
        if yuan
    }
    assert paid.to_dict() == published
    assert sum(published.values()) == 45_370_000.0


def test_shanxi_pays_the_first_50000_whole_and_amounts_pile_up_there():
    claims = simulate("shanxi", 1030, 78).tables["claims"].to_pandas()
    claimed, contract = (claims[c].astype(float) for c in ("claimed_amount", "contract_amount"))
    below = claimed < 50_000
    assert np.allclose(claimed[below], contract[below])
    assert 0.3 < (claimed == 50_000).mean() < 0.9
    assert (claimed <= contract + 0.01).all()
    year = pd.to_datetime(claims["submitted_on"]).dt.year
    assert (claimed.groupby([claims["enterprise_id"], year]).sum() <= 200_000).all()


def test_changxing_has_two_classes_and_only_one_is_capped():
    world = simulate("changxing", 3000, 79)
    claims, vouchers = (world.tables[n].to_pandas() for n in ("claims", "vouchers"))
    joined = claims.merge(vouchers[["voucher_id", "voucher_class"]], on="voucher_id")
    used = joined["voucher_used"].astype(float)
    by_voucher = used.groupby([joined["voucher_class"], joined["voucher_id"]]).sum()
    assert set(joined["voucher_class"]) == {"申请类", "奖补类"}
    assert by_voucher["申请类"].max() <= 30_000
    assert by_voucher["奖补类"].max() > 30_000


def test_every_table_of_the_contract_is_there_and_refers(world):
    tables = world.tables
    assert {n for n in INPUT_TABLES if tables[n].num_rows == 0} == set()
    claims = tables["claims"]
    for column, parent in (("enterprise_id", "enterprises"), ("institution_id", "institutions"),
                           ("voucher_id", "vouchers"), ("contract_id", "contracts")):  # fmt: skip
        known = tables[parent][column].combine_chunks()
        assert pc.all(pc.is_in(claims[column], value_set=known)).as_py(), column
    for name, key in (("claims", "claim_id"), ("vouchers", "voucher_id"),
                      ("enterprises", "enterprise_id"), ("payments", "payment_id")):  # fmt: skip
        assert pc.count_distinct(tables[name][key]).as_py() == tables[name].num_rows, name
    assert world.truth["claim_id"].equals(claims["claim_id"])
    assert pc.min(claims["claimed_amount"]).as_py() > 0


def test_row_counts_are_what_was_asked_for(world):
    programme = world.tables["claims"]["programme"][0].as_py()
    n = SIZES["national" if programme == "generic" else programme]
    assert world.tables["claims"].num_rows == world.truth.num_rows == n
    assert world.tables["contracts"].num_rows == world.tables["deliverables"].num_rows == n
    assert world.tables["payments"].num_rows >= n


@pytest.mark.parametrize("programme", list(PROGRAMMES))
@pytest.mark.parametrize("n", [1, 7, 40])
def test_small_worlds_can_be_made(programme, n):
    assert simulate(programme, n, 3).tables["claims"].num_rows == n


@pytest.mark.parametrize("programme", ["shanxi", "national"])
def test_the_same_arguments_give_the_same_world(programme):
    one, two = simulate(programme, 400, 5), simulate(programme, 400, 5)
    assert all(one.tables[n].equals(two.tables[n]) for n in INPUT_TABLES)
    assert one.truth.equals(two.truth) and one.roles.equals(two.roles)
    assert not simulate(programme, 400, 6).truth.equals(one.truth)


def test_a_country_comes_in_parts_that_share_nobody():
    parts = list(simulate_parts("national", 1500, 8))
    ids = [set(p.tables["enterprises"]["enterprise_id"].to_pylist()) for p in parts]
    assert len(parts) == 5 and sum(map(len, ids)) == len(set.union(*ids))
    whole = simulate("national", 1500, 8)
    assert whole.tables["claims"].num_rows == sum(p.tables["claims"].num_rows for p in parts)


def test_roles_name_everybody_of_a_ring(world):
    truth, claims = world.truth.to_pandas(), world.tables["claims"].to_pandas()
    roles = world.roles.to_pandas()
    ring = claims.merge(truth[truth["ring_id"].notna()], on="claim_id")
    for column, kind in (("enterprise_id", "enterprise"), ("institution_id", "institution")):
        named = roles[roles["party_kind"] == kind].groupby("ring_id")["party_id"].agg(set)
        for ring_id, part in ring.groupby("ring_id"):
            assert set(part[column]) <= named[ring_id]
    assert set(roles["role"]) <= {"organiser", "shell", "customer", "complicit_institution",
                                  "agent", "insider"}  # fmt: skip
    agents = roles[roles["role"] == "agent"]
    assert set(agents["party_id"]) <= set(claims["agent_id"].dropna())
