"""For everybody: an audit by axe, no sideways scrolling, and pages that print."""

import pytest

from tests.workbench import world
from tests.workbench.pages.test_browser import browser, place, visit  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "name",
    [
        "lead",
        *(
            pytest.param(n, marks=pytest.mark.long)
            for n in ("auditor", "administrator", "inspector")
        ),
    ],
)
def test_axe_finds_nothing_serious(visit, name):  # noqa: F811
    from axe_playwright_python.sync_playwright import Axe

    tab = visit(name)
    root = "/".join(tab.url.split("/")[:3])
    pages = {
        "lead": ("/queue?status=all", f"/claims/{world.claim(5)}", f"/rings/{world.RING}", "/rings", "/account",
                 "/search?q=91420100", f"/entities/enterprise/{world.enterprise(5)}", "/entities/institution/INST0"),
        "auditor": ("/audit", "/audit/planner", "/charts", "/tuning?rule=T01&value=0.95", "/overview", "/runs", f"/runs/{world.RUN}", f"/runs/{world.RUN}/drift", "/fairness", "/log", "/method"),
        "administrator": ("/people", "/settings", "/webhooks"), "inspector": ("/insiders",),
    }[name]  # fmt: skip
    for path in pages:
        tab.goto(root + path)
        if tab.locator("#graph").count():  # the graph and its tables come after the page
            tab.wait_for_selector("#graph[data-ready]")
            tab.locator("#graph summary").click()
        # the content policy keeps foreign scripts out, axe's too: it is put in by the debugger
        found = Axe().run(tab).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in found
                   if v["impact"] in ("serious", "critical")]  # fmt: skip
        assert serious == [], path


@pytest.mark.long
def test_it_never_scrolls_sideways_and_prints(visit):  # noqa: F811
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
