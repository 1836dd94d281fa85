"""Prices of claims against their market."""

from __future__ import annotations

from fraud_pipeline.schema.table_schema import Column, Kind, TableSchema

C, K = Column, Kind

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
