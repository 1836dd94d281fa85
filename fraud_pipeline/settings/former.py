"""Keys of earlier versions: those that have another name now and those that are constants.

A settings file may use an old name; a key that is a constant now is refused with a line of its
own, because a value there would change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fraud_pipeline.errors import SettingsError

RENAMED = {
    "audit.rounds_a_year": "rounds_per_year",
    "behaviour.least_for_outlyingness": "min_claims",
    "programmes.contact_hub_firms": "contact_hub_enterprises",
    "programmes.goods_acquitting_words": "goods_excluded_words",
    "programmes.same_amount_firms": "same_amount_enterprises",
    "programmes.text_hub_firms": "text_template_enterprises",
    "programmes.volume_filings_a_head": "volume_filings_per_head",
    "rings.min_firms": "min_enterprises",
    "rings.null_worlds": "null_samples",
}

_CONSTANTS = {
    "ingest": ("constant of the reader", "block_bytes"),
    "programmes": (
        "constant of its red flag",
        "text_min_chars text_chance_prob peer_price_sigmas peer_price_max_sigma peer_price_firms "
        "contact_together_share number_min_chars number_tail_chars number_order_least "
        "number_order_share number_order_days split_near_share related_hub_parties round_amount "
        "same_amount_burst_share account_hub_firms account_min_firms contact_min_firms "
        "early_confirmation_days same_amount_days volume_days same_day_share "
        "bulk_confirmation_minutes reviewer_min_lift",
    ),
    "graph": (
        "constant of the tie weights",
        "column_constant account_weight holding_share soft_holding_share person_weight "
        "executive_weight employee_weight soft_holding_weight phone_weight email_weight "
        "device_weight agent_weight address_weight namesake_weight same_name_weight "
        "money_back_weight text_weight text_shingle_chars text_min_chars text_min_overlap "
        "text_min_passages text_max_shingles text_hub_cap",
    ),
    "rings": (
        "constant of the ring search",
        "column_constant blocks largest_block structure_seeds widest_firm widest_institution "
        "largest_seed max_seeds max_steps widened next_institutions surprise_floor null_budget "
        "seed least_tied overlap even_excess evidence_rows least_excess_kept least_excess "
        "min_excess season_days max_rings",
    ),
    "pricing": (
        "constant of the price model",
        "shrink_claims shrink_spread_claims forecast_claims listed_seen_claims listed_grace "
        "lean_claims house_freedom houses_spent least_freedom listed_freedom claim_freedom "
        "listed_claim_freedom forecast_least catalogue_claims prior_spread min_spread "
        "catalogue_spread most_freedom plain_title_spread special_title_spread "
        "special_title_share listed_claims catalogue_confidence calibration_claims least_calibration "
        "clean_p_value max_comparables",
    ),
    "behaviour": ("constant of the outlier model", "trees seed"),
    "risk": (
        "constant of the risk model",
        "hard strong weak history_shrink trust_shrink rounds leaves least_leaf learning_rate seed "
        "min_positives",
    ),
    "explain": ("constant of the explanations", "least_shown"),
    "audit": ("constant of the audit design", "blind_spot_prob huzhou_top_share"),
}

CONSTANTS = {
    f"{table}.{name}": reason
    for table, (reason, names) in _CONSTANTS.items()
    for name in names.split()
}


def with_new_names(tree: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The tree with today's keys. SettingsError when a key stands there under both names."""
    renamed = {}
    for table, values in tree.items():
        if not isinstance(values, dict):
            renamed[table] = values
            continue
        renamed[table] = dict(values)
        for old in values:
            new = RENAMED.get(f"{table}.{old}")
            if new is None:
                continue
            if new in values:
                raise SettingsError(f"{origin}: {table}.{old} is {table}.{new} now; both are given")
            renamed[table][new] = renamed[table].pop(old)
    return renamed


def refuse_constants(tree: Mapping[str, Any], origin: str) -> None:
    """SettingsError for the first key that is a constant of its method now."""
    for table, values in tree.items():
        for key in values if isinstance(values, dict) else ():
            reason = CONSTANTS.get(f"{table}.{key}")
            if reason:
                raise SettingsError(f"{origin}: {table}.{key} is no longer a setting ({reason})")
