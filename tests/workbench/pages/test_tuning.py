"""Tuning by proposal: noise marks, what another threshold would have done, approval by a second person."""

import tomllib

import pytest
import sqlalchemy as sa

from fraud_pipeline.settings import parse_settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.state_verification import state_faults
from fraud_pipeline.workbench.decisions import tuning
from tests.workbench import world
from tests.workbench.conftest import message

# In the made-up run T01 marks every second claim with 0.97 against 0.9.
HALF = world.N // 2


def decide(client, k, **fields):
    client.submit(f"/claims/{world.claim(k)}/take")
    client.submit(f"/claims/{world.claim(k)}/decide", note="n", **fields)


def page(client, value, code="T01"):
    return client.get(f"/tuning?rule={code}&value={value}").text


def test_the_effect_counts_marked_improper_and_clean_claims(signed, app_state):
    decide(signed("reviewer"), 20, verdict="clean", reason="documents_fit")
    decide(
        signed("reviewer"),
        18,
        verdict="irregular",
        reason="service_missing",
        typology="T01",
        disallowed="1",
    )
    text = page(signed("reviewer"), 0.98)
    assert "不再提示 1 件查实有问题的申请，并少打扰 1 件无问题的申请" in text
    assert f'<td class="num">{HALF}</td><td class="num">0</td>' in text
    assert f'<td class="num">{HALF}</td><td class="num">{HALF}</td>' in page(
        signed("reviewer"), 0.95
    )


@pytest.mark.parametrize("value", ["0", "1.5", "x", "nan", "1e400", "-1"])
def test_a_value_out_of_range_is_refused(signed, value):
    answer = signed("reviewer").get(f"/tuning?rule=T01&value={value}")
    assert answer.status_code == 422 and message(answer) == "threshold_bad"


def test_a_second_person_who_leads_approves_and_the_file_names_them(signed, app_state):
    reviewer, lead = signed("reviewer"), signed("lead")
    reviewer.submit(f"/claims/{world.claim(2)}/noise", rule="T01", note="boilerplate")
    assert message(reviewer.submit("/tuning", rule="T01", value="0.95", note="too many")) == "saved"
    assert "too many" in lead.get("/tuning").text
    assert reviewer.submit("/tuning/2/answer", answer="approve", note="x").status_code == 403
    assert message(lead.submit("/tuning/2/answer", answer="approve", note="")) == "note_needed"
    assert message(lead.submit("/tuning/2/answer", answer="approve", note="agreed")) == "saved"
    assert message(lead.submit("/tuning/2/answer", answer="refuse", note="again")) == "not_waiting"
    path = app_state.workspace.path / tuning.FILE
    text = path.read_text()
    path.unlink()  # the run is shared with other tests
    assert tomllib.loads(text) == {"programmes": {"text_similarity": 0.95}}
    assert 'approved by "lead"' in text
    assert parse_settings(text, "x").programmes.text_similarity == 0.95
    with app_state.db.reading() as connection:
        assert list(state_faults(connection)) == []
        kinds = [r["kind"] for r in tuning.events(connection)]
    assert kinds == ["noise", "proposal", "approved"]


def test_nobody_approves_their_own(signed):
    lead = signed("lead")
    lead.submit("/tuning", rule="T01", value="0.95", note="too many")
    assert message(lead.submit("/tuning/1/answer", answer="approve", note="mine")) == "same_person"


def test_a_changed_proposal_does_not_go_unnoticed(signed, app_state):
    signed("reviewer").submit("/tuning", rule="T01", value="0.95", note="too many")
    with app_state.db.writing() as connection, pytest.raises(sa.exc.DatabaseError):
        connection.execute(sa.update(t.TUNING_EVENTS).values(detail="{}"))
    with app_state.db.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS tuning_events_no_update")
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'tuning_events'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(
            "UPDATE tuning_events SET detail = replace(detail, '0.95', '0.10')"
        )
        assert any("tuning_events, row 1" in fault for fault in state_faults(connection))


def test_every_threshold_is_a_setting_of_the_programmes():
    for code, threshold in tuning.THRESHOLDS.items():
        present = getattr(parse_settings("", "x").programmes, threshold.setting)
        assert tuning.checked_value(code, str(present)) == present


@pytest.mark.long
def test_the_limit_that_a_flag_compares_with_is_the_setting_that_is_tuned(wuhan_run):
    from fraud_pipeline.engine.run_queries import settings_of
    from fraud_pipeline.store import runs

    run = runs.find(wuhan_run)
    settings = settings_of(run).programmes
    results = run.table("rule_results").to_pylist()
    for code, threshold in tuning.THRESHOLDS.items():
        limits = {r["limit"] for r in results if r["rule_code"] == code and r["limit"] is not None}
        assert limits <= {getattr(settings, threshold.setting)}, code
