"""What a person is told of: assignments, deadlines, what others decided, verdicts in a ring, mentions."""

import json
import re

import pytest
import sqlalchemy as sa

from fraud_pipeline.core.workdays import WorkCalendar
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.exchange import webhooks
from tests.workbench import world
from tests.workbench.conftest import engage, sign_in
from tests.workbench.decisions.test_verdicts import BIG, CLEAN, FRAUD, SMALL, do

WAITING = world.claim(5)


def number(app_state, name):
    with app_state.db.reading() as connection:
        return connection.execute(sa.select(t.USERS.c.id).where(t.USERS.c.name == name)).scalar()


def section(client, name):
    """The words of one section of the page, without tags; empty when it is not there."""
    parts = client.get("/notifications").text.split(f'id="{name}"')
    return re.sub(r"<[^>]+>", "", parts[1].split("</section>")[0]) if len(parts) > 1 else ""


def assign(signed, app_state, claim_id, to):
    signed("lead").submit("/queue/bulk", do="assign", claim=claim_id, to=str(number(app_state, to)))


def of_the_ring(app_state):
    rows = app_state.leads.lookup("ring_claims", "ring_id", [world.RING])
    return [row["claim_id"] for row in rows]


def test_nobody_is_told_of_nothing(signed):
    text = signed("reviewer").get("/notifications").text
    assert "没有提醒。" in text and "<section" not in text
    assert 'id="notifications"' not in signed("reviewer").get("/queue").text


def test_an_assigned_claim_is_told_until_it_is_decided(signed, app_state):
    assign(signed, app_state, SMALL, "reviewer")
    assert SMALL in section(signed("reviewer"), "assigned") and "lead" in section(
        signed("reviewer"), "assigned"
    )
    assert section(signed("lead"), "assigned") == ""
    assert 'id="notifications" href="/notifications">提醒 ' in signed("reviewer").get("/queue").text
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    assert section(signed("reviewer"), "assigned") == ""


def set_deadline(signed, days):
    signed("administrator").submit("/settings", key="deadline_days", value=str(days))


@pytest.fixture
def days(monkeypatch):
    """Every lead is so many working days old."""
    monkeypatch.setattr(WorkCalendar, "working_days", lambda *_: 8)
    return 8


def test_a_deadline_is_told_with_its_days(signed, days):
    claim_id = WAITING
    signed("reviewer").submit(f"/claims/{claim_id}/take")
    for deadline, state in ((days - 1, "late"), (days, "due"), (2 * days, "")):
        set_deadline(signed, deadline)
        text = section(signed("reviewer"), "due")
        assert (claim_id in text) == bool(state) and ("已超时限" in text) == (state == "late")
        assert not state or f"已过 {days}个工作日，时限 {deadline}" in text
    assert section(signed("lead"), "due") == ""


def test_what_became_of_a_verdict_is_told_to_who_gave_it(signed):
    do(signed("reviewer"), BIG, "decide", **FRAUD)
    signed("lead").submit(f"/claims/{BIG}/second", answer="agree")
    text = section(signed("reviewer"), "decided")
    assert BIG in text and "已复核" in text and "lead" in text
    assert section(signed("lead"), "decided") == ""


def test_a_verdict_in_the_same_ring_is_told_without_what_it_says(signed, app_state):
    first, second, *_ = of_the_ring(app_state)
    signed("reviewer").submit(f"/claims/{first}/take")
    do(signed("lead"), second, "decide", **CLEAN)
    text = section(signed("reviewer"), "ring-verdicts")
    assert second in text and world.RING in text
    assert not any(word in text for word in ("未见问题", "clean", "合规"))
    assert section(signed("second"), "ring-verdicts") == ""


def test_nothing_of_another_region_is_told(application, app_state, signed):
    engage(app_state, "local", Role.REVIEWER, (world.THERE,))
    local = sign_in(application, "local")
    assign(signed, app_state, world.claim(0), "local")  # of the other region
    assign(signed, app_state, world.claim(12), "local")
    text = section(local, "assigned")
    assert world.claim(12) in text and world.claim(0) not in text


def test_a_mention_and_a_task_due_are_told(signed, app_state):
    signed("lead").submit("/cases", source="claim", key=world.claim(5), title="测试案件")
    case = "/cases/1/change"
    signed("lead").submit(case, do="note", text="请 @reviewer 核实")
    due = {
        "title": "调取合同",
        "owner": str(number(app_state, "reviewer")),
        "due": "2026-12-02",
        "awaits": "",
        "every": "7",
    }
    signed("lead").submit(case, do="task", **due)
    assert "测试案件" in section(signed("reviewer"), "mentions")
    assert "调取合同" in signed("reviewer").get("/cases").text


@pytest.fixture
def subscribed(signed):
    """A webhook that hears of assignments, deadlines and decisions; ``heard()`` gives the messages."""
    signed("administrator").submit(
        "/webhooks",
        name="mail",
        url="https://mail.example/",
        event=["assignment", "deadline", "decision"],
    )


def heard(app_state):
    with app_state.db.reading() as connection:
        rows = connection.execute(sa.select(t.OUTBOX.c.body).order_by(t.OUTBOX.c.id)).scalars()
        return [json.loads(body) for body in rows]


@pytest.mark.usefixtures("days", "subscribed")
def test_a_mail_system_hears_of_it_by_webhook(signed, app_state):
    first, *_ = of_the_ring(app_state)
    assign(signed, app_state, first, "reviewer")
    assert [(m["event"], m["claim_id"], m["to"], m["by"]) for m in heard(app_state)] == [
        ("assignment", first, "reviewer", "lead")
    ]
    set_deadline(signed, 1)
    assert app_state.remind() == 1 and app_state.remind() == 0  # once a claim and day
    message = heard(app_state)[-1]
    assert (message["event"], message["claim_id"], message["to"], message["state"]) == (
        "deadline", first, "reviewer", "late",
    )  # fmt: skip
    do(signed("reviewer"), first, "decide", **CLEAN)
    assert heard(app_state)[-1]["ring_id"] == world.RING
    assert app_state.remind() == 0


@pytest.mark.usefixtures("days")
def test_without_a_receiver_nothing_is_queued(signed, app_state):
    assign(signed, app_state, SMALL, "reviewer")
    set_deadline(signed, 1)
    assert app_state.remind() == 0 and heard(app_state) == []
    assert "deadline" in webhooks.EVENTS
