"""The closed lists of the data contract, section 4; their labels are in ``vocabulary``."""

from fraud_pipeline.vocabulary import documents, parties, services, typologies, verdicts

SERVICE_TYPES = tuple(services.SERVICES)
INSTITUTION_CATEGORIES = tuple(parties.INSTITUTION_CATEGORIES)
VERDICTS = verdicts.OUTCOME_VERDICTS
SELECTED_BY = (*verdicts.STRATA, *verdicts.OTHER_SELECTION)
INVOICE_STATUSES = tuple(documents.INVOICE_STATUSES)
REDEEMERS = tuple(parties.REDEEMERS)
DELIVERABLE_KINDS = tuple(documents.DELIVERABLES)
RELATION_ROLES = tuple(parties.RELATION_ROLES)
TYPOLOGIES = tuple(typologies.TYPOLOGIES)
QUALIFICATIONS = tuple(parties.QUALIFICATIONS)
