"""Collusion rings: dense groups that chance does not explain, with significance and story."""

from fraud_pipeline.rings.account import stamped, with_tonight
from fraud_pipeline.rings.doors import as_csv, as_follow_the_money, export
from fraud_pipeline.rings.export import as_gexf, as_graphml, as_json, as_networkx, as_text
from fraud_pipeline.rings.find import as_claims, find
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
