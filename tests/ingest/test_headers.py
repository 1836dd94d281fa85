"""Headers: the contract's words, synonyms, units, titles above and two rows in one."""

from decimal import Decimal

import pytest

from fraud_pipeline.ingest import headers
from fraud_pipeline.schema import INPUT_TABLES

NONE = frozenset()


@pytest.mark.parametrize("table", sorted(INPUT_TABLES))
def test_every_column_is_known_by_its_english_and_its_chinese_name(table):
    schema = INPUT_TABLES[table]
    own = [c for c in schema.columns if not c.name.startswith("source_")]
    assert headers.place([c.name for c in own], schema) == {c.name: k for k, c in enumerate(own)}
    chinese = [c for c in own if c.zh]
    assert headers.place([c.zh for c in chinese], schema) == {
        c.name: k for k, c in enumerate(chinese)
    }


def test_a_word_means_the_column_it_is_the_name_of_before_any_synonym():
    assert headers.place(["编号", "申请编号"], INPUT_TABLES["deliverables"]) == {
        "reference_no": 0,
        "claim_id": 1,
    }
    assert headers.place(["价税合计", "金额"], INPUT_TABLES["invoices"]) == {"amount": 1}
    assert headers.place(["统一社会信用代码"], INPUT_TABLES["claims"]) == {"enterprise_id": 0}
    assert headers.place(["统一社会信用代码"], INPUT_TABLES["institutions"]) == {
        "institution_id": 0
    }


@pytest.mark.parametrize(
    "text",
    ["合同金额（万元）", "合 同 金 额\n(元)", "合同金额【含税】", "*合同金额:", "CONTRACT_AMOUNT"],
)
def test_spelling_of_a_header_does_not_matter(text):
    assert headers.place([text], INPUT_TABLES["claims"]) == {"contract_amount": 0}


@pytest.mark.parametrize(
    ("text", "factor"),
    [("合同金额（万元）", 10000), ("合同金额(单位：万元)", 10000), ("合同金额", None), ("合同金额(元)", 1),
     ("合同金额/万元", 10000), ("金额（亿元）", 100_000_000), ("金额（不含税）（千元）", 1000),
     ("持股比例（%）", Decimal("0.01")), ("万元合同", None)],
)  # fmt: skip
def test_the_unit_a_header_names(text, factor):
    assert headers.unit_of(text) == factor


def test_titles_above_the_header():
    rows = [
        ["2016年兑付汇总", "", ""],
        ["制表：张", "", ""],
        ["申请编号", "制度", "随便"],
        ["C1", "wuhan", "x"],
    ]
    assert headers.find(rows, NONE) == (2, 1, ["申请编号", "制度", "随便"])


def test_a_group_above_the_names_is_one_header_with_them():
    rows = [["申请编号", "企业", "", "机构", ""], ["", "统一社会信用代码", "名称", "统一社会信用代码", "名称"],
            ["C1", "E1", "甲", "I1", "乙"]]  # fmt: skip
    assert headers.find(rows, NONE) == (
        0, 2, ["申请编号", "企业统一社会信用代码", "企业名称", "机构统一社会信用代码", "机构名称"],
    )  # fmt: skip


def test_of_a_header_in_two_rows_and_its_repetition_in_one_the_first_counts():
    upper, lower = ["申请编号", "企业代码", "金额", ""], ["", "", "合同总金额", "申请兑现金额"]
    again = ["申请编号", "企业代码", "合同总金额", "申请兑现金额"]
    rows = [upper, lower, ["C1", "E1", "5", "2"], again, ["C2", "E2", "7", "3"]]
    assert headers.find(rows, NONE) == (0, 2, again)


def test_data_below_a_header_is_not_taken_for_its_second_row():
    rows = [["名称", "地区"], ["地址", "武汉"], ["乙", "武汉"]]
    assert headers.find(rows, NONE) == (0, 1, ["名称", "地区"])


def test_a_mappings_foreign_header_is_found_under_titles():
    rows = [["Report", ""], ["id", "total"], ["1", "2"]]
    assert headers.find(rows, frozenset({"id", "total"}))[0] == 1
