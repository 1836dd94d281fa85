"""Lists as offices publish them: notices of voucher claims, registers of awards, lists of grants."""

import json
from decimal import Decimal

import openpyxl
import pytest

from fraud_pipeline.cli import check_report
from fraud_pipeline.ingest.amounts import number
from fraud_pipeline.ingest.cells import BadCell
from fraud_pipeline.ingest.headers import title_unit, unit_of
from fraud_pipeline.ingest.validity import identifier_counts, invalid_identifiers
from fraud_pipeline.settings import IngestSettings
from tests.ingest.drafts import loaded_by_draft
from tests.ingest.helpers import accounts_hold, claims

N = 8
PARTIES = [f"Firm {k}" for k in range(N)]


def drafted(path):
    """The text of the mapping that is drafted for a file."""
    to = path.with_name("draft.toml")
    check_report.write_mapping(str(path), IngestSettings(), to)
    return to.read_text("utf-8")


def listed(tmp_path, header, rows, name="list.csv", encoding="utf-8"):
    path = tmp_path / name
    lines = [header, *(";".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines), encoding)
    return path


def notice(tmp_path):
    """A notice: a title, cells merged over the claims of an enterprise, a sum and remarks under it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2023年第一批科技创新券兑现公示名单"])
    sheet.append(["序号", "企业名称", "服务机构", "兑现金额（万元）"])
    for k in range(6):
        first = k % 2 == 0
        sheet.append([k // 2 + 1 if first else None, f"企业{k // 2}" if first else None,
                      f"机构{k}", 1.5 + k])  # fmt: skip
    for top in (3, 5, 7):
        sheet.merge_cells(f"A{top}:A{top + 1}")
        sheet.merge_cells(f"B{top}:B{top + 1}")
    sheet.append(["合计", None, None, 24.0])
    sheet.append(["注：公示期五个工作日。"])
    sheet.append([None, None, None, "2023年9月15日"])
    path = tmp_path / "notice.xlsx"
    book.save(path)
    return path


def test_a_notice_of_claims_is_read_by_the_names_of_both_parties(tmp_path):
    loaded = loaded_by_draft(notice(tmp_path))
    accounts_hold(loaded)
    read = claims(loaded)
    assert [c["enterprise_id"] for c in read] == [f"企业{k // 2}" for k in range(6)]
    assert [c["institution_id"] for c in read] == [f"机构{k}" for k in range(6)]
    assert [int(c["claimed_amount"]) for c in read] == [15_000 + 10_000 * k for k in range(6)]
    assert {str(c["submitted_on"]) for c in read} == {"2023-09-01"}
    assert {c["source_months"] for c in read} == {"submitted_on"}, "a month, and no day is claimed"
    reasons = loaded.quarantine["reason_code"].to_pylist()
    assert sorted(reasons) == ["remark_row", "remark_row", "subtotal_row"]


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        ("As of Date;Major Sector;Borrower Country;WB Contract Number;Contract Signing Date;Supplier;Total Contract Amount (USD)",
         lambda k: ("2024-06-30", f"S{k % 2}", f"C{k % 2}", 17 + k, f"2023-05-{13 + k}", PARTIES[k], f"{k + 1}00.50"),
         {"submitted_on": "Contract Signing Date", "enterprise_id": "Borrower Country"}),
        ("cig;denominazione_amministrazione_appaltante;importo_complessivo_gara;importo_lotto;data_pubblicazione;"
         "data_aggiudicazione_definitiva;importo_aggiudicazione;codice_fiscale_aggiudicatario;denominazione_aggiudicatario",
         lambda k: (f"Z{k}A", f"Comune {k % 2}", f"{k + 2}00.50", f"{k + 2}00.50", f"2023-01-{13 + k}", f"2023-05-{13 + k}",
                    f"{k + 1}00.50", f"0123{k}", PARTIES[k]),
         {"claim_id": "cig", "enterprise_id": "denominazione_amministrazione_appaltante", "contract_amount": "importo_aggiudicazione",
          "institution_id": "denominazione_aggiudicatario", "submitted_on": "data_aggiudicazione_definitiva"}),
        ("Identifier;Currency;Amount Applied For;Amount Awarded;Award Date;Recipient Org:Name;Funding Org:Name",
         lambda k: (f"G{k}", "GBP", f"{k + 2}00.50", f"{k + 1}00.50", f"2023-05-{13 + k}", PARTIES[k], "The Fund"),
         {"contract_amount": "Amount Awarded", "programme": "payments_gbp"}),
        ("Year;Name of beneficiary;Beneficiary’s contracted amount (EUR);Estimated consumed amount (EUR);Responsible department;Budget line",
         lambda k: (2020 + k % 2, PARTIES[k], f"{k + 1}00.50", f"{k + 1}00.25", f"D{k % 2}", f"0{k + 1}.02.01"),
         {"fallback": '{ submitted_on = "{Year}-12" }', "contract_amount": "Beneficiary’s contracted amount (EUR)"}),
        ("番号;所管課;交付先;交付決定年月日;交付決定額（円）",
         lambda k: (k, f"課{k % 2}", f"会社{k}", f"令和５年４月{13 + k}日", f"{k + 1}，２００"),
         {"institution_id": "交付先", "enterprise_id": "所管課", "contract_amount": "交付決定額（円）"}),
        ("연번;담당부서;보조사업자;교부일자;교부금액",
         lambda k: (k, f"과{k % 2}", f"단체{k}", f"2023. 05. {13 + k}.", f"{k + 1},200"),
         {"institution_id": "보조사업자", "enterprise_id": "담당부서", "programme": "payments_krw"}),
    ],
    ids=["contracts of a bank", "awards of Italy", "grants", "commitments of a year", "subsidies of Japan", "subsidies of Korea"],
)  # fmt: skip
def test_what_was_agreed_with_whom_and_when_goes_before_other_columns(
    tmp_path, header, row, wanted
):
    path = listed(tmp_path, header, [row(k) for k in range(N)])
    said = drafted(path).splitlines()
    for name, column in wanted.items():
        value = column if column.startswith("{") else f'"{column}"'
        assert any(line.startswith(f"{name} = {value}") for line in said), (name, said)
    loaded = loaded_by_draft(path)
    assert loaded.accounts["claims"].rows_clean == N


def test_the_holders_of_a_contract_in_json_are_read_by_their_own_columns(tmp_path):
    path = tmp_path / "decp.json"
    rows = [{"id": f"M{k}", "acheteur": {"id": "21750001600019"}, "montant": 100.5 + k, "dateNotification": f"2023-05-{13 + k}",
             "titulaires": [{"titulaire": {"id": f"3000000{k}"}}, *([{"titulaire": {"id": "9"}}] if k == 1 else [])],
             "modifications": []} for k in range(N)]  # fmt: skip
    path.write_text(json.dumps({"marches": {"marche": rows}}), "utf-8")
    read = claims(loaded_by_draft(path))
    assert [c["institution_id"] for c in read][:3] == ["30000000", "30000001; 9", "30000002"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12.5 Lakh", "1250000"),
        ("1 crore", "10000000"),
        ("2 lacs", "200000"),
        ("1.5 million", "1500000"),
        ("3 billion", "3000000000"),
    ],
)
def test_a_unit_in_words_is_read_in_the_cell(cell, value):
    assert number(cell) == (Decimal(value), "unit_in_cell")


@pytest.mark.parametrize("cell", ["12 Lakshmi", "million", "3 trees"])
def test_a_word_that_is_no_unit_is_no_number(cell):
    with pytest.raises(BadCell):
        number(cell)


@pytest.mark.parametrize(
    ("title", "factor"),
    [
        ("(단위 : 천원)", 1000),
        ("単位：百万円", 1_000_000),
        ("Amounts in thousands", 1000),
        ("Rs. in Lakhs", 100_000),
        ("Spend in 2023", None),
        ("Payments over £25k", None),
    ],
)
def test_a_unit_above_the_table_is_read_in_other_languages(title, factor):
    assert title_unit([[title]]) == factor


def test_a_unit_of_india_counts_in_a_header():
    assert unit_of("Contract Value (Rs. in Lakhs)") == 100_000
    assert unit_of("Outlay (in crore)") == 10_000_000


def test_a_name_of_eighteen_letters_is_no_wrong_code(tmp_path):
    names = [f"BAKER ELECTRIC LL{c}" for c in "ABCDEFGH"]
    assert {len(n) for n in names} == {18}
    header = "Number;Vendor;Department;Date;Amount"
    path = listed(tmp_path, header, [(k, names[k], f"D{k % 2}", f"2023-05-{13 + k}", f"{k + 1}00.50") for k in range(N)])  # fmt: skip
    loaded = loaded_by_draft(path)
    assert identifier_counts(loaded.tables).num_rows == 0
    assert invalid_identifiers(loaded.tables).num_rows == 0


def test_a_list_without_amounts_says_that_they_alone_are_missing(tmp_path):
    header = "Grant ID;Recipient Name;Awarding Department;Award Date"
    said = drafted(
        listed(
            tmp_path,
            header,
            [(f"G{k}", PARTIES[k], f"D{k % 2}", f"2023-05-{13 + k}") for k in range(N)],
        )
    )
    assert 'institution_id = "Recipient Name"' in said
    assert 'enterprise_id = "Awarding Department"' in said
    assert [line.split()[1] for line in said.splitlines() if "and not found" in line] == ["contract_amount", "claimed_amount"]  # fmt: skip
