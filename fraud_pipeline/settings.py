"""Every setting, in frozen dataclasses, one a step; read from one TOML file.

Defaults exist here and nowhere else. An unknown key or a value of another type
is an error that names the key: a typo must not silently score with defaults.
"""

from __future__ import annotations

import tomllib
import typing
from dataclasses import dataclass, field, fields
from typing import Any

from fraud_pipeline.core.trees import from_tree
from fraud_pipeline.errors import SettingsError


@dataclass(frozen=True)
class IngestSettings:
    """How messy sources become clean tables."""

    earliest_on: str = "1990-01-01"  # a date before this is a typing error, not history
    latest_on: str = "2100-01-01"
    max_quarantined_share: float = 0.5  # more unusable claims than this: the file is refused
    block_bytes: int = 1 << 24  # how much of a text file is parsed at a time; bounds one row
    max_cells: int = 60_000_000  # of a sheet or Parquet file; more is a mistake or an attack


@dataclass(frozen=True)
class ProgrammeSettings:
    """Thresholds of the red flags that are not law (law stands in the packs)."""

    fires_often_share: float = 0.05  # a rule hitting more of what it judged is marked
    min_peers: int = 20  # fewer peers make no peer group

    # T01 text reuse
    text_min_chars: int = 40  # shorter texts say too little to be copied
    text_similarity: float = 0.9  # Jaccard similarity of character 5-grams
    text_hub_firms: int = 30  # a text of more firms than this is a template
    text_chance_prob: float = 0.001  # that customary clauses alone make as many equal texts
    # T02 cash-out by volume
    volume_days: int = 90
    volume_min_filings: int = 30
    volume_peer_quantile: float = 0.98
    volume_filings_a_head: float = 0.5  # filings per person on the staff
    expiry_spend_days: int = 15  # T03
    overprice_times: float = 2.5  # T04: of the catalogue's upper price
    peer_price_times: float = 1.55  # of the median of claims under the same title
    peer_price_sigmas: float = 2.5  # of their prices, where they lie wide apart
    peer_price_max_sigma: float = 0.3  # of log prices: wider apart there is no market
    peer_price_firms: int = 6  # fewer enterprises under a title make no market
    transfer_paid_share: float = 0.5  # T05: of the contract's payments, by somebody else
    # T07 goods and T22 statutory testing, by words (regular expressions) and VAT rate
    goods_words: str = "采购|购置|购买|设备销售|服务器|电脑|打印机|办公家具|硬件|耗材|原材料|培训费|代理记账|代记账"
    goods_acquitting_words: str = "租赁|使用费|检测|测试|共享|校准|维护"
    goods_vat_rates: tuple[float, ...] = (0.13, 0.16, 0.17)
    statutory_words: str = (
        "强制检定|强制检验|法定检验|年检|年审|周期检定|定期检验|强制性认证|首次检定"
    )
    concentration_share: float = 0.2  # T09: of the programme's money in a year
    report_min_chars: int = 30  # T10
    amount_tolerance_share: float = 0.01  # T11
    # T13 shared contacts
    contact_min_firms: int = 3
    contact_hub_firms: int = 30  # a contact of more firms is a bookkeeper's, not a ring's
    contact_together_share: float = 0.7  # of the claims, at no more than two institutions
    # T14 money back
    money_back_share: float = 0.1
    money_back_days: int = 60
    shell_age_days: int = 180  # T15
    number_min_chars: int = 8  # T16: shorter document numbers repeat by chance
    number_tail_chars: int = 2  # numbers that differ only here may be counted on
    # a house counts on where this share of its numbers, at least so many, rises with time
    number_order_least: int = 8
    number_order_share: float = 0.9
    number_order_days: int = 30  # papers may be dated so far out of turn
    # T17 splitting
    split_limit_amounts: tuple[float, ...] = (50_000.0, 100_000.0, 200_000.0)
    split_near_share: float = 0.9
    split_days: int = 30
    # T18 related parties
    related_share: float = 0.25  # holding from here on; tax definition of 2016
    related_soft_share: float = 0.05  # L27: a holding from here on is pointed out
    related_hub_parties: int = 10
    # T19 order and speed
    order_tolerance_days: int = 2  # paperwork a day or two late is no lead
    service_min_days: dict[str, int] = field(
        default_factory=lambda: {
            "technology_development": 7,
            "technology_transfer": 5,
            "technology_service": 3,
            "hightech_certification": 5,
            "patent_invention": 3,
            "patent_utility": 2,
            "testing": 2,
        }
    )
    # T20 identical amounts
    round_amount: float = 100.0  # multiples of this are round, not odd
    same_amount_firms: int = 4
    same_amount_days: int = 60
    same_amount_burst_share: float = 0.8
    # T23 one account, many firms
    account_min_firms: int = 2
    account_hub_firms: int = 50
    near_threshold_share: float = 0.98  # T24
    # T26 rubber-stamp confirmation
    early_confirmation_days: int = 0
    bulk_confirmation_minutes: int = 5
    bulk_confirmation_claims: int = 9
    # L23 working days: the state council publishes a year's calendar in the autumn before
    workdays_known_until: str = "2026-12-31"
    extra_working_days: tuple[str, ...] = ()  # 2027-02-14: what the calendar does not know yet
    extra_holidays: tuple[str, ...] = ()
    # T12 reviewer and institution, for the inspection role only
    reviewer_false_share: float = 0.05  # false discoveries accepted among the pairs listed
    reviewer_min_claims: int = 5
    reviewer_min_lift: float = 2.0


@dataclass(frozen=True)
class GraphSettings:
    """Ties between parties and how much a shared attribute counts.

    A tie weighs its base weight divided by (parties sharing the value - 1): two who share a
    phone are tied by the whole weight, ten by a ninth of it, more than ``hub_cap`` not at all.
    """

    hub_cap: int = 30  # an attribute shared by more parties than this ties nobody
    column_constant: float = 5.0  # c of the column weight 1 / ln(c + degree), FRAUDAR
    account_weight: float = 1.0  # same bank account: hard
    holding_share: float = 0.25  # holdings from here on are hard (tax definition of 2016)
    soft_holding_share: float = 0.05
    person_weight: float = 1.0  # same legal representative by code, or holding >= holding_share
    executive_weight: float = 0.8
    employee_weight: float = 0.3
    soft_holding_weight: float = 0.3
    phone_weight: float = 0.6
    email_weight: float = 0.6
    device_weight: float = 0.6
    agent_weight: float = 0.3
    address_weight: float = 0.15
    namesake_weight: float = 0.1  # legal representatives of one name: mostly namesakes ...
    same_name_weight: float = 0.8  # ... unless phone, address, account or person agree too
    money_back_weight: float = 1.0
    text_weight: float = 0.5
    text_shingle_chars: int = 8
    text_min_chars: int = 40  # shorter texts say too little to be copied
    text_min_overlap: float = 0.6  # of the passages that are no template's
    text_min_passages: int = 16  # fewer say nothing; one odd sentence makes about 8
    text_hub_cap: int = 15  # a passage used by more parties is a template
    text_max_shingles: int = 20_000_000  # beyond this, shingles are sampled by their hash


@dataclass(frozen=True)
class RingSettings:
    """Search for dense groups and their significance."""

    season_days: int = 91  # chance worlds keep who dealt in which season
    column_constant: float = 5.0  # c of 1 / ln(c + degree) in the peeling, FRAUDAR
    blocks: int = 5  # dense blocks peeled off as seeds ...
    largest_block: int = 300  # ... when they are no larger: a bigger one is an honest hub
    structure_seeds: int = 300  # pairs of institutions with unexpectedly common clients
    widest_firm: int = 60  # firms with more institutions seed no pairs
    widest_institution: int = 100  # clients of one with more dealings join by ties alone
    largest_seed: int = 100
    min_firms: int = 3  # two firms at one institution are a pair, and for the rules
    max_seeds: int = 20_000  # a level of ties
    max_steps: int = 400
    widened: int = 20  # best answers tried again with ...
    next_institutions: int = 4  # ... one of so many further institutions
    surprise_floor: float = -40.0  # nats; below it other evidence cannot make a lead
    null_worlds: int = 99
    null_budget: int = 2_000_000  # dealings rewired in all; beyond, the analytic bound alone
    seed: int = 20150603
    least_tied: float = 0.2  # of the pairs of firms across two parts, to be one ring
    overlap: float = 0.5  # of the smaller; above it two candidates are one ring
    least_excess: float = 2.0  # nats above the usual best of a chance world, to be shown ...
    least_excess_kept: float = 0.0  # ... and to stay, for a ring of the night before
    even_excess: float = 2.3  # where the score is one half; beyond it one chance world in 20
    max_rings: int = 500
    error_budget: float = 0.05  # a year: chance alone certifies anything on any of its nights
    evidence_rows: int = 300  # ties told a ring and kind: enough to join 300 parties


@dataclass(frozen=True)
class PricingSettings:
    """Market formation and the price verdict."""

    min_institutions: int = 2  # other institutions that must stand behind a market
    window_days: int = 1095  # older prices no longer speak for the market
    shrink_claims: float = 5.0  # the wider group weighs like this many claims of the narrow one
    shrink_spread_claims: float = 3.0  # ... for the spread
    forecast_claims: float = 6.0  # the market's own spread weighs like this many past errors
    listed_seen_claims: float = 2.0  # ... where a catalogue knows the service; beside it weighs
    listed_claims: float = 40.0  # ... like so many claims, unless the errors seen speak against it,
    listed_spread: float = 0.5  # ... this share of the catalogue's spread, an assumption
    listed_grace: float = 2.0  # ... by a variance more than so many times as large
    lean_claims: float = 20.0  # a middle is taken to be right as if so many errors had been 0
    house_freedom: float = 2.0  # degrees of freedom for each institution behind a spread
    houses_spent: float = 5.0  # ... beyond the first five
    least_freedom: float = 12.0
    listed_freedom: float = 26.0  # ... where a catalogue knows the service
    claim_freedom: float = 0.3  # degrees of freedom for each earlier claim: errors are cut
    listed_claim_freedom: float = 0.6  # ... where a catalogue knows the service
    forecast_least: float = 15.0  # claims behind a forecast for its error to count a quarter
    catalogue_claims: float = 6.0  # a catalogue price weighs like this many claims
    catalogue_confidence: float = 0.90  # share of prices meant to lie between low and high
    prior_spread: float = 0.25  # of log prices, where nothing wider is known
    min_spread: float = 0.12  # of log prices: honest houses differ by so much anywhere
    range_confidence: float = 0.90  # of market_low .. market_high
    clean_p_value: float = 0.05  # a claim with a smaller one is nobody's comparable
    max_comparables: int = 10
    min_comparables: int = 5  # fewer peers and no catalogue: not applicable
    catalogue_spread: float = 0.3  # of log prices, where a catalogue names no low and high
    most_freedom: float = 60.0  # honest prices have fatter tails than a normal distribution
    plain_title_spread: float = 0.03  # of log prices between titles that mean the same
    special_title_spread: float = 0.7  # ... and between those that name a niche
    special_title_share: float = 0.1  # of titles nobody else has used yet
    calibration_claims: float = 400.0  # trust in the p-values as they are, in earlier claims
    least_calibration: float = 0.85  # surprises are never made more than 1 / 0.85 times larger


@dataclass(frozen=True)
class BehaviourSettings:
    """Unsupervised outlyingness; the windows are part of the features' names."""

    trees: int = 200
    seed: int = 7
    least_for_outlyingness: int = 50  # fewer claims have no crowd to stand out from


@dataclass(frozen=True)
class RiskSettings:
    """Training, calibration and scoring."""

    hard_floor: float = 0.5  # least risk of a claim that breaks a hard rule
    prior_rate: float = 0.08  # improper claims expected before any audit, an assumption
    min_labels: int = 60
    min_positives: int = 10
    missed: float = 0.15  # share of what is improper that auditors do not see, an assumption


@dataclass(frozen=True)
class ExplainSettings:
    """Which claims get reasons and how many."""

    top_share: float = 0.10  # the first tenth of the list is always explained
    least_shown: float = 0.02  # log-odds; smaller contributions are folded into one row a group


@dataclass(frozen=True)
class AuditSettings:
    """The sampled audit."""

    budget_share: float = 0.10  # claims to audit when no budget is given, share of the list
    # Shares of the budget that go round by chance; each is a floor under every claim's
    # probability, so what a likely case has anyway does not count against it twice.
    random_share: float = 0.05  # same chance for every claim; must be above zero
    amount_share: float = 0.05  # chance in proportion to the amount claimed
    huzhou_share: float = 0.0  # large subsidies, many services, clients of busy institutions
    huzhou_top_share: float = 0.10  # what counts as large, many, busy: this upper part
    target_half_width: float = 0.03  # of the improper-payment share; 3 points is the audit custom
    rounds_a_year: int = 1  # lists a year; the target is for the year, a list's is wider
    precision_price: float = 0.04  # most of the expected recovery given up for precision
    blind_spot_prob: float = 0.02  # no claim is believed safer than this when precision is planned
    confidence: float = 0.95  # of the intervals of the estimates


@dataclass(frozen=True)
class ReportSettings:
    """What the page of a run shows."""

    top_claims: int = 50
    top_rings: int = 20


@dataclass(frozen=True)
class Settings:
    """All settings of a run."""

    ingest: IngestSettings = field(default_factory=IngestSettings)
    programmes: ProgrammeSettings = field(default_factory=ProgrammeSettings)
    graph: GraphSettings = field(default_factory=GraphSettings)
    rings: RingSettings = field(default_factory=RingSettings)
    pricing: PricingSettings = field(default_factory=PricingSettings)
    behaviour: BehaviourSettings = field(default_factory=BehaviourSettings)
    risk: RiskSettings = field(default_factory=RiskSettings)
    explain: ExplainSettings = field(default_factory=ExplainSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    report: ReportSettings = field(default_factory=ReportSettings)


def parse_settings(text: str, origin: str = "settings.toml") -> Settings:
    """Settings from TOML text; what is not named keeps its default.

    Raises SettingsError for malformed TOML, an unknown key or a wrong type.

    >>> parse_settings("[audit]\\nbudget_share = 0.2").audit.budget_share
    0.2
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin}: {error}") from error
    return typing.cast(Settings, from_tree(Settings, tree, origin))


def recorded_settings(tree: dict[str, Any], origin: str) -> Settings:
    """The settings that a manifest recorded, of this or an earlier version of the code.

    Keys that are no settings any more are left out with intent: they are constants of their
    method now and belong to the code, whose version the manifest names beside them.
    """
    known = {
        f.name: {key.name for key in fields(getattr(Settings(), f.name))} for f in fields(Settings)
    }
    kept = {
        name: {k: v for k, v in table.items() if k in known[name]}
        for name, table in tree.items()
        if name in known
    }
    return typing.cast(Settings, from_tree(Settings, kept, origin))
