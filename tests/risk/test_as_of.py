"""Every feature is of what was known: the future deleted, nothing changes; words for every one."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import risk
from fraud_pipeline.engine import in_memory
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES, FLAG_FEATURES
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

# What one night says of all claims together, as of its own day. The rest are as of the claim's.
OF_THE_RUN = {
    "rule_score", "hard_hits", "strong_hits", "weak_hits", "ring_score", "ring_surprise",
    "ring_strength", "own_tie_weight", "enterprise_tie_weight", "text_tie_weight", "outlyingness",
    "same_day_enterprise", "same_day_institution", "invoice_reused", "report_reused",
    "money_back_share", "invoice_spoiled",
    *(f.name for f in FLAG_FEATURES),
}  # fmt: skip
WORLD = simulate("wuhan", 300, 8).tables
LAST = pc.max(WORLD["claims"]["submitted_on"]).as_py()
MIDDLE = LAST - timedelta(days=200)


def run_tables(tables, day):
    setup = Setup(day, None, Settings(), load_packs(None), shipped_model(), None, None, 1, None, {})
    return in_memory.run(tables, setup, "features").table("features")


def without_future(tables, day):
    """Every dated row after the day is gone; parties nobody names stay, to tempt the steps."""
    kept = {}
    for name, schema in INPUT_TABLES.items():
        if schema.known_on is not None:
            dates = tables[name][schema.known_on]
            kept[name] = tables[name].filter(
                pc.fill_null(pc.less_equal(dates, pa.scalar(day)), True)
            )
    return tables.replaced(**kept)


@pytest.fixture(scope="module")
def middle():
    return run_tables(WORLD, MIDDLE)


def test_the_future_deleted_changes_no_feature(middle):
    past = run_tables(without_future(WORLD, MIDDLE), MIDDLE)
    assert middle.num_rows > 50 and middle.column_names == ["claim_id", "programme", *FEATURE_NAMES]
    for name in FEATURE_NAMES:
        assert past[name].equals(middle[name]), name


def test_later_claims_change_no_feature_of_the_claims_own_day(middle):
    whole = run_tables(WORLD, LAST)
    kept = whole.filter(pc.is_in(whole["claim_id"], value_set=middle["claim_id"].combine_chunks()))
    for k, name in enumerate(FEATURE_NAMES):
        if name not in OF_THE_RUN:
            np.testing.assert_allclose(
                risk.matrix(kept)[:, k], risk.matrix(middle)[:, k], atol=1e-9, err_msg=name
            )


def test_every_feature_is_said_in_two_languages_and_documented():
    for feature in FEATURES:
        assert feature.doc and feature.en and any("一" <= c <= "鿿" for c in feature.zh), feature
        assert feature.direction in (-1, 0, 1)
    assert len({f.zh for f in FEATURES}) == len({f.en for f in FEATURES}) == len(FEATURES)


def test_no_feature_is_an_identifier_in_disguise(middle):
    """Renaming every party, paper and person changes no feature of any claim."""
    renamed = {}
    for name in INPUT_TABLES:
        table = WORLD[name]
        for column in table.column_names:
            if column.endswith("_id") and column != "claim_id":
                table = table.set_column(
                    table.schema.get_field_index(column), table.schema.field(column),
                    pc.binary_join_element_wise(pa.scalar("ZZ"), pc.utf8_reverse(table[column]), ""),
                )  # fmt: skip
        renamed[name] = table
    other = run_tables(WORLD.replaced(**renamed), MIDDLE)
    # which of equally good searches is met first follows the order of names: only rings may move
    for name in set(FEATURE_NAMES) - {"ring_score", "ring_surprise", "ring_strength"}:
        k = FEATURE_NAMES.index(name)
        moved = ~np.isclose(
            risk.matrix(other)[:, k], risk.matrix(middle)[:, k], equal_nan=True, atol=1e-6
        )
        assert moved.mean() <= 0.02, (name, moved.mean())
