"""A world for every programme pack: honest claims keep to the rules the pack publishes."""

from datetime import timedelta

import pyarrow.compute as pc
import pytest

from fraud_pipeline import programmes
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.simulate import PROGRAMMES, margins_of, simulate
from fraud_pipeline.store.packs import load_packs

PACKS = load_packs()
BUILT = [name for name in PACKS if name not in PROGRAMMES]
# Not the claimant's doing: a year's budget in a world of another size; and the small holdings
# that honest worlds have on purpose, which L27 is there to point at.
LIMITS = [rule for rule in ALL_RULES if rule.code.startswith("L")]
NOT_A_CLAIMS_FAULT = {"L13", "L27"}


@pytest.mark.parametrize("name", list(PACKS))
def test_honest_claims_break_no_rule_of_the_pack(name):
    n = PROGRAMMES[name].services if name == "wuhan" else 400
    world = simulate(margins_of(PACKS[name]), n, 3)
    claims = world.tables["claims"]
    as_of = pc.max(claims["submitted_on"]).as_py() + timedelta(days=1)
    results, _ = programmes.evaluate(world.tables, PACKS, as_of, ProgrammeSettings(), LIMITS)
    hits = results.filter(pc.equal(results["outcome"], "hit")).to_pandas()
    truth = world.truth.to_pandas()
    honest = set(truth.loc[truth["typology"].isna(), "claim_id"])
    broken = hits[hits["claim_id"].isin(honest)]
    broken = broken[~broken["rule_code"].isin(NOT_A_CLAIMS_FAULT)]
    assert broken[["rule_code", "sentence_en"]].values.tolist() == []
    assert {t for t in INPUT_TABLES if world.tables[t].num_rows == 0} == set()
    assert claims.num_rows == n and pc.min(claims["claimed_amount"]).as_py() > 0
    assert 0.05 < truth["typology"].notna().mean() < 0.25


@pytest.mark.parametrize("name", BUILT)
def test_what_the_pack_leaves_open_is_named_as_assumed(name):
    """Whichever rule the builder needs and the pack has no value for."""
    pack, margins = PACKS[name], margins_of(PACKS[name])
    assert not margins.published and "services" in margins.assumed
    for key in ("redeemer", "service_types", "institution_categories", "revenue_max_amount"):
        value = pack.value(key, margins.starts_on + timedelta(days=30))
        assert (value is None) == (key in margins.assumed), key


def test_fixed_faces_and_multiples():
    beijing = simulate(margins_of(PACKS["beijing"]), 300, 5).tables["claims"].to_pandas()
    used = beijing["voucher_used"].astype(float)
    assert (used % 5000 == 0).all() and used.max() <= 200_000 and used.nunique() > 5
    dutch = simulate(margins_of(PACKS["netherlands"]), 300, 5).tables
    faces = dutch["vouchers"].to_pandas().groupby("voucher_class")["face_value"].unique()
    assert {k: [float(v) for v in faces[k]] for k in faces.index} == {
        "klein": [2500.0], "groot": [7500.0]}  # fmt: skip
    used = dutch["claims"].to_pandas()["voucher_id"]
    assert used.is_unique  # one voucher pays one purchase


def test_a_pack_of_an_agencys_own_needs_no_code():
    """A cap nobody has seen before binds as the shipped ones do."""
    from fraud_pipeline.programmes import parse_pack

    text = (
        'id = "here"\nname_zh = "此地"\nname_en = "Here"\n[sources.s]\ntitle_zh = "s"\n'
        'title_en = "s"\n[[rules]]\nkey = "enterprise_cap_amount"\nvalue = 12345\nsource = "s"\n'
        'quote = "q"\nclause_zh = "c"\nclause_en = "c"\n'
    )
    claims = simulate(margins_of(parse_pack(text, "here.toml")), 200, 1).tables["claims"]
    spent = claims.to_pandas().groupby("enterprise_id")["claimed_amount"].sum().astype(float)
    assert 0.8 * 12_345 < spent.max() <= 12_345
