"""Packs: what is refused, what an agency may override, and the rules of a given day."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes import evaluate, lint_pack, pack_of, parse_pack, rule_sheet
from fraud_pipeline.programmes.keys import KEYS
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

HEAD = """
id = "t"
name_zh = "试"
name_en = "Trial"
starts_on = 2015-01-01
[sources.s]
title_zh = "办法"
title_en = "Measures"
"""
RULE = """
[[rules]]
key = "voucher_share_of_contract_max"
value = 0.5
source = "s"
quote = "不超过50%"
clause_zh = "不超过50%"
clause_en = "at most 50 %"
"""


def with_rule(**changes: str) -> str:
    lines = [line for line in RULE.splitlines() if line.split(" = ")[0] not in changes]
    return HEAD + "\n".join(lines + [f"{k} = {v}" for k, v in changes.items() if v])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "colour = 1", "colour"),
        ("id = ", "origin.toml"),
        (with_rule(key='"voucher_share"'), "unknown key voucher_share"),
        (with_rule(value='"half"'), "voucher_share_of_contract_max: 'half' is not a share"),
        (with_rule(value="1.5"), "is not a share"),
        (with_rule(value="true"), "is not a share"),
        (with_rule(source='"x"'), "source 'x' is not declared"),
        (with_rule(status='"maybe"'), "'maybe'"),
        (with_rule(status='"unknown"'), "cannot carry a value"),
        (with_rule(value=""), "needs a value"),
        (with_rule(colour="1"), "unknown key rules.colour"),
        (with_rule(valid_from='"2015"'), "must be a date"),
        (with_rule(valid_to="2014-01-01"), "lies before"),
        (with_rule(key='"service_types"', value='["teaching"]'), "'teaching' is none of"),
        (with_rule(key='"enterprise_cap_amount"', value="10.005"), "is not a money"),
        (HEAD + RULE + RULE, "overlap"),
        (HEAD.replace('id = "t"', ""), "id is missing"),
        ("rules = 3" + HEAD, "rules must be a list"),
    ],
)
def test_a_faulty_pack_is_refused_by_name(text, message):
    with pytest.raises(ProgrammeError, match=r"origin\.toml") as caught:
        parse_pack(text, "origin.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wuhan_states_its_published_facts():
    wuhan = pack_of(load_packs(), "wuhan")
    day = dt.date(2016, 1, 1)
    facts = {
        "enterprise_cap_amount": Decimal(150_000),
        "enterprise_cap_months": 24,
        "voucher_share_of_contract_max": 0.5,
        "redemption_multiplier": 1.1,
        "redeemer": "institution",
        "annual_budget_amount": Decimal(30_000_000),
        "revenue_max_amount": Decimal(20_000_000),
        "contract_required": True,
    }
    assert {key: wuhan.value(key, day) for key in facts} == facts
    assert len(wuhan.value("institution_categories", day)) == 7
    assert wuhan.value("face_amount", day) is None
    assert wuhan.entry("face_amount", day).status == "unknown"
    assert wuhan.value("enterprise_cap_amount", dt.date(2014, 1, 1)) is None


def test_wuhan_public_cost_of_a_full_claim_is_55_percent():
    # 110 % of at most half the contract: 5,500 yuan of a contract of 10,000 and not a fen more
    claim = {"contract_amount": 10000, "voucher_used": 5000, "claimed_amount": 5500}
    rows = [{"claim_id": "C1", **claim}, {"claim_id": "C2", **claim, "claimed_amount": 5500.02},
            {"claim_id": "C3", **claim, "voucher_used": 5000.01, "claimed_amount": 5500.01}]  # fmt: skip
    results, _ = evaluate(tables(claims=rows), load_packs(), AS_OF, ProgrammeSettings())
    found = {(r["claim_id"], r["rule_code"]): r["outcome"] for r in results.to_pylist()}
    assert [found[c, "L02"] for c in ("C1", "C2", "C3")] == ["pass", "pass", "hit"]
    assert [found[c, "L03"] for c in ("C1", "C2", "C3")] == ["pass", "hit", "pass"]


@pytest.mark.parametrize(("second", "outcome"), [("2017-06-09", "hit"), ("2017-06-10", "pass")])
def test_the_cap_window_rolls_over_24_months(second, outcome):
    vouchers = [
        {"voucher_id": "V1", "face_value": 100_000, "issued_on": dt.date(2015, 6, 10)},
        {"voucher_id": "V2", "face_value": 100_000, "issued_on": dt.date.fromisoformat(second)},
    ]
    claims = [{"claim_id": "C", "voucher_id": "V2", "submitted_on": dt.date(2017, 7, 1)}]
    results, _ = evaluate(
        tables(claims=claims, vouchers=vouchers), load_packs(), AS_OF, ProgrammeSettings()
    )
    found = {r["rule_code"]: r["outcome"] for r in results.to_pylist()}
    assert found["L01"] == outcome


def test_without_vouchers_the_cap_counts_what_was_used():
    claims = [
        {"claim_id": f"C{n}", "voucher_used": 60_000, "submitted_on": day}
        for n, day in enumerate([dt.date(2015, 6, 10), dt.date(2015, 9, 1), dt.date(2016, 6, 10),
                                 dt.date(2017, 9, 2)])
    ]  # fmt: skip
    results, _ = evaluate(tables(claims=claims), load_packs(), AS_OF, ProgrammeSettings())
    found = [(r["measured"], r["outcome"]) for r in results.to_pylist() if r["rule_code"] == "L01"]
    assert found == [(60_000, "pass"), (120_000, "pass"), (180_000, "hit"), (120_000, "pass")]


def test_a_claim_is_judged_by_the_rules_of_its_day():
    text = HEAD + with_rule(valid_to="2016-06-30").removeprefix(HEAD)
    text += "\n" + with_rule(value="0.3", valid_from="2016-07-01").removeprefix(HEAD)
    packs = {"t": parse_pack(text, "t.toml")}
    claims = [
        {"claim_id": "C1", "programme": "t", "voucher_used": 4000, "submitted_on": day}
        for day in [dt.date(2016, 6, 30)]
    ] + [{"claim_id": "C2", "programme": "t", "voucher_used": 4000, "enterprise_id": "E2",
          "submitted_on": dt.date(2016, 7, 1)},
         {"claim_id": "C3", "programme": "t", "voucher_used": 4000, "enterprise_id": "E3",
          "submitted_on": dt.date(2014, 7, 1)}]  # fmt: skip
    results, _ = evaluate(tables(claims=claims), packs, AS_OF, ProgrammeSettings())
    share = {r["claim_id"]: r for r in results.to_pylist() if r["rule_code"] == "L02"}
    assert [share[c]["outcome"] for c in ("C1", "C2", "C3")] == ["pass", "hit", "not_applicable"]
    assert (share["C1"]["limit"], share["C2"]["limit"]) == (0.5, 0.3)
    assert "用券占合同比例上限" in share["C3"]["sentence_zh"]


def test_a_contradicted_value_is_shown_and_not_judged_by():
    packs = {"t": parse_pack(with_rule(status='"contradicted"', value=""), "t.toml")}
    claims = [{"claim_id": "C1", "programme": "t", "voucher_used": 9999}]
    results, _ = evaluate(tables(claims=claims), packs, AS_OF, ProgrammeSettings())
    row = next(r for r in results.to_pylist() if r["rule_code"] == "L02")
    assert (row["outcome"], row["sentence_en"][:18]) == ("not_applicable", "sources contradict")


def test_an_unknown_programme_keeps_the_flags_and_drops_the_limits():
    claims = [{"claim_id": "C1", "programme": "nowhere", "voucher_used": 9999,
               "service_title": "服务器采购"}]  # fmt: skip
    results, _ = evaluate(tables(claims=claims), load_packs(), AS_OF, ProgrammeSettings())
    found = {r["rule_code"]: r for r in results.to_pylist()}
    assert found["L02"]["sentence_en"] == "no pack for programme nowhere"
    assert found["T07"]["outcome"] == "hit"
    with pytest.raises(ProgrammeError, match="nowhere"):
        pack_of(load_packs(), "nowhere")


def test_an_agency_overrides_one_value_and_adds_a_pack(tmp_path):
    override = 'id = "wuhan"\nextends = "wuhan"\n' + with_rule(value="0.4").removeprefix(HEAD)
    override += "\n" + HEAD[HEAD.index("[sources.s]") :]
    (tmp_path / "a.toml").write_text(override, "utf-8")
    (tmp_path / "b.toml").write_text(HEAD + RULE, "utf-8")
    ours, shipped = load_packs(tmp_path), load_packs()
    day = dt.date(2016, 1, 1)
    assert ours["wuhan"].value("voucher_share_of_contract_max", day) == 0.4
    assert ours["wuhan"].value("redemption_multiplier", day) == 1.1
    assert ours["wuhan"].name_zh == shipped["wuhan"].name_zh
    assert ours["wuhan"].sha256 != shipped["wuhan"].sha256
    assert ours["generic"].sha256 == shipped["generic"].sha256
    assert set(ours) == set(shipped) | {"t"}
    assert load_packs(tmp_path / "b.toml").keys() == ours.keys()


@pytest.mark.parametrize("content", [None, "", 'id = "x"\nextends = "moon"', b"\xff\xfe"])
def test_bad_folders_and_files_are_one_line(tmp_path, content):
    if isinstance(content, bytes):
        (tmp_path / "a.toml").write_bytes(content)
    elif content:
        (tmp_path / "a.toml").write_text(content, "utf-8")
    with pytest.raises(ProgrammeError) as caught:
        load_packs(tmp_path / "missing" if content is None else tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pack", load_packs().values(), ids=lambda pack: pack.id)
def test_shipped_packs_have_a_sheet_and_few_findings(pack):
    rows = rule_sheet(pack, dt.date(2018, 5, 1))
    assert list(dict.fromkeys(row["key"] for row in rows)) == list(KEYS)
    for row in rows:
        assert all(isinstance(value, str) for value in row.values())
        assert (row["value_en"] == "not known") == (row["status"] == "unknown")
        assert (row["status"] == "contradicted") <= (row["other_zh"] != "")
    assert not [line for line in lint_pack(pack) if "says nothing" not in line]


def test_the_sheet_speaks_both_languages():
    rows = {r["key"]: r for r in rule_sheet(load_packs()["wuhan"], dt.date(2016, 5, 1))}
    cap = rows["enterprise_cap_amount"]
    assert (cap["value_zh"], cap["value_en"]) == ("150,000 元", "150,000 yuan")
    assert rows["redemption_multiplier"]["value_en"] == "110%"
    assert rows["face_amount"]["value_zh"] == "未见公布"


def test_every_pack_stands_in_the_table_of_packs():
    page = (Path(__file__).parents[2] / "docs/programmes/README.md").read_text("utf-8")
    for name in load_packs():
        assert f"`{name}`" in page, name


def test_a_rule_may_hold_for_a_class_or_region_the_pack_declares():
    parts = '[classes]\n"甲" = { name_en = "A", words = ["甲"] }\n'
    head = HEAD.replace("[sources.s]", parts + "[sources.s]")
    one = head + with_rule(voucher_class='"甲"').removeprefix(HEAD)
    both = one + with_rule(value="0.3").removeprefix(HEAD)
    pack, day = parse_pack(both, "t.toml"), dt.date(2016, 1, 1)
    assert pack.value("voucher_share_of_contract_max", day, "甲") == 0.5
    assert pack.value("voucher_share_of_contract_max", day) == 0.3
    assert parse_pack(one, "t.toml").value("voucher_share_of_contract_max", day) is None
    with pytest.raises(ProgrammeError, match="'乙' is not declared"):
        parse_pack(head + with_rule(voucher_class='"乙"').removeprefix(HEAD), "t.toml")


def test_lint_asks_for_words_and_for_the_other_source():
    bare = parse_pack(with_rule(quote=""), "t.toml")
    assert any("neither the source's words" in line for line in lint_pack(bare))
    alone = parse_pack(with_rule(status='"contradicted"', value=""), "t.toml")
    assert any("the other source is not named" in line for line in lint_pack(alone))
    entry = '[[rules.contradicts]]\nsource = "s"\nquote = "q"\nnote_zh = "n"\nnote_en = "n"\n'
    both = parse_pack(with_rule(status='"contradicted"', value="") + "\n" + entry, "t.toml")
    assert not [line for line in lint_pack(both) if "says nothing" not in line]
