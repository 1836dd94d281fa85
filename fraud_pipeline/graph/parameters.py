"""Base weights of ties and the limits of text reuse: constants of the method, all assumptions.

A tie weighs its base weight divided by (parties sharing the value - 1): two who share a phone are
tied by the whole weight, ten by a ninth of it, more than the setting ``graph.hub_cap`` not at all.
What rings found with them are worth is measured by `fraud-pipeline benchmark`.
"""

COLUMN_CONSTANT = 5.0  # c of the weight 1 / ln(c + clients) of a claim (FRAUDAR, Hooi et al. 2016)

HARD_HOLDING_SHARE = 0.25  # law: State Taxation Administration announcement 2016 no. 42
SOFT_HOLDING_SHARE = 0.05

ACCOUNT_WEIGHT = 1.0
PERSON_WEIGHT = 1.0  # one legal representative by code, or a hard holding
EXECUTIVE_WEIGHT = 0.8
EMPLOYEE_WEIGHT = 0.3
SOFT_HOLDING_WEIGHT = 0.3
PHONE_WEIGHT = 0.6
EMAIL_WEIGHT = 0.6
DEVICE_WEIGHT = 0.6
AGENT_WEIGHT = 0.3
ADDRESS_WEIGHT = 0.15
NAMESAKE_WEIGHT = 0.1  # legal representatives of one name: mostly namesakes ...
SAME_NAME_WEIGHT = 0.8  # ... unless phone, address, account or person agree too
MONEY_BACK_WEIGHT = 1.0

TEXT_WEIGHT = 0.5
TEXT_SHINGLE_CHARS = 8
TEXT_MIN_CHARS = 40  # shorter texts say too little to be copied
TEXT_MIN_OVERLAP = 0.6  # of the passages that are no template's
TEXT_MIN_PASSAGES = 16  # fewer say nothing; one odd sentence makes about 8
TEXT_HUB_CAP = 15  # a passage in papers of more enterprises is a template; an assumption
TEXT_MAX_SHINGLES = 20_000_000  # beyond this, shingles are sampled by their hash; bounds memory
