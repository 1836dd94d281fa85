"""Collusion rings: dense groups that chance does not explain, with significance and story."""

from fraud_pipeline.rings.export import as_gexf, as_graphml, as_json, as_networkx, as_text
from fraud_pipeline.rings.find import as_claims, find
from fraud_pipeline.rings.peel import dense_blocks, peel

__all__ = [
    "as_claims",
    "as_gexf",
    "as_graphml",
    "as_json",
    "as_networkx",
    "as_text",
    "dense_blocks",
    "find",
    "peel",
]
