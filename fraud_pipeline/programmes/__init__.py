"""Programme rules as data, and the checks that judge every claim by the rules of its day."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.programmes.evaluate import Judgement, evaluate, judge, tally
    from fraud_pipeline.programmes.fire_rates import fire_rates
    from fraud_pipeline.programmes.insiders import reviewer_lift
    from fraud_pipeline.programmes.misread import misread
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
    "misread",
    "pack_of",
    "parse_pack",
    "reviewer_lift",
    "rule_sheet",
    "side_by_side",
    "tally",
]

export_lazily(
    __name__,
    {
        "Entry": "fraud_pipeline.programmes.pack",
        "Judgement": "fraud_pipeline.programmes.evaluate",
        "Pack": "fraud_pipeline.programmes.pack",
        "Source": "fraud_pipeline.programmes.pack",
        "base_of": "fraud_pipeline.programmes.parse",
        "evaluate": "fraud_pipeline.programmes.evaluate",
        "misread": "fraud_pipeline.programmes.misread",
        "fire_rates": "fraud_pipeline.programmes.fire_rates",
        "judge": "fraud_pipeline.programmes.evaluate",
        "lint_pack": "fraud_pipeline.programmes.sheet",
        "pack_of": "fraud_pipeline.programmes.pack",
        "parse_pack": "fraud_pipeline.programmes.parse",
        "reviewer_lift": "fraud_pipeline.programmes.insiders",
        "rule_sheet": "fraud_pipeline.programmes.sheet",
        "side_by_side": "fraud_pipeline.programmes.texts",
        "tally": "fraud_pipeline.programmes.evaluate",
    },
)
