"""The tables of a run (data contract, section 2) and those the steps hand to each other."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

RANKED_CLAIMS = TableSchema(
    "ranked_claims",
    (
        C("claim_id", K.ID, True),
        C("rank", K.COUNT, True),
        C("risk", K.SHARE, True),
        C("log_odds", K.NUMBER, True),
        C("expected_loss", K.MONEY, True),
        C("rule_score", K.SHARE, True),
        C("price_score", K.SHARE, True),
        C("ring_score", K.SHARE, True),
        C("behaviour_score", K.SHARE, True),
        C("top_reason", K.TEXT),  # in Chinese; runs of earlier versions: "zh / en"
        C("programme", K.CODE, True),
        C("enterprise_id", K.ID, True),
        C("institution_id", K.ID, True),
        C("claimed_amount", K.MONEY, True),
        C("risk_low", K.SHARE),  # ends of the 90 % interval of the risk (`risk.interval`)
        C("risk_high", K.SHARE),
        C("risk_rank", K.COUNT),  # 1 = most likely improper; `rank` is by expected loss
        C("risk_kind", K.CODE, codes=("calibrated", "order")),  # a probability, or only an order
        C("band", K.CODE, codes=("high", "middle", "low")),
        C("top_reason_en", K.TEXT),  # the same in English
    ),
    key=("claim_id",),
)

# One row a claim and kind of irregularity with any evidence (`risk.typology`).
TYPOLOGY_SCORES = TableSchema(
    "typology_scores",
    (
        C("claim_id", K.ID, True),
        C("typology", K.CODE, True),
        C("score", K.SHARE, True),  # noisy-or of the evidence listed
        C("share", K.SHARE, True),  # of the claim's whole weight of evidence
        C("evidence", K.TEXT, True),  # rule codes, 'price', rings, separated by '; '
    ),
    key=("claim_id", "typology"),
)

RULE_OUTCOMES = ("hit", "pass", "not_applicable", "error")

HITS = "rule_hits"  # the rows of rule_results that hit, for the later steps of a run

RULE_RESULTS = TableSchema(
    "rule_results",
    (
        C("claim_id", K.ID, True),
        C("rule_code", K.CODE, True),
        C("outcome", K.CODE, True, codes=RULE_OUTCOMES),
        C("measured", K.NUMBER),
        C("limit", K.NUMBER),
        C("sentence_zh", K.TEXT),
        C("sentence_en", K.TEXT),
        C("clause", K.TEXT),
        C("evidence", K.TEXT),  # for hits: other claims, documents or rows that show it
    ),
    key=("claim_id", "rule_code"),
)

# One row a rule that was evaluated: what it is and how often it fired.
RULES = TableSchema(
    "rules",
    (
        C("rule_code", K.CODE, True),
        C("programme", K.CODE),  # empty = asked of every programme
        C("severity", K.CODE, True, codes=("hard", "strong", "weak", "info")),
        C("typology", K.CODE),
        C("title_zh", K.TEXT, True),
        C("title_en", K.TEXT, True),
        C("n_hit", K.COUNT, True),
        C("n_pass", K.COUNT, True),
        C("n_not_applicable", K.COUNT, True),
        C("n_error", K.COUNT, True),
        C("fire_share", K.SHARE),  # hits among hits and passes
        C("fires_often", K.FLAG, True),  # on more than 5 % of the claims it could judge
        C(
            "n_unread", K.COUNT
        ),  # of n_not_applicable: a word of the register the pack does not know
    ),
    key=("rule_code",),
)

PRICE_BASES = ("comparables", "comparables_and_catalogue", "catalogue", "same_title")

PRICE_RESULTS = TableSchema(
    "price_results",
    (
        C("claim_id", K.ID, True),
        C("unit_price", K.MONEY),
        # the day these columns look from: run_day (the list), claim_day (a claim before payment)
        C("view", K.CODE, codes=("run_day", "claim_day")),
        C("market_low", K.MONEY),
        C("market_mid", K.MONEY),
        C("market_high", K.MONEY),
        C("price_ratio", K.NUMBER),
        C("p_value", K.SHARE),
        # false discovery rate of the list that ends with the claim; null where the price asks for
        # its quantity, its unit or a split contract first (price_queue)
        C("q_value", K.SHARE),
        C("local_fdr", K.SHARE),  # probability that the claim is not overpriced
        C("price_queue", K.CODE, codes=("overpriced", "quantity_unit_or_split")),
        C("institution_level", K.NUMBER),  # times the market, from the institution's other claims
        C(
            "institution_share", K.SHARE
        ),  # of the institution's claims that are overpriced, likewise
        C("institution_zh", K.TEXT),  # what these say of the claim, in words
        C("institution_en", K.TEXT),
        C("excess_amount", K.MONEY),
        # the same as known on the claim's own day: what it is scored by before payment
        C("claim_day_low", K.MONEY),
        C("claim_day_mid", K.MONEY),
        C("claim_day_high", K.MONEY),
        C("claim_day_ratio", K.NUMBER),
        C("claim_day_p_value", K.SHARE),
        C("claim_day_excess", K.MONEY),
        C("claim_day_basis", K.CODE, codes=PRICE_BASES),
        C("comparables", K.TEXT),  # claim ids, nearest first, separated by ';'
        # what the market is formed from; runs of earlier versions: a sentence "zh / en"
        C("basis", K.CODE, codes=PRICE_BASES),
        C("outcome", K.CODE, True, codes=("scored", "not_applicable")),
        C("reason", K.TEXT),  # in Chinese; runs of earlier versions: "zh / en"
        C("reason_en", K.TEXT),
        C("basis_zh", K.TEXT),  # the market and this claim against it, in words
        C("basis_en", K.TEXT),
        C("claim_day_basis_zh", K.TEXT),
        C("claim_day_basis_en", K.TEXT),
    ),
    key=("claim_id",),
)

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

EXPLANATION_GROUPS = ("rules", "price", "ring", "behaviour", "profile", "neighbourhood", "text")

EXPLANATIONS = TableSchema(
    "explanations",
    (
        C("claim_id", K.ID, True),
        C("position", K.COUNT, True),
        C("feature", K.CODE, True),
        C("value", K.NUMBER),
        C("peer_value", K.NUMBER),
        C("contribution", K.NUMBER, True),
        C("group", K.CODE, False, codes=EXPLANATION_GROUPS),
        C("sentence_zh", K.TEXT, True),
        C("sentence_en", K.TEXT, True),
    ),
    key=("claim_id", "position"),
)

AUDIT_PLAN = TableSchema(
    "audit_plan",
    (
        C("claim_id", K.ID, True),
        C("enterprise_id", K.ID, True),
        C("stratum", K.CODE, True, codes=("certainty", "risk", "huzhou", "random")),
        C("inclusion_prob", K.SHARE, True),
        C("draw", K.COUNT, True),
        C("reason_zh", K.TEXT, True),
        C("reason_en", K.TEXT, True),
    ),
    key=("claim_id",),
)

# The probability of every claim of the population, drawn or not: without it a later
# estimate has no denominator.
AUDIT_FRAME = TableSchema(
    "audit_frame",
    (
        C("claim_id", K.ID, True),
        C("enterprise_id", K.ID, True),
        C("inclusion_prob", K.SHARE, True),
        C("expected_loss", K.MONEY, True),
        C("claimed_amount", K.MONEY, True),
        C("drawn", K.FLAG, True),
        # only where a plan keeps limits: what is drawn together, where, at what cost
        C("part", K.TEXT),
        C("place", K.TEXT),
        C("cost_days", K.NUMBER),
    ),
    key=("claim_id",),
)

ESTIMATES = TableSchema(
    "estimates",
    (
        C("programme", K.CODE, True),
        C("quantity", K.CODE, True, codes=("improper_share", "improper_amount", "claim_share")),
        C("estimate", K.NUMBER),
        C("low", K.NUMBER),
        C("high", K.NUMBER),
        C("confidence", K.SHARE),
        C("n_sampled", K.COUNT, True),
        C("n_population", K.COUNT, True),
        C("method", K.TEXT, True),
        C("note_zh", K.TEXT),
        C("note_en", K.TEXT),
    ),
)

QUARANTINE = TableSchema(
    "quarantine",
    (
        C("table", K.CODE, True),
        C("file", K.TEXT, True),
        C("sheet", K.TEXT),
        C("row", K.COUNT),
        C("column", K.TEXT),
        C("value", K.TEXT),
        C("reason_code", K.CODE, True),
        C("detail", K.TEXT),
    ),
)

REPAIRS = TableSchema(
    "repairs",
    (
        C("table", K.CODE, True),
        C("file", K.TEXT, True),
        C("sheet", K.TEXT),
        C("row", K.COUNT),
        C("column", K.TEXT),
        C("before", K.TEXT),
        C("after", K.TEXT),
        C("kind", K.CODE, True),
    ),
)

TRUTH = TableSchema(
    "truth",
    (
        C("claim_id", K.ID, True),
        C("is_fraud", K.FLAG, True),
        C("is_irregular", K.FLAG, True),
        C("typology", K.CODE),
        C("ring_id", K.ID),
        C("true_market_price", K.MONEY),
        C("true_loss", K.MONEY, True),
    ),
    key=("claim_id",),
)

OUTPUT_TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        RANKED_CLAIMS, RULES, RULE_RESULTS, PRICE_RESULTS, TIES, RINGS, RING_MEMBERS, RING_CLAIMS,
        RING_EVIDENCE, EXPLANATIONS, AUDIT_PLAN, AUDIT_FRAME, ESTIMATES, QUARANTINE, REPAIRS,
    )
}  # fmt: skip
