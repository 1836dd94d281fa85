"""One row of numbers a claim: what rules, prices, rings, behaviour and history say of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.sql import query
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FLAGS, flag_feature
from fraud_pipeline.features.flag_weights import SEVERITY_WEIGHTS, weighed_hits
from fraud_pipeline.features.neighbourhood import neighbourhood, words
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.settings import RiskSettings

HISTORY_SHRINK = 4.0  # audits of a party before its own history outweighs the prior; assumption

_RULES = """
SELECT c.claim_id,
    count(*) FILTER (k.severity = 'hard') AS hard_hits,
    count(*) FILTER (k.severity = 'strong') AS strong_hits,
    count(*) FILTER (k.severity = 'weak') AS weak_hits,
    {flags},
    1 - exp(coalesce(sum(ln(1 - CASE k.severity WHEN 'hard' THEN $hard WHEN 'strong' THEN $strong
        WHEN 'weak' THEN $weak ELSE 0.0 END * CASE WHEN k.fires_often THEN 0.5 ELSE 1.0 END
        ) ORDER BY k.rule_code) FILTER (k.rule_code IS NOT NULL), 0)) AS rule_score
FROM claims c LEFT JOIN hits k ON k.claim_id = c.claim_id
GROUP BY c.claim_id ORDER BY c.claim_id
""".format(
    flags=",\n    ".join(
        f"count(*) FILTER (k.rule_code = '{code}') AS {flag_feature(code)}" for code in FLAGS
    )
)

# As known on the claim's own day, so that a claim before payment gets the same numbers.
_PRICES = """
SELECT claim_id,
    ln(claim_day_ratio) AS price_log_ratio,
    CASE WHEN claim_day_p_value IS NOT NULL  -- greatest() skips nulls: an unjudged price is not a rare one
         THEN least(6.0, 0.0 - log10(greatest(claim_day_p_value, 1e-6))) END AS price_surprise,
    CASE WHEN unit_price > 0 AND claim_day_excess IS NOT NULL
         THEN CASE WHEN claim_day_excess > 0 THEN 1 - claim_day_mid / unit_price ELSE 0 END
    END AS price_excess_share
FROM prices ORDER BY claim_id
"""

# A claim in several rings is judged by the strongest. Nought minus the logarithm: minus it would
# make minus nought of a certain chance. Verdicts are evidence about a ring; a claim that has one is
# what the model learns from, so its own verdict must not come back through the ring.
_RINGS = """
WITH decided AS (SELECT DISTINCT claim_id FROM outcomes), mine AS (
    SELECT rc.claim_id, r.p_value,
           CASE WHEN d.claim_id IS NULL THEN r.score
                ELSE coalesce(r.score_without_verdicts, r.score) END AS score,
           least(coalesce(me.strength, 0), coalesce(mi.strength, 0)) AS strength
    FROM ring_claims rc JOIN rings r USING (ring_id)
    JOIN claims c USING (claim_id)
    LEFT JOIN decided d USING (claim_id)
    LEFT JOIN members me ON me.ring_id = rc.ring_id AND me.party_id = c.enterprise_id
    LEFT JOIN members mi ON mi.ring_id = rc.ring_id AND mi.party_id = c.institution_id
), best AS (
    SELECT claim_id, max(score) AS ring_score, max(strength) AS ring_strength,
           max(CASE WHEN p_value IS NOT NULL
               THEN least(6.0, 0.0 - log10(greatest(p_value, 1e-6))) END) AS ring_surprise
    FROM mine GROUP BY claim_id
), bonds AS (
    SELECT * FROM ties WHERE kind NOT IN ('claim', 'tenancy')  -- claims and tenancies are no identity
), own AS (
    SELECT enterprise, institution, sum(w) AS own FROM (
        SELECT left_id AS enterprise, right_id AS institution, round(weight * 1e6)::BIGINT AS w
        FROM bonds WHERE left_kind = 'enterprise' AND right_kind = 'institution'
        UNION ALL
        SELECT right_id, left_id, round(weight * 1e6)::BIGINT FROM bonds
        WHERE right_kind = 'enterprise' AND left_kind = 'institution') GROUP BY 1, 2
), others AS (
    SELECT enterprise, sum(w) AS other FROM (
        SELECT left_id AS enterprise, round(weight * 1e6)::BIGINT AS w FROM bonds WHERE left_kind = 'enterprise'
        UNION ALL
        SELECT right_id, round(weight * 1e6)::BIGINT FROM bonds WHERE right_kind = 'enterprise') GROUP BY 1
)
SELECT c.claim_id, coalesce(b.ring_score, 0) AS ring_score,
    coalesce(b.ring_surprise, 0) AS ring_surprise, coalesce(b.ring_strength, 0) AS ring_strength,
    coalesce(o.own, 0) / 1e6 AS own_tie_weight, coalesce(x.other, 0) / 1e6 AS enterprise_tie_weight
FROM claims c
LEFT JOIN best b USING (claim_id)
LEFT JOIN own o ON o.enterprise = c.enterprise_id AND o.institution = c.institution_id
LEFT JOIN others x ON x.enterprise = c.enterprise_id
ORDER BY c.claim_id
"""

# Decided strictly before the claim's own day: what an audit finds later is a label, not a feature.
_PROFILE = """
WITH known AS (
    SELECT o.decided_on, k.enterprise_id, k.institution_id,
           (o.verdict IN ('fraud', 'irregular'))::INT AS improper
    FROM outcomes o JOIN claims k USING (claim_id)
    WHERE o.verdict <> 'undetermined'
), of_institution AS (
    SELECT institution_id, decided_on, (sum(n) OVER w)::BIGINT AS n, (sum(x) OVER w)::BIGINT AS x
    FROM (SELECT institution_id, decided_on, count(*) AS n, sum(improper) AS x FROM known GROUP BY ALL)
    WINDOW w AS (PARTITION BY institution_id ORDER BY decided_on)
), of_enterprise AS (
    SELECT enterprise_id, decided_on, (sum(n) OVER w)::BIGINT AS n, (sum(x) OVER w)::BIGINT AS x
    FROM (SELECT enterprise_id, decided_on, count(*) AS n, sum(improper) AS x FROM known GROUP BY ALL)
    WINDOW w AS (PARTITION BY enterprise_id ORDER BY decided_on)
), past AS (  -- the running totals of the last day before the claim's own
    SELECT c.claim_id, i.n AS ni, i.x AS xi, e.n AS ne, e.x AS xe
    FROM claims c
    ASOF LEFT JOIN of_institution i
        ON i.institution_id = c.institution_id AND i.decided_on < c.submitted_on
    ASOF LEFT JOIN of_enterprise e
        ON e.enterprise_id = c.enterprise_id AND e.decided_on < c.submitted_on
)
SELECT c.claim_id,
    CASE WHEN c.contract_amount > 0 THEN c.voucher_used / c.contract_amount END AS voucher_share,
    ln(greatest(c.claimed_amount, 1)) AS claimed_log,
    e.employees AS employees,
    CASE WHEN p.ni > 0 THEN (p.xi + $rate * $shrink) / (p.ni + $shrink) END AS institution_past_improper,
    CASE WHEN p.ne > 0 THEN (p.xe + $rate * $shrink) / (p.ne + $shrink) END AS enterprise_past_improper
FROM claims c
LEFT JOIN enterprises e USING (enterprise_id)
LEFT JOIN past p USING (claim_id)
ORDER BY c.claim_id
"""


def build_features(
    tables: Tables, rules: pa.Table, rule_results: pa.Table, prices: pa.Table,
    ringset: RingSet, ties: pa.Table, behaviour: pa.Table, settings: RiskSettings,
) -> pa.Table:  # fmt: skip
    """claim_id, sorted, programme, and one float64 column a feature of the catalogue; null = unknown.

    All claims known on the as-of date are there, decided ones too: they are what a
    model learns from.
    """
    claims = {"claims": tables["claims"]}
    profile = query(
        _PROFILE,
        {**claims, "enterprises": tables["enterprises"], "outcomes": tables["outcomes"]},
        {"rate": settings.prior_rate, "shrink": HISTORY_SHRINK},
    )
    parts = [
        query(_RULES, {**claims, "hits": weighed_hits(rule_results, rules)},
              SEVERITY_WEIGHTS),
        query(_PRICES, {"prices": prices}),
        query(_RINGS, {**claims, "rings": ringset.rings, "members": ringset.members,
                       "ring_claims": ringset.claims, "ties": ties,
                       "outcomes": tables["outcomes"]}),
        profile,
        behaviour,
        neighbourhood(tables, behaviour, profile),
        words(tables, ties),
    ]  # fmt: skip
    columns: dict[str, pa.ChunkedArray] = {"claim_id": parts[0]["claim_id"]}
    for part in parts:
        if not part["claim_id"].equals(columns["claim_id"]):
            part = part.sort_by("claim_id")  # noqa: PLW2901 - the same part, in the common order
        columns |= {n: part[n].cast(pa.float64()) for n in part.column_names if n in FEATURE_NAMES}
    claim_programmes = tables["claims"].select(["claim_id", "programme"]).sort_by("claim_id")
    head = {"claim_id": columns["claim_id"], "programme": claim_programmes["programme"]}
    return pa.table({**head, **{n: columns[n] for n in FEATURE_NAMES}})


def medians(features: pa.Table) -> pa.Table:
    """One row: the median of each feature over all claims."""
    return pa.table({
        name: pa.array([pc.approximate_median(features[name]).as_py()], pa.float64())
        for name in FEATURE_NAMES
    })  # fmt: skip


def matrix(features: pa.Table) -> np.ndarray:
    """(n, k) float64 in catalogue order, NaN = unknown."""
    return np.column_stack(
        [pc.fill_null(features[n], np.nan).to_numpy() for n in FEATURE_NAMES]
    ).reshape(features.num_rows, len(FEATURE_NAMES))


def rows_of(features: pa.Table, claim_ids: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The rows of the named claims, in order of claim_id."""
    if isinstance(claim_ids, pa.ChunkedArray):
        claim_ids = claim_ids.combine_chunks()
    return features.filter(pc.is_in(features["claim_id"], value_set=claim_ids))
