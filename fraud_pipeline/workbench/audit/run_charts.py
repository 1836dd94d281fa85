"""Charts of a run: claims and money by month, institutions by service, prices, flow of money.

Everything is limited to the person's regions: claims count where their enterprise lies.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from fraud_pipeline.core.currency import shared_currency, unit
from fraud_pipeline.vocabulary.services import SERVICES
from fraud_pipeline.workbench.audit.chart import Chart, Row, base_option, label_of
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads

_INSTITUTIONS, _FLOWS = 12, 6  # shown at most; _FLOWS in each direction
# Bounds of the price distribution: unit price as a multiple of the median of its kind.
_RATIOS = (0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
_WITHIN = "(len($regions::VARCHAR[]) = 0 OR coalesce(e.region, '') IN (SELECT unnest($regions::VARCHAR[])))"
_CLAIMS = f"claims c LEFT JOIN enterprises e USING (enterprise_id) WHERE {_WITHIN}"


def run_charts(leads: Leads, person: Person, zh: bool) -> list[Chart]:
    """Claims and money by month, institutions by service, prices, flow of money."""
    scope = {"regions": list(person.regions)}
    candidates = (_months(leads, scope, zh), _regions(leads, scope, zh), _heat_map(leads, scope, zh),
            _prices(leads, scope, zh), _flow(leads, scope, zh))  # fmt: skip
    return [chart for chart in candidates if chart is not None]


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
    option = base_option(
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


def _regions(leads: Leads, scope: Row, zh: bool) -> Chart | None:
    """A map without shapes: a tile a region, as large as the money claimed there; needs two regions."""
    rows = leads.query(
        f"""SELECT coalesce(e.region, '') AS region, count(*) AS n, sum(c.claimed_amount) AS amount,
            coalesce(sum(q.expected_loss), 0) AS expected
        FROM claims c LEFT JOIN enterprises e USING (enterprise_id)
        LEFT JOIN queue q ON q.claim_id = c.claim_id
        WHERE {_WITHIN} GROUP BY ALL ORDER BY amount DESC, region""",  # noqa: S608
        scope,
    )  # fmt: skip
    if len(rows) < 2:
        return None
    money = unit(shared_currency(leads.currencies.values()), "zh" if zh else "en")
    unknown = "未填地区" if zh else "no region given"
    shares = [float(r["expected"]) / float(r["amount"]) if r["amount"] else 0.0 for r in rows]
    tiles = [
        {"name": r["region"] or unknown, "value": [float(r["amount"]), share]}
        for r, share in zip(rows, shares, strict=True)
    ]
    series = {"type": "treemap", "data": tiles, "roam": False, "itemStyle": {"borderColor": "#fff", "borderWidth": 2}, "nodeClick": False, "visualDimension": 1,
              "breadcrumb": {"show": False}, "label": {"show": True, "color": "#111", "fontSize": 14},
              "levels": [{"color": ["#c9dbeb", "#f0cf9b", "#e08a6a"], "colorMappingBy": "value"}]}  # fmt: skip
    option = base_option(tooltip={"trigger": "item"}, series=[series])
    title = (
        "各地区申请金额与预计可追回金额" if zh else "Claims and expected recoverable loss by region"
    )
    note = ("面积为申请金额，颜色越深，预计可追回金额占比越高；按企业所在地区。" if zh else
            "Area: money claimed; the darker, the larger the share expected to be recoverable; by the enterprise's region.")  # fmt: skip
    head = (("地区", "申请件数", f"申请金额（{money}）", f"预计可追回金额（{money}）", "占比") if zh
            else ("region", "claims", f"{money} claimed", f"{money} expected to be recoverable", "share"))  # fmt: skip
    table = [
        (
            r["region"] or unknown,
            f"{r['n']:,}",
            f"{r['amount']:,.0f}",
            f"{r['expected']:,.0f}",
            f"{share:.1%}",
        )
        for r, share in zip(rows, shares, strict=True)
    ]
    return Chart("regions", title, note, option, head, table)


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
    labels = [label_of(SERVICES, s, zh) for s in services]
    cells = [[services.index(r["service"]), largest.index(r["institution_id"]), float(r["amount"])]
             for r in shown]  # fmt: skip
    option = base_option(
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
    table = [(r["institution"], label_of(SERVICES, r["service"], zh), f"{r['amount']:,.0f}")
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
    option = base_option(
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
