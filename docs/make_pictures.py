"""Takes the pictures of the README and of the Chinese manual: ``python docs/make_pictures.py demo``.

The workbench is served over a copy of the workspace, in which invented people record the decisions that the manual shows.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import sync_playwright

from fraud_pipeline.store import runs
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.permissions import Role

PICTURES = Path(__file__).parent / "pictures"
PASSWORD = "for pictures only 1"  # noqa: S105 - of accounts in a folder that is removed at the end
PEOPLE = {"张审核": Role.REVIEWER, "李组长": Role.LEAD, "王调查": Role.INVESTIGATOR}
NOTE = "合同与成果报告相符，价格偏高已由企业说明"


def main(workspace: Path) -> None:
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        _report(browser, workspace)
        copy = Path(shutil.copytree(workspace, Path(folder) / "w"))
        with _served(copy) as (address, links):
            tabs = {name: _signed_in(browser, address, link, name) for name, link in links.items()}
            _work(address, tabs)
            english = _tab(browser, "en-GB")
            _sign_in(english, address, "李组长")
            _readme(english, address)
        browser.close()


def _report(browser: Any, workspace: Path) -> None:
    """The page of the run, in English, for the README."""
    page = browser.new_page(viewport={"width": 1120, "height": 760})
    page.goto((runs.find(workspace).folder / "report.html").resolve().as_uri())
    page.locator("#language").click()
    page.screenshot(path=PICTURES / "list.png")
    claim = page.locator("details.claim-row").first
    claim.locator("summary").first.click()
    claim.screenshot(path=PICTURES / "claim.png")
    page.locator("article.ring-card").first.screenshot(path=PICTURES / "ring.png")


@contextmanager
def _served(workspace: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Address of a running workbench, and each person's link to set a password."""
    application = make_application(workspace, f"sqlite:///{workspace / 'pictures.db'}")
    database = application.state.app_state.db
    with database.writing() as connection:
        links = {n: accounts.invite(connection, n, role, (), 1) for n, role in PEOPLE.items()}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", links
    server.should_exit = True
    thread.join(10)
    database.dispose()


def _tab(browser: Any, language: str) -> Any:
    return browser.new_context(locale=language, viewport={"width": 1180, "height": 820}).new_page()


def _signed_in(browser: Any, address: str, link: str, name: str) -> Any:
    tab = _tab(browser, "zh-CN")
    tab.goto(f"{address}/welcome/{link}")
    tab.fill("[name=password]", PASSWORD)
    tab.fill("[name=again]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: "/welcome/" not in url)
    if "/sign-in" in tab.url:
        _sign_in(tab, address, name)
    return tab


def _sign_in(tab: Any, address: str, name: str) -> None:
    tab.goto(f"{address}/sign-in")
    tab.fill("[name=name]", name)
    tab.fill("[name=password]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/queue*")


def _shot(tab: Any, name: str, selector: str = "") -> None:
    """A picture of the window, or of one part of the page."""
    target = tab.locator(selector).first if selector else tab
    target.screenshot(path=PICTURES / f"{name}.png")


def _work(address: str, tabs: dict[str, Any]) -> None:
    """One claim from the queue to the objection, as the manual tells it, and one ring."""
    reviewer, lead, investigator = tabs.values()
    reviewer.goto(f"{address}/queue")
    _shot(reviewer, "manual-queue")
    reviewer.click("#take-next")
    reviewer.wait_for_url("**/claims/*")
    claim = reviewer.url.split("?")[0]
    _shot(reviewer, "manual-claim")
    for part in ("reasons", "rules", "favour"):
        _shot(reviewer, f"manual-{part}", f"#{part}")
    _shot(reviewer, "manual-price", "section:has(svg.strip)")
    reviewer.goto(f"{claim}/notice")
    _shot(reviewer, "manual-notice", "#notice")
    reviewer.goto(claim)
    reviewer.check("[name=verdict][value=clean]")
    reviewer.select_option("#reason", "documents_fit")
    reviewer.fill("#decide [name=note]", NOTE)
    _shot(reviewer, "manual-verdict", "#verdict")
    reviewer.click("#decide button.primary")
    reviewer.wait_for_load_state()
    lead.goto(claim)
    if lead.locator("#second").count():
        _shot(lead, "manual-second", "#second")
        lead.click("#second button[value=agree]")
        lead.wait_for_load_state()
    lead.goto(claim)
    _shot(lead, "manual-objection", "section:has([formaction$='/appeal'])")
    _shot(lead, "manual-record", "#decisions")
    investigator.goto(f"{address}/rings")
    _shot(investigator, "manual-rings", "#main")
    investigator.locator("a[href*='/rings/']").first.click()
    investigator.wait_for_load_state("networkidle")
    _shot(investigator, "manual-ring")


def _readme(tab: Any, address: str) -> None:
    tab.goto(f"{address}/queue")
    _shot(tab, "workbench-queue")
    tab.locator("#queue a.open").first.click()
    tab.wait_for_load_state()
    tab.locator("button:has-text('Take')").first.click()
    tab.wait_for_load_state()
    _shot(tab, "workbench-claim")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
