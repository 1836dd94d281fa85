"""The search box: every kind by part, case, pinyin and likeness; nothing beyond role and region."""

import pyarrow as pa
import pytest

from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import search_index, suffix_index
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.search_index import normalised
from fraud_pipeline.workbench.entities.search import search
from tests.workbench import world
from tests.workbench.conftest import engage, sign_in


def person(app_state, role, regions=()):
    from fraud_pipeline.workbench.auth.accounts import Person

    return Person(1, role.value, role, regions, frozenset())


def found(leads, who, text):
    return {g.kind: [r.label for r in g.results] for g in search(leads, who, text)}


@pytest.mark.parametrize(
    "typed, kind, label",
    [
        ("c0000007", "claim", "C0000007"),
        ("0000007", "claim", "C0000007"),
        ("ht-7", "contract", "HT7 · C0000007"),
        ("v11", "voucher", "V11 · C0000011"),
        ("企业7", "enterprise", "企业7"),
        ("qiye7", "enterprise", "企业7"),
        ("qy7", "enterprise", "企业7"),
        ("91420100e0007", "enterprise", "企业7"),
        ("机构2", "institution", "机构2"),
        ("jg2", "institution", "机构2"),
        ("５６７８", "phone", "138****5678"),
        ("112233445", "account", "****3445"),
        ("张三", "person", "张**"),
        ("zsf", "person", "张**"),
        ("test000001", "ring", world.RING),
    ],
)
def test_each_kind_is_found_by_part_and_in_any_case(app_state, typed, kind, label):
    assert label in found(app_state.leads, person(app_state, Role.REVIEWER), typed)[kind]


def test_a_name_with_a_wrong_character_is_found_by_likeness():
    texts = pa.table({
        "matched": ["武汉星维激光有限公司", "武汉天问生物有限公司"], "shown": ["星维", "天问"], "target": ["1", "2"],
    })  # fmt: skip
    index = search_index.KindIndex(texts, suffix_index.build(texts["matched"]))
    assert index.containing("武汉星微激光有限公司") == []
    assert next(m.target for m in index.alike("武汉星微激光有限公司")) == "1"


def test_the_index_finds_every_part_of_every_text():
    texts = ["C0000001", "A", "", "武汉星维", "武汉", "0123456789ABCDEF", "ÅÄ"]
    index = suffix_index.build(pa.chunked_array([texts[:3], texts[3:]], pa.string()))
    for row, text in enumerate(texts):
        for start in range(len(text)):
            for end in range(start + 1, len(text) + 1):
                assert row in index.candidates(text[start:end], 100), text[start:end]
    assert list(index.candidates("ZZ", 100)) == []


def test_who_may_not_unmask_finds_a_phone_only_by_all_of_it(app_state):
    leader = person(app_state, Role.LEADER)
    assert "phone" not in found(app_state.leads, leader, world.PHONE[:7])
    assert found(app_state.leads, leader, world.PHONE)["phone"] == ["138****5678"]
    assert "person" not in found(app_state.leads, leader, world.NAME[:2])


def test_nothing_of_another_region_is_found(app_state):
    there = person(app_state, Role.REVIEWER, (world.THERE,))
    assert found(app_state.leads, there, world.claim(5)) == {}
    assert found(app_state.leads, there, "企业5") == {}
    assert world.claim(12) in found(app_state.leads, there, "C00000")["claim"]
    assert "ring" not in found(app_state.leads, there, world.RING)


def test_the_copy_on_disk_finds_the_same(workspace, app_state, monkeypatch):
    from fraud_pipeline.store import runs
    from fraud_pipeline.workbench.db import leads

    monkeypatch.setattr(leads, "IN_MEMORY_ROWS", 1)
    large = Leads(runs.find(workspace), workspace / "cache", "secret")
    who = person(app_state, Role.REVIEWER)
    for text in ("C00000", "企业", "qy", world.PHONE[3:], world.NAME, "R-TEST"):
        assert found(large, who, text) == found(app_state.leads, who, text), text
    large.close()


def test_the_page_masks_what_it_found_and_logs_the_search_masked(signed, app_state):
    page = signed("lead").get(f"/search?q={world.PHONE}").text
    assert "138****5678" in page and f">{world.PHONE}<" not in page
    with app_state.db.reading() as connection:
        detail = connection.exec_driver_sql(
            "SELECT detail FROM log WHERE action='search' ORDER BY seq DESC"
        ).scalar()
    assert world.PHONE not in detail and "138****5678" in detail


def test_an_address_holds_no_personal_data(signed):
    page = signed("lead").get(f"/search?q={world.NAME}").text
    address = page.split('href="/entities/person/')[1].split('"')[0]
    opened = signed("leader").get(f"/entities/person/{address}")
    assert opened.status_code == 200 and world.NAME not in opened.text
    assert signed("lead").get("/entities/person/0123456789abcdef01234567").status_code == 404


def test_the_page_of_an_institution_lists_claims_prices_money_ties(signed):
    page = signed("lead").get("/entities/institution/INST0?sort=-amount").text
    assert page.index(world.claim(0)) < page.index(world.claim(3))
    assert (
        f"/entities/enterprise/{world.enterprise(0)}" in page
        and "1.80" in page
        and world.RING in page
    )
    page = signed("lead").get(f"/entities/enterprise/{world.enterprise(0)}").text
    assert "企业5" in page and "/entities/phone/" in page and world.PHONE not in page
    assert "9" in page.split('id="money"')[1]


def test_a_party_in_conflict_is_neither_found_nor_opened(application, app_state):
    engage(app_state, "beteiligt", Role.REVIEWER)
    client = sign_in(application, "beteiligt")
    client.submit("/account/conflicts", party=world.enterprise(7), reason="亲属", back="/account")
    assert client.get(f"/entities/enterprise/{world.enterprise(7)}").status_code == 404
    assert "/claims/C0000007" not in client.get("/search?q=C0000007").text


def test_normalised_takes_full_width_and_signs():
    assert normalised("ht-５ （a）") == "HT5A"
