"""Drafts for lists as public bodies publish them: the draft, untouched, loads every row."""

import pytest

from fraud_pipeline import ingest
from fraud_pipeline.ingest import delimited
from fraud_pipeline.ingest.suggest import draft
from fraud_pipeline.ingest.suggest_roles import ROLES, parts_of
from fraud_pipeline.ingest.suggest_toml import as_toml
from fraud_pipeline.schema.source import Source
from tests.ingest.helpers import folder, load

N = 40
DAYS = [(1 + k % 28, 1 + k % 12, 2019) for k in range(N)]
DMY = [f"{d:02d}/{m:02d}/{y}" for d, m, y in DAYS]
MDY = [f"{m:02d}/{d:02d}/{y}" for d, m, y in DAYS]
DOTTED = [f"{d:02d}.{m:02d}.{y}" for d, m, y in DAYS]
ISO = [f"{y}-{m:02d}-{d:02d}" for d, m, y in DAYS]
COMMA = [f"{100 + 7 * k},{k:02d}" for k in range(N)]
POINT = [f"{100 + 7 * k}.{k:02d}" for k in range(N)]
NAMES = [f"Firm {k % 9} Ltd" for k in range(N)]
NUMBERS = [f"A-{1000 + k}" for k in range(N)]
TWICE = [str(9000 + k // 2) for k in range(N)]


def same(word):
    return [word] * N


# name of the case: columns of the file, then contract column -> header
LISTS = {
    "a ministry's spend": (
        {"Department Family": same("DfX"), "Entity": same("DfX Central"), "Date": DMY, "Expense Type": same("IT"),
         "Supplier": NAMES, "Transaction Number": TWICE, "Amount": [f"£{p}" for p in POINT], "Supplier Postcode": same("AB1 2CD")},
        {"enterprise_id": "Department Family", "institution_id": "Supplier", "contract_amount": "Amount", "submitted_on": "Date"},
    ),
    "a city's cheques": (
        {"VOUCHER NUMBER": NUMBERS, "AMOUNT": POINT, "CHECK DATE": MDY, "DEPARTMENT NAME": same("Water"), "VENDOR NAME": NAMES,
         "CONTRACT NUMBER": TWICE},
        {"claim_id": "VOUCHER NUMBER", "enterprise_id": "DEPARTMENT NAME", "institution_id": "VENDOR NAME", "submitted_on": "CHECK DATE"},
    ),
    "a deputy's expenses": (
        {"txNomeParlamentar": [f"Dep {k % 3}" for k in range(N)], "txtDescricao": same("TELEFONIA"), "txtFornecedor": NAMES,
         "txtCNPJCPF": [f"{10**13 + k % 9}" for k in range(N)], "txtNumero": TWICE, "datEmissao": [f"{d}T00:00:00" for d in ISO],
         "vlrDocumento": COMMA, "vlrGlosa": same("0"), "ideDocumento": [str(600000 + k) for k in range(N)]},
        {"claim_id": "ideDocumento", "enterprise_id": "txNomeParlamentar", "institution_id": "txtFornecedor",
         "contract_amount": "vlrDocumento", "contract_id": "txtNumero", "submitted_on": "datEmissao"},
    ),
    "German grants": (
        {"FKZ": NUMBERS, "Ressort": [f"Min {k % 2}" for k in range(N)], "Zuwendungsempfänger": NAMES, "Stadt": same("Köln"),
         "Laufzeit von": DOTTED, "Laufzeit bis": DOTTED, "Fördersumme in EUR": [f"{c} €" for c in COMMA]},
        {"claim_id": "FKZ", "institution_id": "Zuwendungsempfänger", "contract_amount": "Fördersumme in EUR", "submitted_on": "Laufzeit von"},
    ),
    "French subsidies": (
        {"nomAttribuant": same("Lyon"), "idAttribuant": same("2169"), "dateConvention": ISO, "referenceDecision": NUMBERS,
         "nomBeneficiaire": NAMES, "idBeneficiaire": [str(10**13 + k) for k in range(N)], "objet": same("Aide"), "montant": COMMA},
        {"claim_id": "referenceDecision", "enterprise_id": "nomAttribuant", "institution_id": "nomBeneficiaire", "submitted_on": "dateConvention"},
    ),
    "Spanish small contracts": (
        {"Nº Expediente": NUMBERS, "Órgano de contratación": same("Ayuntamiento"), "Adjudicatario": NAMES, "NIF": NUMBERS,
         "Fecha de adjudicación": DMY, "Importe (con IVA)": COMMA},
        {"claim_id": "Nº Expediente", "institution_id": "Adjudicatario", "contract_amount": "Importe (con IVA)"},
    ),
    "a subsidy list of a bureau": (
        {"序号": [str(k + 1) for k in range(N)], "企业名称": [f"武汉甲{k % 9}有限公司" for k in range(N)], "项目名称": same("研发补助"),
         "补助金额（万元）": POINT, "拨付时间": ISO, "主管部门": same("科技局")},
        {"enterprise_id": "主管部门", "institution_id": "企业名称", "claimed_amount": "补助金额（万元）", "submitted_on": "拨付时间"},
    ),
    "travel of officials": (
        {"Name": [f"Lee {k % 4}" for k in range(N)], "Title": same("Director"), "Start Date": ISO, "End Date": ISO,
         "Destination": same("Ottawa"), "Total": [f"${p}" for p in POINT]},
        {"institution_id": "Name", "contract_amount": "Total", "submitted_on": "Start Date"},
    ),
    "a Polish register of contracts": (
        {"Nr umowy": NUMBERS, "Data zawarcia": ISO, "Kontrahent": NAMES, "Wartość brutto": [f"{c} zł" for c in COMMA]},
        {"claim_id": "Nr umowy", "institution_id": "Kontrahent", "contract_amount": "Wartość brutto", "submitted_on": "Data zawarcia"},
    ),
    "expenses of members": (
        {"Date": DMY, "Claim No.": NUMBERS, "MP's Name": [f"MP {k % 3}" for k in range(N)], "Expense Type": same("Rail"),
         "Amount Claimed": POINT, "Amount Paid": POINT, "Supplier Name": NAMES},
        {"claim_id": "Claim No.", "enterprise_id": "MP's Name", "institution_id": "Supplier Name", "submitted_on": "Date"},
    ),
    "awards of an agency": (
        {"award_id_piid": NUMBERS, "total_dollars_obligated": POINT, "action_date": ISO, "awarding_agency_name": same("DoX"),
         "period_of_performance_current_end_date": ISO, "recipient_name": NAMES, "recipient_city_name": same("X")},
        {"claim_id": "award_id_piid", "enterprise_id": "awarding_agency_name", "institution_id": "recipient_name",
         "contract_amount": "total_dollars_obligated", "submitted_on": "action_date"},
    ),
    "a Japanese ledger": (
        {"支出日": ISO, "支出先": [f"株式会社{k % 9}" for k in range(N)], "金額": POINT, "摘要": same("x")},
        {"institution_id": "支出先", "contract_amount": "金額", "submitted_on": "支出日"},
    ),
    "expense claims of an office": (
        {"单据编号": NUMBERS, "报销人": [f"张{k % 9}" for k in range(N)], "部门": same("一处"), "报销金额": POINT, "报销日期": ISO},
        {"claim_id": "单据编号", "enterprise_id": "部门", "institution_id": "报销人", "claimed_amount": "报销金额"},
    ),
    "grants by month": (
        {"Grant no": NUMBERS, "Grantee": NAMES, "Year": same("2019"), "Month": [str(1 + k % 12) for k in range(N)], "Award": POINT},
        {"institution_id": "Grantee", "contract_amount": "Award"},
    ),
}  # fmt: skip


def file_of(columns):
    rows = zip(*columns.values(), strict=True)
    return ";".join(columns) + "\n" + "".join(";".join(row) + "\n" for row in rows)


def drafted(text):
    source = Source("list.csv", "list", ".csv", "", data=text.encode())
    return as_toml(draft([delimited.read(source, frozenset(), 1 << 20)]))


@pytest.mark.parametrize("name", LISTS)
def test_the_draft_of_a_public_list_loads_every_row_untouched(tmp_path, name):
    columns, expected = LISTS[name]
    said = drafted(file_of(columns))
    for column, header in expected.items():
        assert f'{column} = "{header}"' in said, (column, said)
    assert 'programme = "payments' in said
    loaded = load(
        folder(tmp_path, file_of(columns), "list.csv"), ingest.parse_mapping(said, "draft")
    )
    assert loaded.accounts["claims"].rows_clean == N


def test_the_pack_is_that_of_the_marks_in_the_amounts():
    pounds, _ = LISTS["a ministry's spend"]
    assert 'programme = "payments_gbp"' in drafted(file_of(pounds))
    columns = {"Payee": NAMES, "Date": ISO, "Amount (EUR)": POINT}
    assert 'programme = "payments_eur"' in drafted(file_of(columns))
    dollars, _ = LISTS["travel of officials"]
    assert 'programme = "payments"' in drafted(file_of(dollars)), "$ is the mark of many currencies"


def test_credits_stay_out_of_the_claims_and_in_the_payments(tmp_path):
    columns = dict(LISTS["a city's cheques"][0])
    columns["AMOUNT"] = ["-50.25", *columns["AMOUNT"][1:]]
    said = drafted(file_of(columns))
    loaded = load(
        folder(tmp_path, file_of(columns), "list.csv"), ingest.parse_mapping(said, "draft")
    )
    assert loaded.accounts["claims"].rows_clean == N - 1
    assert loaded.accounts["payments"].rows_clean == N


def test_headers_in_camel_case_are_taken_apart():
    assert parts_of("txtNomeFornecedor") == {"txt", "nome", "fornecedor"}
    assert (
        ROLES["payee"].points("Zuwendungsempfänger")
        > 0.9
        > ROLES["payee"].points("Supplier Postcode")
    )
