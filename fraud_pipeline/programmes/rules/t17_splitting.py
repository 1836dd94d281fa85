"""Several contracts of one pair for one service, each just below a limit, together above it.

The limits are the amount a programme pays in full (where it has one) and those of the
settings. Contracts far below a limit are ordinary repeat business and stay quiet.

Among plain payments (packs that state ``repeat_days``) the limits are round sums just below which
payments gather, instead of those of the settings. Equal amounts that recur on many days are a tariff there, two parties that also trade
just above the limit do not avoid it, and a payee that is not named is not judged.
"""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import MONEY
from fraud_pipeline.core.placeholders import NOBODY
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_NEAR_SHARE = 0.9  # of a limit: contracts below that are ordinary repeat business; an assumption
_GATHER, _SHUNS = 30, 4  # payments just below a round sum, and how many times those just above it
_RECURS = 6  # days on which an equal amount is paid, from which on it is a tariff
_AVOIDS = 2  # times as many just below as just above, or the limit plays no part; an assumption

_STATEMENT = """
WITH plain AS (SELECT regime FROM law WHERE repeat_days IS NOT NULL
), round AS (  -- sums at which a rule may set a limit
    SELECT first * power(10, zeros) AS line
      FROM (SELECT unnest([1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8]) AS first), (SELECT unnest([3, 4, 5]) AS zeros)
), shunned AS (  -- of plain payments: round sums just below which payments gather
    SELECT p.regime, r.line::DECIMAL(18, 2) AS line
      FROM plain p, round r JOIN claims_to_judge c
        ON c.contract_amount >= r.line * $near::DECIMAL(9, 4) AND c.contract_amount < r.line * (2 - $near::DECIMAL(9, 4))
     WHERE c.regime = p.regime AND c.contract_amount != r.line
     GROUP BY ALL
    HAVING count(*) FILTER (c.contract_amount < r.line) >= greatest(
        $gather, $shuns * count(*) FILTER (c.contract_amount > r.line))
), lines AS (
    SELECT DISTINCT regime, line FROM (
        SELECT * FROM shunned
        UNION ALL
        SELECT regime, unnest($limits)::DECIMAL(18, 2) AS line FROM law WHERE repeat_days IS NULL
        UNION ALL
        SELECT regime, full_up_to_amount FROM law WHERE full_up_to_amount IS NOT NULL)
), near AS (
    SELECT a.claim_id, a.enterprise_id, a.institution_id, a.service_type, a.submitted_on,
           coalesce(a.contract_id, a.claim_id) AS work, a.contract_amount AS amount, l.line
      FROM claims_to_judge a JOIN lines l ON l.regime = a.regime
       AND NOT (a.regime IN (SELECT regime FROM law WHERE repeat_days IS NOT NULL)
                AND regexp_full_match(upper(trim(a.institution_id)), $nobody))
       AND a.contract_amount < l.line AND a.contract_amount >= l.line * $near::DECIMAL(9, 4)
), tariff AS (  -- of plain payments: an equal amount on so many days is a tariff, a rent
    SELECT enterprise_id, institution_id, contract_amount AS amount FROM claims_to_judge
     WHERE regime IN (SELECT regime FROM plain)
     GROUP BY ALL HAVING count(DISTINCT submitted_on) >= $recurs
), below AS (
    SELECT n.*, count(*) OVER (PARTITION BY enterprise_id, institution_id, service_type, line) AS n
      FROM near n ANTI JOIN tariff USING (enterprise_id, institution_id, amount)
), above AS (  -- of plain payments: as many just above a limit as just below it avoid nothing
    SELECT c.enterprise_id, c.institution_id, c.service_type, l.line, count(*) AS n
      FROM claims_to_judge c JOIN lines l USING (regime)
     WHERE c.regime IN (SELECT regime FROM plain) AND c.contract_amount >= l.line
       AND c.contract_amount < l.line * (2 - $near::DECIMAL(9, 4))
     GROUP BY ALL
), avoiding AS (
    SELECT b.* EXCLUDE (n) FROM below b
      LEFT JOIN above a USING (enterprise_id, institution_id, service_type, line)
     WHERE b.n > $avoids * coalesce(a.n, 0)
), series AS (
    SELECT n.claim_id, n.line, count(DISTINCT o.work) AS works, sum(o.amount) AS total,
           string_agg(DISTINCT o.claim_id, '; ' ORDER BY o.claim_id)
             FILTER (o.claim_id != n.claim_id) AS others
      FROM avoiding n JOIN avoiding o USING (enterprise_id, institution_id, service_type, line)
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
       CASE WHEN p.regime IS NULL THEN '合同' ELSE '付款' END AS what_zh,
       CASE WHEN p.regime IS NULL THEN '签' ELSE '支付' END AS done_zh,
       CASE WHEN p.regime IS NULL THEN '份' ELSE '笔' END AS each_zh,
       CASE WHEN p.regime IS NULL THEN 'contracts of one pair for one service'
            ELSE 'payments between the two' END AS what_en,
       CASE WHEN w.s IS NOT NULL THEN concat('claims ', array_to_string(
            string_split(w.s.others, '; ')[:5], '; ')) END AS evidence,
       NULL::VARCHAR AS why
  FROM claims_to_judge a LEFT JOIN worst w USING (claim_id) LEFT JOIN plain p ON p.regime = a.regime
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "limits": list(settings.split_limit_amounts),
        "near": _NEAR_SHARE,
        "avoids": _AVOIDS,
        "gather": _GATHER,
        "shuns": _SHUNS,
        "recurs": _RECURS,
        "nobody": NOBODY,
        "days": settings.split_days,
    }


def same_enterprise_or_amount(claims: pa.Table, claim: pa.Table) -> pa.ChunkedArray:
    """True for the enterprise's claims, and for those near any limit that the claim is just below.

    Whether payments gather below a limit is seen in all payments, not in those of one payer.
    """
    same = pc.equal(claims["enterprise_id"], claim["enterprise_id"][0])
    share, amount = Decimal(str(_NEAR_SHARE)), claim["contract_amount"][0].as_py()
    lowest, highest = (
        pa.scalar(round(a, 2), MONEY) for a in (amount * share, amount / share * (2 - share) + 1)
    )
    amounts = claims["contract_amount"]
    near = pc.and_(pc.greater_equal(amounts, lowest), pc.less_equal(amounts, highest))
    return pc.or_(same, pc.fill_null(near, False))


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T17",
    severity="strong",
    typology="T17",
    title_zh=FLAG_TITLES["T17"].zh,
    title_en=FLAG_TITLES["T17"].en,
    hit_zh="同一双方{days}天内就同类服务{done_zh}{measured:int}{each_zh}略低于{line:money}元的{what_zh}（一般{lim:int}{each_zh}），"
    "本{each_zh}{contract_amount:money}元，合计{total:money}元",
    hit_en="{measured:int} {what_en} within {days} days (usual: "
    "{lim:int}), each just below {line:money} yuan, this one {contract_amount:money}, "
    "together {total:money} yuan",
    scope=Scope(Level.PROGRAMME, tables=("claims",), joint=True, peers=same_enterprise_or_amount),
    feature=True,
    compares_days=True,
    evaluate=evaluate,
)
