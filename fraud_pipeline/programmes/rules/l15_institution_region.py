"""Whether the institution is located where the programme allows."""

import pyarrow as pa

from fraud_pipeline.programmes.places import located
from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope


def evaluate(context: RuleContext) -> pa.Table:
    return located(context, "institution", "institution_region_words")


RULE = Rule(
    code="L15",
    severity="hard",
    feature=True,
    typology="T24",
    title_zh="机构所在地",
    title_en="Location of the institution",
    needs=("institutions",),
    law=("institution_region_words",),
    hit_zh="机构地址“{place}”不在规定地区内，匹配{measured:int}处，至少须{lim:int}处（{clause}）",
    hit_en="the institution's place '{place}' is not in the programme's area "
    "({measured:int} matches, {lim:int} needed)",
    scope=Scope(Level.CLAIM, tables=("institutions",)),
    check_zh="请核对地名",
    check_en="check the place names",
    evaluate=evaluate,
)
