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
    staffed(made.state.app_state)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(made, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", made.state.app_state
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


def flash_text(tab):
    return tab.locator(".flash[role=status]").inner_text()


def reach(tab, selector):
    """Tabs on until the focus is on ``selector``: whatever can be done is reached by keyboard."""
    for _ in range(250):
        if tab.evaluate("s => document.activeElement.matches(s)", selector):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def press(tab, selector, key="Enter"):
    reach(tab, selector)
    tab.keyboard.press(key)


def choose(tab, selector, value):
    """A list box by keyboard: down until it shows ``value``."""
    reach(tab, selector)
    for _ in range(60):
        if tab.evaluate("document.activeElement.value") == value:
            return
        tab.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} does not offer {value}")


WAY = {
    "zh-CN": {"second": "待另一人复核", "undone": "已撤回", "decided": "已记录", "agreed": "复核同意",
              "out": "已退出", "claim": "申请"},
    "en-GB": {"second": "another person must agree", "undone": "undone", "decided": "recorded",
              "agreed": "agreed", "out": "signed out", "claim": "Claim"},
}  # fmt: skip


def wait_for_word(tab, word):
    tab.wait_for_selector(f"[role=status]:has-text('{word}')")


@pytest.mark.parametrize("language", list(WAY))
def test_the_whole_way_by_keyboard_alone(visit, language):
    """Sign in, take next, reasons, the ring, decide, undo, four eyes, export, sign out."""
    word, tab = WAY[language], visit("lead", language)
    tab.keyboard.press("t")
    tab.wait_for_url("**/claims/*flash=taken*")
    claim_id = tab.url.split("/claims/")[1].split("?")[0]
    assert f"{word['claim']} {claim_id}" in tab.locator("h1").inner_text()
    assert tab.locator("#reasons ol.findings li").count() >= 1
    assert not tab.locator("svg.waterfall").is_visible()  # every factor is one key away
    press(tab, "#factors summary")
    assert tab.locator("#reasons tr.sum").is_visible() and tab.locator("svg.waterfall").is_visible()
    assert tab.locator("svg.strip").is_visible()
    press(tab, "#ring-link")
    tab.wait_for_url("**/rings/*")
    assert tab.locator("svg.ring circle.enterprise").count() == 4
    assert tab.locator("#ties li").count() == 3  # the few that carry it; the rest is folded
    press(tab, f"#claims a[href$='{claim_id}']")
    tab.wait_for_url("**/claims/*")
    tab.keyboard.press("1")
    choose(tab, "#reason", "money_returned")
    choose(tab, "#decide [name=typology]", "T14")
    reach(tab, "[name=disallowed]")
    tab.keyboard.type("1000")
    press(tab, "#decide button.primary")
    wait_for_word(tab, word["second"])
    tab.keyboard.press("u")
    wait_for_word(tab, word["undone"])
    tab.keyboard.press("3")
    assert tab.locator("#reason option[value=money_returned]").is_disabled()
    choose(tab, "#reason", "documents_fit")
    press(tab, "#decide button.primary")
    wait_for_word(tab, word["second"])
    other = visit("second", language)
    other.goto(tab.url.split("?")[0])
    press(other, "#second button[value=agree]")
    wait_for_word(other, word["agreed"])
    with tab.expect_download() as pack:
        press(tab, "a[href$='pack.zip']")
    assert pack.value.suggested_filename == f"claim-{claim_id}.zip"
    press(tab, "a.brand")
    tab.wait_for_url("**/queue")
    with tab.expect_download() as sheet:
        press(tab, "a[href*='queue.xlsx']")
    assert sheet.value.suggested_filename.endswith(".xlsx")
    press(tab, "form[action='/sign-out'] button")
    wait_for_word(tab, word["out"])


def test_keys_move_through_the_queue_and_the_slider_through_time(visit):
    tab = visit("reviewer")
    for key in "jjk":
        tab.keyboard.press(key)
    assert tab.locator("tr.current").count() == 1
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/claims/*")
    tab.goto("/".join(tab.url.split("/")[:3]) + f"/rings/{world.RING}")
    reach(tab, "#days")
    for _ in range(2):
        tab.keyboard.press("ArrowLeft")
    assert tab.locator("#day").inner_text() == "2017-06-27"
    press(tab, "#time button")
    tab.wait_for_url("**days=26*")
    assert tab.locator("svg.ring circle.enterprise").count() == 2


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
        "/fairness",
        f"/runs/{world.RUN}/drift",
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


def test_lists_fit_a_phone(browser, place):
    """No page is wider than the screen, and no column is one character wide."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    tab = context.new_page()
    tab.goto(place + "/")
    tab.fill("[name=name]", "lead")
    tab.fill("[name=password]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#queue")
    for path in (
        "/queue",
        "/rings",
        f"/rings/{world.RING}",
        f"/claims/{world.claim(5)}",
        "/audit",
        "/fairness",
    ):
        tab.goto(place + path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path
        narrow = tab.evaluate("""[...document.querySelectorAll('td')].filter(
            cell => cell.innerText.trim().length > 6 && cell.clientWidth < 60).length""")
        assert narrow == 0, path
    context.close()
