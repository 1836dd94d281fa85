"""Programme rules as data, and the checks that judge every claim by the rules of its day."""

from fraud_pipeline.programmes.evaluate import Judgement, evaluate, judge
from fraud_pipeline.programmes.fire_rates import fire_rates
from fraud_pipeline.programmes.insiders import reviewer_lift
from fraud_pipeline.programmes.pack import Entry, Pack, Source, pack_of
from fraud_pipeline.programmes.parse import base_of, parse_pack
from fraud_pipeline.programmes.sheet import lint_pack, rule_sheet
from fraud_pipeline.programmes.texts import side_by_side

__all__ = [
    "Entry",
    "Judgement",
    "Pack",
    "Source",
    "base_of",
    "evaluate",
    "fire_rates",
    "judge",
    "lint_pack",
    "pack_of",
    "parse_pack",
    "reviewer_lift",
    "rule_sheet",
    "side_by_side",
]  # fmt: skip
