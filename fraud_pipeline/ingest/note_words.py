"""The remarks of ingest in the language of whoever reads them.

A run keeps its remarks in English, whatever the language of the person who started it, so that
its bytes do not depend on that. They are worded here when they are shown.
"""

from __future__ import annotations

import re

# The English sentence, its values as groups in their order, and the Chinese one with the same values.
_SENTENCES = (
    (r"read as damaged (.+)", "按 {} 编码读取，部分字符已损坏"),
    (r"read as (.+)", "按 {} 编码读取"),
    (r"not one of the tables, not read", "不是所需的表，未读取"),
    (r"columns of one name, numbered from the second on: (.+)", "同名的列，自第二列起编号：{}"),
    (r"other tables of the page were not read: (.+)", "网页中未读取的其他表格：{}"),
    (r"columns not used: (.+)", "未用到的列：{}"),
    (r"cells link to other files; the values last seen were read", "单元格引用了其他文件，按其中保存的值读取"),
    (r"the workbook has macros; none was run", "工作簿含有宏，均未运行"),
    (r"the sheet is hidden in the workbook, and was read", "该工作表在工作簿中被隐藏，已照常读取"),
    (r"other sheets of the workbook were not read: (.+)", "工作簿中未读取的工作表：{}"),
    (r"(\S+) names a month and no day in ([\d,]+) rows: its first day stands there, and rules whose answer depends on the day do not judge them",
     "{} 有 {} 行只写了月份：记作当月第一天，取决于具体日期的规则不作判断"),
    (r"(.+) is more than ([\d,]+) times the next largest \((.+)\); it rules every total, check it first",
     "{} 超过次大值的 {} 倍（次大值 {}），各项合计都取决于它，请先核对"),
    (r"audit results on claims that are not in the data, not used: (.+)", "核查结果对应的申请不在数据中，未采用：{}"),
    (r"元 or 万元\? amounts 10,000 times apart from their invoices: (.+)", "单位是元还是万元？以下金额与发票相差一万倍：{}"),
)  # fmt: skip
_SPLIT = [(re.compile(english), chinese) for english, chinese in _SENTENCES]
_PLACE_WORDS = ((r", sheet ", "，工作表 "), (r" row (\d+)", r" 第 \1 行"), (r", column ([^\s:]+)(: )?", r"，\1 列 "),
                (r" and (\d+) more$", r" 等，另有 \1 处"), (r" against ", " 对 "))  # fmt: skip


def note_text(note: str, language: str) -> str:
    """The remark ``note`` in ``language`` (zh or en); one that is not known here stays as it is.

    >>> note_text("a.csv: columns not used: Netto, Brutto", "zh")
    'a.csv：未用到的列：Netto, Brutto'
    """
    if language != "zh":
        return note
    place, remark = split_note(note)
    worded = _in_chinese(remark)
    if worded is None:
        return note
    return f"{_placed(place)}：{worded}" if place else worded


def place_text(place: str, language: str) -> str:
    """``a.xlsx, sheet b`` in ``language``."""
    return _placed(place) if language == "zh" else place


def split_note(note: str) -> tuple[str, str]:
    """(place, remark) of ``place: remark``; the place is empty where the remark names it itself."""
    if _in_chinese(note) is not None:
        return "", note
    place, mark, remark = note.partition(": ")
    return (place, remark) if mark else ("", note)


def _in_chinese(remark: str) -> str | None:
    for english, chinese in _SPLIT:
        match = english.fullmatch(remark)
        if match:
            return chinese.format(*(_placed(value) for value in match.groups()))
    return None


def _placed(value: str) -> str:
    for english, chinese in _PLACE_WORDS:
        value = re.sub(english, chinese, value)
    return value
