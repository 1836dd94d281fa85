"""Which column of the data contract a header means, and the unit it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from fraud_pipeline.schema import INPUT_TABLES, TableSchema

# Headers that are neither the English name nor the contract's Chinese one.
HEADER_WORDS: dict[str, tuple[str, ...]] = {
    "claim_id": ("申请号", "申请单号", "兑付申请编号", "兑现申请编号", "兑付编号"),
    "programme": ("项目", "制度名称", "所属制度"),
    "enterprise_id": ("统一社会信用代码", "企业代码", "企业信用代码", "申领单位代码", "申领单位统一社会信用代码",
                      "申请单位统一社会信用代码", "企业社会信用代码"),
    "institution_id": ("机构代码", "机构信用代码", "服务机构代码", "服务机构统一社会信用代码",
                       "机构社会信用代码", "统一社会信用代码"),
    "service_type": ("创新服务类型", "服务类别", "服务种类"),
    "contract_amount": ("合同总金额", "合同总额", "合同额"),
    "claimed_amount": ("申请兑现金额", "申请兑付额", "兑付金额", "申请金额"),
    "submitted_on": ("申请时间", "提交日期", "提交时间", "兑付申请日期"),
    "voucher_id": ("创新券编号", "券号"),
    "voucher_used": ("创新券使用额", "使用金额", "抵扣金额"),
    "contract_id": ("合同号", "合同编码"),
    "contact_phone": ("联系人电话", "手机"),
    "paid_amount": ("兑付额", "实际兑现金额"),
    "paid_on": ("兑现日期", "付款时间", "支付日期"),
    "status": ("状态", "发票状态"),
    "face_value": ("券面金额", "申领金额"),
    "issued_on": ("申领时间", "发放日期", "开具日期"),
    "expires_on": ("有效期至", "截止日期"),
    "name": ("单位名称", "企业名称", "机构名称", "服务机构名称"),
    "legal_representative": ("法人代表", "法人"),
    "address": ("注册地址", "办公地址", "通讯地址"),
    "phone": ("手机", "联系电话", "联系方式"),
    "email": ("邮箱", "E-mail", "电子邮件", "联系邮箱"),
    "bank_account": ("银行账号", "银行账户", "开户账号"),
    "annual_revenue": ("营业收入", "上年度销售额", "年营业收入"),
    "employees": ("上年度从业人数", "职工人数", "员工人数"),
    "founded_on": ("注册日期", "成立时间", "注册时间"),
    "qualifications": ("资质", "企业资质"),
    "category": ("类别", "机构类型"),
    "amount": ("价税合计", "金额", "付款金额", "开票金额"),
    "signed_on": ("签约日期", "签订时间"),
    "registration_no": ("合同登记编号", "技术合同登记号"),
    "invoice_no": ("发票号",),
    "seller_id": ("销售方税号", "销方税号", "销售方识别号"),
    "buyer_id": ("购买方税号", "购方税号", "购买方识别号"),
    "payment_id": ("银行回单号", "回单号"),
    "text": ("正文",),
}  # fmt: skip

_REMARK = re.compile(r"[(【\[](.{0,60}?)[)】\]]")
_UNIT_WORD = re.compile(
    r"[(（]?(?:单位[:：])?(?:人民币)?(?:元|万元|千元|亿元|%|％|人|名|个|件|项|家|年月日|年/月/日|YYYY[-/]MM[-/]DD)[)）]?",
    re.IGNORECASE,
)
_TITLE_UNIT = re.compile(
    r"(?<!填报)单位\s*:\s*(?:人民币)?\s*(万元|千元|亿元|元)(?![\u4e00-\u9fff])"
)
_UNITS = {
    "万元": Decimal(10_000), "万": Decimal(10_000), "万人民币": Decimal(10_000),
    "千元": Decimal(1000), "亿元": Decimal(100_000_000), "元": Decimal(1), "%": Decimal("0.01"),
}  # fmt: skip


_UNITS_ABROAD = (
    (Decimal(10_000_000), re.compile(r"\bcrores?\b", re.IGNORECASE)),
    (Decimal(100_000), re.compile(r"\bla(?:kh|c)s?\b", re.IGNORECASE)),
    (Decimal(10_000), re.compile(r"(?<!百)万円|(?<!백)만\s*원")),
    (Decimal(100_000_000), re.compile(r"億円|억\s*원")),
    (Decimal(1_000_000), re.compile(
        r"百万円|백만\s*원|млн|\bmln\b|\bmio\b|\bin millions?\b|\((?:[£$€] ?)?millions?\)|[£$€] ?m(?:n|illions?)?\b|\bm ?€|"
        r"\ben millones\b|\ben millions\b|\bin millionen\b|\bem milhões\b|\bmilyon\b|\bjuta\b", re.IGNORECASE)),
    (Decimal(1000), re.compile(
        r"千円|천\s*원|тыс|\btys\b|\btsd\b|[£$€]\s*['’]?000|(?<![\d.,])['’]000|\(000s?\)|[£$€] ?k\b|\b[kt] ?€|"
        r"\bin thousands\b|\(thousands?\)|\ben miles\b|\ben milliers\b|\bin tausend\b|\bem milhares\b|\bin migliaia\b|\bbin tl\b|\bribu\b",
        re.IGNORECASE)),
)  # fmt: skip


def simple(header: str) -> str:
    """A header without case, spaces, line breaks and bracketed remarks."""
    text = unicodedata.normalize("NFKC", header).lower()
    return re.sub(r"[\s_:*\ufeff\u200b]+", "", _REMARK.sub("", text))


def unit_of(header: str) -> Decimal | None:
    """The factor to yuan (or to a share) that a header names, as in 合同金额（万元）."""
    text = unicodedata.normalize("NFKC", header)
    for remark in _REMARK.findall(text):
        unit = _UNITS.get(re.sub(r"^(单位)?[:\s]*|\s", "", remark))
        if unit is not None:
            return unit
    tail = re.search(r"[/_\-]\s*(万元|千元|亿元|元|%)$", text.strip())
    return _UNITS[tail[1]] if tail else _unit_abroad(text)


def _unit_abroad(header: str) -> Decimal | None:
    """Thousands and millions as headers of other countries say them: (£000), тыс. руб., 百万円."""
    for factor, pattern in _UNITS_ABROAD:
        if pattern.search(header):
            return factor
    return None


# above a table: (단위 : 천원), 単位：千円, (amounts in thousands)
_TITLE_ABROAD = re.compile(
    r"단위|単位|單位|\b(?:amounts?|figures?|values?|rs\.?|rupees|usd|eur|gbp|[£$€])\s+(?:are\s+)?in\b|"
    r"\b(?:valores|importes|montants|beträge|betraege|angaben|importi)\s+(?:em|en|in)\b|ед\. изм",
    re.IGNORECASE,
)
_VALUES = 2  # cells with digits in the row under a header of two rows
_TABLE_SHARE = 0.6  # of the widest row, that a header without a known word fills
_LONGEST = 500  # characters of a cell that are looked at for a header


def title_unit(titles: Sequence[Sequence[str]]) -> Decimal | None:
    """The factor to yuan that stands above a table, as in 单位：万元; the last one counts."""
    unit = None
    for row in titles:
        for cell in row:
            match = _TITLE_UNIT.search(unicodedata.normalize("NFKC", cell[:_LONGEST]))
            unit = _UNITS[match[1]] if match else unit
            if match is None and _TITLE_ABROAD.search(cell[:_LONGEST]):
                unit = _unit_abroad(cell[:_LONGEST]) or unit
    return unit


@cache
def _meanings(table: str) -> dict[str, tuple[int, str]]:
    """simple header -> (rank, column); the contract's own words go before synonyms."""
    known: dict[str, tuple[int, str]] = {}
    schema = INPUT_TABLES[table]
    for column in schema.columns:
        if column.name.startswith("source_"):
            continue
        words = (column.name, column.zh, *HEADER_WORDS.get(column.name, ()))
        for rank, word in enumerate(words):
            if word and rank < known.get(simple(word), (len(words) + 99, ""))[0]:
                known[simple(word)] = (rank, column.name)
    return known


def place(header: Sequence[str], schema: TableSchema) -> dict[str, int]:
    """Column name -> position; of several headers for one column the most exact one."""
    known = _meanings(schema.name)
    best: dict[str, tuple[int, int]] = {}
    for at, text in enumerate(header):
        match = known.get(simple(text))
        if match is not None:
            rank, column = match
            best[column] = min(best.get(column, (rank, at)), (rank, at))
    return {column: at for column, (_, at) in best.items()}


@cache
def _every_word() -> frozenset[str]:
    return frozenset(word for table in INPUT_TABLES for word in _meanings(table))


def is_known(cell: str) -> bool:
    """Whether a cell is a header of some table of the contract."""
    return simple(cell) in _every_word()


def find(rows: Sequence[Sequence[str]], foreign: frozenset[str]) -> tuple[int, int, list[str]]:
    """(first row, number of rows, header) of the header among the first rows of a sheet.

    Titles stand above it. Two rows are one header when they say more together than
    either alone: a group (merged over its columns) above the names. ``foreign`` are the
    source's own headers that a mapping names. Of a cell the first 500 characters are looked at:
    no header is longer, and a text of megabytes would take minutes.
    """
    rows = [[cell[:_LONGEST] for cell in row] for row in rows]
    at, n_rows, header = _likeliest(rows, foreign)
    if n_rows == 1 and _names_below(rows, at):
        return at, 2, _grouped(rows[at], rows[at + 1])
    return at, n_rows, header


def _likeliest(
    rows: Sequence[Sequence[str]], foreign: frozenset[str]
) -> tuple[int, int, list[str]]:
    """What :func:`find` returns, by the words that are known."""

    def words(row: Sequence[str]) -> int:
        return len({simple(c) for c in row if is_known(c) or c.strip() in foreign})

    best = (0, 0, 1, [c.strip() for c in rows[0]] if rows else [])
    for at, row in enumerate(rows):
        if words(row) > best[0]:
            best = (words(row), at, 1, [c.strip() for c in row])
    for at in range(len(rows) - 1):
        joined = _joined(rows[at], rows[at + 1])
        more = words(joined) > max(words(rows[at]), words(rows[at + 1]))
        # of two equally good ones the upper: the other is its repetition on a later page
        if more and (-words(joined), at) < (-best[0], best[1]):
            best = (words(joined), at, 2, joined)
        elif best[1:3] == (at, 1) and _goes_on(rows[at + 1]):
            best = (best[0], at, 2, joined)
        elif best[0] and best[1:3] == (at, 1) and _says_units(rows[at + 1]):
            best = (best[0], at, 2, _with_units(rows[at], rows[at + 1]))
    if best[0] <= 1:
        first = _by_width(rows, best[1])
        if first is not None:
            return first, 1, [c.strip() for c in rows[first]]
    return best[1], best[2], best[3]


def _names_below(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether row ``at`` names groups and the row under it every column: words only, over values."""
    if at + 2 >= len(rows):
        return False
    upper, lower, values = ([c.strip() for c in row] for row in rows[at : at + 3])
    width = sum(map(bool, lower))
    if not 1 < sum(map(bool, upper)) < width or not all(lower[: len(upper)]):
        return False
    if len(set(lower)) < width or any(c.isdigit() for cell in lower for c in cell):
        return False
    return sum(any(c.isdigit() for c in cell) for cell in values) >= _VALUES


def _grouped(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Amount | (blank) over Net | Gross -> Amount Net | Amount Gross."""
    names, group = [], ""
    for at, name in enumerate(lower):
        group = (upper[at].strip() if at < len(upper) else "") or group
        names.append(f"{group} {name.strip()}" if name.strip() else group)
    return names


def _by_width(rows: Sequence[Sequence[str]], title: int) -> int | None:
    """The first row that is about as wide as the table, where row ``title`` stands above it."""
    filled = [sum(bool(c.strip()) for c in row) for row in rows]
    widest = max(filled, default=0)
    if not rows or 2 * filled[title] >= widest:
        return None
    return next(at for at, n in enumerate(filled) if n >= _TABLE_SHARE * widest)


def _says_units(row: Sequence[str]) -> bool:
    """Whether a row under the header holds nothing but units: 元, （万元）, 件, 年月日."""
    there = [c for c in row if c.strip()]
    return bool(there) and all(_UNIT_WORD.fullmatch(c.strip()) for c in there)


def _with_units(names: Sequence[str], units: Sequence[str]) -> list[str]:
    """合同金额 over 万元 -> 合同金额(万元)."""
    padded_units = [*units, *[""] * (len(names) - len(units))]
    return [
        f"{name.strip()}({unit.strip().strip('()（）')})"
        if unit.strip() and name.strip()
        else name.strip()
        for name, unit in zip(names, padded_units, strict=False)
    ]


def _goes_on(row: Sequence[str]) -> bool:
    """Whether a row under the header holds nothing but headers: names under a group that is
    a known word itself, as 金额（万元） over 金额."""
    there = [c for c in row if c.strip()]
    return bool(there) and all(is_known(c) for c in there)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """企业 | (blank) over 名称 | 电话 -> 企业名称 | 企业电话, where that is a known header."""
    width = max(len(upper), len(lower))
    above = [c.strip() for c in upper] + [""] * (width - len(upper))
    below = [c.strip() for c in lower] + [""] * (width - len(lower))
    joined, group = [], ""
    for top, name in zip(above, below, strict=True):
        group = top or group
        if not name:
            joined.append(top)
            continue
        whole, unit = group + name, _REMARK.search(unicodedata.normalize("NFKC", group))
        unit_suffix = f"({unit[1]})" if unit and unit_of(group) and unit_of(name) is None else ""
        joined.append(whole if is_known(whole) else name + unit_suffix)
    return joined
