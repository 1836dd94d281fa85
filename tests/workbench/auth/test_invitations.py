"""The first start, and a list of people invited at once."""

import re

import pytest

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.invitation_list import parse_invitees
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import settings
from fraud_pipeline.workbench.db.state_verification import state_faults
from tests.workbench.conftest import PASSWORD, WorkbenchClient, sign_in


@pytest.fixture
def fresh(workspace, tmp_path):
    """A server nobody has signed in to yet, with the first administrator's link."""
    made = make_application(workspace, f"sqlite:///{tmp_path / 'fresh.db'}")
    with made.state.app_state.db.writing() as connection:
        token = accounts.first_administrator(connection, settings.WorkbenchSettings())
    yield made, f"/welcome/{token}"
    made.state.app_state.db.dispose()


def browser(application):
    return WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)


def test_the_first_administrator_chooses_the_user_name(fresh):
    made, link = fresh
    client = browser(made)
    assert 'name="name"' in client.get(link).text
    refused = client.submit(link, name="x", password=PASSWORD, again=PASSWORD)
    assert refused.status_code == 400 and 'value="x"' in refused.text
    done = client.submit(link, name="王主任", password=PASSWORD, again=PASSWORD)
    assert done.headers["location"] == "/sign-in?flash=welcome"
    assert sign_in(made, "王主任").get("/people").status_code == 200
    assert "已用过或已过期" in client.get(link).text
    with made.state.app_state.db.reading() as connection:
        assert list(state_faults(connection)) == []


def test_later_people_do_not_rename_themselves(application, signed, app_state):
    page = signed("administrator").submit("/people", name="李四", role="lead").text
    link = re.search(r"/welcome/[\w-]+", page)[0]
    client = browser(application)
    assert 'name="name"' not in client.get(link).text
    client.submit(link, name="administrator2", password=PASSWORD, again=PASSWORD)
    assert sign_in(application, "李四").get("/queue").status_code == 200


def test_a_list_is_invited_at_once_each_with_a_link(application, signed):
    text = "张三，审核组长，武昌;江夏\n\n李四\nWang, investigator"
    page = signed("administrator").submit("/people/list", list=text).text
    links = re.findall(r"/welcome/[\w-]+", page)
    assert len(set(links)) == 3
    client = browser(application)
    client.submit(links[0], password=PASSWORD, again=PASSWORD)
    assert sign_in(application, "张三").get("/queue").status_code == 200


def test_a_wrong_line_invites_nobody(signed, app_state):
    answer = signed("administrator").submit("/people/list", list="张三\n李四，局长")
    assert answer.status_code == 400 and "第 2 行" in answer.text
    signed("administrator").submit("/people/list", list="张三\nlead")  # there is a lead already
    with app_state.db.reading() as connection:
        names = list(connection.exec_driver_sql("SELECT name FROM users").scalars())
    assert "张三" not in names


def test_the_list_is_read_with_either_comma_and_either_language():
    people = parse_invitees("A1, lead\n张三，审核人员，武昌；江夏\nB2\t局领导")
    assert [p.role for p in people] == [Role.LEAD, Role.REVIEWER, Role.LEADER]
    assert people[1].regions == ("武昌", "江夏")
    for wrong in ("", "A1\nA1", "\n".join(f"P{k}" for k in range(101))):
        with pytest.raises(SettingsError):
            parse_invitees(wrong)
