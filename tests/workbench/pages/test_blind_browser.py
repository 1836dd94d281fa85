"""A blind check in a real browser, by keyboard alone: the first verdict comes to light after one's own."""

import pytest

from fraud_pipeline.workbench.db import settings
from tests.workbench import world
from tests.workbench.conftest import sign_in
from tests.workbench.decisions.test_verdicts import FRAUD, do
from tests.workbench.pages.test_browser import (  # noqa: F401
    browser,
    choose,
    flash_text,
    press,
    reach,
    served,
    visit,
)

pytestmark = pytest.mark.browser
CLAIM = world.claim(20)


@pytest.fixture
def place(tmp_path):
    """A server on which one verdict waits to be checked."""
    world.published(tmp_path)
    with served(tmp_path) as (root, app_state):
        with app_state.db.writing() as connection:
            settings.change(connection, "blind_percent", "100", 1, "administrator")
        from fraud_pipeline.workbench.application import make_application

        made = make_application(tmp_path, f"sqlite:///{tmp_path / 'work.db'}")
        do(sign_in(made, "reviewer"), CLAIM, "decide", **FRAUD | {"disallowed": "1"})
        yield root


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_a_blind_check_by_keyboard(visit, language):  # noqa: F811
    from axe_playwright_python.sync_playwright import Axe

    tab = visit("lead", language)
    press(tab, "#take-blind")
    tab.wait_for_selector("#check")
    assert tab.url.split("?")[0].endswith(CLAIM) and tab.locator("#decisions").count() == 0
    serious = [v["id"] for v in Axe().run(tab).response["violations"]
               if v["impact"] in ("serious", "critical")]  # fmt: skip
    assert serious == []
    reach(tab, "#check [name=verdict]")
    while tab.evaluate("document.activeElement.value") != "clean":
        tab.keyboard.press("ArrowDown")
    choose(tab, "#check [name=reason]", "documents_fit")
    press(tab, "#check button.primary")
    tab.wait_for_selector("#decisions")
    assert flash_text(tab).strip() in ("盲审结论已记录", "your finding is recorded")
    assert tab.locator("#check").count() == 0
    tab.goto("/".join(tab.url.split("/")[:3]) + "/audit")
    assert CLAIM in tab.locator("#checked").inner_text()
