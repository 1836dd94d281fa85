"""What a person reads after an action, and that what they entered is never lost."""

import html
import re

import pytest

from fraud_pipeline.workbench import words
from fraud_pipeline.workbench.pages import responses
from tests.workbench import world
from tests.workbench.conftest import PASSWORD, message
from tests.workbench.decisions.test_verdicts import CLEAN, FRAUD, SMALL, do

SAME_SITE = {"origin": "http://127.0.0.1"}


def read(client, answer):
    """(kind, sentence) of the message on the page the answer leads to."""
    page = client.get(answer.headers["location"]).text if answer.is_redirect else answer.text
    found = re.search(r'<p class="flash (\w+)"[^>]*>([^<]*)</p>', page)
    return found.groups() if found else None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_success_reads_as_a_success(signed, language):
    reviewer = signed("reviewer")
    reviewer.submit("/language", language=language, back="/queue")
    for action, fields, key in (("take", {}, "taken"), ("decide", CLEAN, "decided")):
        answer = reviewer.submit(f"/claims/{SMALL}/{action}", **fields)
        wanted = responses.DONE_MESSAGES[key][language == "en"]
        assert read(reviewer, answer) == ("done", wanted)


def test_winner_and_loser_of_one_claim_read_different_things(signed):
    lead, reviewer = signed("lead"), signed("reviewer")
    won = read(lead, lead.submit(f"/claims/{SMALL}/decide", **CLEAN))
    lost = read(reviewer, reviewer.submit(f"/claims/{SMALL}/decide", **CLEAN))
    assert won == ("done", "结论已记录")
    assert lost == ("problem", "此申请已办结，此次操作没有记录")
    assert read(reviewer, reviewer.submit(f"/claims/{SMALL}/take"))[0] == "problem"


def test_no_sentence_is_both_a_success_and_a_problem():
    done = {text for pair in responses.DONE_MESSAGES.values() for text in pair}
    assert not done & {text for pair in words.PROBLEMS.values() for text in pair}


def test_a_missing_amount_keeps_the_form(signed):
    note = '<b>"长说明"</b>'
    answer = signed("reviewer").submit(
        f"/claims/{SMALL}/decide", **{**FRAUD, "disallowed": "", "note": note}
    )
    assert answer.status_code == 422 and message(answer) == "amount_needed"
    form = answer.text.split('id="decide"')[1].split("</form>")[0]
    assert re.search(r'value="fraud" required checked', form)
    assert '<option value="T01"' in form and re.search(r'value="T01"[^>]* selected', form)
    assert re.search(r'value="service_missing"[^>]* selected', form)
    assert f'value="{html.escape(note, quote=True).replace("&quot;", "&#34;")}"' in form


def test_who_came_second_still_sees_the_note(signed):
    signed("lead").submit(f"/claims/{SMALL}/decide", **CLEAN)
    answer = signed("reviewer").submit(f"/claims/{SMALL}/decide", **{**CLEAN, "note": "半页说明"})
    assert "半页说明" in answer.text and answer.status_code == 422


def test_an_expired_session_keeps_the_form_until_it_is_sent_again(app_state, signed):
    reviewer = signed("reviewer")
    with app_state.db.writing() as connection:
        connection.exec_driver_sql("DELETE FROM sessions")
    note = "查了三小时"
    answer = reviewer.post(
        f"/claims/{SMALL}/decide", headers=SAME_SITE, data={**CLEAN, "note": note, "csrf": "old"}
    )
    assert answer.status_code == 401 and message(answer) == "sign_in_first"
    kept = html.unescape(re.search(r'name="kept" value="([^"]*)"', answer.text)[1])
    token = re.search(r'name="csrf" value="([^"]+)"', answer.text)[1]
    wrong = reviewer.submit("/sign-in", token, name="reviewer", password="no", kept=kept)  # noqa: S106
    assert wrong.status_code == 401 and note in html.unescape(wrong.text)
    page = reviewer.submit("/sign-in", token, name="reviewer", password=PASSWORD, kept=kept).text
    assert note in page and "还没有记录" in page and "材料相互印证" in page
    with app_state.db.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar() == 0
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.split("kept")[1])
    )
    sent = reviewer.post(re.search(r'action="(/claims/[^"]+)"', page)[1], data=fields)
    assert message(sent) == "decided"


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"},
                                     {"sec-fetch-site": "cross-site", **SAME_SITE}])  # fmt: skip
def test_a_form_from_elsewhere_is_never_carried_along(app_state, signed, headers):
    reviewer = signed("reviewer")
    data = {**CLEAN, "note": "fremd", "csrf": "old"}
    assert "fremd" not in reviewer.post(f"/claims/{SMALL}/decide", headers=headers, data=data).text
    with app_state.db.writing() as connection:
        connection.exec_driver_sql("DELETE FROM sessions")
    answer = reviewer.post(f"/claims/{SMALL}/decide", headers=headers, data=data)
    assert answer.status_code == 401 and "fremd" not in answer.text


def test_a_form_of_an_older_session_is_shown_to_be_sent_again(app_state, signed):
    reviewer = signed("reviewer")
    data = {**CLEAN, "note": "早先打开的表单", "csrf": "old"}
    answer = reviewer.post(f"/claims/{SMALL}/decide", headers=SAME_SITE, data=data)
    assert answer.status_code == 403 and "早先打开的表单" in answer.text
    with app_state.db.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar() == 0


def test_the_kind_of_problem_is_nobodys_choice_before_a_person_chose(signed):
    for page in (signed("lead").get(f"/claims/{SMALL}").text,
                 signed("lead").get(f"/rings/{world.RING}").text):  # fmt: skip
        for name in ("typology", "verdict", "reason"):
            for box in re.findall(rf'<select name="{name}".*?</select>', page, re.S):
                assert " selected" not in box and '<option value="">' in box
        assert not re.search(r'name="verdict"[^>]* checked', page)


def test_a_decided_claim_is_found_again(signed):
    lead = signed("lead")
    do(lead, SMALL, "decide", **CLEAN)
    for query in (f"find={SMALL}", "find=企业20", "find=企业20&status=decided"):
        assert f'href="/claims/{SMALL}"' in lead.get(f"/queue?{query}").text, query
    assert SMALL not in lead.get("/queue?find=企业20&status=open").text.split("<tbody>")[1]
    form = lead.get("/queue").text.split('role="search"')[1].split("</form>")[0]
    assert 'name="status"' not in form  # whoever searches means every status


def test_a_small_probability_is_never_put_beside_a_count_of_permutations():
    assert responses.probability(5.15e-07) == "5×10⁻⁷" and responses.probability(0.0123) == "1.2%"
    assert responses.probability(None) == "—"


def test_after_a_verdict_the_next_claim_opens_and_the_verdict_can_be_undone(signed):
    reviewer = signed("reviewer")
    answer = reviewer.submit(f"/claims/{SMALL}/decide", **CLEAN, then="next")
    address = answer.headers["location"]
    assert address.startswith(f"/claims/{world.claim(0)}?before={SMALL}")
    page = reviewer.get(address).text
    assert f'action="/claims/{SMALL}/undo"' in page and "结论已记录" in page
    assert message(reviewer.submit(f"/claims/{SMALL}/undo")) == "undone"


def test_taking_the_next_never_takes_a_second_claim(app_state, signed):
    reviewer = signed("reviewer")
    first = reviewer.submit("/queue/take", query="")
    again = reviewer.submit("/queue/take", query="")
    assert message(first) == "taken" and message(again) == "still_yours"
    assert again.headers["location"].split("?")[0] == first.headers["location"].split("?")[0]
    with app_state.db.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM states").scalar() == 1


def test_a_chinese_page_cites_evidence_in_chinese(signed):
    rules = (
        signed("lead").get(f"/claims/{SMALL}").text.split('id="rules"')[1].split("</section>")[0]
    )
    assert "claims " not in rules
