"""Text files as bureaus export them: encodings, delimiters, titles, ragged rows, stray quotes."""

import pytest

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.encodings import as_utf8
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


def rows_of(loaded):
    accounts_hold(loaded)
    return [(c["claim_id"], c["source_row"]) for c in claims(loaded)]


def claim(k):
    return ROW.replace("C1", f"C{k}")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_row_numbers_count_blank_rows_and_cells_of_several_lines(tmp_path, ending):
    long = f'"C2\nx",{ROW[3:]}'
    text = ending.join(["汇总", "", HEAD, claim(1), "", ",,,,,,,,", long, claim(3), ""])
    assert rows_of(load(folder(tmp_path, text))) == [("C1", 4), ("C2x", 7), ("C3", 8)]


def test_a_header_of_several_lines(tmp_path):
    head = HEAD.replace("contract_amount", '"contract_amount\n（万元）"')
    loaded = load(folder(tmp_path, f"{head}\n{claim(1)}\n{claim(2)}\n"))
    assert rows_of(loaded) == [("C1", 2), ("C2", 3)]
    assert claims(loaded)[0]["contract_amount"] == 10_000_000


def test_cells_beyond_the_header_matter_only_when_they_hold_something(tmp_path):
    loaded = load(
        folder(tmp_path, "\n".join([HEAD, claim(1) + ",,", claim(2) + ",x", "C3,wuhan", claim(4)]))
    )
    assert rows_of(loaded) == [("C1", 2), ("C4", 5)]
    assert (2, None, "empty_cells_beyond_header") in kinds(loaded)
    assert reasons(loaded) == [
        (3, None, "wrong_number_of_cells"),
        (4, None, "wrong_number_of_cells"),
    ]
    assert loaded.quarantine["value"].to_pylist() == [claim(2) + ",x", "C3,wuhan"]


def test_a_quotation_mark_that_is_not_closed_eats_no_other_rows(tmp_path):
    broken = claim(2).replace("wuhan", '"wuhan')
    loaded = load(folder(tmp_path, "\n".join([HEAD, claim(1), broken, claim(3), claim(4)])))
    assert rows_of(loaded) == [("C1", 2), ("C3", 4), ("C4", 5)]
    assert reasons(loaded) == [(3, None, "wrong_number_of_cells")]


def test_nor_when_another_one_closes_it_further_down(tmp_path):
    opened, closed = f'{ROW[:-1]}"2', f'{claim(4)[:-1]}2"'
    loaded = load(folder(tmp_path, "\n".join([HEAD, opened, claim(2), claim(3), closed, claim(5)])))
    accounts_hold(loaded)
    assert {c["claim_id"] for c in claims(loaded)} >= {"C2", "C3", "C5"}
    assert loaded.accounts["claims"].rows_in == 5


def test_a_pasted_text_of_several_lines_is_one_cell(tmp_path):
    text = f'{HEAD},report_text\n{ROW},"一、背景，二、过程\n三、结论"\n{claim(2)},好\n'
    loaded = load(folder(tmp_path, text))
    assert [c["report_text"] for c in claims(loaded)] == ["一、背景，二、过程\n三、结论", "好"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(tmp_path, encoding, mark):
    loaded = load(folder(tmp_path, f"{ZH}\n{ROW_ZH}\n".replace(",", mark), encoding=encoding))
    assert claims(loaded)[0]["service_type"] == "testing" and claims(loaded)[0]["quantity"] == 2


def test_western_letters_are_not_read_as_chinese():
    text = "Contratação de serviços técnicos; Locomoção, hospedagem; façade"
    assert as_utf8(text.encode("cp1252"), "x") == (text.encode(), "cp1252")
    text = "检验检测,武汉市洪山区珞喻路1037号"
    assert as_utf8(text.encode("gbk"), "x") == (text.encode(), "gb18030")


def test_a_few_damaged_characters_cost_their_cells_not_the_file(tmp_path):
    good = "".join(f"{claim(k)},检验检测报告已经全部完成并通过验收\n" for k in range(2, 12))
    data = f"{HEAD},service_title\n{ROW},检验".encode() + b"\xe6\xb5\n" + good.encode()
    loaded = load(folder(tmp_path, data))
    assert reasons(loaded) == [(2, "service_title", "broken_characters")]
    assert loaded.notes == ("claims.csv: read as damaged utf-8",)
    assert claims(loaded)[1]["service_title"] == "检验检测报告已经全部完成并通过验收"


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"\x00\x01\x02\x03" * 9, "not a text file"), (bytes(range(128, 256)) * 20, "neither UTF-8"),
     (b"\n\n \n", "empty"), (b'"' + b"x" * 300_000, "claims")],
)  # fmt: skip
def test_what_is_no_table_is_said_in_one_line(tmp_path, data, expected):
    with pytest.raises(InputError, match=expected) as raised:
        load(folder(tmp_path, data))
    assert "\n" not in str(raised.value) and "claims.csv" in str(raised.value)


def test_a_row_without_end_is_refused_with_a_reason(tmp_path):
    text = f'{HEAD}\n"C1' + "x" * (1 << 25) + f"\n{claim(2)}\n"
    with pytest.raises(InputError, match="is a quotation mark not closed"):
        load(folder(tmp_path, text))
