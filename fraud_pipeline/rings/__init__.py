"""Collusion rings: dense groups that chance does not explain, with significance and summary."""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.rings.evidence.judgements import Judgement
    from fraud_pipeline.rings.find import find
    from fraud_pipeline.rings.graph.any_table import as_claims
    from fraud_pipeline.rings.null.alpha_ledger import add_certificates, extend_ledger
    from fraud_pipeline.rings.null.alpha_spending import Look, certified_rings, spend_alpha
    from fraud_pipeline.rings.search.dense_blocks import dense_blocks, peel
    from fraud_pipeline.rings.summary.export import (
        as_gexf,
        as_graphml,
        as_json,
        as_networkx,
        as_text,
    )
    from fraud_pipeline.rings.summary.file_formats import as_csv, as_follow_the_money, export
    from fraud_pipeline.rings.summary.masking import masked

__all__ = [
    "Judgement",
    "Look",
    "add_certificates",
    "as_claims",
    "as_csv",
    "as_follow_the_money",
    "as_gexf",
    "as_graphml",
    "as_json",
    "as_networkx",
    "as_text",
    "certified_rings",
    "dense_blocks",
    "export",
    "extend_ledger",
    "find",
    "masked",
    "peel",
    "spend_alpha",
]

export_lazily(
    __name__,
    {
        "Judgement": "fraud_pipeline.rings.evidence.judgements",
        "Look": "fraud_pipeline.rings.null.alpha_spending",
        "as_claims": "fraud_pipeline.rings.graph.any_table",
        "as_csv": "fraud_pipeline.rings.summary.file_formats",
        "as_follow_the_money": "fraud_pipeline.rings.summary.file_formats",
        "as_gexf": "fraud_pipeline.rings.summary.export",
        "as_graphml": "fraud_pipeline.rings.summary.export",
        "as_json": "fraud_pipeline.rings.summary.export",
        "as_networkx": "fraud_pipeline.rings.summary.export",
        "as_text": "fraud_pipeline.rings.summary.export",
        "certified_rings": "fraud_pipeline.rings.null.alpha_spending",
        "dense_blocks": "fraud_pipeline.rings.search.dense_blocks",
        "export": "fraud_pipeline.rings.summary.file_formats",
        "find": "fraud_pipeline.rings.find",
        "spend_alpha": "fraud_pipeline.rings.null.alpha_spending",
        "masked": "fraud_pipeline.rings.summary.masking",
        "peel": "fraud_pipeline.rings.search.dense_blocks",
        "add_certificates": "fraud_pipeline.rings.null.alpha_ledger",
        "extend_ledger": "fraud_pipeline.rings.null.alpha_ledger",
    },
)
