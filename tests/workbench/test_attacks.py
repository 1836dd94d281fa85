"""Attacks on the pages that no other test tries: markup, SQL, sessions, paths, load, network."""

import html.parser
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from urllib.parse import quote

import pyarrow as pa
import pytest

from fraud_pipeline.store import files
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import ROUTES, Role
from tests.command_line import run
from tests.shared_runs import TINY
from tests.workbench import world
from tests.workbench.conftest import PASSWORD, WorkbenchClient, engage, message, sign_in

MARKUP = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)><a href="javascript:alert(3)">x'
SQL = ("' OR '1'='1", "'; DROP TABLE queue; --", "\" OR 1=1 --", "1 UNION SELECT * FROM claims", "%' --", "\\'; --",
       "') OR ('a'='a", "$region OR TRUE", "1; ATTACH 'x'", "%00'")  # fmt: skip
TEXT_FILTERS = ("find", "region", "stratum", "typology")
OTHER_FILTERS = ("kind", "ring", "least", "most", "older", "age", "status", "sort", "page")
AWAY = ("//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "http:evil.example", "\\\\evil.example",
        "javascript:alert(1)", " //evil.example", "/\t/evil.example", "https:/evil.example", "///evil.example")  # fmt: skip
PAGES = ("/queue", "/queue?status=all", "/overview", "/charts", "/audit", "/tuning", "/cases", "/rings", "/search?q=1",
         f"/rings/{world.RING}", f"/claims/{world.claim(1)}", f"/claims/{world.claim(1)}/notice",
         f"/entities/enterprise/{world.enterprise(1)}", "/runs", "/fairness", "/method", "/account", "/files")  # fmt: skip


class Markup(html.parser.HTMLParser):
    """Collects what would run or load: handlers, addresses with a scheme of script, foreign tags."""

    def __init__(self):
        super().__init__()
        self.alarms = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.alarms.append((tag, name, value))
        if tag in ("img", "iframe", "object", "embed") or (
            tag == "script" and not dict(attributes).get("src")
        ):
            self.alarms.append((tag, attributes))


def with_markup(workspace):
    """Names, regions and texts of every input table hold markup."""
    folder = workspace / "runs" / world.RUN
    for path in sorted(folder.glob("clean/*.parquet")):
        table = files.read_table(path)
        for name in (
            "name",
            "region",
            "address",
            "service_title",
            "text",
            "report_text",
            "purpose",
            "item",
        ):
            if name in table.column_names:
                values = [MARKUP] * table.num_rows
                at = table.column_names.index(name)
                table = table.set_column(
                    at, table.schema.field(at), pa.array(values, table.schema.field(at).type)
                )
        files.write_table(path, table)


def test_no_text_of_the_data_becomes_markup(workspace):
    with_markup(workspace)
    made = make_application(workspace, f"sqlite:///{workspace / 'workbench.db'}")
    engage(made.state.app_state, "lead", Role.LEAD)
    client = sign_in(made, "lead")
    client.submit("/cases", source="claim", key=world.claim(5), title=MARKUP)
    client.submit("/cases/1/change", do="note", text=MARKUP)
    seen = 0
    for path in (*PAGES, "/cases/1", "/search?q=" + quote(MARKUP), "/queue?find=" + quote(MARKUP)):
        answer = client.get(path)
        reader = Markup()
        reader.feed(answer.text)
        assert answer.status_code == 200 and reader.alarms == [], path
        seen += "&lt;script&gt;alert(1)" in answer.text
    assert seen >= 8  # the text is there, as text
    reader.feed(MARKUP)
    assert len(reader.alarms) == 4  # the reader would have noticed it
    made.state.app_state.db.dispose()


def listed(client, query):
    answer = client.get(f"/queue?status=all&{query}")
    assert answer.status_code in (200, 400, 422), query
    return answer.text.count('href="/claims/')


@pytest.mark.parametrize("payload", SQL)
def test_sql_in_a_filter_finds_nothing_more(signed, payload):
    client = signed("lead")
    everything = listed(client, "")
    assert everything > 0
    for name in TEXT_FILTERS:
        assert listed(client, f"{name}={quote(payload)}") == 0, name
    for name in OTHER_FILTERS:
        assert listed(client, f"{name}={quote(payload)}") <= everything, name
    assert listed(client, "") == everything  # the table is still there


@pytest.mark.parametrize(
    "payload", [p for p in SQL if p != "%00'"]
)  # a search for 00 finds numbers
def test_sql_in_the_search_box_finds_nothing(signed, payload):
    answer = signed("lead").get("/search", params={"q": payload})
    assert answer.status_code == 200
    assert 'href="/claims/' not in answer.text and 'href="/entities/' not in answer.text


def test_a_session_from_before_the_sign_in_opens_nothing(application):
    chosen = {"cookie": "workbench=chosen-by-somebody-else"}
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    token = client.token
    form = {"csrf": token, "name": "lead", "password": PASSWORD, "next": "/"}
    both = {"cookie": f"{chosen['cookie']}; workbench-form={client.cookies['workbench-form']}"}
    client.cookies.clear()
    cookies = [
        client.post("/sign-in", data=form, headers=both).headers["set-cookie"] for _ in range(2)
    ]
    assert all(cookie.startswith("workbench=") for cookie in cookies)
    first, second = (cookie.split(";")[0] for cookie in cookies)
    assert len({first, second, chosen["cookie"]}) == 3  # a new one at each sign-in
    client.cookies.clear()
    assert client.get("/queue", headers={"cookie": first}).status_code == 200
    client.cookies.clear()
    assert client.get("/queue", headers=chosen).status_code in (303, 401)


@pytest.mark.parametrize("address", AWAY)
def test_no_form_of_an_address_leads_away(application, signed, address):
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    answer = client.submit("/sign-in", name="lead", password=PASSWORD, next=address)
    assert answer.headers["location"] == "/"
    for path, field in (("/language", "back"), (f"/claims/{world.claim(5)}/take", "back")):
        answer = signed("lead").submit(path, **{field: address, "language": "en"})
        target = answer.headers.get("location", "/")
        assert (
            target.startswith("/") and not target.startswith(("//", "/\\")) and "evil" not in target
        )


@pytest.mark.parametrize(
    "path",
    ["/static/../application.py", "/static/..%2fapplication.py", "/static/%2e%2e%2fapplication.py",
     "/static/..%5capplication.py", "/static//etc/passwd", "/static/....//application.py", "/static/%00icon.svg",
     "/files/..%2f..%2fwork.db/report.html", "/runs/..%2f..", "/claims/..%2f..%2fetc%2fpasswd",
     "/entities/enterprise/..%2f..%2fwork.db"],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(signed, path):
    answer = signed("lead").get(path)
    assert answer.status_code in (404, 400), path
    assert "def make_application" not in answer.text and "root:" not in answer.text


def test_no_other_method_is_answered(signed):
    client, tried = signed("lead"), 0
    by_path = {}
    for rule in ROUTES:
        by_path.setdefault(rule.path, set()).add(rule.method)
    for path, methods in by_path.items():
        filled = path.replace("{", "").replace("}", "")
        for method in ("DELETE", "TRACE"):
            tried += 1
            assert client.request(method, filled).status_code in (404, 405), (method, path)
        if methods == {"POST"}:
            assert client.get(filled).status_code in (404, 405), path
    assert tried > 100


def test_a_first_look_at_a_claim_costs_little(signed):
    """The reasons of a claim that nobody has looked at are read, not made."""
    client = signed("lead")
    client.get(f"/claims/{world.claim(0)}")  # what is loaded once for all claims
    costs = []
    for k in range(1, 9):
        started = time.process_time()
        assert client.get(f"/claims/{world.claim(k)}").status_code == 200
        costs.append(time.process_time() - started)
    assert median(costs) < 0.15  # seconds of processor time


def test_twenty_people_at_once_are_all_answered(application, app_state):
    for k in range(20):
        engage(app_state, f"person {k}", Role.REVIEWER)

    def work(k):
        client = sign_in(application, f"person {k}")
        return [
            client.get(path).status_code
            for path in ("/queue", f"/claims/{world.claim(k)}", "/search?q=1")
        ]

    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(work, range(20)))
    assert {status for statuses in answers for status in statuses} == {200}


@pytest.fixture
def no_connection(monkeypatch):
    """Every attempt to connect or to resolve a name, and none succeeds."""
    attempts = []

    def refuse(*arguments, **_options):
        attempts.append(arguments)
        raise OSError("no network in this test")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return attempts


def test_no_page_and_no_command_opens_a_connection(signed, tiny_run, tmp_path, no_connection):
    client = signed("lead")
    for path in (
        *PAGES,
        "/queue.xlsx",
        f"/rings/{world.RING}/pack.zip",
        f"/rings/{world.RING}/graph.json",
    ):
        assert client.get(path).status_code == 200, path
    assert message(client.submit(f"/claims/{world.claim(5)}/take")) == "taken"
    workspace = shutil.copytree(tiny_run, tmp_path / "w")
    for line in (
        ("verify", "--all"),
        ("status",),
        ("export", "--out", tmp_path / "out"),
        ("model", "card"),
    ):
        assert run(*line, "-w", workspace, cwd=tmp_path).returncode in (0, 1), line
    assert no_connection == []
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("127.0.0.1", 9))
    assert len(no_connection) == 1  # it would have been noticed


@pytest.mark.long
def test_a_run_is_made_without_a_network(tmp_path):
    """In a name space of its own, where even the loopback interface is down."""
    inside = (
        ["unshare", "--net"] if _is_allowed("--net") else ["unshare", "--net", "--map-root-user"]
    )
    line = [
        *inside,
        sys.executable,
        "-m",
        "fraud_pipeline",
        "score",
        "--data",
        str(TINY),
        "-w",
        str(tmp_path / "w"),
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    line = [
        *inside,
        sys.executable,
        "-m",
        "fraud_pipeline",
        "verify",
        "--all",
        "--replay",
        "-w",
        str(tmp_path / "w"),
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def _is_allowed(option):
    return (
        subprocess.run(["unshare", option, "true"], capture_output=True, check=False).returncode
        == 0
    )
