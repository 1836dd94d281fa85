"""Fairness: shares of claims selected and found clean, by groups of enterprises and institutions.

Groups are never of persons. A higher selection rate alone is no unfairness: the measure is the
share found clean among claims selected for suspicion, compared with the random sample.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fraud_pipeline.workbench.audit.intervals import wilson_interval
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.queue.filters import Filter

MIN_DECIDED = 10  # decided claims below which no share is shown
GROUPS = {
    "region": ("地区", "region"), "age": ("企业成立年限", "age of the enterprise"),
    "size": ("企业人数", "staff of the enterprise"), "category": ("机构类别", "kind of institution"),
    "redeemer": ("兑付主体", "who redeems"),
}  # fmt: skip
VALUES = {
    "a0": ("不满1年", "under 1 year"), "a1": ("1–3年", "1–3 years"), "a3": ("3–10年", "3–10 years"),
    "a10": ("10年以上", "10 years and more"), "s0": ("20人以下", "under 20"),
    "s20": ("20–99人", "20–99"), "s100": ("100–299人", "100–299"), "s300": ("300人以上", "300 and more"),
    "": ("未知", "unknown"),
}  # fmt: skip

# One row a claim in reach; every group is a column, every claim in one value of each.
_CLAIMS = """
SELECT q.claim_id, q.stratum, q.rank <= (SELECT ceil(count(*) / 10.0) FROM queue) AS first_tenth,
    q.region,
    CASE WHEN e.founded_on IS NULL THEN '' WHEN months < 12 THEN 'a0' WHEN months < 36 THEN 'a1'
        WHEN months < 120 THEN 'a3' ELSE 'a10' END AS age,
    CASE WHEN e.employees IS NULL THEN '' WHEN e.employees < 20 THEN 's0'
        WHEN e.employees < 100 THEN 's20' WHEN e.employees < 300 THEN 's100' ELSE 's300' END AS size,
    coalesce(i.category, '') AS category, coalesce(c.redeemer, '') AS redeemer,
    coalesce(w.verdict, o.verdict) AS verdict, coalesce(w.chosen, '') AS chosen
FROM (SELECT * FROM queue WHERE {clause}) q JOIN claims c USING (claim_id)
LEFT JOIN (SELECT *, date_diff('month', founded_on, $as_of::DATE) AS months FROM enterprises) e
    ON e.enterprise_id = q.enterprise_id
LEFT JOIN institutions i ON i.institution_id = q.institution_id
LEFT JOIN states w USING (claim_id)
LEFT JOIN last_outcomes o USING (claim_id)
"""
_COUNTED = """
SELECT grouping_name, value, count(*) AS n,
    count(*) FILTER (stratum IN ('certainty', 'risk')) AS drawn, count(*) FILTER (first_tenth) AS top,
    count(*) FILTER (known AND chosen <> 'random') AS suspected,
    count(*) FILTER (known AND chosen <> 'random' AND verdict = 'clean') AS cleared,
    count(*) FILTER (known AND chosen = 'random') AS random,
    count(*) FILTER (known AND chosen = 'random' AND verdict <> 'clean') AS random_improper
FROM (UNPIVOT (SELECT *, coalesce(verdict, 'undetermined') <> 'undetermined' AS known FROM base)
      ON region, age, size, category, redeemer INTO NAME grouping_name VALUE value)
GROUP BY ALL ORDER BY grouping_name, value
"""


def by_group(leads: Leads, decided: pa.Table, person: Person, now: str) -> dict[str, list[Any]]:
    """Group -> rows (value, n, drawn, top, suspected, cleared, random ...) in the person's regions.

    ``decided``: OUTCOMES of the workbench. ``cleared_share``: share found clean among claims
    selected for suspicion (false alarms), with its 95% interval; None below MIN_DECIDED.
    """
    clause, parameters = Filter(status="all").clause(person, now, leads.as_of)
    parameters.pop("now")
    words = decided.select(["claim_id", "verdict", "selected_by", "decided_on"])
    last = words.append_column("place", pa.array(range(words.num_rows), pa.int64()))
    base = f"""WITH last AS (SELECT claim_id, verdict, coalesce(selected_by, '') AS chosen FROM states
        QUALIFY row_number() OVER (PARTITION BY claim_id ORDER BY place DESC) = 1),
        base AS ({_CLAIMS.format(clause=clause).replace("LEFT JOIN states w", "LEFT JOIN last w")})"""  # noqa: S608 - terms of the filter
    rows = leads.query(f"{base} {_COUNTED}", {**parameters, "as_of": leads.as_of}, last)
    groups: dict[str, list[Any]] = {name: [] for name in GROUPS}
    for row in rows:
        row["cleared_share"] = (
            wilson_interval(row["cleared"], row["suspected"])
            if row["suspected"] >= MIN_DECIDED
            else None
        )
        groups[row["grouping_name"]].append(row)
    return groups
