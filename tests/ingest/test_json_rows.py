"""One claim as JSON: what is read, and what is refused with column, value and reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_pipeline.engine import single_claim
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.json_rows import parse_json, text_row
from fraud_pipeline.settings import IngestSettings

CLAIM = {
    "claim_id": "N1", "programme": "wuhan", "enterprise_id": "E1", "institution_id": "I1",
    "service_type": "testing", "contract_amount": "6930.00", "claimed_amount": "6930.00",
    "submitted_on": "2016-03-10", "quantity": "1",
}  # fmt: skip
HEADERS = {
    "申请编号": "N2", "制度": "武汉", "企业统一社会信用代码": "E1", "机构统一社会信用代码": "I1", "服务类型": "检验检测",
    "合同金额": "0.8万元", "申请兑付金额": "4000", "申请日期": "2016年3月10日",
}  # fmt: skip


def filed(text):
    sources = single_claim.sources_of(text, "one.json")
    return single_claim.rows_filed(sources, IngestSettings(), None, {"wuhan": "CNY"})["claims"].to_pylist()[0]  # fmt: skip


def claim(**changes):
    return json.dumps({**CLAIM, **changes}, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [claim(), "\ufeff" + claim(), claim(contract_amount=6930, claimed_amount=6930.0, quantity=3),
     claim(quantity=None, service_title=None), claim(submitted_on="2016-03-10T00:00:00Z")],
)  # fmt: skip
def test_what_a_system_may_send_is_read(text):
    assert str(filed(text)["contract_amount"]) == "6930.00"
    assert str(filed(text)["submitted_on"]) == "2016-03-10"


def test_chinese_headers_are_read_as_in_a_file():
    read = filed(json.dumps(HEADERS, ensure_ascii=False))
    assert (read["service_type"], str(read["contract_amount"])) == ("testing", "8000.00")


def test_a_long_number_keeps_its_digits():
    assert filed(claim(claim_id=914201000000000001))["claim_id"] == "914201000000000001"


@pytest.mark.parametrize(
    ("text", "named"),
    [(claim(contract_amount=float("nan")), ("contract_amount", "nan", "no number")),
     (claim(contract_amount=float("-inf")), ("contract_amount", "inf", "no number")),
     (claim(contract_amount=True), ("contract_amount", "true", "must be text")),
     (claim(submitted_on=1457568000000), ("submitted_on", "1457568000000", "milliseconds")),
     (claim(submitted_on="1457568000"), ("submitted_on", "1457568000", "seconds")),
     (claim(service_type="20160310"), ("service_type", "20160310", "unknown_code")),
     (claim(submitted_on="05/03/2016"), ("submitted_on", "05/03/2016", "can mean")),
     (claim(quantity={"a": "b"}), ("quantity", "must be text", "a")),
     (claim()[:-1] + ',"claimed_amount":"99999999"}', ("claimed_amount", "99999999", "twice")),
     (json.dumps({**HEADERS, "claim_id": "N3"}, ensure_ascii=False), ("claim_id", "twice", "")),
     (claim()[:50], ("not JSON", "line 1", "")), ("[" + claim() + "]", ("JSON object", "", "")),
     ("{}", ("claims", "claim_id", "")), (claim(applicant_note="x"), ("no column", "applicant_note", ""))],
)  # fmt: skip
def test_what_is_no_value_is_refused_with_column_value_and_reason(text, named):
    with pytest.raises(InputError) as refused:
        filed(text)
    said = str(refused.value)
    assert "None" not in said and "\n" not in said
    assert all(word in said for word in named), said


@given(st.text(max_size=60) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)).map(json.dumps))  # fmt: skip
def test_any_json_answers_or_is_refused_in_one_line(text):
    try:
        value = parse_json(text, "x.json")
        if isinstance(value, dict):
            text_row("claims", value, "x.json")
    except InputError as error:
        assert "x.json" in str(error)
