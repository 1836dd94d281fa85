"""Whether the enterprise is located where the programme pays.

The region, and where that is not conclusive the address, must contain one of the pack's
words (city, districts, development zones).
"""

import pyarrow as pa

from fraud_pipeline.programmes.places import located
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope


def evaluate(context: RuleContext) -> pa.Table:
    return located(context, "enterprise", "region_words")


RULE = Rule(
    code="L08",
    severity="hard",
    feature=True,
    typology="T24",
    title_zh="企业所在地",
    title_en="Location of the enterprise",
    needs=("enterprises",),
    law=("region_words",),
    hit_zh="企业地址“{place}”不在规定地区内，匹配{measured:int}处，至少须{lim:int}处（{clause}）",
    hit_en="the enterprise's place '{place}' is not in the programme's area "
    "({measured:int} matches, {lim:int} needed)",
    scope=Scope(Level.CLAIM, tables=("enterprises",)),
    check_zh="请核对地名",
    check_en="check the place names",
    evaluate=evaluate,
)
