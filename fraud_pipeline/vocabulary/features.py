"""Groups of features, as explanations and reports name them."""

from __future__ import annotations

from fraud_pipeline.vocabulary.term import Term

FEATURE_GROUPS: dict[str, Term] = {
    "rules": Term("规则", "rules"),
    "price": Term("价格", "price"),
    "ring": Term("团伙关联", "ties"),
    "behaviour": Term("行为", "behaviour"),
    "profile": Term("主体情况", "profile"),
    "neighbourhood": Term("周边主体", "neighbourhood"),
    "text": Term("文本", "text"),
}
