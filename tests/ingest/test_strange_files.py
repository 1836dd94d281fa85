"""Exports and reports of kinds that are no plain table: each is read as a person reads it, or refused in one line."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources
from tests.ingest.drafts import loaded_by_draft

N = 12
DAYS = [dt.date(2021, 1, 5) + dt.timedelta(days=11 * k) for k in range(N)]
AMOUNTS = [1234.5 + 777.25 * k * k for k in range(N)]
PAYEES = ["Acme GmbH", "Blue Sky Ltd", "Müller & Söhne"]
RECORDS = [(f"V{k:03}", PAYEES[k % 3], DAYS[k], AMOUNTS[k]) for k in range(N)]


def text_of(lines):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def book(path, sheets, merge=()):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, lines in sheets.items():
        sheet = workbook.create_sheet(name)
        for line in lines:
            sheet.append(line)
        for cells in merge:
            sheet.merge_cells(cells)
    workbook.save(path)


def pivot(folder):
    lines = [["Payments by vendor"], [], ["Vendor", "Payment no", "Date", "Amount"]]
    for payee in PAYEES:
        rows = [r for r in RECORDS if r[1] == payee]
        lines += [[payee if k == 0 else None, r[0], r[2], r[3]] for k, r in enumerate(rows)]
        lines.append([f"{payee} Total", None, None, sum(r[3] for r in rows)])
    lines.append(["Grand Total", None, None, sum(AMOUNTS)])
    book(folder / "pivot.xlsx", {"Pivot": lines})
    return folder / "pivot.xlsx"


def two_line_header(folder):
    lines = [
        ["Payment", None, "Payee", None, "Amount"],
        ["Number", "Date", "Name", "Town", "Gross"],
        *([n, d, p, "Leeds", a] for n, p, d, a in RECORDS),
    ]
    book(folder / "two.xlsx", {"Sheet1": lines}, ("A1:B1", "C1:D1"))
    return folder / "two.xlsx"


def names_twice(folder):
    lines = [["Name", "Ref", "Date", "Name", "Date", "Amount"]]
    lines += [["Dept of Works", n, d, p, d + dt.timedelta(30), a] for n, p, d, a in RECORDS]
    (folder / "twice.csv").write_text(text_of(lines), "utf-8")
    return folder / "twice.csv"


def carried_over(folder):
    lines = [["日期", "凭证号", "对方单位", "摘要", "金额"]]
    for k, (n, p, d, a) in enumerate(RECORDS):
        lines.append([d, n, p, "服务费", a])
        if k % 4 == 3:
            lines += [
                ["", "", "", word, a] for word in ("本月合计", "本年累计", "过次页", "承前页")
            ]
    (folder / "carried.csv").write_bytes(text_of(lines).encode("gb18030"))
    return folder / "carried.csv"


def sheet_a_month(folder):
    sheets = {}
    for m in range(3):
        rows = RECORDS[4 * m : 4 * m + 4]
        sheets[f"{m + 1}月"] = [
            [f"{m + 1}月支付明细"], ["序号", "收款单位", "日期", "金额"],
            *([i + 1, p, d, a] for i, (_, p, d, a) in enumerate(rows)),
            ["合计", None, None, sum(r[3] for r in rows)],
        ]  # fmt: skip
    book(folder / "months.xlsx", sheets)
    return folder / "months.xlsx"


def contract_list(folder):
    lines = [["合同号", "甲方", "乙方", "签订日期", "合同金额(万元)"]]
    lines += [
        [n, f"局{k % 2}", p, d, f"{a / 10_000:.6f}"] for k, (n, p, d, a) in enumerate(RECORDS)
    ]
    (folder / "contract_list.csv").write_text(text_of(lines), "utf-8")
    return folder / "contract_list.csv"


def taiwan_compact(folder):
    lines = [["支出憑證號", "受款人", "付款日期", "金額"]]
    lines += [[n, p, f"{d.year - 1911}{d:%m%d}", a] for n, p, d, a in RECORDS]
    (folder / "roc.csv").write_text(text_of(lines), "utf-8")
    return folder / "roc.csv"


def page_called_xls(folder):
    rows = "".join(
        f"<tr><td>{n}<td>{p.replace('&', '&amp;')}</td><td>{d}</td><td align=right>{a:,.2f}</td></tr>"
        for n, p, d, a in RECORDS
    )
    (folder / "page.xls").write_text(
        "<html><body><table><tr><td>Printed</td></tr><tr><td>by</td></tr></table><table><tr><th>Voucher No<th>Supplier"
        f"<th>Date<th>Amount</tr>{rows}<tr><td colspan=3>Total</td><td>{sum(AMOUNTS):,.2f}</td></tr></table></body></html>",
        "utf-8",
    )
    return folder / "page.xls"


def xml_of_2003(folder):
    def row(cells):
        return (
            "<Row>"
            + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in cells)
            + "</Row>"
        )

    body = "".join(row((n, p.replace("&", "&amp;"), d, a)) for n, p, d, a in RECORDS)
    gap = '<Row><Cell><Data ss:Type="String">Total</Data></Cell><Cell ss:Index="4"><Data ss:Type="Number">1</Data></Cell></Row>'
    (folder / "old.xls").write_text(
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        f"{row(['Voucher', 'Supplier', 'Date', 'Amount'])}{body}{gap}</Table></Worksheet></Workbook>",
        "utf-8",
    )
    return folder / "old.xls"


def json_nested(folder):
    rows = [
        {"id": n, "supplier": {"name": p}, "date": str(d), "amount": {"value": a}, "tags": ["x"]}
        for n, p, d, a in RECORDS
    ]
    whole = {"meta": {"pages": [{"k": 1}]}, "data": rows}
    (folder / "nested.json").write_text(json.dumps(whole), "utf-8-sig")
    return folder / "nested.json"


def json_lines(folder):
    lines = (
        json.dumps({"id": n, "supplier": p, "date": str(d), "amount": a}) for n, p, d, a in RECORDS
    )
    (folder / "list.jsonl").write_text("\n".join(lines), "utf-8")
    return folder / "list.jsonl"


KINDS = (
    pivot, two_line_header, names_twice, carried_over, sheet_a_month, contract_list, taiwan_compact,
    page_called_xls, xml_of_2003, json_nested, json_lines,
)  # fmt: skip


@pytest.mark.parametrize("write", KINDS, ids=lambda kind: kind.__name__)
def test_every_payment_is_read_and_no_total_is_one(tmp_path, write):
    read = loaded_by_draft(write(tmp_path))
    claims = read.tables["claims"]
    rows = zip(
        claims["institution_id"].to_pylist(), claims["submitted_on"].to_pylist(),
        map(float, claims["contract_amount"].to_pylist()), strict=True,
    )  # fmt: skip
    assert sorted(rows, key=lambda row: row[1]) == [(p, d, a) for _, p, d, a in RECORDS]
    assert set(read.quarantine["reason_code"].to_pylist()) <= {"subtotal_row"}


def test_columns_of_one_name_are_said_and_told_apart(tmp_path):
    read = loaded_by_draft(names_twice(tmp_path))
    assert "twice.csv: columns of one name, numbered from the second on: Name, Date" in read.notes
    assert set(read.tables["claims"]["enterprise_id"].to_pylist()) == {"Dept of Works"}


def test_other_tables_of_a_page_are_named(tmp_path):
    read = loaded_by_draft(page_called_xls(tmp_path))
    assert "page.xls: other tables of the page were not read: Printed" in read.notes


def test_a_number_that_lost_its_zeros_is_the_partys_where_the_column_has_both(tmp_path):
    numbers = ["00000417", "417", "00000902", "418"]
    lines = [["Invoice", "Supplier code", "Date", "Amount"]]
    lines += [[f"I{k}", n, DAYS[k], AMOUNTS[k]] for k, n in enumerate(numbers)]
    path = tmp_path / "zeros.csv"
    path.write_text(text_of(lines), "utf-8")
    read = loaded_by_draft(path)
    assert read.tables["claims"]["institution_id"].to_pylist() == [
        "00000417",
        "00000417",
        "00000902",
        "418",
    ]
    repairs = [r for r in read.repairs.to_pylist() if r["kind"] == "leading_zeros"]
    assert [(r["row"], r["before"], r["after"]) for r in repairs] == [(3, "417", "00000417")]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.xls", "<html><body><p>no data\n</p></body></html>", "a page without a table"),
        ("a.json", '{"a": 1}', "no list of records"),
        ("a.json", '[{"a": 1, "a": 2}]', "stands there twice"),
        ("a.json", "[" * 100_000, "too deep|not JSON"),
        ("a.jsonl", '{"a": 1}\n[2]\n', "is no object with names"),
        ("a.jsonl", "{}\n", "there are no records in it"),
        ("a.json", '[{"a":' + '{"b":' * 12 + "1" + "}" * 13 + "]", "too deep to be a table"),
    ],
)
def test_what_is_no_list_ends_in_one_line(tmp_path, name, text, line):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError, match=line):
        loaded_by_draft(tmp_path / name)


def test_a_page_of_too_many_cells_is_refused(tmp_path):
    path = tmp_path / "wide.xls"
    path.write_text(
        "<table>" + "<tr><td colspan=999999>x</td></tr>\n" * 2_000 + "</table>", "utf-8"
    )
    with pytest.raises(InputError, match="more cells than can be read"):
        ingest.load(open_sources(str(path), ingest.stems(None)), IngestSettings(max_cells=100_000))


def test_rows_made_void_are_left_out_and_said(tmp_path):
    lines = [["发票号码", "购方名称", "销方名称", "开票日期", "金额", "状态"]]
    lines += [
        [f"{k:08}", "甲局", p, d, a, "作废" if k % 4 == 1 else "正常"]
        for k, (_, p, d, a) in enumerate(RECORDS)
    ]
    path = tmp_path / "invoices_of_a_year.csv"
    path.write_text(text_of(lines), "utf-8")
    read = loaded_by_draft(path)
    assert read.tables["claims"].num_rows == 9
    assert set(read.quarantine["reason_code"].to_pylist()) == {"left_out_by_mapping"}
    assert '"正常"] }  # ? please check: 作废 is left out' in path.with_name(
        "mapping.toml"
    ).read_text("utf-8")


def test_a_row_without_a_day_is_drafted_by_its_year_and_month(tmp_path):
    lines = [["Ref", "Supplier", "Date", "Year", "Month", "Amount"]]
    lines += [
        [n, p, "" if k == 5 else d, d.year, d.month, a] for k, (n, p, d, a) in enumerate(RECORDS)
    ]
    path = tmp_path / "expenses.csv"
    path.write_text(text_of(lines), "utf-8")
    claims = loaded_by_draft(path).tables["claims"]
    assert claims["submitted_on"].to_pylist() == [
        d.replace(day=1) if k == 5 else d for k, d in enumerate(DAYS)
    ]
    assert claims["source_months"].to_pylist() == [None] * 5 + ["submitted_on"] + [None] * 6


def exchanged_by_a_spreadsheet(folder):
    """05/01/2021 became the 1st of May; 16/01/2021 has no such reading and stayed as text."""
    days = [dt.date(2021, 1 + k % 6, 2 + 2 * k) for k in range(N)]
    cells = [dt.date(d.year, d.day, d.month) if d.day <= 12 else f"{d:%d/%m/%Y}" for d in days]
    lines = [["Ref", "Supplier", "Date", "Amount"]]
    lines += [[n, p, cell, a] for (n, p, _, a), cell in zip(RECORDS, cells, strict=True)]
    book(folder / "book.xlsx", {"Data": lines})
    return folder / "book.xlsx", days


def test_days_and_months_that_a_spreadsheet_exchanged_are_asked_about(tmp_path):
    path, days = exchanged_by_a_spreadsheet(tmp_path)
    with pytest.raises(
        InputError,
        match=r'may have been exchanged .* dates = \{ submitted_on = "exchanged" \} \(or "day_first"',
    ):
        loaded_by_draft(path)
    mapping = path.with_name("mapping.toml").read_text("utf-8")
    for word, expected in (("exchanged", days), ("day_first", None)):
        said = ingest.parse_mapping(
            mapping.replace("file =", f'dates = {{ submitted_on = "{word}" }}\nfile =', 1), "m"
        )
        read = ingest.load(open_sources(str(path), ingest.stems(said)), IngestSettings(), said)
        got = read.tables["claims"]["submitted_on"].to_pylist()
        assert (got == days) is (expected is not None)
        assert len(got) == N
