"""A technical service claimed by an enterprise without anybody in R&D.

Technical: what a laboratory or developer does for somebody who develops something. Agency for patents and
marks, certification, training and the like need no R&D staff.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

_TECHNICAL = (
    "technology_development", "technology_transfer", "technology_service", "technology_consulting",
    "testing", "product_design", "instrument_sharing", "scientific_data", "germplasm",
)  # fmt: skip

_STATEMENT = """
SELECT a.claim_id, a.service_type, e.rd_employees::DOUBLE AS measured, 1.0 AS lim,
       list_contains($technical, a.service_type) AND e.rd_employees < 1 AS hit,
       CASE WHEN e.enterprise_id IS NULL THEN 'no_enterprise'
            WHEN e.rd_employees IS NULL THEN 'enterprises.rd_employees' END AS why
  FROM claims_to_judge a LEFT JOIN enterprises e USING (enterprise_id)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    return context.query(_STATEMENT, {"technical": list(_TECHNICAL)})


RULE = Rule(
    code="T06",
    severity="weak",
    typology="T06",
    title_zh=FLAG_TITLES["T06"].zh,
    title_en=FLAG_TITLES["T06"].en,
    needs=("enterprises",),
    hit_zh="研发人员{measured:int}人（至少应有{lim:int}人），却申请{service_type}",
    hit_en="{measured:int} R&D staff (at least {lim:int} expected) for a claim of {service_type}",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    feature=True,
    evaluate=evaluate,
)
