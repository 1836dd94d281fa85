"""Names, addresses and persons in the one spelling in which they are compared.

The spelling in the tables stays as it stood; what is made here is for comparing only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from fraud_pipeline.ingest.linkage.western import western_name

_BRACKETS = str.maketrans("【】〔〕［］｛｝〈〉《》", "()()()()()()")
_LEGAL_FORMS = (
    ("股份有限公司", "股份有限公司"), ("有限责任公司", "有限公司"), ("有限公司", "有限公司"), ("集团公司", "集团"),
    ("集团", "集团"), ("合伙企业(有限合伙)", "合伙企业"), ("合伙企业(普通合伙)", "合伙企业"), ("(有限合伙)", "合伙企业"),
    ("(普通合伙)", "合伙企业"), ("合伙企业", "合伙企业"), ("股份公司", "股份有限公司"), ("责任公司", "有限公司"),
    ("公司", "公司"), ("工作室", "工作室"), ("经营部", "经营部"), ("事务所", "事务所"), ("(个人独资)", "个人独资"),
)  # fmt: skip
# What follows a whole name is a part of that institution and another party: 分公司, 附属医院, 某学院.
_BRANCH = re.compile(
    r"^(?P<house>.{2,}?(?:有限公司|有限责任公司|股份公司|大学|研究院|科学院))(?P<part>.{1,16})$"
)
_LONGEST = 200  # signs of a name or address that are compared
_PLACED = ("大学", "学院", "研究院", "研究所", "医院", "中心")  # 武汉大学 without 武汉 is no name
_BRANCH_WORD = re.compile(
    r"^(?P<house>.{3,}?)(?P<part>[\u4e00-\u9fff]{0,2}(?:分公司|分院|分所|分中心|分校|办事处|营业部|分部))$"
)
_PART = re.compile(r"(?:公司|院|所|中心|校|处|部|系|室|站|厂|馆)$")
_PROVINCES = ("北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建",
              "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海",
              "内蒙古", "广西", "西藏", "宁夏", "新疆")  # fmt: skip
_CITIES = ("武汉", "黄石", "襄阳", "宜昌", "荆州", "十堰", "孝感", "荆门", "鄂州", "黄冈", "咸宁", "随州", "恩施", "湖州",
           "杭州", "宁波", "温州", "嘉兴", "绍兴", "金华", "太原", "晋城", "长治", "大同", "运城", "临汾", "晋中",
           "长兴", "昌平", "南京", "苏州", "无锡", "宿迁", "深圳", "广州", "成都", "西安", "郑州", "长沙", "合肥")  # fmt: skip
_PLACE_IN_BRACKETS = re.compile(rf"\((?:{'|'.join((*_PROVINCES, *_CITIES))})[省市县区]?\)")
_NUMERALS = {c: str(k) for k, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
_COUNTED = re.compile(r"[零〇一二三四五六七八九十百]{1,9}(?=[号栋幢座层楼室单元期路街巷弄])")
_SYNONYMS = (("号楼", "栋"), ("幢", "栋"), ("座", "栋"), ("房间", "室"), ("房", "室"), ("大厦", "大楼"), ("楼层", "层"),
             ("#", "号"), ("號", "号"), ("樓", "楼"), ("開發", "开发"), ("东湖新技术开发区", "东湖高新区"),
             ("东湖开发区", "东湖高新区"), ("光谷", "东湖高新区"))  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A name taken apart: ``whole`` for equality, ``core`` without place and legal form."""

    whole: str
    core: str
    form: str
    branch: str  # 分公司, 附属医院 ...: another party than the institution it belongs to
    seat: str  # the city in the name; two cities are two enterprises


def plain(text: str) -> str:
    """Half-width, upper case, one kind of brackets, no spaces nor invisible characters.

    >>> plain("武汉ＡＢ（中国） 有限公司")
    '武汉AB(中国)有限公司'
    """
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_BRACKETS).upper()
    return "".join(
        c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")
    )


def name(text: str) -> Name:
    """A party's name taken apart; legal forms that are one are written alike.

    >>> name("湖北省武汉市光瑞（中国）光电有限责任公司")
    Name(whole='湖北省武汉市光瑞中国光电有限公司', core='光瑞中国光电', form='有限公司', branch='', seat='武汉')
    >>> name("武汉大学附属医院").branch
    '附属医院'
    >>> name("Acme Tools, Limited").whole, name("ACME TOOLS LTD.").whole
    ('ACMETOOLSLTD', 'ACMETOOLSLTD')
    """
    western = western_name(text[:_LONGEST])
    if western is not None:
        stem, form, branch = western
        return Name(stem + form + branch, stem, form, branch, "")
    bare = re.sub(r"[,.;:·•\-_'\"“”‘’、。，]", "", plain(text))
    match = _BRANCH.match(bare)
    if match and not _PART.search(match["part"]):
        match = None
    match = match or _BRANCH_WORD.match(bare)
    branch = match["part"] if match else ""
    body = bare[: len(bare) - len(branch)]
    form, stem = "", body
    for ending, kind in _LEGAL_FORMS:
        if body.endswith(ending) and len(body) > len(ending):
            form, stem = kind, body[: -len(ending)]
            break
    seat = "".join(dict.fromkeys(c for c in _CITIES if c in stem[:8] or f"({c}" in stem))
    whole = re.sub(r"[()]", "", stem) + form + branch
    stem = re.sub(r"[()]", "", _PLACE_IN_BRACKETS.sub("", stem))
    core = stem if stem.endswith(_PLACED) else _without_place(stem)
    return Name(whole, core, form, branch, seat)


def _without_place(stem: str) -> str:
    for places, marks in (
        (_PROVINCES, ("省", "市", "自治区", "")),
        (_CITIES, ("市", "县", "区", "")),
    ):
        for place in places:
            for mark in marks:
                if stem.startswith(place + mark) and len(stem) - len(place + mark) >= 2:
                    stem = stem[len(place + mark) :]
                    break
            else:
                continue
            break
    return stem


def person(text: str) -> str:
    """A person's name without spaces and dots: 张 三 -> 张三."""
    return re.sub(r"[·•.．]", "", plain(text))


def address(text: str) -> str:
    """An address without province and city, numerals as digits, customary words alike.

    >>> address("湖北省武汉市洪山区珞喻路二十三号３号楼501房")
    '洪山区珞喻路23号3栋501室'
    """
    bare = re.sub(r"[,.;:、。，()\-]", "", plain(text))
    bare = _COUNTED.sub(lambda m: _digits(m[0]), bare)
    for word, usual in _SYNONYMS:
        bare = bare.replace(word, usual)
    return _without_place(bare)


def building(text: str) -> str:
    """An address up to its house number: what the rooms of one building share.

    >>> building("洪山区珞喻路23号3栋501室")
    '洪山区珞喻路23号'
    """
    match = re.match(r".*?\d+号", text)
    return match[0] if match else text


def _digits(word: str) -> str:
    """二十三 -> 23, 一百零五 -> 105, 二〇一 -> 201."""
    if not re.search(r"[十百]", word):
        return "".join(_NUMERALS[c] for c in word)
    total = digit = 0
    for sign in word:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = int(_NUMERALS[sign])
    return str(total + digit)


def numbers_in(text: str) -> str:
    """The numbers in a name, by which namesakes tell themselves apart: 华信第二研究所 -> 2."""
    return ",".join(
        _digits(m) if not m.isdigit() else m
        for m in re.findall(r"\d+|[一二三四五六七八九十]+", text)
    )
