"""Which rows a part needs besides its own: joins by shared value, made by Spark.

``pairs`` are frames (key, part): the values of a key that a part has to do with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fraud_pipeline.engine.spark.frames import OWN, everywhere, part_of, routed

Read = Callable[..., Any]  # read(name, columns=None) -> Spark frame of an input table


def own_pairs(read: Read, by: str, parts: int) -> Any:
    """(every short column of a claim, part): the part is that of the claim's ``by``."""
    return read("claims").select("*", part_of(by, parts))


def by_claims(read: Read, name: str, key: str, own: Any) -> Any:
    """The rows of an input table that the own claims name by ``key``."""
    return routed(read(name), own.select(key, "part"))


def claims_with(read: Read, own: Any, *more: Any) -> Any:
    """The own claims, marked, and those of ``more`` pairs (claim_id, part) as context."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    pairs = own.select("claim_id", "part", sf.lit(True).alias(OWN))
    for context in more:
        pairs = pairs.unionByName(context.select("claim_id", "part", sf.lit(False).alias(OWN)))
    pairs = pairs.groupBy("claim_id", "part").agg(sf.max(OWN).alias(OWN))
    return read("claims").join(pairs, "claim_id")


def enterprise_neighbourhood(read: Read, parts: int) -> dict[str, Any]:
    """All that the papers of an enterprise's claims are about, enterprises parted by hash.

    Vouchers: those of the part's enterprises and of the enterprises its claims' vouchers belong
    to, because a rule counts an owner's vouchers. Claims: its own, and whoever else used one of
    these vouchers.
    """
    own = own_pairs(read, "enterprise_id", parts)
    used = by_claims(read, "vouchers", "voucher_id", own)
    owners = own.select("enterprise_id", "part").unionByName(used.select("enterprise_id", "part"))
    vouchers = routed(read("vouchers"), owners)
    also = routed(read("claims", ["claim_id", "voucher_id"]), vouchers.select("voucher_id", "part"))
    named = own.selectExpr("enterprise_id AS party_id", "part").unionByName(
        own.selectExpr("institution_id AS party_id", "part")
    )
    return {
        "claims": claims_with(read, own, also),
        "vouchers": vouchers,
        "enterprises": by_claims(read, "enterprises", "enterprise_id", own),
        "institutions": by_claims(read, "institutions", "institution_id", own),
        "contracts": by_claims(read, "contracts", "contract_id", own),
        "payments": by_claims(read, "payments", "contract_id", own),
        "invoices": by_claims(read, "invoices", "contract_id", own),
        "deliverables": by_claims(read, "deliverables", "claim_id", own),
        "sanctions": routed(read("sanctions"), named),
        "market_prices": everywhere(read("market_prices"), parts),
    }


def of_institutions(read: Read, parts: int) -> dict[str, Any]:
    """The claims of each institution, institutions parted by hash."""
    own = own_pairs(read, "institution_id", parts)
    return {
        "claims": claims_with(read, own),
        "market_prices": everywhere(read("market_prices"), parts),
    }
