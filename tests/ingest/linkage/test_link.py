"""Records without codes: no two firms become one, most same ones are found, doubt goes to a person."""

import os

import openpyxl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from benchmarks.parties import measure
from fraud_pipeline.cli.app import app
from fraud_pipeline.ingest.linkage import link, nothing_to_link, records_of
from fraud_pipeline.ingest.linkage.model import with_sharing
from fraud_pipeline.schema import INPUT_TABLES, Tables
from tests.ingest.test_identifiers import check_character

REDUCED = os.environ.get("FRAUD_LONG") == "reduced"
PLACE = "武汉市洪山区珞喻路23号501室"


def code(k):
    body = f"91420100{k:09d}"
    return body + check_character(body)


def firm(party, name, **more):
    row = {"enterprise_id": party, "name": name, "legal_representative": "张三丰", "address": PLACE,
           "phone": "13812345678", "bank_account": "6222000011112222333", "source_file": "e.csv"}  # fmt: skip
    return {**row, **more}


def tables(*rows, **others):
    numbered = [{"source_row": k + 2, **row} for k, row in enumerate(rows)]
    made = {"enterprises": pa.Table.from_pylist(numbered, schema=INPUT_TABLES["enterprises"].arrow)}
    for name, more in others.items():
        made[name] = pa.Table.from_pylist(more, schema=INPUT_TABLES[name].arrow)
    return Tables(made)


def linked(*rows, **others):
    return link(records_of(tables(*rows, **others)))


FIRST = firm(code(1), "武汉光瑞光电有限公司")
STRANGERS = [firm(code(k), f"武汉{w}有限公司", legal_representative=f"李{w}", address=f"江岸区{w}路{k}号",
                  phone=f"1390000{k:04d}", bank_account=f"62223333{k:011d}")
             for k, w in enumerate(["中天软件", "华科医药", "远达环保", "嘉盛测控", "正元激光"], start=10)]  # fmt: skip


def test_one_enterprise_in_two_spellings_is_one_and_the_code_stands_for_it():
    other = firm(None, "湖北省武汉市光瑞光电有限责任公司", address="洪山区珞喻路二十三号501房")
    found = linked(FIRST, *STRANGERS, other)
    (pair,) = found.of("same")
    assert pair["left_id"] == code(1) and pair["probability"] > 0.99
    assert "the same bank account" in pair["evidence"] and "telephone" in pair["evidence"]
    assert found.party_of["R000006"] == "R000000"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (firm(None, "武汉光瑞光电有限公司黄石分公司"), "unit"),
        (firm(None, "武汉光瑞二光电有限公司"), "numbers"),
        (firm(None, "襄阳光瑞光电有限公司"), "city"),
        (firm(None, "武汉光瑞光电股份有限公司"), "legal form"),
        (firm(None, "武汉光锐光电有限公司"), ""),
    ],
    ids=["branch", "number", "city", "form", "one sign"],
)
def test_what_only_resembles_is_left_to_a_person(other, why):
    found = linked(FIRST, *STRANGERS, other)
    assert not found.of("same")
    (pair,) = found.of("undecided")
    assert why in pair["against"]


def test_two_valid_codes_are_two_parties_however_alike():
    assert linked(FIRST, firm(code(2), FIRST["name"]), *STRANGERS).pairs.num_rows == 0


def test_a_record_that_fits_two_parties_is_merged_with_neither():
    other = firm(None, FIRST["name"], bank_account=None)
    found = linked(FIRST, firm(code(2), FIRST["name"], bank_account=None), *STRANGERS, other)
    assert not found.of("same") and len(found.of("undecided")) == 2
    assert "more than one" in found.of("undecided")[0]["against"] or found.of("undecided")


def test_what_many_share_is_no_evidence():
    hub = {"address": "洪山区孵化器1号", "phone": "13800000000"}
    tenants = [firm(code(50 + k), f"武汉{w}软件有限公司", **hub, legal_representative=f"王{w}",
                    bank_account=f"6222{k:015d}") for k, w in enumerate("甲乙丙丁戊己庚辛")]  # fmt: skip
    other = firm(None, "武汉壬软件有限公司", **hub, legal_representative="赵壬", bank_account=None)
    found = linked(*tenants, other)
    assert not found.of("same")
    shared = with_sharing(records_of(tables(*tenants, other)))
    assert set(shared["phone_n"].to_pylist()) == {9}


def test_a_name_where_a_code_should_be_is_its_only_bearer():
    claim = {
        "claim_id": "C1",
        "enterprise_id": FIRST["name"],
        "institution_id": "某某知识产权代理有限公司",
    }
    found = linked(FIRST, *STRANGERS, claims=[claim])
    (pair,) = found.of("same")
    assert {pair["left_id"], pair["right_id"]} == {code(1), FIRST["name"]}
    twice = linked(FIRST, firm(code(2), FIRST["name"], phone=None), *STRANGERS, claims=[claim])
    assert not twice.of("same") and twice.of("undecided")


def test_two_records_without_code_never_bring_two_codes_together():
    rows = [firm(code(1), "武汉光瑞光电有限公司", phone="13911111111", legal_representative="甲乙"),
            firm(code(2), "武汉光瑞光电有限公司", bank_account="6222999", legal_representative="丙丁"),
            firm(None, "武汉光瑞光电有限公司")]  # fmt: skip
    found = linked(*rows, *STRANGERS)
    parties = {found.party_of[r] for r in ("R000000", "R000001")}
    assert len(parties) == 2


def test_nothing_is_done_where_all_codes_are_there():
    assert nothing_to_link(tables(FIRST, *STRANGERS))
    assert not nothing_to_link(tables(FIRST, firm("L1", "甲公司")))
    assert link(records_of(tables(FIRST, *STRANGERS))).pairs.num_rows == 0


def test_the_same_records_give_the_same_pairs():
    rows = [
        FIRST,
        *STRANGERS,
        firm(None, "武汉市光瑞光电有限公司"),
        firm("x", "武汉远达环保有限公司"),
    ]
    assert linked(*rows).pairs.equals(linked(*rows).pairs)


def test_a_labelled_world_has_no_wrong_merge():
    got = measure(seed=41, claims=500)
    assert got["twice"] > 70
    assert got["wrong"] == 0
    assert got["found"] >= 0.7 * got["twice"]
    assert got["found"] + got["undecided_same"] >= 0.9 * got["twice"]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(201, 203 if REDUCED else 221))
def test_labelled_worlds_of_full_size(seed):
    got = measure(seed)
    assert got["wrong"] == 0
    assert got["found"] >= 0.7 * got["twice"]


def test_the_command_lists_the_doubtful_for_a_person(tmp_path):
    head = "enterprise_id,name,legal_representative,address,phone,bank_account"
    rows = [
        FIRST,
        *STRANGERS,
        firm("", "武汉光锐光电有限公司"),
        firm("9.14E+17", "武汉市光瑞光电有限公司"),
    ]
    lines = [",".join(str(r.get(c) or "") for c in head.split(",")) for r in rows]
    (tmp_path / "enterprises.csv").write_text("\n".join([head, *lines]), "utf-8")
    (tmp_path / "claims.csv").write_text(
        "claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,claimed_amount,submitted_on\n"
        f"C1,wuhan,{code(1)},{code(10)},testing,10,5,2016-07-01\n", "utf-8")  # fmt: skip
    to = tmp_path / "who.xlsx"
    done = CliRunner().invoke(app, ["parties", "--data", str(tmp_path), "--out", str(to)])
    assert done.exit_code == 0, done.output
    assert "without a valid code: 2" in done.output
    book = openpyxl.load_workbook(to)
    assert book["同一主体"].max_row == 2 and book["待判断"].max_row >= 2
    assert book["同一主体"]["B2"].value == FIRST["name"]
