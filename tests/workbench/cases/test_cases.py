"""Cases from opening to closing: items, notes, tasks, files, merging, splitting, one verdict."""

import re
from datetime import timedelta

import pytest

from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.cases.case_book import EVENT_KINDS, CaseBook, load
from fraud_pipeline.workbench.cases.case_words import _SENTENCES, sentence
from fraud_pipeline.workbench.db.state_verification import state_faults
from fraud_pipeline.workbench.pages.cases import today
from tests.workbench import world
from tests.workbench.cases.test_attachments import PDF
from tests.workbench.conftest import engage, message, sign_in
from tests.workbench.db.test_state_verification import forge


def opened(client, source="claim", key=None, **fields):
    """The number of a case opened by a form."""
    answer = client.submit(
        "/cases", source=source, key=key or world.claim(5), title="测试案件", **fields
    )
    found = re.match(r"/cases/(\d+)\?flash=case_opened", answer.headers.get("location", ""))
    assert found, answer.text[:400]
    return int(found[1])


def case(app_state, case_id):
    with app_state.db.reading() as connection:
        return load(connection, case_id)


def change(client, case_id, do, **fields):
    return message(client.submit(f"/cases/{case_id}/change", do=do, **fields))


def user(app_state, name):
    with app_state.db.reading() as connection:
        return connection.exec_driver_sql("SELECT id FROM users WHERE name=?", (name,)).scalar()


def test_a_case_opened_from_a_claim_holds_it_and_both_parties(signed, app_state):
    made = case(app_state, opened(signed("reviewer")))
    assert list(made.items) == [("claim", world.claim(5)), ("enterprise", world.enterprise(5)),
                                ("institution", "INST2")]  # fmt: skip
    assert made.owner == user(app_state, "reviewer")


def test_a_case_opened_from_a_ring_holds_its_claims_and_members(signed, app_state):
    made = case(app_state, opened(signed("lead"), "ring", world.RING))
    assert sorted(made.keys("claim")) == [world.claim(k) for k in range(4)]
    assert len(made.keys("enterprise")) == 4 and made.keys("ring") == [world.RING]


def test_a_case_of_an_institution_or_of_its_high_prices(signed, app_state):
    made = case(app_state, opened(signed("lead"), "institution", "INST1"))
    assert set(made.keys("claim")) == {world.claim(k) for k in range(world.N) if k % 3 == 1}
    made = case(app_state, opened(signed("lead"), "price", "INST1", kind="institution"))
    assert set(made.keys("claim")) == {world.claim(k) for k in range(world.N) if k % 3 == 1}


def test_claims_chosen_in_the_queue_become_a_case(signed, app_state):
    made = case(app_state, opened(signed("lead"), "queue", claim=[world.claim(7), world.claim(8)]))
    assert made.keys("claim") == [world.claim(7), world.claim(8)]


def test_tasks_reminders_notes_and_mentions(signed, app_state):
    lead, case_id = signed("lead"), opened(signed("lead"))
    yesterday = (today() - timedelta(days=1)).isoformat()
    reviewer = user(app_state, "reviewer")
    assert change(lead, case_id, "task", title="调取合同", owner=str(reviewer), due=yesterday,
                  awaits="企业5", every="3") == "saved"  # fmt: skip
    assert change(lead, case_id, "note", text=f"@reviewer 请看，电话{world.PHONE}") == "saved"
    page = lead.get(f"/cases/{case_id}").text
    assert "尚未收到企业5的答复" in page and world.PHONE not in page and "138****5678" in page
    mine = signed("reviewer").get("/cases").text
    assert "调取合同" in mine and "请再次催询" in mine
    assert f"/cases/{case_id}" in signed("reviewer").get("/cases?show=mentions").text
    task = next(iter(case(app_state, case_id).tasks))
    assert change(signed("reviewer"), case_id, "remind", task=str(task)) == "saved"
    made = case(app_state, case_id)
    assert made.tasks[task].reminders == 1 and made.tasks[task].due > today().isoformat()
    assert change(signed("reviewer"), case_id, "done", task=str(task), result="已收到") == "saved"
    assert change(signed("reviewer"), case_id, "done", task=str(task)) == "nothing_chosen"


@pytest.mark.parametrize(
    "do, fields, problem",
    [
        ("task", {"title": "", "owner": "1", "due": "2030-01-01"}, "title_needed"),
        ("task", {"title": "x", "owner": "1", "due": "morgen"}, "due_needed"),
        ("task", {"title": "x", "owner": "999", "due": "2030-01-01"}, "owner_needed"),
        ("note", {"text": " "}, "note_needed"),
        ("remove", {"item": f"claim {world.claim(5)}"}, "note_needed"),
        ("remove", {"item": "claim C9", "reason": "x"}, "nothing_chosen"),
        ("add", {"kind": "claim", "key": "C9"}, "nothing_chosen"),
        ("status", {"status": "closed"}, "note_needed"),
        ("explode", {}, "nothing_chosen"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_entered_is_kept(signed, do, fields, problem):
    case_id = opened(signed("lead"))
    answer = signed("lead").submit(f"/cases/{case_id}/change", do=do, **fields)
    assert message(answer) == problem
    if fields.get("due") == "morgen":
        assert 'value="morgen"' in answer.text


def test_merging_moves_what_is_open_and_keeps_both_histories(signed, app_state):
    lead = signed("lead")
    first, second = opened(lead), opened(lead, key=world.claim(6))
    change(lead, first, "task", title="问", owner=str(user(app_state, "lead")), due="2030-01-01")
    lead.post(f"/cases/{first}/files", data={"csrf": lead.token}, files={"file": ("a.pdf", PDF)})
    answer = lead.submit(f"/cases/{first}/merge", into=str(second), reason="同一机构")
    assert message(answer) == "case_merged"
    merged, target = case(app_state, first), case(app_state, second)
    assert merged.status == "merged" and merged.merged_into == second
    assert ("claim", world.claim(5)) in target.items and len(target.tasks) == 1
    assert [f["name"] for f in target.files] == ["a.pdf"]
    assert change(lead, first, "note", text="x") == "case_over"
    page = lead.get(f"/cases/{second}").text
    assert f"并入了案件 {first} 的内容（同一机构）" in page
    download = lead.get(f"/cases/{second}/files/{target.files[0]['id']}")
    assert download.content == PDF


def test_splitting_moves_the_items_and_leaves_something_behind(signed, app_state):
    lead, case_id = signed("lead"), opened(signed("lead"), "ring", world.RING)
    item = f"claim {world.claim(3)}"
    every = [f"{k} {v}" for k, v in case(app_state, case_id).items]
    refused = lead.submit(f"/cases/{case_id}/split", item=every, title="新", reason="另案")
    assert message(refused) == "nothing_chosen"
    done = lead.submit(f"/cases/{case_id}/split", item=[item], title="新", reason="另案")
    assert message(done) == "case_split"
    new = int(re.search(r"/cases/(\d+)", done.headers["location"])[1])
    assert list(case(app_state, new).items) == [("claim", world.claim(3))]
    assert ("claim", world.claim(3)) not in case(app_state, case_id).items


def test_one_verdict_is_previewed_then_recorded_on_every_claim(signed, app_state):
    lead, case_id = signed("lead"), opened(signed("lead"), "ring", world.RING)
    form = {"verdict": "fraud", "reason": "service_missing", "typology": "T01", "note": "一致"}
    preview = lead.submit(f"/cases/{case_id}/decide", **form)
    assert preview.status_code == 200 and "请核对" in preview.text
    assert case(app_state, case_id).events[-1]["kind"] != "decide"
    done = lead.submit(f"/cases/{case_id}/decide", confirmed="1", **form)
    assert message(done) == "second"
    event = case(app_state, case_id).events[-1]
    assert event["kind"] == "decide" and event["detail"]["n"] == 4
    with app_state.db.reading() as connection:
        rows = connection.exec_driver_sql("SELECT claim_id, batch FROM decisions").all()
    assert {r[1] for r in rows} == {event["detail"]["batch"]} and len(rows) == 4
    assert (
        message(lead.submit(f"/cases/{case_id}/decide", confirmed="1", **form)) == "nothing_chosen"
    )


def test_who_does_not_see_all_of_a_case_does_not_see_it(application, app_state, signed):
    for region in (world.HERE, world.THERE):
        engage(app_state, f"lead {region}", Role.LEAD, (region,))
    here, there = (sign_in(application, f"lead {r}") for r in (world.HERE, world.THERE))
    both = opened(signed("lead"), "institution", "INST1")
    assert here.get(f"/cases/{both}").status_code == there.get(f"/cases/{both}").status_code == 404
    own = opened(here)
    assert here.get(f"/cases/{own}").status_code == 200
    assert there.get(f"/cases/{own}").status_code == 404
    assert "测试案件" not in there.get("/cases?show=all").text
    assert 'id="found-case"' not in there.get("/search?q=测试案件").text
    assert there.submit("/cases", source="claim", key=world.claim(5), title="x").status_code != 200
    removed = signed("lead").submit(f"/cases/{own}/change", do="remove", reason="误",
                                    item=f"claim {world.claim(5)}")  # fmt: skip
    assert message(removed) == "saved" and there.get(f"/cases/{own}").status_code == 404


def test_a_case_is_found_by_title_and_named_on_its_claims(signed):
    case_id = opened(signed("lead"), "ring", world.RING)
    for path in ("/search?q=测试案件", f"/claims/{world.claim(0)}", f"/rings/{world.RING}",
                 f"/entities/enterprise/{world.enterprise(0)}"):  # fmt: skip
        assert f'href="/cases/{case_id}"' in signed("leader").get(path).text, path


def test_every_event_is_bound_to_the_log(signed, app_state):
    lead, case_id = signed("lead"), opened(signed("lead"))
    change(lead, case_id, "note", text="一")
    change(lead, case_id, "status", status="closed", reason="已办结")
    change(lead, case_id, "status", status="open", reason="新线索")
    with app_state.db.reading() as connection:
        assert list(state_faults(connection)) == []
    forge(app_state, "UPDATE case_events SET detail='{\"status\": \"referred\"}' WHERE kind='status'",
          "DELETE FROM case_events WHERE kind='note'")  # fmt: skip
    with app_state.db.reading() as connection:
        faults = " ".join(state_faults(connection))
    assert "case_events, row" in faults and "detail is" in faults and "is missing" in faults


def test_the_database_refuses_to_change_an_event(signed, app_state):
    opened(signed("lead"))
    for statement in ("UPDATE case_events SET who='x'", "DELETE FROM case_events"):
        with pytest.raises(Exception, match="append-only"), app_state.db.writing() as connection:
            connection.exec_driver_sql(statement)


def test_the_book_reads_only_what_is_new_and_agrees_with_the_table(signed, app_state):
    book, lead = CaseBook(), signed("lead")
    case_id = opened(lead)
    with app_state.db.reading() as connection:
        book.cases(connection)
    change(lead, case_id, "title", title="改名")
    with app_state.db.reading() as connection:
        assert book.cases(connection)[case_id] == load(connection, case_id)
        assert [c.id for c in book.holding(connection, "claim", world.claim(5))] == [case_id]


def test_every_kind_of_event_has_its_sentence():
    assert set(_SENTENCES) == set(EVENT_KINDS)
    event = {"kind": "add", "detail": {"item": "claim", "key": "C1", "reason": ""}}
    assert (
        sentence(event, {}, "zh") == "加入申请 C1" and sentence(event, {}, "en") == "added claim C1"
    )
