"""Which kinds of tie say what about two parties."""

STRONG = frozenset({"phone", "email", "bank_account", "device", "person"})
SOFT = frozenset({"address", "agent", "legal_representative", "text"})
IDENTITY = STRONG | SOFT
HARD = frozenset({"bank_account", "person"})
