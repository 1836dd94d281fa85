"""Remarks of ingest are kept in English and read in the language of the person."""

import re

import pytest

from fraud_pipeline import ingest
from fraud_pipeline.ingest.note_words import note_text, split_note
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store import places
from fraud_pipeline.store.sources import open_sources

CJK = re.compile("[\u4e00-\u9fff]")
NOTES = {
    "f.csv: read as gb18030": "f.csv：按 gb18030 编码读取",
    "f.xlsx, sheet two: the sheet is hidden in the workbook, and was read":
        "f.xlsx，工作表 two：该工作表在工作簿中被隐藏，已照常读取",
    "f.csv: claims.submitted_on names a month and no day in 1,200 rows: its first day stands there, "
    "and rules whose answer depends on the day do not judge them":
        "f.csv：claims.submitted_on 有 1,200 行只写了月份：记作当月第一天，取决于具体日期的规则不作判断",
    "f.csv row 9, column amount: 9000000 is more than 1,000 times the next largest (12); it rules every "
    "total, check it first":
        "f.csv 第 9 行，amount 列 9000000 超过次大值的 1,000 倍（次大值 12），各项合计都取决于它，请先核对",
    "audit results on claims that are not in the data, not used: o.csv row 3 (C9) and 4 more":
        "核查结果对应的申请不在数据中，未采用：o.csv 第 3 行 (C9) 等，另有 4 处",
    "元 or 万元? amounts 10,000 times apart from their invoices: c.csv row 3 (5 against 50000)":
        "单位是元还是万元？以下金额与发票相差一万倍：c.csv 第 3 行 (5 对 50000)",
}  # fmt: skip


@pytest.mark.parametrize("note", NOTES)
def test_a_remark_is_worded_in_chinese_and_kept_in_english(note):
    assert note_text(note, "zh") == NOTES[note]
    assert note_text(note, "en") == note


def test_a_remark_that_names_its_place_has_none_before_it():
    assert (
        split_note("audit results on claims that are not in the data, not used: o.csv row 3 (C9)")[
            0
        ]
        == ""
    )
    assert split_note("a.csv: columns not used: x") == ("a.csv", "columns not used: x")
    assert note_text("something new", "zh") == "something new"


def test_every_remark_on_the_dirty_sample_has_its_words():
    loaded = ingest.load(
        open_sources(str(places.data_samples() / "dirty"), ingest.stems(None)), IngestSettings()
    )
    assert loaded.notes
    for note in loaded.notes:
        assert CJK.search(note_text(note, "zh").replace(split_note(note)[0], "")), note
