"""Trying out a file in a real browser: brought, read, a column corrected, the mapping saved, scored."""

import pytest

from tests.workbench.conftest import PASSWORD
from tests.workbench.pages.test_browser import browser, place  # noqa: F401 - fixtures
from tests.workbench.pages.test_trials import LIST

pytestmark = pytest.mark.browser


def test_a_list_is_brought_corrected_and_scored(browser, place, tmp_path):  # noqa: F811
    tab = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
    troubles = []
    tab.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    tab.goto(f"{place}/sign-in")
    tab.fill("input[name=name]", "lead")
    tab.fill("input[name=password]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("nav a[href='/files']")
    tab.click("nav a[href='/files']")
    (tmp_path / "spend.csv").write_bytes(LIST)
    tab.set_input_files("#try input[type=file]", tmp_path / "spend.csv")
    tab.click("#try button")
    tab.wait_for_selector("#account", timeout=120_000)
    assert "80 rows: 80 can be used, 0 are set aside" in tab.inner_text("#account")
    assert "1200.50" in tab.inner_text("#first")
    tab.select_option("#columns select[name=amount]", "Netto")
    tab.select_option("#columns select[name=claimed]", "Netto")
    tab.click("#columns button")
    tab.wait_for_selector("[data-message=trial_read]", timeout=120_000)
    assert "900.10" in tab.inner_text("#first")
    with tab.expect_download() as saved:
        tab.click("#mapping")
    assert "Netto" in saved.value.path().read_text("utf-8")
    tab.click("#score button")
    tab.wait_for_selector("#leads", timeout=300_000)
    assert tab.locator("#leads tbody tr").count() == 50
    assert troubles == []
    tab.close()
