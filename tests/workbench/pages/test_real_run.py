"""The workbench over a real run of the shipped sample, in a real browser.

With FRAUD_PICTURES=FOLDER the pictures of the README are made on the way.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.workbench.conftest import PASSWORD
from tests.workbench.pages.test_browser import browser, served  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def place(wuhan_run, tmp_path_factory):
    workspace = Path(shutil.copytree(wuhan_run, tmp_path_factory.mktemp("real") / "w"))
    with served(workspace) as (root, app_state):
        yield root, app_state


def test_the_first_claims_the_last_claim_and_every_ring_can_be_read(place, browser):  # noqa: F811
    root, app_state = place
    folder = os.environ.get("FRAUD_PICTURES")
    tab = browser.new_page(locale="zh-CN", viewport={"width": 1280, "height": 900})
    troubles = []
    tab.on("pageerror", lambda e: troubles.append(str(e)))
    tab.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)

    def seen(name, path):
        assert tab.goto(root + path).status == 200, path
        if folder:
            tab.screenshot(path=Path(folder) / f"workbench-{name}.png")

    tab.goto(root + "/")
    tab.fill("[name=name]", "lead")
    tab.fill("[name=password]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/queue")
    seen("queue", "/queue")
    rows = app_state.leads.query("SELECT claim_id FROM queue ORDER BY rank")
    for row in (rows[0], rows[40]):
        seen("claim", f"/claims/{row['claim_id']}")
        assert tab.locator("#reasons tbody tr").count() > 2
    seen("last", f"/claims/{rows[-1]['claim_id']}")  # its reasons are made on demand, and add up
    tab.locator("#reasons details summary").first.click()  # all factors are one click away
    shown = [float(cell.inner_text()) for cell in tab.locator("#reasons tbody td.num").all()]
    assert sum(shown[:-1]) == pytest.approx(shown[-1], abs=0.01 * len(shown))
    for ring in app_state.leads.query("SELECT ring_id, n_enterprises FROM rings ORDER BY score"):
        seen("ring", f"/rings/{ring['ring_id']}")
        folded = [int(re.search(r"另有 (\d+)", text)[1])
                  for text in tab.locator("#folds li").all_inner_texts()]  # fmt: skip
        drawn = tab.locator("svg.ring circle.enterprise").count() - len(folded)
        assert drawn + sum(folded) == ring["n_enterprises"]
    seen("audit", "/audit")
    seen("fairness", "/fairness")
    seen("drift", f"/runs/{app_state.leads.run_id}/drift")
    seen("run", f"/runs/{app_state.leads.run_id}")
    assert tab.locator("pre.text").inner_text().strip()  # the model card
    assert troubles == []
