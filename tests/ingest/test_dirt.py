"""Made-up dirt over known values: what is repaired is right, what is not is quarantined."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from tests.ingest.helpers import accounts_hold, load
from tests.ingest.test_cells import capitals, spoken
from tests.ingest.test_identifiers import check_character

N = 3000
HEADERS = ["申请编号", "制度", "企业统一社会信用代码", "机构统一社会信用代码", "服务类型", "合同金额", "申请兑付金额",
           "申请日期", "服务项目名称"]  # fmt: skip
FIELDS = ["claim_id", "programme", "enterprise_id", "institution_id", "service_type", "contract_amount",
          "claimed_amount", "submitted_on", "service_title"]  # fmt: skip
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


def truth(rng):
    """Claims as they really are, one dict a row."""
    services = ["testing", "patent_invention", "trademark", "technology_development"]
    codes = []
    for _ in range(200):
        body = "91420100" + "".join(rng.choice(list("0123456789ABCDEFGHJ"), 9))
        codes.append(body + check_character(body))
    for k in range(N):
        yield {
            "claim_id": f"C{k:06d}", "programme": "wuhan", "enterprise_id": str(rng.choice(codes)),
            "institution_id": str(rng.choice(codes)), "service_type": str(rng.choice(services)),
            "contract_amount": Decimal(int(rng.integers(100_000, 99_999_999))) / 100,
            "claimed_amount": Decimal(int(rng.integers(1_000, 9_999_999)) * 100) / 100,
            "submitted_on": date(2014, 1, 1) + timedelta(days=int(rng.integers(0, 2000))),
            "service_title": "产品检验检测",
        }  # fmt: skip


def year(day):
    return "".join("〇一二三四五六七八九"[int(c)] for c in str(day.year))


DATES = [
    lambda d: f"{d.year}年{d.month}月{d.day}日", lambda d: f"{d.year}.{d.month}.{d.day}", lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.year}/{d.month}/{d.day}", lambda d: str((d - date(1899, 12, 30)).days),
    lambda d: f"{year(d)}年{spoken(d.month)}月{spoken(d.day)}日", lambda d: f"{d} 00:00:00",
    lambda d: str(d).translate(WIDE),
]  # fmt: skip
AMOUNTS = [
    lambda v: f"{v:,.2f}", lambda v: f"￥{v:,.2f}元", lambda v: f"{v / 10000:.6f}万元", lambda v: capitals(int(v * 100)),
    lambda v: f"{v:.2f}".translate(WIDE), lambda v: f"\u00a0{v:.2f} ", lambda v: f"{v:,.2f}".replace(",", "，"),
]  # fmt: skip
CODES = [
    str.lower, lambda c: c.replace("0", "O"), lambda c: c.replace("1", "I"), lambda c: c.translate(WIDE),
    lambda c: f" {c}\u200b", lambda c: c.replace("A", "А").replace("C", "С").replace("H", "Н"),
]  # fmt: skip
SERVICES = {
    "testing": "检验检测",
    "patent_invention": "发明专利",
    "trademark": "商标注册",
    "technology_development": "技术开发",
}
LOST = {
    "enterprise_id": lambda v: "9.142E+17", "contract_amount": lambda v: f"{float(v):.2E}", "submitted_on": lambda v: "去年",
    "claimed_amount": lambda v: f"{v:.2f}".replace(".", ",") + "?",
}  # fmt: skip


def dirty(row, rng):
    """(cells as text, names of fields that are repairable, names of fields that are lost)."""
    cells = {k: str(v) for k, v in row.items()}
    repairable, lost = set(), set()
    makers = {"submitted_on": DATES, "contract_amount": AMOUNTS, "claimed_amount": AMOUNTS,
              "enterprise_id": CODES, "institution_id": CODES}  # fmt: skip
    for name, ways in makers.items():
        if rng.random() < 0.3:
            cells[name] = ways[rng.integers(len(ways))](row[name])
            repairable.add(name)
    if rng.random() < 0.3:
        cells["service_type"] = SERVICES[row["service_type"]]
        repairable.add("service_type")
    if rng.random() < 0.03:
        name = str(rng.choice(sorted(LOST)))
        cells[name] = LOST[name](row[name])
        lost.add(name)
        repairable.discard(name)
    return cells, repairable, lost


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_dirt_is_repaired_to_the_true_value_or_set_aside(tmp_path, seed, encoding):
    rng = np.random.default_rng(seed)
    lines, true, counts = ["2016年度兑付汇总表", "\t".join(HEADERS)], {}, Counter()
    must_lose = set()
    for row in truth(rng):
        cells, repairable, lost = dirty(row, rng)
        if rng.random() < 0.02:
            lines += ["", "小计" + "\t" * 8]
        lines.append("\t".join(cells[f] for f in FIELDS))
        if rng.random() < 0.02:
            lines.append(lines[-1])  # uploaded twice
        true[row["claim_id"]] = (row, repairable)
        must_lose |= {row["claim_id"]} if lost else set()
        counts["repairable"] += len(repairable)
    text = "\n".join(lines)
    (tmp_path / "claims.csv").write_bytes(
        text.encode(encoding, "ignore" if encoding == "gb18030" else "strict")
    )
    loaded = load(tmp_path)
    accounts_hold(loaded)
    claims = {c["claim_id"]: c for c in loaded.tables["claims"].to_pylist()}
    assert not must_lose & set(claims)
    for claim_id, (row, repairable) in true.items():
        if claim_id in claims:
            counts["repaired"] += len(repairable)
            counts["cells"] += len(FIELDS)
            counts["wrong"] += sum(claims[claim_id][f] != row[f] for f in FIELDS)
        elif claim_id in must_lose:
            counts["repairable"] -= len(repairable)
    assert counts["repaired"] >= 0.99 * counts["repairable"] > 3000
    assert counts["wrong"] == 0
