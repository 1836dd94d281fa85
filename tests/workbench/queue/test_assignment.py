"""Who works on what: two people never get one claim, and nothing confirmed is lost."""

import re
import threading
import time

import duckdb
import pytest
import sqlalchemy as sa

from fraud_pipeline.store import runs
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.cases.claim_view import claim_facts
from fraud_pipeline.workbench.db import leads, leads_layout
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter
from tests.workbench import world
from tests.workbench.conftest import WorkbenchClient, engage, message, sign_in, staffed
from tests.workbench.decisions.test_verdicts import CLEAN


def taken(answer):
    return answer.headers["location"].split("?")[0].removeprefix("/claims/")


def test_take_next_follows_the_expected_loss(signed):
    assert taken(signed("reviewer").submit("/queue/take", query="")) == world.claim(0)
    assert taken(signed("lead").submit("/queue/take", query="")) == world.claim(1)
    for name, query, k in (("investigator", "typology=T14", 3), ("second", "region=江夏", 12)):
        assert taken(signed(name).submit("/queue/take", query=query)) == world.claim(k)


def test_fifty_at_once_get_fifty_different_claims(app_state):
    """As many threads as people, one queue that holds fewer claims than they are."""
    got, none = [], []
    start = threading.Barrier(50)

    def one(k):
        person = Person(1000 + k, f"p{k}", Role.REVIEWER, (), frozenset())
        start.wait()
        try:
            got.append(
                assignment.take_next(
                    app_state.db, app_state.leads, app_state.state_cache, person, Filter()
                )
            )
        except ActionRefusedError as refused:
            none.append(refused.key)

    threads = [threading.Thread(target=one, args=(k,)) for k in range(50)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(got) == sorted(world.claim(k) for k in range(world.N))
    assert none == ["none_left"] * (50 - world.N)


def test_a_claim_in_work_is_nobody_elses(signed):
    path = f"/claims/{world.claim(2)}"
    signed("reviewer").submit(f"{path}/take")
    for deed in ("take", "decide", "snooze", "release"):
        fields = {"verdict": "clean", "reason": "documents_fit", "until": "2099-01-01"}
        answer = signed("investigator").submit(f"{path}/{deed}", back=path, **fields)
        assert message(answer) in (
            "taken",
            "date_needed",
            "note_needed",
        )
    signed("reviewer").submit(f"{path}/release")
    assert message(signed("lead").submit(f"{path}/take")) == "taken"


def test_a_lock_runs_out(app_state, signed):
    path = f"/claims/{world.claim(0)}"
    signed("reviewer").submit(f"{path}/take")
    with app_state.db.writing() as connection:
        head = connection.execute(sa.select(t.LOG_HEAD.c.seq)).scalar_one()
        connection.execute(
            sa.update(t.STATES).values(held_until=accounts.now_plus(minutes=-1), log_seq=head + 1)
        )
    assert taken(signed("lead").submit("/queue/take", query="")) == world.claim(0)


def test_reading_on_keeps_the_lock_for_its_holder_alone(app_state, signed):
    path = f"/claims/{world.claim(0)}"

    def held_until():
        with app_state.db.reading() as connection:
            return connection.execute(sa.select(t.STATES.c.held_until)).scalar_one()

    signed("reviewer").submit(f"{path}/take")
    first = held_until()
    signed("lead").get(path)
    assert held_until() == first
    signed("reviewer").get(path)
    assert held_until() > first


def test_assigned_claims_come_first_and_to_nobody_else(app_state, signed):
    with app_state.db.reading() as connection:
        who = connection.execute(
            sa.select(t.USERS.c.id).where(t.USERS.c.name == "reviewer")
        ).scalar_one()
    last = world.claim(20)
    assert (
        signed("lead")
        .submit("/queue/bulk", do="assign", to=str(who), claim=last, back="/queue")
        .status_code
        == 303
    )
    signed("lead").submit(f"/claims/{world.claim(0)}/assign", to=str(who))
    assert taken(signed("lead").submit("/queue/take", query="")) == world.claim(1)
    assert taken(signed("reviewer").submit("/queue/take", query="")) == world.claim(0)
    signed("reviewer").submit(f"/claims/{world.claim(0)}/decide", **CLEAN)
    assert taken(signed("reviewer").submit("/queue/take", query="")) == last


@pytest.mark.parametrize("until", ["", "yesterday", "2000-01-01", "2999-01-01"])
def test_a_snooze_needs_a_day_to_come_and_a_reason(signed, until):
    path = f"/claims/{world.claim(0)}"
    answer = signed("reviewer").submit(f"{path}/snooze", until=until, reason="等材料", back=path)
    assert message(answer) == "date_needed"


def test_a_snooze_ends_tomorrow_at_the_earliest_and_within_a_year(signed, monkeypatch):
    monkeypatch.setattr(assignment, "now", lambda: "2026-03-10T09:00:00+00:00")

    def is_refused(until):
        path = f"/claims/{world.claim(0)}"
        answer = signed("reviewer").submit(
            f"{path}/snooze", until=until, reason="等材料", back=path
        )
        return message(answer) == "date_needed"

    refused = {day: is_refused(day) for day in ("2026-03-09", "2026-03-10", "2027-03-12")}
    assert refused == dict.fromkeys(refused, True)
    assert not is_refused("2026-03-11")
    assert not is_refused("2027-03-11")  # 366 days


def test_a_snoozed_claim_leaves_the_queue_and_comes_back(app_state, signed):
    path, day = f"/claims/{world.claim(0)}", accounts.now_plus(days=2)[:10]
    signed("reviewer").submit(f"{path}/snooze", until=day, reason="等材料")
    assert taken(signed("reviewer").submit("/queue/take", query="")) == world.claim(1)
    assert world.claim(0) in signed("reviewer").get("/queue?status=snoozed").text
    with app_state.db.writing() as connection:
        head = connection.execute(sa.select(t.LOG_HEAD.c.seq)).scalar_one()
        connection.execute(
            sa.update(t.STATES)
            .where(t.STATES.c.claim_id == world.claim(0))
            .values(snoozed_until="2020-01-01", log_seq=head + 1)
        )
    assert taken(signed("lead").submit("/queue/take", query="")) == world.claim(0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("typology=T01", 12), ("stratum=random", 8), ("ring=any", 4), (f"ring={world.RING}", 4),
     ("region=江夏", 12), ("least=192000", 2), ("most=30000", 2), ("older=10", 15), ("find=机构1", 8),
     (f"find={world.claim(7)}", 1), ("typology=T01&region=江夏", 6), ("typology=T99", 0), ("mine=1", 0),
     ("page=99", 24), ("least=abc&status=nonsense&nosuch=1", 24), ("status=decided", 0), ("status=all", 24)],
)  # fmt: skip
def test_filters_are_in_the_address(signed, query, expected):
    text = signed("reviewer").get(f"/queue?{query}").text
    assert text.count('class="open"') == expected


def test_a_filter_is_saved_for_its_owner(application, app_state, signed):
    signed("reviewer").submit(
        "/queue/filters", name="本区大额", query="region=江夏&least=1000&nonsense=1"
    )
    assert "★ 本区大额" in signed("reviewer").get("/queue").text
    assert "本区大额" not in signed("lead").get("/queue").text
    with app_state.db.reading() as connection:
        kept = connection.execute(sa.select(t.FILTERS.c.query)).scalar_one()
    assert "nonsense" not in kept and "least=1000" in kept


def test_a_new_run_is_picked_up_and_a_broken_one_is_not(workspace, tmp_path):
    made = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    app_state = made.state.app_state
    staffed(app_state)
    assert app_state.leads.run_id == world.RUN
    pointer = workspace / "runs" / "LATEST"
    pointer.write_text("20990101-nosuchrun\n")
    assert app_state.leads.run_id == world.RUN
    import json
    import shutil

    newer = workspace / "runs" / "20170701-fedcba9876543210"
    shutil.copytree(workspace / "runs" / world.RUN, newer)
    manifest = json.loads((newer / "manifest.json").read_text()) | {"run_id": newer.name}
    (newer / "manifest.json").write_text(json.dumps(manifest))
    pointer.write_text(newer.name + "\n")
    for _ in range(100):  # it is made ready beside the one at hand
        if app_state.leads.run_id == newer.name:
            break
        time.sleep(0.05)
    assert newer.name in sign_in(made, "reviewer").get("/queue").text


def test_a_large_run_is_looked_up_in_a_file_that_can_be_thrown_away(workspace, monkeypatch):
    small = leads.Leads(runs.find(workspace), workspace / "cache")
    monkeypatch.setattr(leads, "IN_MEMORY_ROWS", 0)
    monkeypatch.setattr(leads_layout, "PART_ROWS", 10)  # sorted in parts, and whole all the same
    (workspace / "cache").mkdir()
    (workspace / "cache" / "older.duckdb").touch()
    (workspace / "cache" / "older.shelves").mkdir()
    for _ in range(2):
        large = leads.Leads(runs.find(workspace), workspace / "cache")
        for question in ("SELECT * FROM queue", "SELECT * FROM rule_results"):
            assert large.query(question) == small.query(question)
        for table, key in leads_layout.INDEXED:
            index = small._indexes[table, key]
            known = [str(cells[index._key][0].as_py()) for cells in index._columns]
            assert large.lookup(table, key, known) == small.lookup(table, key, known)
        with pytest.raises(duckdb.Error):
            large.query("SELECT * FROM read_csv('/etc/passwd')")
        large.close()
    kept = sorted((workspace / "cache").iterdir())
    assert [k.suffix for k in kept] == [".duckdb", ".shelves"]
    assert {k.stem for k in kept} == {kept[0].stem} and kept[0].name.startswith(world.RUN)


def test_names_with_a_percent_sign_and_quotes_do_no_harm(application, app_state):
    engage(app_state, "o'neil %s", Role.REVIEWER)
    assert (
        sign_in(application, "o'neil %s")
        .get("/queue?find=%27%3B%20DROP%20TABLE%20queue")
        .status_code
        == 200
    )


def test_a_claim_shows_its_parties_near_ties_and_not_the_explained_ones(signed):
    text = signed("reviewer").get(f"/claims/{world.claim(5)}").text
    near = text.split('id="near"')[1].split("</section>")[0]
    assert near.count("<li>") == 2 and "企业0" in near and "企业2" not in near


def test_a_notice_asks_and_does_not_accuse(signed):
    text = signed("reviewer").get(f"/claims/{world.claim(4)}/notice").text
    letter = text.split('id="notice"')[1].split("</article>")[0]
    assert "陈述" in letter and "异议" in letter and world.PHONE not in letter
    for word in ("骗取", "欺诈", "违法"):
        assert word not in letter


def test_a_fault_of_ours_tells_nothing_and_keeps_the_headers(
    application, app_state, signed, monkeypatch
):
    other_client = signed("reviewer")
    monkeypatch.setattr(type(app_state.leads), "claim", lambda self, claim_id: 1 / 0)
    quiet = WorkbenchClient(application, base_url="http://127.0.0.1", raise_server_exceptions=False)
    quiet.cookies = other_client.cookies
    answer = quiet.get(f"/claims/{world.claim(4)}")
    assert answer.status_code == 500 and "ZeroDivision" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_partys_past_counts_a_claim_once_with_its_last_word(app_state):
    lead = app_state.leads.claim(world.claim(20))
    past = claim_facts(app_state.leads, app_state.workspace, lead)["institution_past"]
    assert (past["n"], past["audited"], past["improper"]) == (7, 1, 0)
    assert [r["verdict"] for r in past["rows"] if r["claim_id"] == world.claim(23)] == ["clean"]


def test_a_lead_releases_and_reassigns_what_somebody_holds(signed, app_state):
    path = f"/claims/{world.claim(2)}"
    signed("reviewer").submit(f"{path}/take")
    assert "正由 reviewer 办理" in signed("lead").get(path).text
    assert message(signed("lead").submit(f"{path}/release")) == "released"
    signed("reviewer").submit(f"{path}/take")
    with app_state.db.reading() as connection:
        other = connection.exec_driver_sql("SELECT id FROM users WHERE name='second'").scalar()
    assert message(signed("lead").submit(f"{path}/assign", to=str(other))) == "assigned"
    with app_state.db.reading() as connection:
        row = connection.exec_driver_sql("SELECT status, holder, assigned_to FROM states").one()
    assert tuple(row) == ("open", None, other)
    assert "放回队列" not in signed("investigator").get(path).text


def test_the_queue_is_sorted_by_a_column_and_back(signed):
    def order(query):
        page = signed("lead").get(f"/queue?status=all&{query}").text
        return re.findall(r'class="open" href="/claims/(C\d+)"', page)

    plain = order("")
    assert order("sort=amount") == plain[::-1] and order("sort=-amount") == plain
    assert order("sort=claim") == sorted(plain)
    assert order("sort=drop+table") == plain
