"""The closed lists of the data contract, section 4."""

SERVICE_TYPES = (
    "patent_invention", "patent_utility", "patent_design", "trademark", "software_copyright",
    "testing", "novelty_search", "hightech_certification", "technology_development",
    "technology_transfer", "technology_consulting", "technology_service", "incubation",
    "instrument_sharing", "product_design", "standard_setting", "enterprise_certification",
    "patent_purchase", "talent", "training", "scientific_data", "germplasm", "other",
)  # fmt: skip

INSTITUTION_CATEGORIES = (
    "university", "research_institute", "industrial_research_institute", "incubator",
    "statutory_testing", "ip_agency", "hightech_engineering_centre", "instrument_platform",
    "service_platform", "other",
)  # fmt: skip

VERDICTS = ("fraud", "irregular", "clean", "undetermined")
SELECTED_BY = ("certainty", "risk", "huzhou", "random", "tip", "legacy")
INVOICE_STATUSES = ("正常", "作废", "红冲")
REDEEMERS = ("enterprise", "institution")
DELIVERABLE_KINDS = (
    "patent_application", "trademark", "test_report", "novelty_report", "certificate",
    "copyright", "report", "other",
)  # fmt: skip
RELATION_ROLES = ("shareholder", "director", "executive", "legal_representative", "employee")
TYPOLOGIES = tuple(f"T{n:02d}" for n in range(1, 27))

# Codes of `enterprises.qualifications`, with the words the programmes use for them.
QUALIFICATIONS = {
    "hightech_enterprise": "高新技术企业",
    "advanced_service_enterprise": "技术先进型服务企业",
    "incubated": "科技企业孵化器在孵企业",
    "tech_sme": "科技型中小企业",
    "startup_team": "创业团队",
}
