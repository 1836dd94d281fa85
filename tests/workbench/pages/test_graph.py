"""The interactive graph: its data for a person and a region, and the picture in a real browser."""

import re
import xml.etree.ElementTree as ET
from datetime import date

import pytest

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.cases import graph_words, party_graph
from fraud_pipeline.workbench.pages import responses
from tests.workbench import world
from tests.workbench.auth.test_regions import add
from tests.workbench.conftest import engage, sign_in
from tests.workbench.pages.test_browser import browser, reach, served  # noqa: F401 - fixtures

SHARED_PHONE = f"{world.NAME} {world.PHONE}"  # as in the ties that the made-up run has already
TIES = (
    (1, 2, "phone", SHARED_PHONE, date(2017, 6, 20)),
    (0, 2, "bank_account", world.ACCOUNT, date(2017, 6, 5)), (2, 3, "agent", "AG7", None),
    (0, 14, "phone", SHARED_PHONE, date(2017, 6, 1)), (3, 9, "text", "0.9", date(2017, 6, 7)),
)  # fmt: skip


def add_ties(folder):
    add(folder, "ties", [
        {"left_id": world.enterprise(a), "left_kind": "enterprise", "right_id": world.enterprise(b),
         "right_kind": "enterprise", "kind": kind, "weight": 0.5, "detail": detail, "known_on": day,
         "n_sharing": 4 if kind == "phone" else 2}
        for a, b, kind, detail, day in TIES
    ])  # fmt: skip


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    """A run in which the members of the ring share a phone, an account and an agent."""
    workspace = tmp_path_factory.mktemp("tied")
    add_ties(world.published(workspace))
    made = make_application(workspace, f"sqlite:///{workspace / 'work.db'}")
    engage(made.state.app_state, "lead", Role.LEAD)
    engage(made.state.app_state, "local", Role.LEAD, (world.HERE,))
    return made


def graph(client, path):
    return client.get(path, headers={"accept-language": "en"}).json()


def test_what_parties_share_is_a_node_of_its_own_and_is_masked(tied):
    found = graph(sign_in(tied, "lead"), f"/rings/{world.RING}/graph.json")
    values = {n["kind"]: n for n in found["nodes"] if n.get("shared")}
    assert set(values) == {"phone", "bank_account", "agent"}
    assert values["phone"]["label"] == "138****5678" and values["agent"]["label"] == "AG7"
    tied_to_phone = {e["source"] for e in found["edges"] if e["target"] == values["phone"]["id"]}
    assert tied_to_phone == {world.enterprise(k) for k in (0, 1, 2)}
    text = str(found)
    assert world.PHONE not in text and world.ACCOUNT not in text and world.NAME not in text


def test_the_id_of_a_shared_value_cannot_be_made_without_the_secret():
    ids = {party_graph.value_id("phone", SHARED_PHONE, key) for key in (b"a", b"b")}
    assert len(ids) == 2 and not any(world.PHONE in one for one in ids)


def test_how_many_parties_are_not_shown_is_known_before_they_are_added(tied):
    client = sign_in(tied, "lead")
    found = graph(client, f"/rings/{world.RING}/graph.json")
    nodes = {n["id"]: n for n in found["nodes"]}
    inside = {i for i, n in nodes.items() if n["kind"] in ("enterprise", "institution")}
    more = nodes[world.enterprise(3)]["more"]
    around = graph(client, nodes[world.enterprise(3)]["expand"])
    fresh = {n["id"] for n in around["nodes"] if not n.get("shared")} - inside
    assert len(fresh) == more and world.enterprise(9) in fresh and around["left_out"] == 0


def test_of_an_expanded_value_only_those_who_share_it_come(tied):
    client = sign_in(tied, "lead")
    found = graph(client, f"/rings/{world.RING}/graph.json")
    phone = next(n for n in found["nodes"] if n["kind"] == "phone")
    around = graph(client, phone["expand"])
    parties = {n["id"] for n in around["nodes"] if not n.get("shared")}
    assert parties == {
        world.enterprise(k) for k in (0, 1, 5, 14)
    }  # those that share with the first


def test_another_region_is_counted_and_not_named(tied):
    found = graph(sign_in(tied, "local"), f"/rings/{world.RING}/graph.json")
    node = next(n for n in found["nodes"] if n["id"] == world.enterprise(0))
    assert node["elsewhere"] == 1 and world.enterprise(14) not in str(found)
    assert (
        sign_in(tied, "local").get(f"/parties/{world.enterprise(14)}/graph.json").status_code == 404
    )


def test_a_party_in_conflict_is_left_out_and_not_opened(tied):
    client = sign_in(tied, "lead")
    client.submit("/account/conflicts", party=world.enterprise(9), reason="my cousin's")
    around = graph(client, f"/parties/{world.enterprise(3)}/graph.json")
    assert world.enterprise(9) not in {n["id"] for n in around["nodes"]}
    assert client.get(f"/parties/{world.enterprise(9)}/graph.json").status_code == 303


def test_every_kind_of_node_and_every_control_has_words_in_both_languages():
    for kind in party_graph.SHARED_KINDS:
        assert graph_words.NODE_KINDS[kind].zh and graph_words.NODE_KINDS[kind].en
    assert set(graph_words.controls("zh")) == set(graph_words.controls("en"))
    script = responses.static_files()["graph.js"][0].decode()
    used = set(re.findall(r"words\.(\w+)", script))
    assert used <= set(graph_words.controls("en")), used - set(graph_words.controls("en"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graph")
    add_ties(world.published(folder))
    with served(folder) as (root, _):
        yield root


from tests.workbench.pages.test_browser import visit  # noqa: E402, F401 - over this module's place


def until(tab, holds):
    """Waits until ``holds()``: the content policy of the page forbids waiting inside it."""
    for _ in range(100):
        if holds():
            return
        tab.wait_for_timeout(50)
    raise AssertionError("it did not come to hold")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_graph_by_keyboard_with_files_and_tables(visit, language, tmp_path):  # noqa: F811
    """Filter, move through time, choose a node, add its parties, and save three files; no network."""
    tab = visit("lead", language)
    tab.goto("/".join(tab.url.split("/")[:3]) + f"/rings/{world.RING}")
    tab.wait_for_selector("#graph[data-ready]")
    assert not tab.locator(".picture").is_visible()
    shown = "() => document.querySelector('#graph').cytoscape.nodes(':childless:visible').length"
    before = tab.evaluate(shown)

    def nodes_are(n):
        until(tab, lambda: tab.evaluate(shown) == n)

    assert before == 5 + 3  # members and what they share
    reach(tab, "input[name=graph-kind][value=phone]")
    tab.keyboard.press("Space")
    nodes_are(before - 1 - 1)  # the phone, and the enterprise with no other tie
    tab.keyboard.press("Space")
    reach(tab, "#days")
    for _ in range(25):
        tab.keyboard.press("ArrowLeft")
    until(tab, lambda: tab.evaluate(shown) < before)
    tab.keyboard.press("End")
    nodes_are(before)
    tab.select_option("#graph-find", world.enterprise(3))
    assert "企业3" in tab.locator(".graph-detail h3").first.inner_text()
    reach(tab, "#graph-expand")
    tab.keyboard.press("Enter")
    until(tab, lambda: tab.evaluate(shown) > before)
    tab.locator("#graph summary").click()
    rows = tab.locator("#graph-tables table").first.locator("tbody tr").count()
    assert rows == tab.evaluate(shown)
    for kind in ("png", "svg", "graphml"):
        with tab.expect_download() as saved:
            tab.locator(f"[data-save={kind}]").click()
        saved.value.save_as(tmp_path / f"g.{kind}")
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    assert ET.parse(tmp_path / "g.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own file
    nodes = ET.parse(tmp_path / "g.graphml").getroot().findall(".//{*}node")  # noqa: S314
    assert len(nodes) == rows


@pytest.mark.browser
def test_the_graph_of_a_claim_has_a_slider_of_its_own_and_fits_a_phone(visit):  # noqa: F811
    tab = visit("reviewer", "en-GB")
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto("/".join(tab.url.split("/")[:3]) + f"/claims/{world.claim(0)}")
    tab.wait_for_selector("#graph[data-ready]")
    reach(tab, "#graph-day")
    tab.keyboard.press("ArrowLeft")
    assert tab.locator("#graph-day").get_attribute("aria-valuetext") < "2017-06-29"
    tab.select_option("#graph-group", "region")
    assert tab.evaluate("document.querySelector('#graph').cytoscape.nodes(':parent').length") == 2
    wide = "() => [...document.querySelectorAll('#graph, #graph *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.graph-canvas, .scroll')).map(e => e.outerHTML.slice(0, 90))"
    assert tab.evaluate(wide) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
