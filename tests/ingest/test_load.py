"""The loader as a whole: every row accounted for, every fault named with its place."""

import io
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud_pipeline import ingest
from fraud_pipeline.errors import FraudPipelineError, InputError, SettingsError
from fraud_pipeline.ingest.mapping import SourceMapping, TableMapping
from fraud_pipeline.records import INPUT_TABLES
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources

HEAD = "claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,claimed_amount,submitted_on,quantity"
ROW = "C1,wuhan,E1,I1,testing,1000.00,550.00,2016-07-01,2"
ZH = "申请编号,制度,企业统一社会信用代码,机构统一社会信用代码,服务类型,合同金额（万元）,申请兑付金额,申请日期,数量"
ROW_ZH = "C1,wuhan,E1,I1,检验检测,3.5,550元,2016年7月1日,２"


def load(where, mapping=None, programme=None, known=None):
    sources = open_sources(str(where), ingest.stems(mapping))
    return ingest.load(sources, IngestSettings(), mapping, programme, known)


def folder(tmp_path, text, name="claims.csv", encoding="utf-8"):
    (tmp_path / name).write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return tmp_path


def reasons(loaded):
    return [(q["row"], q["column"], q["reason_code"]) for q in loaded.quarantine.to_pylist()]


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


def test_title_rows_above_the_header_and_subtotals_below(tmp_path):
    text = f"2016年兑付汇总\n\n{HEAD}\n{ROW}\n合计,,,,,1000.00,550.00,,\n"
    loaded = load(folder(tmp_path, text))
    assert loaded.tables["claims"]["source_row"].to_pylist() == [4]
    assert reasons(loaded) == [(5, None, "subtotal_row")]


@pytest.mark.parametrize(
    ("cell", "column", "reason"),
    [("much", "contract_amount", "not_a_number"), ("", "claimed_amount", "missing"),
     ("1.2E+17", "enterprise_id", "lost_digits"), ("magic", "service_type", "unknown_code"),
     ("0202-05-05", "submitted_on", "date_out_of_range"), ("-5", "claimed_amount", "negative_amount"),
     ("atlantis", "programme", "unknown_programme")],
)  # fmt: skip
def test_a_required_cell_that_cannot_be_used_sets_the_row_aside(tmp_path, cell, column, reason):
    cells = ROW.split(",")
    cells[HEAD.split(",").index(column)] = cell
    loaded = load(folder(tmp_path, f"{HEAD}\n{','.join(cells)}\n{ROW.replace('C1', 'C2')}\n"),
                  known=frozenset({"wuhan"}))  # fmt: skip
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
    said = {q["row"]: (q["reason_code"], q["detail"]) for q in loaded.quarantine.to_pylist()}
    assert said[3][0] == "duplicate_row" and said[2][0] == "superseded"
    assert "claimed_amount" in said[2][1]


def test_a_workbook_with_sheets_by_chinese_name(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("兑付申请")
        sheet.write_row(0, 0, ["汇总表"])
        sheet.write_row(1, 0, HEAD.split(","))
        sheet.write_row(2, 0, ["C1", "wuhan", "E1", "I1", "testing", 1000, 550.5, 42552, 2])
        sheet.write_formula(3, 0, '="C"&"2"', None, "C2")
        sheet.write_row(3, 1, ["wuhan", 914201000000000000, "I1", "testing", 1, 1, 42552, 2])
        firms = book.add_worksheet("企业")
        firms.write_row(0, 0, ["企业统一社会信用代码", "名称"])
        firms.write_row(1, 0, ["E1", "甲公司"])
    loaded = load(path)
    assert loaded.tables["claims"]["claimed_amount"].to_pylist() == [Decimal("550.50")]
    assert loaded.tables["claims"]["submitted_on"].to_pylist() == [date(2016, 7, 1)]
    assert (4, "enterprise_id", "lost_digits") in reasons(loaded)
    assert loaded.tables["enterprises"]["name"].to_pylist() == ["甲公司"]
    assert loaded.quarantine["sheet"].to_pylist() == ["兑付申请"]


def test_parquet_keeps_its_types(tmp_path):
    table = pa.table({"claim_id": ["C1"], "enterprise_id": ["E1"], "institution_id": ["I1"],
                      "service_type": ["testing"], "contract_amount": [10.1], "claimed_amount": [5.05],
                      "submitted_on": [date(2016, 7, 1)]})  # fmt: skip
    pq.write_table(table, tmp_path / "claims.parquet")
    loaded = load(tmp_path, programme="wuhan")
    assert loaded.tables["claims"]["claimed_amount"].to_pylist() == [Decimal("5.05")]
    assert loaded.tables["claims"]["programme"].to_pylist() == ["wuhan"]
    assert loaded.repairs.num_rows == 0


def into_database(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        names = HEAD.split(",")
        connection.execute(sa.text("DROP TABLE IF EXISTS claims"))
        connection.execute(
            sa.text(f"CREATE TABLE claims ({', '.join(f'{n} TEXT' for n in names)})")
        )
        insert = sa.text(f"INSERT INTO claims VALUES ({', '.join(':' + n for n in names)})")
        for k in (2, 1):
            connection.execute(
                insert, dict(zip(names, ROW.replace("C1", f"C{k}").split(","), strict=True))
            )
    engine.dispose()


def test_sqlite(tmp_path):
    url = f"sqlite:///{tmp_path / 'claims.db'}"
    into_database(url)
    loaded = load(url)
    assert loaded.tables["claims"]["claim_id"].to_pylist() == ["C1", "C2"]
    assert loaded.inputs == load(url).inputs


@pytest.mark.postgres
def test_postgresql(postgres_url):
    into_database(postgres_url)
    assert load(postgres_url).tables["claims"]["claim_id"].to_pylist() == ["C1", "C2"]


def test_a_mapping_with_constants_factors_words_and_fallback(tmp_path):
    folder(
        tmp_path,
        "id,buyer,shop,what,total,when,year\n1,a,b,Consultoria,1.5,,2016\n2,a,b,?,2,2016-03-04,\n",
        "expenses.csv",
    )
    mapping = ingest.parse_mapping(
        """
        [tables.claims]
        file = "expenses"
        columns = { claim_id = "id", enterprise_id = "buyer", institution_id = "shop", service_type = "what", contract_amount = "total", claimed_amount = "total", submitted_on = "when" }
        constants = { programme = "generic" }
        factors = { contract_amount = "10000" }
        fallback = { submitted_on = "{year}-01-01" }
        [tables.claims.values.service_type]
        "Consultoria" = "technology_consulting"
        "*" = "other"
        """,
        "map.toml",
    )
    claims = load(tmp_path, mapping).tables["claims"].to_pylist()
    assert [c["contract_amount"] for c in claims] == [Decimal("15000.00"), Decimal("20000.00")]
    assert [c["claimed_amount"] for c in claims] == [Decimal("1.50"), Decimal("2.00")]
    assert [c["service_type"] for c in claims] == ["technology_consulting", "other"]
    assert [c["submitted_on"] for c in claims] == [date(2016, 1, 1), date(2016, 3, 4)]


@pytest.mark.parametrize(
    ("text", "named"),
    [("[tables.claimz]\nfile='x'", "claimz"), ("[tables.claims]\ncolums={}", "colums"),
     ("[tables.claims]\ncolumns={amount='x'}", "amount"), ("[tables.claims]\nfactors={claimed_amount='ten'}", "ten"),
     ("[tables", "map.toml")],
)  # fmt: skip
def test_a_wrong_mapping_names_the_key(text, named):
    with pytest.raises(SettingsError, match=named):
        ingest.parse_mapping(text, "map.toml")


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


def test_too_many_bad_claims_refuse_the_file_and_name_the_first(tmp_path):
    loaded = load(folder(tmp_path, f"{HEAD}\n{ROW.replace('1000.00', 'much')}\n"))
    with pytest.raises(
        InputError, match=r"claims\.csv, row 2, column contract_amount: not_a_number"
    ):
        ingest.require_usable(loaded, IngestSettings())


CELL = st.one_of(
    st.sampled_from(
        [
            "",
            "C1",
            "wuhan",
            "3万",
            "2016-07-01",
            "合计",
            "1.2E+17",
            "-1",
            "testing",
            "\u00a0",
            '"',
            "a,b",
        ]
    ),
    st.text(max_size=8),
)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.lists(CELL, min_size=9, max_size=9), min_size=1, max_size=12))
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(tmp_path, rows):
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([HEAD.split(","), *rows])
    (tmp_path / "claims.csv").write_bytes(out.getvalue().encode("utf-8", "surrogatepass"))
    try:
        loaded = load(tmp_path)
    except FraudPipelineError as error:
        assert "\n" not in str(error)
        return
    account = loaded.accounts["claims"]
    lost = {q["row"] for q in loaded.quarantine.to_pylist() if "row was set aside" in q["detail"]}
    assert account.rows_clean == loaded.tables["claims"].num_rows
    assert account.rows_quarantined == len(lost)


def test_the_synonyms_name_only_columns_that_exist():
    from fraud_pipeline.ingest.headers import HEADER_WORDS
    from fraud_pipeline.ingest.words import CODE_WORDS

    columns = {c.name for schema in INPUT_TABLES.values() for c in schema.columns}
    assert set(HEADER_WORDS) <= columns and set(CODE_WORDS) <= columns
    assert SourceMapping({"claims": TableMapping(file="X")}).stem("claims") == "x"
