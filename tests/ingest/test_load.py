"""The loader as a whole: every row accounted for, every fault named with its place."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import IngestSettings
from tests.ingest.helpers import (
    HEAD,
    ROW,
    ROW_ZH,
    ZH,
    accounts_hold,
    claims,
    folder,
    kinds,
    load,
    reasons,
)


def test_english_headers(tmp_path):
    claim = load(folder(tmp_path, f"{HEAD}\n{ROW}\n")).tables["claims"].to_pylist()[0]
    assert claim["contract_amount"] == Decimal("1000.00") and claim["submitted_on"] == date(
        2016, 7, 1
    )
    assert (claim["source_file"], claim["source_row"]) == ("claims.csv", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_chinese_headers_units_words_and_encodings(tmp_path, encoding, mark):
    text = f"{ZH}\n{ROW_ZH}\n".replace(",", mark)
    loaded = load(folder(tmp_path, text, encoding=encoding))
    claim = loaded.tables["claims"].to_pylist()[0]
    assert claim["contract_amount"] == Decimal("35000.00")
    assert claim["claimed_amount"] == Decimal("550.00")
    assert claim["service_type"] == "testing" and claim["quantity"] == 2
    kinds = {r["kind"] for r in loaded.repairs.to_pylist()}
    assert {"unit_in_header", "word_to_code", "date_format", "number_format"} <= kinds
    accounts_hold(loaded)


def test_title_rows_above_the_header_and_subtotals_below(tmp_path):
    text = f"2016年兑付汇总\n\n{HEAD}\n{ROW}\n合计,,,,,1000.00,550.00,,\n"
    loaded = load(folder(tmp_path, text))
    assert loaded.tables["claims"]["source_row"].to_pylist() == [4]
    assert reasons(loaded) == [(5, None, "subtotal_row")]


@pytest.mark.parametrize(
    ("cell", "column", "reason"),
    [("much", "contract_amount", "not_a_number"), ("", "claimed_amount", "missing"),
     ("1.2E+17", "enterprise_id", "lost_digits"), ("8000", "service_type", "unknown_code"),
     ("0202-05-05", "submitted_on", "date_out_of_range"), ("-5", "claimed_amount", "negative_amount"),
     ("atlantis", "programme", "unknown_programme")],
)  # fmt: skip
def test_a_required_cell_that_cannot_be_used_sets_the_row_aside(tmp_path, cell, column, reason):
    cells = ROW.split(",")
    cells[HEAD.split(",").index(column)] = cell
    loaded = load(folder(tmp_path, f"{HEAD}\n{','.join(cells)}\n{ROW.replace('C1', 'C2')}\n"),
                  known={"wuhan": "CNY"})  # fmt: skip
    assert (2, column, reason) in reasons(loaded)
    assert loaded.tables["claims"]["claim_id"].to_pylist() == ["C2"]
    account = loaded.accounts["claims"]
    assert (account.rows_in, account.rows_clean, account.rows_quarantined) == (2, 1, 1)


def test_a_bad_optional_cell_costs_the_cell_not_the_row(tmp_path):
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW[:-1]}many\n"))
    assert reasons(loaded) == [(2, "quantity", "not_a_number")]
    assert loaded.tables["claims"]["quantity"].to_pylist() == [None]
    assert loaded.accounts["claims"].rows_quarantined == 0


def test_a_row_with_too_many_cells_keeps_its_number(tmp_path):
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW}\n{ROW},x,y\n{ROW.replace('C1', 'C3')}\n"))
    assert reasons(loaded) == [(3, None, "wrong_number_of_cells")]
    assert loaded.tables["claims"]["source_row"].to_pylist() == [2, 4]


def test_the_same_row_twice_and_the_same_claim_changed(tmp_path):
    changed = ROW.replace("550.00", "500.00").replace("07-01", "08-01")
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW}\n{ROW}\n{changed}\n"))
    assert loaded.tables["claims"]["claimed_amount"].to_pylist() == [Decimal("500.00")]
    expected = {q["row"]: (q["reason_code"], q["detail"]) for q in loaded.quarantine.to_pylist()}
    assert expected[3][0] == "duplicate_row" and expected[2][0] == "superseded"
    assert "claimed_amount" in expected[2][1]


def test_parquet_keeps_its_types(tmp_path):
    table = pa.table({"claim_id": ["C1"], "enterprise_id": ["E1"], "institution_id": ["I1"],
                      "service_type": ["testing"], "contract_amount": [10.1], "claimed_amount": [5.05],
                      "submitted_on": [date(2016, 7, 1)]})  # fmt: skip
    pq.write_table(table, tmp_path / "claims.parquet")
    loaded = load(tmp_path, programme="wuhan")
    assert loaded.tables["claims"]["claimed_amount"].to_pylist() == [Decimal("5.05")]
    assert loaded.tables["claims"]["programme"].to_pylist() == ["wuhan"]
    assert loaded.repairs.num_rows == 0


def test_whole_files_that_cannot_be_used(tmp_path):
    with pytest.raises(InputError, match=r"claims\.csv: the file is empty"):
        load(folder(tmp_path, ""))
    with pytest.raises(InputError, match="no rows"):
        load(folder(tmp_path, HEAD + "\n"))
    with pytest.raises(InputError, match=r"claims\.csv, column claimed_amount"):
        load(folder(tmp_path, f"{HEAD.replace('claimed_amount', 'x')}\n{ROW}\n"))
    with pytest.raises(InputError, match="not a readable workbook"):
        load(folder(tmp_path, b"PK\x03\x04 no workbook", "claims.xlsx") / "claims.xlsx")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        load(folder(tmp_path, b"PAR1 torn", "claims.parquet") / "claims.parquet")


def test_the_same_file_handed_in_three_times_is_no_fault_of_the_file(tmp_path):
    loaded = load(folder(tmp_path, "\n".join([HEAD, *[ROW] * 4, "合计" + "," * 8])))
    accounts_hold(loaded)
    assert loaded.accounts["claims"].rows_quarantined == 4
    ingest.require_usable(loaded, IngestSettings())


def test_a_fault_elsewhere_is_not_named_as_the_claims_fault(tmp_path):
    folder(
        tmp_path,
        "结论,核查编号,申请编号,核查日期\nmagic,O1,C1,2017-01-01\n".replace("结论", "核查结论"),
        "outcomes.csv",
    )
    folder(
        tmp_path,
        "contract_id,enterprise_id,institution_id,service_type,amount,signed_on\nH,,,,,\n",
        "contracts.csv",
    )
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW.replace('2016-07-01', 'then')}\n"))
    accounts_hold(loaded)
    with pytest.raises(
        InputError, match=r"claims\.csv, row 2, column submitted_on: not_a_date \('then'\); 1 of 1"
    ):
        ingest.require_usable(loaded, IngestSettings())


def test_every_fault_of_a_row_is_written_down_and_the_row_counted_once(tmp_path):
    loaded = load(folder(tmp_path, f"{HEAD}\nC1,wuhan,1E+17,,8000,much,-,2016-02-30,2\n{ROW}\n"))
    assert [r[1:] for r in reasons(loaded) if r[0] == 2] == [
        ("enterprise_id", "lost_digits"), ("institution_id", "missing"), ("service_type", "unknown_code"),
        ("contract_amount", "not_a_number"), ("claimed_amount", "missing"), ("submitted_on", "not_a_date"),
    ]  # fmt: skip
    accounts_hold(loaded)


def test_a_programme_of_the_source_stays_and_the_given_one_fills_the_gaps(tmp_path):
    text = (
        f"{HEAD}\n{ROW}\n{ROW.replace('C1,wuhan', 'C2,')}\n{ROW.replace('C1,wuhan', 'C3,北京市')}\n"
    )
    loaded = load(folder(tmp_path, text), programme="shanghai")
    assert [c["programme"] for c in claims(loaded)] == ["wuhan", "shanghai", "beijing"]
    with pytest.raises(InputError, match="no programme 'mars'"):
        load(tmp_path, programme="mars", known={"wuhan": "CNY"})


def test_unused_columns_and_encodings_are_noted(tmp_path):
    loaded = load(folder(tmp_path, f"{HEAD},备注\n{ROW},好\n", encoding="gb18030"))
    assert loaded.notes == ("claims.csv: read as gb18030", "claims.csv: columns not used: 备注")


def test_a_unit_slip_is_said_and_nothing_is_changed(tmp_path):
    folder(
        tmp_path,
        "invoice_no,contract_id,amount,issued_on\n12345678,H1,35000.00,2016-06-01\n",
        "invoices.csv",
    )
    loaded = load(folder(tmp_path, f"{HEAD},contract_id\n{ROW.replace('1000.00', '3.5')},H1\n"))
    assert claims(loaded)[0]["contract_amount"] == Decimal("3.50")
    assert loaded.notes == (
        "元 or 万元? amounts 10,000 times apart from their invoices: claims.csv row 2 (3.50 against 35000.00)",
    )


def test_lost_leading_zeros_come_back_where_the_other_numbers_are_whole(tmp_path):
    rows = "\n".join(
        f"{n},1,2016-06-01"
        for n in (
            "12345678",
            "1234567",
            "123456",
            "12345",
            "24422000000123456789",
            "87654321",
            "11111111",
        )
    )
    folder(tmp_path, f"发票号码,金额,开票日期\n{rows}\n", "invoices.csv")
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW}\n"))
    numbers = [r["invoice_no"] for r in loaded.tables["invoices"].to_pylist()]
    assert numbers[:5] == ["12345678", "01234567", "00123456", "12345", "24422000000123456789"]
    assert [r[0] for r in kinds(loaded) if r[2] == "leading_zeros"] in ([3, 4], [4, 3])


def test_identifiers_that_a_program_took_for_numbers_and_patents_that_it_did_not(tmp_path):
    def of(values):
        rows = "\n".join(f"D{k},C1,patent_application,{v}" for k, v in enumerate(values))
        folder(tmp_path, f"deliverable_id,claim_id,kind,reference_no\n{rows}\n", "deliverables.csv")
        return (
            load(folder(tmp_path, f"{HEAD}\n{ROW}\n"))
            .tables["deliverables"]["reference_no"]
            .to_pylist()
        )

    assert of(["123456.0", "7.0", ""]) == ["123456", "7", None]
    assert of(["200710308492.0"]) == ["200710308492.0"]  # .0 is its check digit
    assert of(["200710308492.0", "200710308494.X"]) == ["200710308492.0", "200710308494.X"]


def test_too_many_bad_claims_refuse_the_file_and_name_the_first(tmp_path):
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW.replace('1000.00', 'much')}\n"))
    with pytest.raises(
        InputError, match=r"claims\.csv, row 2, column contract_amount: not_a_number"
    ):
        ingest.require_usable(loaded, IngestSettings())
