"""The rooms beside the queue: the ring over time, folded hubs, fairness, drift, the insiders."""

import json
import re
import shutil
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.cases.collapse import collapse_hubs
from fraud_pipeline.workbench.queue.filters import PUBLISHED
from tests.workbench import world
from tests.workbench.conftest import engage, sign_in
from tests.workbench.decisions.test_verdicts import CLEAN, FRAUD, do


def star(n):
    members = [{"party_id": "H", "kind": "institution", "label": "机构", "role": ""}]
    members += [
        {"party_id": f"E{k}", "kind": "enterprise", "label": f"企{k}", "role": ""} for k in range(n)
    ]
    edges = [{"left": "H", "right": f"E{k}", "kind": "claim", "weight": k} for k in range(n)]
    return members, edges


def test_a_hub_with_many_leaves_says_how_many_more():
    members, edges, collapsed = collapse_hubs(*star(424))
    assert [(f.hub, f.n) for f in collapsed] == [("H", 412)]
    assert len(members) == 1 + 12 + 1 and members[-1]["label"] == "+412"
    assert {"E423", "E412"} <= {m["party_id"] for m in members}  # the heaviest stay
    assert {e["left"] for e in edges} | {e["right"] for e in edges} == {
        m["party_id"] for m in members
    }
    assert collapse_hubs(*star(424), expanded=["H"])[2] == [] and collapse_hubs(*star(12))[2] == []


def test_who_is_tied_to_two_is_no_leaf():
    members, edges = star(30)
    edges += [{"left": "E0", "right": f"E{k}", "kind": "phone", "weight": 1} for k in range(1, 30)]
    assert collapse_hubs(members, edges)[2] == []


def test_the_ring_as_it_stood_on_a_day(signed):
    path, lead = f"/rings/{world.RING}", signed("lead")
    whole, then = lead.get(path).text, lead.get(path + "?days=26").text
    assert 'name="days"' in whole and "4 / 4" in whole
    # claims of 26 to 29 June; by the 27th two of the four were there
    assert "2 / 4" in then and world.claim(3) in then and f">{world.claim(0)}<" not in then
    assert then.count('class="enterprise"') == 2
    for odd in ("-1", "x", "9" * 30, "", "28"):
        assert lead.get(path, params={"days": odd}).status_code == 200


def test_only_the_chosen_kinds_of_tie_are_shown(signed):
    shown = signed("lead").get(f"/rings/{world.RING}?kind=device&all=1").text
    ties = shown.split('id="ties"')[1].split("</section>")[0]
    assert ties.count("<li>") == 2


def test_fairness_shows_false_alarms_by_group_only_where_there_are_enough(signed):
    for k in range(14, 24):
        do(
            signed("reviewer"),
            world.claim(k),
            "decide",
            **(CLEAN if k < 20 else FRAUD | {"disallowed": "1"}),
        )
    text = signed("auditor").get("/fairness").text
    region = text.split('id="fair-region"')[1].split("</section>")[0]
    there = region.split(world.THERE)[1].split("</tr>")[0]
    here = region.split(world.HERE)[1].split("</tr>")[0]
    assert "60.0%" in there and "太少" in here
    assert signed("reviewer").get("/fairness").status_code == 200


def test_the_drift_page_answers_for_a_run_and_for_none(signed):
    text = signed("auditor").get(f"/runs/{world.RUN}/drift").text
    assert "定时运行异常" in text and "T01" in text  # no run since 2017
    assert signed("auditor").get("/runs/none/drift").status_code == 404


@pytest.fixture
def watched(workspace, tmp_path):
    """A run in which reviewer R1 met INST0 far more often than chance, and the application over it."""
    folder = workspace / "runs" / world.RUN
    rows = [
        {"claim_id": f"Z{k:05d}", "programme": "wuhan", "enterprise_id": world.enterprise(k % 24),
         "institution_id": f"INST{k % 20}", "reviewer_id": "R1" if k % 20 == 0 else f"R{2 + k % 7}",
         "claimed_amount": world.amount(3), "contract_amount": world.amount(3),
         "service_type": "testing", "submitted_on": date(2017, 4, 3) + timedelta(days=k % 60)}
        for k in range(800)
    ]  # fmt: skip
    path = folder / "clean" / "claims.parquet"
    schema = pq.read_schema(path)
    pq.write_table(
        pa.concat_tables([pq.read_table(path), pa.Table.from_pylist(rows, schema)]), path
    )
    made = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    for role in (Role.INSPECTOR, Role.LEAD, Role.ADMINISTRATOR):
        engage(made.state.app_state, role.value, role)
    return made


def test_the_inspector_sees_who_met_too_often_and_the_look_is_logged(watched):
    inspector = sign_in(watched, "inspector")
    assert inspector.get("/").headers["location"] == "/insiders"
    page = inspector.get("/insiders").text
    assert "R1" in page and "机构0" in page and "请先核对分工安排" in page and ">R3<" not in page
    for name in ("lead", "administrator"):
        assert sign_in(watched, name).get("/insiders").status_code == 403
        assert "/insiders" not in sign_in(watched, name).get("/method").text
    with watched.state.app_state.db.reading() as connection:
        looks = connection.exec_driver_sql("SELECT who FROM log WHERE subject = 'insiders'").all()
    assert [row[0] for row in looks] == ["inspector"]


def test_a_deadline_counts_from_the_lead_and_stops_at_payment(workspace, tmp_path):
    """From the first run on which a claim was a lead; what is paid or decided is never overdue."""
    older = workspace / "pruned" / "20170602-0000000000000000"
    older.mkdir(parents=True)
    (older / "manifest.json").write_text(json.dumps({"as_of": "2017-06-14"}))
    path = workspace / "runs" / world.RUN / "clean" / "claims.parquet"
    claims = pq.read_table(path)
    paid = pa.array([date(2017, 6, 29) if k >= 20 else None for k in range(world.N)], pa.date32())
    at = claims.column_names.index("paid_on")
    pq.write_table(claims.set_column(at, claims.schema.field("paid_on"), paid), path)
    made = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    engage(made.state.app_state, "lead", Role.LEAD)
    lead = sign_in(made, "lead")

    def shown(age):
        page = lead.get(f"/queue?status=all&age={age}").text
        return {k for k in range(world.N) if f'href="/claims/{world.claim(k)}"' in page}

    # claim k was submitted k days before 29 June; the deadline is 10 working days before the 30th
    assert shown("late") == set(range(14, 20)) and shown("fresh") | shown("due") == set(range(14))
    page = lead.get("/queue?status=all").text
    assert page.count("已兑付，无时限") == 4 and page.count("已超时限</b>") == 6
    told = re.sub(
        r"<[^>]+>", " ", lead.get("/overview").text.split('id="ages"')[1].split("</section>")[0]
    )
    assert re.findall(r"\d+", told.split("时限内")[1])[2:] == [
        "6",
        "4",
    ]  # overdue, and paid without a deadline
    do(lead, world.claim(16), "decide", **CLEAN)
    assert shown("late") == {14, 15, 17, 18, 19}


def test_age_is_a_comparison_that_agrees_with_counting(app_state, signed):
    end = date(2017, 6, 30)
    for most in (0, 5, 10, 30):
        first = PUBLISHED.earliest_start(end, most)
        assert PUBLISHED.working_days(first, end) <= most
        assert PUBLISHED.working_days(first - timedelta(days=1), end) > most
    counts = [int(signed("lead").get(f"/queue?status=all&age={age}").text.count('class="open"'))
              for age in ("fresh", "due", "late")]  # fmt: skip
    assert counts == [world.N, 0, 0]  # all of them are leads since the first run's day


def test_a_filter_can_be_shared_and_is_removed_by_its_maker(signed):
    signed("lead").submit("/queue/filters", name="大额", query="least=100000", shared="1")
    signed("lead").submit("/queue/filters", name="私有", query="least=1")
    seen = signed("reviewer").get("/queue").text
    assert "大额" in seen and "私有" not in seen
    signed("reviewer").submit("/queue/filters/1/drop", back="/queue")
    assert "大额" in signed("reviewer").get("/queue").text
    signed("lead").submit("/queue/filters/1/drop", back="/queue")
    assert "大额" not in signed("reviewer").get("/queue").text


def test_upstream_hears_of_a_new_run(workspace, tmp_path):
    made = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    app_state = made.state.app_state
    engage(app_state, "administrator", Role.ADMINISTRATOR)
    _ = app_state.leads
    sign_in(made, "administrator").submit(
        "/webhooks", name="x", url="https://u.example/x", event="run"
    )
    newer = workspace / "runs" / "20170701-fedcba9876543210"
    shutil.copytree(workspace / "runs" / world.RUN, newer)
    manifest = json.loads((newer / "manifest.json").read_text()) | {"run_id": newer.name}
    (newer / "manifest.json").write_text(json.dumps(manifest))
    (workspace / "runs" / "LATEST").write_text(newer.name + "\n")
    app_state._replace()
    with app_state.db.reading() as connection:
        body = connection.exec_driver_sql("SELECT body FROM outbox").scalar()
    assert json.loads(body)["run_id"] == newer.name
