"""Collusion rings: dense groups that chance does not explain, with significance and story."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.rings.account import stamped, with_tonight
    from fraud_pipeline.rings.doors import as_csv, as_follow_the_money, export
    from fraud_pipeline.rings.export import as_gexf, as_graphml, as_json, as_networkx, as_text
    from fraud_pipeline.rings.find import find
    from fraud_pipeline.rings.foreign import as_claims
    from fraud_pipeline.rings.judgements import Judgement
    from fraud_pipeline.rings.masking import masked
    from fraud_pipeline.rings.peel import dense_blocks, peel
    from fraud_pipeline.rings.spending import Night, certified, level_tonight

__all__ = [
    "Judgement",
    "Night",
    "as_claims",
    "as_csv",
    "as_follow_the_money",
    "as_gexf",
    "as_graphml",
    "as_json",
    "as_networkx",
    "as_text",
    "certified",
    "dense_blocks",
    "export",
    "find",
    "level_tonight",
    "masked",
    "peel",
    "stamped",
    "with_tonight",
]

export_lazily(
    __name__,
    {
        "Judgement": "fraud_pipeline.rings.judgements",
        "Night": "fraud_pipeline.rings.spending",
        "as_claims": "fraud_pipeline.rings.foreign",
        "as_csv": "fraud_pipeline.rings.doors",
        "as_follow_the_money": "fraud_pipeline.rings.doors",
        "as_gexf": "fraud_pipeline.rings.export",
        "as_graphml": "fraud_pipeline.rings.export",
        "as_json": "fraud_pipeline.rings.export",
        "as_networkx": "fraud_pipeline.rings.export",
        "as_text": "fraud_pipeline.rings.export",
        "certified": "fraud_pipeline.rings.spending",
        "dense_blocks": "fraud_pipeline.rings.peel",
        "export": "fraud_pipeline.rings.doors",
        "find": "fraud_pipeline.rings.find",
        "level_tonight": "fraud_pipeline.rings.spending",
        "masked": "fraud_pipeline.rings.masking",
        "peel": "fraud_pipeline.rings.peel",
        "stamped": "fraud_pipeline.rings.account",
        "with_tonight": "fraud_pipeline.rings.account",
    },
)
