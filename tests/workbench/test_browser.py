"""The workbench in a real browser, with no network: a reviewer's morning, by mouse and by keyboard."""

import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from fraud_pipeline.workbench.application import make_application
from tests.browser.test_page import FLAGS
from tests.conftest import unavailable
from tests.workbench import world
from tests.workbench.conftest import PASSWORD, staffed

pytestmark = pytest.mark.browser


@contextmanager
def served(workspace):
    """(address, bench) of a server over ``workspace`` with somebody of every role."""
    made = make_application(workspace, f"sqlite:///{workspace / 'work.db'}")
    staffed(made.state.bench)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(made, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", made.state.bench
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The address of a running server."""
    folder = tmp_path_factory.mktemp("browser")
    world.published(folder)
    with served(folder) as (root, _):
        yield root


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        unavailable("CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def visit(browser, place):
    """``visit("lead")``: a tab in which that person has signed in; troubles fail the test."""
    opened, troubles = [], []

    def by(name, language="zh-CN"):
        context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900},
                                      accept_downloads=True)  # fmt: skip
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda e: troubles.append(str(e)))
        tab.on("request", lambda r: None if r.url.startswith(place) else troubles.append(r.url))
        opened.append(context)
        tab.goto(place + "/")
        tab.fill("[name=name]", name)
        tab.fill("[name=password]", PASSWORD)
        tab.keyboard.press("Enter")
        tab.wait_for_selector("text=" + name)
        return tab

    yield by
    for context in opened:
        context.close()
    assert troubles == []


def said(tab):
    return tab.locator("[role=status]").inner_text()


def test_a_reviewers_morning(visit):
    """Sign in, take next, read, the ring, decide, four eyes, undo, export, sign out."""
    tab = visit("lead")
    tab.click("#take-next")
    assert world.claim(0) in tab.locator("h1").inner_text()
    assert tab.locator("#reasons tr.sum").is_visible()
    assert tab.locator("svg.waterfall").is_visible() and tab.locator("svg.strip").is_visible()
    tab.click("#ring-link")
    assert tab.locator("svg.ring").is_visible()
    assert tab.locator("svg.ring circle.enterprise").count() == 4
    assert tab.locator("#ties li").count() == 3  # the few that carry it; the rest is folded
    tab.go_back()
    tab.check("[name=verdict][value=fraud]")
    tab.select_option("#reason", "money_returned")
    tab.select_option("[name=typology]", "T14")
    tab.fill("[name=disallowed]", "1000")
    tab.click("#decide button.primary")
    assert "复核" in said(tab)
    tab.click("#undo")
    assert "已撤回" in said(tab)
    tab.check("[name=verdict][value=clean]")
    assert tab.locator("#reason option[value=money_returned]").is_disabled()
    tab.select_option("#reason", "documents_fit")
    tab.click("#decide button.primary")
    other = visit("second")
    other.goto(tab.url.split("?")[0])
    other.click("button[value=agree]")
    assert "复核同意" in said(other)
    with tab.expect_download() as pack:
        tab.click("text=证据包")
    assert pack.value.suggested_filename == f"claim-{world.claim(0)}.zip"
    tab.goto(tab.url.split("/claims")[0] + "/queue")
    with tab.expect_download() as sheet:
        tab.click("text=XLSX")
    assert sheet.value.suggested_filename.endswith(".xlsx")
    tab.click("text=退出")
    assert "/sign-in" in tab.url


def test_by_keyboard_alone(visit):
    """From the queue to a recorded verdict without touching the mouse."""
    tab = visit("reviewer")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    assert tab.locator("tr.current").count() == 1
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/claims/*")
    tab.go_back()
    tab.keyboard.press("t")
    tab.wait_for_url("**/claims/*said=taken")
    tab.keyboard.press("3")
    assert tab.is_checked("[name=verdict][value=clean]")
    tab.keyboard.press("Tab")
    for _ in range(9):
        if tab.evaluate("document.activeElement.name") == "reason":
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowDown")
    while tab.evaluate("document.activeElement.className") != "primary":
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("[role=status]:has-text('已记录')")
    tab.keyboard.press("u")
    tab.wait_for_selector("[role=status]:has-text('已撤回')")


def test_both_languages_throughout(visit):
    """No Chinese is left in the English pages, but names and what people wrote."""
    tab = visit("lead", "en-GB")
    root = tab.url.split("/queue")[0]
    assert tab.locator("h1").inner_text() == "Queue"
    for path in (
        "/queue",
        f"/claims/{world.claim(5)}",
        f"/rings/{world.RING}",
        "/audit",
        "/rings",
        "/account",
    ):
        tab.goto(root + path)
        for word in ("申请", "疑点", "理由", "结论", "队列", "金额", "运行"):
            assert word not in tab.locator("main").inner_text(), (path, word)
    tab.goto(root + "/queue")
    tab.click("button:has-text('中文')")
    assert tab.locator("h1").inner_text() == "队列"
    assert tab.get_attribute("html", "lang") == "zh-CN"


def test_it_works_without_our_script(browser, place):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(place + "/sign-in")
    tab.fill("[name=name]", "investigator")
    tab.fill("[name=password]", PASSWORD)
    tab.click("button.primary")
    tab.click("#take-next")
    assert "/claims/" in tab.url
    context.close()


@pytest.mark.parametrize(
    "name",
    ["lead", *(pytest.param(n, marks=pytest.mark.long) for n in ("auditor", "administrator"))],
)
def test_axe_finds_nothing_serious(visit, name):
    from axe_playwright_python.sync_playwright import Axe

    tab = visit(name)
    root = "/".join(tab.url.split("/")[:3])
    pages = {
        "lead": ("/queue?status=all", f"/claims/{world.claim(5)}", f"/rings/{world.RING}", "/rings", "/account"),
        "auditor": ("/audit", "/overview", "/runs", f"/runs/{world.RUN}", "/log", "/method"),
        "administrator": ("/people", "/settings"),
    }[name]  # fmt: skip
    for path in pages:
        tab.goto(root + path)
        # the content policy keeps foreign scripts out, axe's too: it is put in by the debugger
        found = Axe().run(tab).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in found
                   if v["impact"] in ("serious", "critical")]  # fmt: skip
        assert serious == [], path


@pytest.mark.long
def test_it_never_scrolls_sideways_and_prints(visit):
    tab = visit("lead")
    root = "/".join(tab.url.split("/")[:3])
    for path in (
        "/queue",
        f"/claims/{world.claim(5)}",
        f"/rings/{world.RING}",
        "/audit",
        "/overview",
    ):
        tab.goto(root + path)
        for width in (1280, 1024):
            tab.set_viewport_size({"width": width, "height": 800})
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), (
                path
            )
        tab.emulate_media(media="print")
        assert not tab.locator("header.top").is_visible()
        tab.emulate_media(media="screen")
