"""Unit price against what others paid for a service of that name, else against the catalogue.

Described, never scored: the price model judges prices against the market, with its own
evidence and its own place in the risk. Here it is as a reviewer would do it by hand. Claims
of one service, unit and title within a year either side, as far as known, are the market:
a special line of work (an anechoic chamber, a PCT filing) is dear everywhere under its own
title and stays acquitted. The line is ``peer_price_times`` their median, or further out where
their prices lie wide apart. Where they are too few the catalogue decides: a row of the service
and the unit, in force on the day, of the enterprise's region or of none.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

# When prices under one title are a market; assumptions, measured by `python -m benchmarks.flags`.
_SIGMAS = 2.5  # of the prices' own spread, where they lie wide apart
_WIDEST_SIGMA = 0.3  # of log prices: wider apart there is no market
_MARKET_ENTERPRISES = 6  # fewer under a title make no market

_STATEMENT = """
WITH priced AS (
    SELECT claim_id, enterprise_id, service_type, unit, submitted_on,
           contract_amount::DOUBLE / quantity AS price,
           hash(service_type, unit, regexp_replace(service_title, '[0-9 （）()]', '', 'g')) AS line
      FROM claims
     WHERE unit IS NOT NULL AND quantity > 0 AND contract_amount > 0 AND service_title IS NOT NULL
), by_year AS (  -- a claim of one year has the years beside it for a market
    SELECT line, y AS year, quantile_cont(ln(price), [0.25, 0.5, 0.75]) AS q, count(*) AS n,
           count(DISTINCT enterprise_id) AS enterprises
      FROM (SELECT *, unnest([year(submitted_on) - 1, year(submitted_on), year(submitted_on) + 1]) AS y
              FROM priced)
     GROUP BY line, y HAVING enterprises >= $peers
), market AS (
    SELECT p.claim_id, p.price, exp(b.q[2]) AS middle, b.enterprises,
           (b.q[3] - b.q[1]) / 1.349 AS sigma, greatest($times_peers, exp($sigmas * sigma)) AS line
      FROM priced p JOIN by_year b ON b.line = p.line AND b.year = year(p.submitted_on)
), listed AS (
    SELECT a.claim_id, max(coalesce(m.high, m.reference)) AS high,
           arg_max(m.source, coalesce(m.high, m.reference)) AS source
      FROM claims_to_judge a JOIN market_prices m
        ON m.service_type = a.service_type AND m.unit = a.unit
       AND coalesce(m.source_kind = a.source_kind, m.source_kind IS NULL)
       AND coalesce(m.valid_from <= a.submitted_on, true)
       AND coalesce(m.valid_to >= a.submitted_on, true)
      LEFT JOIN enterprises e USING (enterprise_id)
     WHERE m.region IS NULL OR contains(concat(e.region, e.address), m.region)
     GROUP BY a.claim_id
)
SELECT a.claim_id, a.contract_amount::DOUBLE / a.quantity AS unit_price,
       coalesce(k.middle, l.high::DOUBLE) AS against,
       unit_price / nullif(coalesce(k.middle, l.high::DOUBLE), 0) AS measured,
       coalesce(k.line, $times) AS lim, measured >= lim AS hit, a.service_type,
       CASE WHEN k.middle IS NOT NULL THEN concat(k.enterprises, '家企业同名服务的中位价') ELSE '目录上限' END
         AS what_zh,
       CASE WHEN k.middle IS NOT NULL THEN concat('the median that ', k.enterprises,
            ' enterprises paid under this title') ELSE 'the catalogue''s upper price' END AS what_en,
       CASE WHEN k.middle IS NOT NULL THEN concat('claims of the same title by ', k.enterprises, ' enterprises')
            WHEN l.source IS NOT NULL THEN concat('catalogue ', l.source) END AS evidence,
       CASE WHEN a.unit IS NULL THEN 'claims.unit' WHEN a.quantity IS NULL THEN 'claims.quantity'
            WHEN k.sigma > $widest THEN 'wide_prices' WHEN a.quantity <= 0 OR coalesce(k.middle, l.high::DOUBLE, 0) <= 0 THEN 'no_price' END AS why
  FROM claims_to_judge a LEFT JOIN listed l USING (claim_id) LEFT JOIN market k USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {
        "times": settings.overprice_times,
        "times_peers": settings.peer_price_times,
        "sigmas": _SIGMAS,
        "widest": _WIDEST_SIGMA,
        "peers": _MARKET_ENTERPRISES,
    }


def same_title(claims: pa.Table, claim: pa.Table) -> pa.ChunkedArray:
    """True for claims for the same service and title, figures and brackets in the title aside."""
    same = pc.equal(claims["service_type"], claim["service_type"][0])
    rows = claims.filter(same)
    title, titles = (
        pc.replace_substring_regex(t["service_title"], "[0-9 （）()]", "") for t in (claim, rows)
    )
    alike = pc.fill_null(pc.equal(titles, title[0]), False)
    return pc.is_in(claims["claim_id"], value_set=rows.filter(alike)["claim_id"].combine_chunks())


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, _parameters(context.settings))


RULE = Rule(
    code="T04",
    severity="info",
    typology="T04",
    title_zh=FLAG_TITLES["T04"].zh,
    title_en=FLAG_TITLES["T04"].en,
    hit_zh="{service_type}单价{unit_price:money}元，为{what_zh}{against:money}元的{measured:num}倍"
    "（预警阈值{lim:num}倍）",
    hit_en="{service_type} at {unit_price:money} yuan a unit is {measured:num} times {what_en} of "
    "{against:money} yuan (line: {lim:num})",
    scope=Scope(
        Level.PROGRAMME,
        tables=("claims", "enterprises", "market_prices"),
        long_columns=("claims.service_title",),
        peers=same_title,
    ),
    feature=True,
    evaluate=evaluate,
)
