"""Several contracts of one pair for one service, each just below a limit, together above it.

The limits are the amount a programme pays in full (where it has one) and those of the
settings. Contracts far below a limit are ordinary repeat business and stay quiet.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_NEAR_SHARE = 0.9  # of a limit: contracts below that are ordinary repeat business; an assumption

_STATEMENT = """
WITH lines AS (
    SELECT DISTINCT regime, line FROM (
        SELECT regime, unnest($limits)::DECIMAL(18, 2) AS line FROM law
        UNION ALL
        SELECT regime, full_up_to_amount FROM law WHERE full_up_to_amount IS NOT NULL)
), near AS (
    SELECT a.claim_id, a.enterprise_id, a.institution_id, a.service_type, a.submitted_on,
           coalesce(a.contract_id, a.claim_id) AS work, a.contract_amount AS amount, l.line
      FROM claims_to_judge a JOIN lines l ON l.regime = a.regime
       AND a.contract_amount < l.line AND a.contract_amount >= l.line * $near::DECIMAL(9, 4)
), series AS (
    SELECT n.claim_id, n.line, count(DISTINCT o.work) AS works, sum(o.amount) AS total,
           string_agg(DISTINCT o.claim_id, '; ' ORDER BY o.claim_id)
             FILTER (o.claim_id != n.claim_id) AS others
      FROM near n JOIN near o USING (enterprise_id, institution_id, service_type, line)
     WHERE abs(n.submitted_on - o.submitted_on) <= $days
     GROUP BY 1, 2 HAVING works >= 2
), worst AS (
    SELECT claim_id, arg_max({'line': line, 'works': works, 'total': total, 'others': others},
                             (works, line)) AS s
      FROM series GROUP BY claim_id
)
SELECT a.claim_id, coalesce(w.s.works, 1)::DOUBLE AS measured, 1.0 AS lim,
       w.s IS NOT NULL AS hit, w.s.line AS line, w.s.total AS total, $days AS days,
       a.contract_amount,
       CASE WHEN w.s IS NOT NULL THEN concat('claims ', array_to_string(
            string_split(w.s.others, '; ')[:5], '; ')) END AS evidence,
       NULL::VARCHAR AS why
  FROM claims_to_judge a LEFT JOIN worst w USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "limits": list(settings.split_limit_amounts),
        "near": _NEAR_SHARE,
        "days": settings.split_days,
    }


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T17",
    severity="strong",
    typology="T17",
    title_zh=FLAG_TITLES["T17"].zh,
    title_en=FLAG_TITLES["T17"].en,
    hit_zh="同一双方{days}天内就同类服务签{measured:int}份略低于{line:money}元的合同（一般{lim:int}份），"
    "本份{contract_amount:money}元，合计{total:money}元",
    hit_en="{measured:int} contracts of one pair for one service within {days} days (usual: "
    "{lim:int}), each just below {line:money} yuan, this one {contract_amount:money}, "
    "together {total:money} yuan",
    scope=Scope(Level.ENTERPRISE, joint=True),
    feature=True,
    evaluate=evaluate,
)
