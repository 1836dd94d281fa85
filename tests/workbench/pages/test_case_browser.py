"""In a real browser: eight kinds of things are found, and a ring becomes a case and a referral pack."""

import pytest

from tests.workbench import world
from tests.workbench.pages.test_browser import browser, place, press, visit  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser
PHONE_WIDTH = {"width": 390, "height": 844}


def address(tab, path):
    return "/".join(tab.url.split("/")[:3]) + path


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_eight_kinds_of_things_are_found_from_any_page_by_keyboard(visit, language):  # noqa: F811
    tab = visit("investigator", language)
    for typed, kind in (
        ("c0000007", "claim"), ("ht7", "contract"), ("v7", "voucher"), ("qy7", "enterprise"),
        ("jg2", "institution"), (world.PHONE[-6:], "phone"), (world.ACCOUNT[-8:], "account"),
        (world.NAME, "person"), ("test000001", "ring"),
    ):  # fmt: skip
        tab.goto(address(tab, "/overview"))
        tab.keyboard.press("/")
        tab.keyboard.type(typed)
        tab.keyboard.press("Enter")
        tab.wait_for_selector(f"#found-{kind} a.open")
    tab.click("#found-ring a.open")
    tab.wait_for_selector("#members")


def test_a_ring_becomes_a_case_and_a_referral_pack(visit):  # noqa: F811
    tab = visit("lead")
    tab.goto(address(tab, f"/rings/{world.RING}"))
    press(tab, "#cases form button")
    tab.wait_for_selector("#history")
    assert "案件已开立" in tab.locator("[data-message]").inner_text()
    tab.fill("textarea[name=text]", "@investigator 请核对合同原件")
    press(tab, "#notes button")
    tab.wait_for_selector("#notes p")
    tab.click("#tasks summary")
    tab.fill("#tasks input[name=title]", "调取合同原件")
    tab.fill("#tasks input[name=due]", "2030-01-31")
    press(tab, "#tasks button[value=task]")
    tab.wait_for_selector("#tasks li b")
    tab.check("#referral input[name=unmasked]")
    tab.fill("#referral input[name=reason]", "移送检察机关")
    with tab.expect_download(timeout=60_000) as saved:
        tab.click("#referral button[value=pdf]")
    with open(saved.value.path(), "rb") as file:
        assert file.read(5) == b"%PDF-"
    tab.reload()
    assert "制作移送材料" in tab.locator("#history").inner_text()


def test_the_new_pages_fit_a_phone(visit):  # noqa: F811
    tab = visit("lead")
    tab.set_viewport_size(PHONE_WIDTH)
    tab.goto(address(tab, f"/claims/{world.claim(6)}"))
    tab.click("#cases form button")
    tab.wait_for_selector("#history")
    case = "/" + "/".join(tab.url.split("?")[0].split("/")[3:])
    for path in (case, "/cases?show=all", "/search?q=91420100", "/entities/institution/INST0",
                 f"/entities/enterprise/{world.enterprise(5)}", "/queue?sort=-amount"):  # fmt: skip
        tab.goto(address(tab, path))
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE_WIDTH["width"] + 1, (path, wide)


def test_axe_finds_nothing_serious_on_cases(visit):  # noqa: F811
    from axe_playwright_python.sync_playwright import Axe

    tab = visit("lead")
    tab.goto(address(tab, f"/claims/{world.claim(8)}"))
    tab.click("#cases form button")
    tab.wait_for_selector("#history")
    case = "/" + "/".join(tab.url.split("?")[0].split("/")[3:])
    for path in (case, "/cases", "/search?q=91420100", f"/entities/enterprise/{world.enterprise(5)}",
                 "/entities/institution/INST0"):  # fmt: skip
        tab.goto(address(tab, path))
        violations = Axe().run(tab).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"][:160]) for v in violations
                   if v["impact"] in ("serious", "critical")]  # fmt: skip
        assert serious == [], path


def test_one_tick_picks_the_page_and_the_choice_becomes_a_case(visit):  # noqa: F811
    tab = visit("lead")
    tab.goto(address(tab, "/queue?status=all&least=150000"))
    tab.check("#pick-all")
    picked = tab.locator("#queue input[name=claim]:checked").count()
    assert picked == tab.locator("#queue input[name=claim]").count() > 1
    tab.fill("#case-of-chosen input[name=title]", "大额申请")
    tab.click("#case-of-chosen button")
    tab.wait_for_selector("#case-claims")
    assert tab.locator("#case-claims tbody tr").count() == picked
