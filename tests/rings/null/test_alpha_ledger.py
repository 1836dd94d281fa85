"""From the workbench to the next night: judgements are honoured, certificates and costs are kept."""

from datetime import date, timedelta

import pyarrow.compute as pc
import pytest
import sqlalchemy as sa

from fraud_pipeline.engine import run_queries, verification
from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store import files, retention, runs
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.workbench.db import tables
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.decisions import outcomes

CLAIMS = 300
QUICK = "[rings]\nnull_samples = 19\n"


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Two nights a week apart; between them a person took a firm out of the first ring."""
    folder = tmp_path_factory.mktemp("nights")
    world = simulate("wuhan", CLAIMS, 3)
    for name in world.tables:
        files.write_table(folder / "data" / f"{name}.parquet", world.tables[name])
    last = pc.max(world.tables["claims"]["submitted_on"]).as_py()
    days = (last - timedelta(days=7), last - timedelta(days=4), last + timedelta(days=400))
    workspace, data = folder / "w", str(folder / "data")
    (folder / "quick.toml").write_text(QUICK, "utf-8")
    ask = {"data": data, "workspace": workspace, "settings": folder / "quick.toml"}
    with locked(workspace) as place:
        one = score(Request(**ask, as_of=days[0]), place)
        ring_id = one.table("rings")["ring_id"][0].as_py()
        firm = members(one, ring_id)[0]
        db = Database(f"sqlite:///{folder / 'executor.db'}")
        with db.writing() as connection:
            connection.execute(
                sa.insert(tables.RING_JUDGEMENTS).values(
                    ring_id=ring_id, run_id=one.run_id, action="remove", party_id=firm, reason="—",
                    by=1, who="—", at=f"{days[1]}T02:00:00+00:00", log_seq=1,
                )
            )  # fmt: skip
        outcomes.publish(db, workspace)
        db.dispose()
        two = score(Request(**ask, as_of=last), place)
    return workspace, one, two, ring_id, firm, days


def members(run, ring_id, kind="enterprise"):
    rows = run.table("ring_members")
    here = pc.and_(pc.equal(rows["ring_id"], ring_id), pc.equal(rows["party_kind"], kind))
    return rows.filter(here)["party_id"].to_pylist()


def test_a_member_taken_out_stays_out_and_the_ring_keeps_its_id(nights):
    _, one, two, ring_id, firm, days = nights
    assert firm in members(one, ring_id)
    assert firm not in members(two, ring_id) and len(members(two, ring_id)) >= 2
    assert two.manifest["ring_judgements"] == [[ring_id, firm, "remove", days[1].isoformat()]]
    assert one.manifest["ring_judgements"] == []
    rows = two.table("ring_evidence")
    told = rows.filter(pc.equal(rows["kind"], "judgement")).to_pylist()
    assert [(t["ring_id"], t["left_id"]) for t in told] == [(ring_id, firm)]
    assert days[1].isoformat() in told[0]["sentence_zh"] and firm in told[0]["sentence_en"]
    theirs = two.table("ring_claims").join(two.table("clean/claims"), "claim_id")
    theirs = theirs.filter(pc.equal(theirs["ring_id"], ring_id))
    assert firm not in theirs["enterprise_id"].to_pylist()


def test_every_night_is_charged_and_the_account_only_grows(nights):
    _, one, two, *_ = nights
    first, second = one.account(), two.account()
    assert second["nights"][0] == first["nights"][0] and len(second["nights"]) == 2
    assert first["nights"][0]["level"] == pytest.approx(0.025)  # to the first look all is new
    level = second["nights"][1]["level"]
    new, year = (second["nights"][1][k] for k in ("new_dealings", "dealings_a_year"))
    assert 0 < new < 40 and level == pytest.approx(0.025 * new / year)


def test_what_is_certified_says_so_with_day_and_level(nights):
    workspace, one, two, *_ = nights
    rows = one.table("rings").to_pylist()
    level = one.account()["nights"][0]["level"]
    for row in rows:
        passed = row["p_value"] <= level
        assert (row["certified_on"] is not None) == passed
        assert row["certified_level"] == (level if passed else None)
    kept = {r["ring_id"] for r in rows if r["certified_on"]} & set(
        two.table("rings")["ring_id"].to_pylist()
    )
    assert kept
    later = {r["ring_id"]: r for r in two.table("rings").to_pylist()}
    assert all(later[r]["certified_on"] == date.fromisoformat(one.manifest["as_of"]) for r in kept)
    text = run_queries.describe_ring(workspace, one.run_id, sorted(kept)[0], "en").text
    assert f"significant in the run of {one.manifest['as_of']} at α=0.025" in text


def test_a_night_is_repeated_byte_for_byte_even_after_its_predecessor_was_pruned(nights):
    workspace, one, two, *_ = nights
    with locked(workspace) as place:
        retention.carry_out(place, retention.plan(place, 1))
        assert runs.existing(place, one.run_id) is None
        assert runs.pruned_or_whole(place, one.run_id).account() == two.account() | {
            "nights": two.account()["nights"][:1]
        }
    assert (
        "recomputed byte for byte"
        in verification.verify_run(workspace, two.run_id, replay=True).text
    )
