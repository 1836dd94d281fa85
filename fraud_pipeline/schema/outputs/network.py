"""Ties between parties, and the rings found in them."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

# One row a pair of parties and kind of tie. Party kinds: enterprise | institution.
# Kinds: claim and tenancy are direct ties; money_back, text, phone, email, bank_account, device,
# address, agent, legal_representative and person tie identities. `weight` is after the hub discount; `n_sharing` is how many parties share the attribute.
TIES = TableSchema(
    "ties",
    (
        C("left_id", K.ID, True),
        C("left_kind", K.CODE, True, codes=("enterprise", "institution")),
        C("right_id", K.ID, True),
        C("right_kind", K.CODE, True, codes=("enterprise", "institution")),
        C("kind", K.CODE, True),
        C("weight", K.NUMBER, True),
        C("n_sharing", K.COUNT),
        C("n_claims", K.COUNT),
        C("amount", K.MONEY),
        C("known_on", K.DATE),
        C("detail", K.TEXT),
        C("source", K.TEXT),
    ),
    key=("left_id", "right_id", "kind"),
)

RINGS = TableSchema(
    "rings",
    (
        C("ring_id", K.ID, True),
        C("score", K.SHARE, True),
        C("p_value", K.SHARE, True),
        C("q_value", K.SHARE, True),
        C("n_enterprises", K.COUNT, True),
        C("n_institutions", K.COUNT, True),
        C("n_claims", K.COUNT, True),
        C("amount", K.MONEY, True),
        C("first_on", K.DATE, True),
        C("last_on", K.DATE, True),
        C("typologies", K.TEXT),
        C("story_zh", K.TEXT, True),
        C("story_en", K.TEXT, True),
        C("lineage", K.TEXT, True),
        C("certified_on", K.DATE),  # the run whose error budget it passed; empty = not certified
        C("certified_level", K.SHARE),
        C("score_without_verdicts", K.SHARE),  # what a decided claim may know of its ring
    ),
    key=("ring_id",),
)

RING_MEMBERS = TableSchema(
    "ring_members",
    (
        C("ring_id", K.ID, True),
        C("party_id", K.ID, True),
        C("party_kind", K.CODE, True, codes=("enterprise", "institution")),
        C("role", K.TEXT),
        C("strength", K.SHARE),
    ),
    key=("ring_id", "party_id"),
)

RING_CLAIMS = TableSchema(
    "ring_claims",
    (C("ring_id", K.ID, True), C("claim_id", K.ID, True)),
    key=("ring_id", "claim_id"),
)

RING_EVIDENCE = TableSchema(
    "ring_evidence",
    (
        C("ring_id", K.ID, True),
        C("kind", K.CODE, True),
        C("left_id", K.ID, True),
        C("right_id", K.ID, True),
        C("weight", K.NUMBER, True),
        C("sentence_zh", K.TEXT, True),
        C("sentence_en", K.TEXT, True),
        C("source", K.TEXT),
        C("known_on", K.DATE),  # of claims and payments the first day
        C("amount", K.MONEY),  # claimed or paid; of other ties none
    ),
)
