"""Charts of verdicts: lift, calibration, hit rates by stratum and red flag; drift of features.

Everything is limited to the person's regions: claims count where their enterprise lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from fraud_pipeline.vocabulary.verdicts import STRATA
from fraud_pipeline.workbench.audit.chart import Chart, Row, bar_option, base_option, label_of
from fraud_pipeline.workbench.audit.intervals import wilson_interval
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads

_RULES, _STEPS = 20, 10  # red flags shown at most; points of the lift


def verdict_charts(leads: Leads, person: Person, verdicts: pa.Table, zh: bool) -> list[Chart]:
    """Lift, calibration, and hit rates by rule and stratum, from the verdicts recorded here.

    ``verdicts``: claim_id and verdict, the effective one per claim.
    """
    rows = leads.query(
        """SELECT s.claim_id, s.verdict IN ('fraud', 'irregular') AS improper, q.rank, q.risk,
            q.risk_kind, q.stratum
        FROM states s JOIN queue q USING (claim_id)
        WHERE s.verdict <> 'undetermined'
          AND (len($regions::VARCHAR[]) = 0 OR q.region IN (SELECT unnest($regions::VARCHAR[])))
        ORDER BY q.rank""",
        {"regions": list(person.regions)}, verdicts,
    )  # fmt: skip
    if not rows:
        return []
    candidates = (
        _lift(rows, zh),
        _calibration(rows, zh),
        _strata(rows, zh),
        _rules(leads, rows, zh),
    )
    return [chart for chart in candidates if chart is not None]


def drift_chart(features: Sequence[Any], zh: bool) -> Chart | None:
    """How far each feature moved since the run before; ``features`` have name and psi."""
    if not features:
        return None
    shown = sorted(features, key=lambda f: f.psi)[-15:]
    option = bar_option([f.name for f in shown], [round(f.psi, 4) for f in shown], "PSI")
    title = "特征变化幅度" if zh else "How far each feature moved"
    note = ("越长表示与上一次运行相差越大；一般 0.1 以下可忽略，0.25 以上应查明原因。" if zh else
            "A longer bar is a larger difference from the run before; below 0.1 is commonly ignored, above 0.25 calls for a reason.")  # fmt: skip
    rows = [(f.name, f"{f.psi:.3f}") for f in reversed(shown)]
    return Chart("drift", title, note, option, ("特征" if zh else "feature", "PSI"), rows)


def _lift(rows: list[Row], zh: bool) -> Chart:
    """Share of the improper claims found, by share of the decided claims taken from the top."""
    total = sum(r["improper"] for r in rows)
    points = []
    for step in range(_STEPS + 1):
        n = round(len(rows) * step / _STEPS)
        reached = sum(r["improper"] for r in rows[:n])
        points.append((step / _STEPS, reached / total if total else 0.0))
    names = ("按名单顺序", "随机顺序") if zh else ("in the list's order", "in random order")
    option = base_option(
        tooltip={"trigger": "axis"}, legend={"top": 0},
        xAxis={"type": "value", "max": 100}, yAxis={"type": "value", "max": 100},
        series=[{"name": names[0], "type": "line", "data": [[100 * a, round(100 * b, 1)] for a, b in points]},
                {"name": names[1], "type": "line", "symbol": "none", "lineStyle": {"type": "dashed"}, "data": [[0, 0], [100, 100]]}],
    )  # fmt: skip
    title = "名单顺序的效果" if zh else "What the order of the list is worth"
    note = (f"横轴：已办结申请中从前往后查的比例（%）；纵轴：已查到的问题申请比例（%）。共 {len(rows)} 件已办结，{total} 件有问题。" if zh else
            f"Across: share of the decided claims taken from the top, in %; up: share of the improper ones found, in %. {len(rows)} decided, {total} improper.")  # fmt: skip
    heads = ("已查比例", "查到的问题申请") if zh else ("taken from the top", "improper ones found")
    return Chart("lift", title, note, option, heads, [(f"{a:.0%}", f"{b:.0%}") for a, b in points])


def _calibration(rows: list[Row], zh: bool) -> Chart | None:
    """Stated probability against the share found improper; None where the risk is only an order."""
    known = [r for r in rows if r["risk"] is not None and r["risk_kind"] != "order"]
    if len(known) < _STEPS:
        return None
    groups: list[tuple[float, dict[str, float], int]] = []
    for k in range(5):
        part = known[len(known) * k // 5 : len(known) * (k + 1) // 5]
        interval = wilson_interval(sum(r["improper"] for r in part), len(part))
        groups.append((sum(r["risk"] for r in part) / len(part), interval, len(part)))
    option = base_option(
        tooltip={}, xAxis={"type": "value", "max": 100}, yAxis={"type": "value", "max": 100},
        series=[{"type": "scatter", "symbolSize": 14, "data": [[round(100 * a, 1), round(100 * f["share"], 1)] for a, f, _ in groups]},
                {"type": "line", "symbol": "none", "lineStyle": {"type": "dashed"}, "data": [[0, 0], [100, 100]]}],
    )  # fmt: skip
    title = "预计概率与核查结果" if zh else "Stated probability against what was found"
    note = ("横轴：预计有问题的概率（%）；纵轴：实际有问题的比例（%）。点在虚线上方表示低估，下方表示高估。" if zh else
            "Across: stated probability in %; up: share found improper in %. A point above the dashed line was rated too low, below it too high.")  # fmt: skip
    heads = (
        ("预计", "实际", "95% 区间", "件数")
        if zh
        else ("stated", "found", "95% interval", "claims")
    )
    table = [(f"{a:.0%}", f"{f['share']:.0%}", f"{f['low']:.0%} – {f['high']:.0%}", str(n))
             for a, f, n in groups]  # fmt: skip
    return Chart("calibration", title, note, option, heads, table)


def _rate_chart(
    key: str, title: str, note: str, groups: list[tuple[str, int, int]], zh: bool
) -> Chart:
    """Bars of the share improper; ``groups``: (name, improper, decided), the first on top."""
    rates = [(name, hits, n, wilson_interval(hits, n)) for name, hits, n in groups if n]
    shares = [round(100 * f["share"], 1) for *_, f in rates]
    option = bar_option([name for name, *_ in rates][::-1], shares[::-1], "%")
    heads = (
        ("名称", "有问题 / 已办结", "比例", "95% 区间")
        if zh
        else ("name", "improper / decided", "share", "95% interval")
    )
    table = [(name, f"{hits} / {n}", f"{f['share']:.0%}", f"{f['low']:.0%} – {f['high']:.0%}")
             for name, hits, n, f in rates]  # fmt: skip
    return Chart(key, title, note, option, heads, table)


def _strata(rows: list[Row], zh: bool) -> Chart:
    counted: dict[str, list[int]] = {}
    for r in rows:
        pair = counted.setdefault(r["stratum"], [0, 0])
        pair[0], pair[1] = pair[0] + r["improper"], pair[1] + 1
    none = "不在抽查计划内" if zh else "not in the audit plan"
    groups = [
        (label_of(STRATA, s, zh) if s else none, hits, n)
        for s, (hits, n) in sorted(counted.items())
    ]
    title = "各抽查层的查实比例" if zh else "Share found improper by stratum"
    note = ("已办结申请中有问题的比例；件数少时区间很宽。" if zh
            else "Of the decided claims; with few of them the interval is wide.")  # fmt: skip
    return _rate_chart("strata", title, note, groups, zh)


def _rules(leads: Leads, rows: list[Row], zh: bool) -> Chart | None:
    decided = pa.table({"claim_id": [r["claim_id"] for r in rows],
                        "improper": [bool(r["improper"]) for r in rows]})  # fmt: skip
    counted = leads.query(
        f"""SELECT h.rule_code AS code, count(*) FILTER (s.improper) AS improper, count(*) AS n
        FROM hits h JOIN states s USING (claim_id) GROUP BY ALL ORDER BY n DESC, code LIMIT {_RULES}""",  # noqa: S608
        (), decided,
    )  # fmt: skip
    if not counted:
        return None
    title_of = {
        code: about["title_zh" if zh else "title_en"] for code, about in leads.rules.items()
    }
    groups: list[tuple[str, int, int]] = [
        (f"{r['code']} {title_of.get(r['code'], '')}", int(r["improper"]), int(r["n"]))
        for r in counted
    ]
    title = "各预警指标的查实比例" if zh else "Share found improper by red flag"
    note = ("命中该指标且已办结的申请中，有问题的比例；比例低的指标可提出调整。" if zh else
            "Of the decided claims that the flag marked; a flag with a low share can be proposed for change.")  # fmt: skip
    return _rate_chart("rules", title, note, groups, zh)
