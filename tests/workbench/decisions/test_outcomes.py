"""What decisions become: the next run's labels, the estimate, the leader's page."""

import json
import shutil
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from fraud_pipeline import ingest
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.decisions.outcomes import ring_judgements, write_outcomes
from tests.workbench import world
from tests.workbench.conftest import engage, sign_in, staffed
from tests.workbench.decisions.test_verdicts import CLEAN, FRAUD, SMALL, do, outcomes


def test_the_estimate_in_the_audit_room_counts_what_was_decided_here(signed):
    before = signed("auditor").get("/audit").text
    for k in (9, 10, 11):
        do(signed("reviewer"), world.claim(k), "decide", **CLEAN)
        do(signed("lead"), world.claim(k), "second", answer="agree")
    after = signed("auditor").get("/audit").text
    assert before != after and "3/8" in after
    assert (
        '<td class="num">1</td>'
        in after.split('id="yearly"')[1].split("2017</th>")[1].split("</tr>")[0]
    )


@pytest.mark.parametrize("name", ["o.csv", "o.parquet"])
def test_outcomes_are_written_as_the_loader_reads_them(app_state, signed, tmp_path, name):
    do(signed("reviewer"), SMALL, "decide", **FRAUD)
    to = tmp_path / "data" / f"outcomes.{name.rsplit('.')[-1]}"
    to.parent.mkdir()
    assert write_outcomes(app_state.db, to) == 1
    assert [p.name for p in to.parent.iterdir()] == [to.name]
    claims = pq.read_table(app_state.leads.run.folder / "clean" / "claims.parquet")
    pq.write_table(
        claims.drop_columns(["source_file", "source_row", "source_sheet"]),
        to.parent / "claims.parquet",
    )
    loaded = ingest.load(open_sources(str(to.parent), ingest.stems(None)), IngestSettings(),
                         known_programmes={"wuhan": "CNY"})  # fmt: skip
    assert loaded.quarantine.num_rows == 0
    row = loaded.tables["outcomes"].to_pylist()[0]
    assert (row["claim_id"], row["verdict"], row["disallowed_amount"]) == (
        SMALL,
        "fraud",
        Decimal("40000.00"),
    )


def test_the_next_run_finds_the_decisions_in_the_workspace(
    application, app_state, signed, tmp_path
):
    """Beside the outcomes the bureau hands in, under another name, and only when they changed."""
    app_state.workspace = Workspace(tmp_path)
    do(signed("reviewer"), SMALL, "decide", **FRAUD)
    app_state.publish_outcomes()
    to = tmp_path / "decisions" / "核查结果.parquet"
    written = to.stat().st_mtime_ns
    app_state.publish_outcomes()
    signed("reviewer").get(f"/claims/{SMALL}")  # a look is no decision
    app_state.publish_outcomes()
    assert to.stat().st_mtime_ns == written
    clean = world.published(tmp_path / "w") / "clean"
    own = open_sources(str(clean), frozenset({"claims", "outcomes"}))
    loaded = ingest.load(
        [*own, *open_sources(str(to.parent), ingest.stems(None))], IngestSettings()
    )
    found = {row["claim_id"]: row["verdict"] for row in loaded.tables["outcomes"].to_pylist()}
    assert found == {world.claim(23): "clean", SMALL: "fraud"}
    do(signed("reviewer"), SMALL, "undo")
    app_state.publish_outcomes()
    assert pq.read_table(to).num_rows == 0


def test_the_plan_that_was_signed_off_stays_the_one_carried_out(workspace, tmp_path):
    """A later night draws another sample; the claim keeps the probability it was drawn with."""
    made = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    app_state = made.state.app_state
    staffed(app_state)
    sign_in(made, "leader").submit("/audit/sign-off", note="同意")
    newer = workspace / "runs" / "20170701-fedcba9876543210"
    shutil.copytree(workspace / "runs" / world.RUN, newer)
    manifest = json.loads((newer / "manifest.json").read_text()) | {"run_id": newer.name}
    (newer / "manifest.json").write_text(json.dumps(manifest))
    plan = pq.read_table(newer / "audit_plan.parquet")
    pq.write_table(plan.slice(0, 4), newer / "audit_plan.parquet")
    (workspace / "runs" / "LATEST").write_text(newer.name + "\n")
    later = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    assert later.state.app_state.leads.run_id == newer.name
    do(sign_in(later, "reviewer"), world.claim(11), "decide", **CLEAN)
    do(sign_in(later, "second"), world.claim(11), "second", answer="agree")
    row = outcomes(later.state.app_state)[world.claim(11)]
    assert (row["selected_by"], row["inclusion_prob"]) == ("random", 0.25)


def test_judgements_about_members_are_handed_over_in_order(app_state, signed):
    path, lead = f"/rings/{world.RING}/judge", signed("lead")
    lead.submit(path, action="remove", party="INST0", reason="一")
    lead.submit(path, action="add", party="INST1", reason="二")
    lead.submit(path, action="remove", party="INST0", reason="三")
    rows = ring_judgements(app_state.db).to_pylist()
    assert [(r["party_id"], r["action"]) for r in rows] == [
        ("INST0", "remove"),
        ("INST1", "add"),
        ("INST0", "remove"),
    ]


def test_the_overview_counts_the_last_word_in_ones_own_regions(application, app_state, signed):
    do(signed("second"), SMALL, "decide", **FRAUD)
    do(signed("lead"), SMALL, "appeal", note="异议")
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    do(signed("reviewer"), world.claim(19), "decide", **{**FRAUD, "disallowed": "48000"})
    do(signed("reviewer"), world.claim(10), "decide", **CLEAN)  # awaits a second look: not counted
    text = signed("leader").get("/overview").text
    found = text.split('id="found"')[1].split("</section>")[0]
    assert "48,000" in found and "40,000" in found and found.count("<tr>") == 3
    assert "50.0%" in text.split('id="yield"')[1].split("</section>")[0]
    engage(app_state, "local", Role.LEADER, (world.HERE,))
    assert "48,000" not in sign_in(application, "local").get("/overview").text
