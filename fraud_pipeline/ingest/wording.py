"""What the loader found, in a clerk's words: each reason and each repair in Chinese and English."""

from __future__ import annotations

import unicodedata

_STEERING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

# reason code -> (what is wrong, what is wrong in English, what to do)
REASONS: dict[str, tuple[str, str, str]] = {
    "missing": ("必填内容为空", "required, and empty", "请补填"),
    "not_a_number": ("不是数字", "not a number", "请填数字，例如 35000.00"),
    "not_a_count": ("不是整数", "not a whole number", "请填整数"),
    "number_too_large": ("数字过大", "number too large", "请核对金额和单位"),
    "share_out_of_range": ("比例不在0到100%之间", "share outside 0 to 100 %", "请填百分比"),
    "not_a_date": ("日期无法确定", "not a date that can be determined", "请写成 2016-07-01"),
    "date_order": ("无法确定日与月的先后", "day or month first? the order is not clear", "请写成 2016-07-01"),
    "other_currency": ("币种与制度不同", "another currency than the programme's", "请核对币种"),
    "same_key_other_parties": ("编号与他人重复", "the number of another claim", "请核对编号"),
    "date_out_of_range": ("日期超出合理范围", "date out of range", "请核对年份"),
    "lost_digits": ("Excel已丢失数字位（科学计数法）", "Excel threw digits away", "请将单元格设为文本后重新填写全部数字"),
    "unknown_code": ("不在规定的选项之内", "a word no list knows", "请按规定的名称填写"),
    "unknown_programme": ("没有这一制度", "no such programme", "请按规定的名称填写"),
    "negative_amount": ("金额为负", "amount below zero", "请核对"),
    "disallowed_below_zero": ("不予认可金额为负", "disallowed amount below zero", "请核对核查结果"),
    "disallowed_above_claimed": ("不予认可金额大于申请金额", "more disallowed than was claimed", "请核对核查结果和申请金额"),
    "clean_with_money": ("结论为合规却有不予认可金额", "found clean, and money disallowed", "请核对核查结论"),
    "decided_before_claimed": ("核查日期早于申请日期", "decided before it was claimed", "请核对日期"),
    "impossible_chance": ("入样概率须大于0且不大于1", "inclusion probability not above 0 and at most 1", "请核对入样概率"),
    "broken_characters": ("文字乱码", "damaged characters", "请重新填写该格文字"),
    "spreadsheet_error": ("公式出错", "formula error", "请修正公式或直接填写数值"),
    "wrong_number_of_cells": ("该行单元格数目不对", "wrong number of cells", "请检查引号和分隔符"),
    "cells_out_of_place": ("该行单元格错位", "cells out of place", "请检查是否多填或少填一格"),
    "amounts_disagree": ("小写与大写金额不一致", "figures and capitals disagree", "请核对两处金额"),
    "credit_code": ("统一社会信用代码校验不符", "credit code fails its check", "请对照营业执照核对每一位"),
    "old_number": ("15位注册号校验不符", "15-digit number fails its check", "请核对，或改填统一社会信用代码"),
    "patent": ("专利申请号校验位不符", "patent number fails its check", "请对照受理通知书核对"),
    "patent_type": ("专利类型与申请的服务不符", "patent of another type than claimed", "请核对专利类型"),
    "invoice": ("发票号码应为8位或20位", "invoice number has not 8 or 20 digits", "请核对发票号码"),
    "unit_slip": ("与合同或发票相差约一万倍，元与万元？", "10,000 times apart: 元 or 万元?", "请核对单位"),
    "day_missing": ("只有年月，暂按当月1日", "no day given, read as the first", "请补填日期"),
}  # fmt: skip

# rows that are accounted for and need nobody's work
HARMLESS_WORDS: dict[str, tuple[str, str]] = {
    "duplicate_row": ("重复上传，已合并", "the same row again, merged"),
    "superseded": ("同一编号的旧版本，保留新版本", "older version, the newer one stays"),
    "subtotal_row": ("小计、合计行", "subtotal row"),
    "repeated_header": ("重复的表头", "the header again"),
    "remark_row": ("表尾、说明行", "signature or remark row"),
    "credit": ("冲销、退款行", "credit, not a claim"),
    "left_out_by_mapping": ("映射文件不要的行", "left out by the mapping"),
}

REPAIRS: dict[str, tuple[str, str]] = {
    "full_width": ("全角字符、空格", "full-width characters, spaces"),
    "invisible_characters": ("不可见字符", "invisible characters"),
    "control_characters": ("控制字符", "control characters"),
    "line_break": ("单元格内换行", "line breaks in a cell"),
    "wrong_encoding": ("乱码还原", "text in the wrong encoding"),
    "number_format": ("千分位、货币符号", "separators, currency marks"),
    "unit_in_header": ("表头单位换算（万元、千等）", "unit in the header (万元, thousands)"),
    "unit_in_cell": ("单元格中的单位（万元等）已换算", "unit in the cell (万元, lakh)"),
    "percent": ("百分比", "percent to share"),
    "capital_numerals": ("大写金额", "capital numerals"),
    "accounting_negative": ("括号负数", "negative in brackets"),
    "rounded_to_fen": ("四舍五入到分", "rounded to fen"),
    "date_format": ("日期写法", "spelling of dates"),
    "other_calendar": ("其他纪年换算为公历", "years of another calendar"),
    "time_zone": ("注明时区的时间", "times with a zone to days"),
    "excel_serial": ("Excel日期序号", "Excel serial dates"),
    "day_missing": ("缺日，按1日", "day missing, first of month"),
    "time_missing": ("缺时间，按零时", "time missing, midnight"),
    "kind_not_listed": ("清单之外的种类按原词保留", "kinds that no list knows, kept as they stand"),
    "word_to_code": ("名称转为代码", "words to codes"),
    "code_spelling": ("代码写法", "spelling of codes"),
    "number_to_text": ("号码被当作数字", "numbers to text"),
    "lookalike_letter": ("形近字母（O/0、I/1、西里尔字母）", "look-alike letters"),
    "leading_zeros": ("补回前导零", "leading zeros"),
    "spaces_in_number": ("号码中的空格", "spaces in numbers"),
    "phone_format": ("电话写法", "spelling of phones"),
    "merged_cell": ("合并单元格", "merged cells"),
    "composed": ("由其他列补全", "composed from other columns"),
    "empty_cells_beyond_header": ("多余的空单元格", "empty cells beyond the header"),
}


def printable(text: str) -> str:
    """Text that cannot steer a terminal: control characters of names and cells become a mark.

    >>> printable("a\\x1b[31m.csv")
    'a�[31m.csv'
    """
    return "".join(c if unicodedata.category(c) not in _STEERING else "�" for c in text)
