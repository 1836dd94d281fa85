"""The page of a real run in a real browser, without network."""

import shutil

import pytest

from fraud_pipeline.store import runs
from tests.conftest import unavailable

pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def page(wuhan_run):
    chromium = shutil.which("chromium")
    if chromium is None:
        unavailable("CHROMIUM")
    from playwright.sync_api import sync_playwright

    run = runs.find(wuhan_run)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.troubles, tab.asked = [], []
        tab.on("console", lambda m: tab.troubles.append(m.text) if m.type == "error" else None)
        tab.on("pageerror", lambda e: tab.troubles.append(str(e)))
        tab.on("request", lambda r: tab.asked.append(r.url))
        tab.goto((run.folder / "report.html").as_uri())
        yield tab
        browser.close()


def test_it_opens_in_chinese_without_asking_anyone(page):
    assert page.troubles == []
    assert all(url.startswith("file:") for url in page.asked)
    assert page.locator("h1 .zh").is_visible() and not page.locator("h1 .en").is_visible()


def test_the_language_switches_by_keyboard(page):
    page.locator("#language").focus()
    page.keyboard.press("Enter")
    assert page.locator("h1 .en").is_visible() and not page.locator("h1 .zh").is_visible()
    page.keyboard.press("Enter")
    assert page.locator("h1 .zh").is_visible()


def test_a_claim_opens_with_its_reasons_and_market(page):
    first = page.locator("details.claim-row").first
    first.locator("summary").first.click()
    assert 1 <= first.locator("ol.findings li").count() <= 5
    assert not first.locator("table.reasons tr.sum").is_visible()  # the sum is one click away
    first.locator("details.all-factors summary").click()
    assert first.locator("table.reasons tbody tr").count() > 2
    assert first.locator("table.reasons tr.sum").is_visible()
    assert page.locator("svg.strip").count() > 0


def test_a_ring_has_its_picture(page):
    card = page.locator("article.ring-card").first
    card.scroll_into_view_if_needed()
    assert card.locator("svg.ring").is_visible()
    drawn = card.locator("svg.ring circle.enterprise").count()
    assert (
        drawn + card.locator("svg.ring rect.institution").count()
        == card.locator("tbody tr").count()
    )


def test_it_never_scrolls_sideways(page):
    for width in (1280, 1024, 800):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
