"""The charts and the audit planner: what they show, and in a real browser with no network."""

import json

import pytest

from fraud_pipeline import audit
from fraud_pipeline.audit.frontier_chart import frontier_chart
from fraud_pipeline.audit.frontier_words import frontier_words
from fraud_pipeline.engine import run_queries
from fraud_pipeline.workbench.audit.planner import budgets_of, plan_figures
from fraud_pipeline.workbench.audit.run_charts import run_charts
from tests.workbench import world
from tests.workbench.pages.test_browser import browser, place, visit  # noqa: F401 - fixtures


def decide(client, k, verdict, reason):
    client.submit(f"/claims/{world.claim(k)}/take")
    client.submit(f"/claims/{world.claim(k)}/decide", verdict=verdict, reason=reason, typology="T01",
                  disallowed="1", note="n")  # fmt: skip


def test_the_sums_of_the_months_are_those_of_the_claims_in_the_region(app_state):
    from fraud_pipeline.workbench.auth.accounts import Person
    from fraud_pipeline.workbench.auth.permissions import Role

    for regions, ks in (((), range(world.N)), ((world.HERE,), range(12))):
        person = Person(1, "x", Role.LEAD, regions, frozenset())
        made = {c.key: c for c in run_charts(app_state.leads, person, False)}
        money, count = (s["data"] for s in made["months"].option["series"])
        assert sum(count) == len(ks)
        assert sum(money) == pytest.approx(float(sum(world.amount(k) for k in ks)))
        assert sum(made["prices"].option["series"][0]["data"]) == len(ks)
        assert len(made["flow"].rows) == 1 and "heat" in made
        assert ("regions" in made) == (not regions)  # one region alone is no map
        if not regions:
            tiles = {t["name"]: t["value"] for t in made["regions"].option["series"][0]["data"]}
            assert set(tiles) == {world.HERE, world.THERE}
            assert tiles[world.HERE][0] == pytest.approx(
                float(sum(world.amount(k) for k in range(12)))
            )
            assert [row[1] for row in made["regions"].rows] == ["12", str(world.N - 12)]
            assert all(0 < share <= 1 for _, share in tiles.values())


def test_a_claim_is_marked_among_the_prices_only_for_who_may_see_it(signed):
    client = signed("lead")
    assert f"{world.claim(5)}：1.80 倍" in client.get(f"/charts?claim={world.claim(5)}").text
    assert (
        "C9999999"
        not in client.get("/charts?claim=C9999999").text.split("<main")[1].split("return")[0]
    )


def test_verdicts_give_lift_and_hit_rates(signed, app_state):
    client = signed("reviewer")
    assert "尚无已生效的结论" in client.get("/charts").text
    decide(client, 20, "irregular", "service_missing")
    decide(client, 22, "clean", "documents_fit")
    with app_state.db.reading() as connection:
        n = connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar()
    text = client.get("/charts").text
    assert ("chart-lift" in text and "chart-rules" in text) == (n > 0)
    assert n > 0


def test_the_planner_shows_the_figures_of_the_audit_package(signed, app_state):
    run = app_state.leads.run
    plan = audit.make_plan(
        run.table("ranked_claims"), run_queries.known_to(run), run_queries.settings_of(run).audit,
        budget=12, seed=run.json("plan")["seed"], as_of=run_queries.as_of(run),
    )  # fmt: skip
    point = signed("auditor").get("/audit/planner.json?budget=12&cover=0").json()
    assert point["recovery"] == plan.summary["expected_recovery_of_design_amount"]
    assert point["half_width"] == plan.summary["planned_half_width"]
    assert point["covered"] == plan.summary["n_enterprises_covered"]
    assert point["frontier"] == plan.summary["frontier"]
    page = signed("auditor").get("/audit/planner?budget=12").text
    assert frontier_chart(plan.summary["frontier"], "zh") in page
    assert frontier_words(plan.summary, "zh") in page
    assert f"{point['recovery']:,.0f} 元" in page
    assert plan_figures(run, 2, 0.9) is None
    assert signed("auditor").get("/audit/planner.json?budget=2&cover=90").json()["problem"]
    assert budgets_of(100, 10, 33) == sorted({*budgets_of(100, 10), 33})


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_planner_by_keyboard(visit, language):  # noqa: F811
    tab = visit("leader", language)
    root = "/".join(tab.url.split("/")[:3])
    tab.goto(root + "/audit/planner")
    tab.wait_for_selector("#planner[data-ready]")
    assert tab.locator("#curve").get_attribute("data-drawn") == "1"
    before = tab.locator("#figures").inner_text()
    tab.locator("#budget").focus()
    tab.keyboard.press("End")
    tab.wait_for_timeout(100)
    after = tab.locator("#figures").inner_text()
    assert before != after and tab.locator("#points tr.current").count() == 1
    budgets = json.loads(tab.locator("#planner").get_attribute("data-budgets"))
    assert tab.locator("#chosen").inner_text() == str(budgets[-1])
    tab.goto(root + "/charts")
    assert tab.locator("figure[data-drawn]").count() == tab.locator("figure").count() >= 4
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 800})
        fits = "document.documentElement.scrollWidth <= window.innerWidth + 1"
        for _ in range(50):  # the charts are drawn anew a moment after the window has changed
            if tab.evaluate(fits):
                break
            tab.wait_for_timeout(100)
        assert tab.evaluate(fits)
