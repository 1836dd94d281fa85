"""The registry: one check a file, listed here by hand so that its order is a decision."""

from fraud_pipeline.programmes.check import Check
from fraud_pipeline.programmes.checks import (
    l01_enterprise_cap,
    l02_voucher_share,
    l03_redemption_multiplier,
    l04_redeemer,
    l05_contract,
    l06_revenue,
    l07_qualifications,
    l08_enterprise_region,
    l09_institution_category,
    l10_service_type,
    l11_programme_period,
    l12_negative_list,
    l13_annual_budget,
    l14_voucher_validity,
    l15_institution_region,
)

CHECKS: tuple[Check, ...] = (
    l01_enterprise_cap.CHECK,
    l02_voucher_share.CHECK,
    l03_redemption_multiplier.CHECK,
    l04_redeemer.CHECK,
    l05_contract.CHECK,
    l06_revenue.CHECK,
    l07_qualifications.CHECK,
    l08_enterprise_region.CHECK,
    l09_institution_category.CHECK,
    l10_service_type.CHECK,
    l11_programme_period.CHECK,
    l12_negative_list.CHECK,
    l13_annual_budget.CHECK,
    l14_voucher_validity.CHECK,
    l15_institution_region.CHECK,
)
