"""Charts of a run and its verdicts: options for ECharts, and for each a table with the same numbers.

Everything is limited to the person's regions: claims count where their enterprise lies.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from fraud_pipeline.core.currency import shared_currency, unit
from fraud_pipeline.vocabulary.services import SERVICES
from fraud_pipeline.vocabulary.verdicts import STRATA
from fraud_pipeline.workbench.audit.intervals import wilson_interval
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads

Row = dict[str, Any]
_INSTITUTIONS, _FLOWS, _RULES, _STEPS = 12, 6, 20, 10  # _FLOWS in each direction
# Bounds of the price distribution: unit price as a multiple of the median of its kind.
_RATIOS = (0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
_WITHIN = "(len($regions::VARCHAR[]) = 0 OR coalesce(e.region, '') IN (SELECT unnest($regions::VARCHAR[])))"
_CLAIMS = f"claims c LEFT JOIN enterprises e USING (enterprise_id) WHERE {_WITHIN}"


@dataclass(frozen=True)
class Chart:
    """One chart: its title, a sentence on how to read it, the option for ECharts, and its table."""

    key: str
    title: str
    note: str
    option: Row
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def run_charts(leads: Leads, person: Person, zh: bool) -> list[Chart]:
    """Claims and money by month, institutions by service, prices, flow of money."""
    scope = {"regions": list(person.regions)}
    candidates = (_months(leads, scope, zh), _heat_map(leads, scope, zh), _prices(leads, scope, zh),
            _flow(leads, scope, zh))  # fmt: skip
    return [chart for chart in candidates if chart is not None]


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
    option = _bars([f.name for f in shown], [round(f.psi, 4) for f in shown], "PSI")
    title = "特征变化幅度" if zh else "How far each feature moved"
    note = ("越长表示与上一次运行相差越大；一般 0.1 以下可忽略，0.25 以上应查明原因。" if zh else
            "A longer bar is a larger difference from the run before; below 0.1 is commonly ignored, above 0.25 calls for a reason.")  # fmt: skip
    rows = [(f.name, f"{f.psi:.3f}") for f in reversed(shown)]
    return Chart("drift", title, note, option, ("特征" if zh else "feature", "PSI"), rows)


def _base(**option: Any) -> Row:
    grid = {"left": 8, "right": 16, "top": 64, "bottom": 8, "containLabel": True}
    return {"aria": {"enabled": True}, "grid": grid, **option}


def _bars(names: Sequence[str], values: Sequence[float], name: str) -> Row:
    return _base(
        tooltip={"trigger": "axis"}, xAxis={"type": "value", "name": name},
        yAxis={"type": "category", "data": list(names), "axisLabel": {"width": 150, "overflow": "truncate"}},
        series=[{"type": "bar", "data": list(values)}],
    )  # fmt: skip


def _months(leads: Leads, scope: Row, zh: bool) -> Chart | None:
    rows = leads.query(
        f"""SELECT strftime(c.submitted_on, '%Y-%m') AS month, count(*) AS n,
            sum(c.claimed_amount) AS amount FROM {_CLAIMS} GROUP BY ALL ORDER BY ALL""",  # noqa: S608
        scope,
    )  # fmt: skip
    if not rows:
        return None
    unit_of_money = unit(shared_currency(leads.currencies.values()), "zh" if zh else "en")
    count, money = (
        ("申请件数", f"申请金额（{unit_of_money}）")
        if zh
        else ("claims", f"{unit_of_money} claimed")
    )
    option = _base(
        tooltip={"trigger": "axis"}, legend={"top": 0},
        xAxis={"type": "category", "data": [r["month"] for r in rows]},
        yAxis=[{"type": "value", "name": money, "nameTextStyle": {"align": "left"}},
               {"type": "value", "name": count, "splitLine": {"show": False}}],
        series=[{"name": money, "type": "bar", "data": [float(r["amount"]) for r in rows]},
                {"name": count, "type": "line", "yAxisIndex": 1, "data": [r["n"] for r in rows]}],
    )  # fmt: skip
    title = "各月申请件数与金额" if zh else "Claims and money by month"
    note = ("按申请日期；年底或截止日前突然增多值得留意。" if zh
            else "By day of submission; a jump before a year's end or a deadline deserves a look.")  # fmt: skip
    table = [(r["month"], f"{r['n']:,}", f"{r['amount']:,.0f}") for r in rows]
    return Chart("months", title, note, option, ("月份" if zh else "month", count, money), table)


def _heat_map(leads: Leads, scope: Row, zh: bool) -> Chart | None:
    rows = leads.query(
        f"""SELECT c.institution_id, coalesce(any_value(i.name), c.institution_id) AS institution,
            coalesce(c.service_type, '') AS service, sum(c.claimed_amount) AS amount
        FROM claims c LEFT JOIN enterprises e USING (enterprise_id)
        LEFT JOIN institutions i ON i.institution_id = c.institution_id
        WHERE {_WITHIN} GROUP BY c.institution_id, service ORDER BY amount DESC""",  # noqa: S608
        scope,
    )  # fmt: skip
    if not rows:
        return None
    totals: dict[str, float] = {}
    for r in rows:
        totals[r["institution_id"]] = totals.get(r["institution_id"], 0.0) + float(r["amount"])
    largest = sorted(totals, key=lambda i: (-totals[i], i))[:_INSTITUTIONS][::-1]
    shown = [r for r in rows if r["institution_id"] in largest]
    services = sorted({r["service"] for r in shown})
    name = {r["institution_id"]: r["institution"] for r in shown}
    labels = [_label(SERVICES, s, zh) for s in services]
    cells = [[services.index(r["service"]), largest.index(r["institution_id"]), float(r["amount"])]
             for r in shown]  # fmt: skip
    option = _base(
        tooltip={}, grid={"left": 8, "right": 16, "top": 16, "bottom": 70, "containLabel": True},
        xAxis={"type": "category", "data": labels, "axisLabel": {"rotate": 35}},
        yAxis={"type": "category", "data": [name[i] for i in largest],
               "axisLabel": {"width": 150, "overflow": "truncate"}},
        visualMap={"min": 0, "max": max(c[2] for c in cells), "calculable": False,
                   "orient": "horizontal", "left": "center", "bottom": 0,
                   "inRange": {"color": ["#eef3f8", "#1d5b8f"]}},
        series=[{"type": "heatmap", "data": cells}],
    )  # fmt: skip
    title = (
        "服务机构与服务类型（申请金额）" if zh else "Institutions by kind of service (yuan claimed)"
    )
    note = (f"金额最大的 {len(largest)} 家机构；颜色越深金额越大。" if zh else
            f"The {len(largest)} institutions with the most money; a darker field is more money.")  # fmt: skip
    heads = ("机构", "服务类型", "金额（元）") if zh else ("institution", "service", "yuan")
    table = [(r["institution"], _label(SERVICES, r["service"], zh), f"{r['amount']:,.0f}")
             for r in shown]  # fmt: skip
    return Chart("heat", title, note, option, heads, table)


def _prices(leads: Leads, scope: Row, zh: bool) -> Chart | None:
    prices = leads.run.table("price_results").select(["claim_id", "price_ratio"])
    rows = leads.query(
        f"""SELECT p.price_ratio AS ratio FROM states p JOIN claims c USING (claim_id)
        LEFT JOIN enterprises e USING (enterprise_id)
        WHERE p.price_ratio IS NOT NULL AND {_WITHIN}""",  # noqa: S608
        scope, prices,
    )  # fmt: skip
    if not rows:
        return None
    counts = [0] * (len(_RATIOS) + 1)
    for row in rows:
        counts[price_class(row["ratio"])] += 1
    names = price_class_names(zh)
    title = "单价与同类中位价之比" if zh else "Unit price against the median of its kind"
    note = ("1 倍即等于同类中位价；右端为明显偏高的申请。" if zh else
            "1 is the median of its kind; the claims at the right are clearly dearer.")  # fmt: skip
    head = "申请件数" if zh else "claims"
    option = _base(
        tooltip={"trigger": "axis"}, xAxis={"type": "category", "data": names, "axisLabel": {"rotate": 35}},
        yAxis={"type": "value", "name": head}, series=[{"type": "bar", "data": counts}],
    )  # fmt: skip
    table = [(n, f"{c:,}") for n, c in zip(names, counts, strict=True)]
    return Chart("prices", title, note, option, ("倍数" if zh else "multiple", head), table)


def with_claim(chart: Chart, claim_id: str, ratio: float, zh: bool) -> Chart:
    """The price distribution with the bar of one claim marked and named."""
    at = price_class(ratio)
    series = chart.option["series"][0]
    data: list[Any] = list(series["data"])
    data[at] = {"value": data[at], "itemStyle": {"color": "#a8481a"}}
    label = f"{claim_id}：{ratio:.2f} 倍" if zh else f"{claim_id}: {ratio:.2f} times"
    mark = {"symbol": "pin", "symbolSize": 1, "label": {"formatter": label, "position": "top", "color": "#a8481a"},
            "data": [{"xAxis": at, "yAxis": series["data"][at]}]}  # fmt: skip
    option = {**chart.option, "series": [{**series, "data": data, "markPoint": mark}]}
    return replace(chart, option=option, note=f"{chart.note} {label}{'。' if zh else '.'}")


def price_class(ratio: float) -> int:
    """The bar of the price distribution that a multiple of the median belongs to.

    >>> price_class(0.1), price_class(1.0), price_class(9.0)
    (0, 4, 11)
    """
    return sum(ratio >= bound for bound in _RATIOS)


def price_class_names(zh: bool) -> list[str]:
    """The bars' names, from the cheapest to the dearest."""
    low, high = f"{_RATIOS[0]:g}", f"{_RATIOS[-1]:g}"
    between = [f"{a:g}–{b:g}" for a, b in itertools.pairwise(_RATIOS)]
    ends = (f"低于 {low}", f"{high} 及以上") if zh else (f"below {low}", f"{high} and up")
    return [ends[0], *between, ends[1]]


def _flow(leads: Leads, scope: Row, zh: bool) -> Chart | None:
    """The largest sums paid between an enterprise inside and an institution, in both directions."""
    rows = leads.query(
        f"""WITH sums AS (
            SELECT coalesce(e.name, e.enterprise_id) AS enterprise,
                coalesce(i.name, i.institution_id) AS institution,
                p.payer_id = i.institution_id AS back, sum(p.amount) AS amount
            FROM payments p
            JOIN enterprises e ON e.enterprise_id IN (p.payer_id, p.payee_id)
            JOIN institutions i ON i.institution_id IN (p.payer_id, p.payee_id)
            WHERE p.amount > 0 AND {_WITHIN} GROUP BY ALL)
        SELECT * FROM sums
        QUALIFY row_number() OVER (
            PARTITION BY back ORDER BY amount DESC, enterprise, institution) <= {_FLOWS}
        ORDER BY back DESC, amount DESC, enterprise, institution""",  # noqa: S608
        scope,
    )  # fmt: skip
    if not rows:
        return None
    returned = "（回流）" if zh else " (money back)"
    links = [
        {"source": r["institution"], "target": r["enterprise"] + returned, "value": float(r["amount"])}
        if r["back"] else
        {"source": r["enterprise"], "target": r["institution"], "value": float(r["amount"])}
        for r in rows
    ]  # fmt: skip
    nodes = sorted({link[end] for link in links for end in ("source", "target")})
    option = {
        "aria": {"enabled": True}, "tooltip": {},
        "series": [{"type": "sankey", "left": 8, "right": 150, "nodeGap": 16, "lineStyle": {"color": "source"}, "data": [{"name": n} for n in nodes],
                    "links": links, "label": {"width": 140, "overflow": "truncate"}}],
    }  # fmt: skip
    title = "资金流向" if zh else "Flow of money"
    note = ("先列机构付回企业的款项，再列金额最大的付款；线越粗金额越大。" if zh else
            "Payments from institutions back to enterprises first, then the largest payments; a thicker band is more money.")  # fmt: skip
    heads = ("付款方", "收款方", "金额（元）") if zh else ("from", "to", "yuan")
    table = [(str(v["source"]), str(v["target"]), f"{v['value']:,.0f}") for v in links]
    return Chart("flow", title, note, option, heads, table)


def _lift(rows: list[Row], zh: bool) -> Chart:
    """Share of the improper claims found, by share of the decided claims taken from the top."""
    total = sum(r["improper"] for r in rows)
    points = []
    for step in range(_STEPS + 1):
        n = round(len(rows) * step / _STEPS)
        reached = sum(r["improper"] for r in rows[:n])
        points.append((step / _STEPS, reached / total if total else 0.0))
    names = ("按名单顺序", "随机顺序") if zh else ("in the list's order", "in random order")
    option = _base(
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
    option = _base(
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
    option = _bars([name for name, *_ in rates][::-1], shares[::-1], "%")
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
        (_label(STRATA, s, zh) if s else none, hits, n) for s, (hits, n) in sorted(counted.items())
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


def _label(table: Any, code: str, zh: bool) -> str:
    term = table.get(code)
    return str(term[not zh]) if term else (code or ("未填" if zh else "not stated"))
