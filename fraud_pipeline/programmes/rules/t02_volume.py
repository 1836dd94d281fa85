"""Filings bought in one season, against the enterprise's staff and against its peers.

The Wuhan study's example: one holder applied at once for 40 invention patents and 60
trademarks. Both must be out of the ordinary: the number of filings in the season
(peers: every enterprise's busiest season, ``volume_peer_quantile``) and filings per person on
the staff. Without a staff number the peers alone would convict, so it is not judged.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_FILINGS = (
    "patent_invention",
    "patent_utility",
    "patent_design",
    "trademark",
    "software_copyright",
)
_DAYS = 90  # a season; an assumption, whose hits `python -m benchmarks.flags` counts

_STATEMENT = """
WITH filings AS (
    SELECT claim_id, enterprise_id, submitted_on, coalesce(quantity, 1) AS n
      FROM claims WHERE list_contains($filings, service_type)
), season AS (
    SELECT claim_id, enterprise_id, sum(n) OVER w AS filed, count(*) OVER w AS n_claims
      FROM filings
    WINDOW w AS (PARTITION BY enterprise_id ORDER BY submitted_on
                 RANGE BETWEEN to_days($days) PRECEDING AND CURRENT ROW)
), peers AS (
    SELECT quantile_disc(busiest, $quantile) AS usual, count(*) AS n_peers
      FROM (SELECT max(filed) AS busiest FROM season GROUP BY enterprise_id)
)
SELECT a.claim_id, s.filed::DOUBLE AS measured, s.n_claims, $days AS days,
       greatest(p.usual, $least)::DOUBLE AS lim, greatest(e.employees, 1) AS staff,
       s.filed / staff AS a_head,
       CASE WHEN s.claim_id IS NULL THEN false
            ELSE s.filed > lim AND a_head >= $a_head END AS hit,
       CASE WHEN s.claim_id IS NULL OR s.filed <= $least THEN NULL
            WHEN p.n_peers < $min_peers THEN 'few_peers'
            WHEN e.employees IS NULL THEN 'enterprises.employees' END AS why
  FROM claims_to_judge a LEFT JOIN season s USING (claim_id) CROSS JOIN peers p
  LEFT JOIN enterprises e ON e.enterprise_id = a.enterprise_id
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "filings": list(_FILINGS),
        "days": _DAYS,
        "quantile": settings.volume_peer_quantile,
        "least": settings.volume_min_filings,
        "a_head": settings.volume_filings_per_head,
        "min_peers": settings.min_peers,
    }


def filings(claims: pa.Table, claim: pa.Table) -> pa.ChunkedArray:
    """True for all filings where the claim is one; no other claim is compared with anything."""
    if claim["service_type"][0].as_py() not in _FILINGS:
        return pc.equal(claims["claim_id"], claim["claim_id"][0])
    return pc.is_in(claims["service_type"], value_set=pa.array(_FILINGS))


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T02",
    severity="strong",
    typology="T02",
    title_zh=FLAG_TITLES["T02"].zh,
    title_en=FLAG_TITLES["T02"].en,
    needs=("enterprises",),
    hit_zh="{days}天内申请知识产权{measured:int}件（{n_claims}笔申请），同类企业最忙时一般不超过{lim:int}件；"
    "从业{staff}人，人均{a_head:num}件",
    hit_en="{measured:int} filings in {days} days ({n_claims} claims), peers at their busiest "
    "rarely above {lim:int}; {staff} staff, {a_head:num} filings a head",
    scope=Scope(Level.PROGRAMME, tables=("claims", "enterprises"), peers=filings),
    feature=True,
    evaluate=evaluate,
)
