"""Unit prices of the known claims, kept by service: only what was filed is worked out again."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.pricing.unit_price import PAPERS, unit_prices
from fraud_pipeline.schema import Tables


class UnitPrices:
    """Rows of :func:`unit_prices` of a service's known claims, made when it is first asked for.

    A row is made from its claim, the claim's institution, its outcomes, its contract and the invoices of
    that, and of nothing else: the rows of others stay as they are when something is filed.
    """

    def __init__(self, known: Tables):
        self._known = known
        self._by_service: dict[str, pa.Table] = {}

    def of(self, tables: Tables, filed: Mapping[str, pa.Table]) -> pa.Table:
        """By claim_id, of the service of the one claim filed; ``tables`` are those known with
        the rows ``filed`` in place."""
        service = filed["claims"]["service_type"][0].as_py()
        claims = tables["claims"]
        if service is None or ("outcomes" in filed and filed["outcomes"].num_rows):
            # a verdict may have been moved from any other claim: nobody files one before payment
            return unit_prices(tables.replaced(claims=_for(claims, service)))
        again = _for(claims.filter(_touched(claims, filed)), service)
        is_affected = pc.is_in(tables["institutions"]["institution_id"],
                          value_set=again["institution_id"].combine_chunks())  # fmt: skip
        fresh = unit_prices(
            tables.replaced(claims=again, institutions=tables["institutions"].filter(is_affected))
        )
        known_prices = self._of_service(service)
        replaced = pc.is_in(known_prices["claim_id"], value_set=fresh["claim_id"].combine_chunks())
        return pa.concat_tables([known_prices.filter(pc.invert(replaced)), fresh]).sort_by(
            "claim_id"
        )

    def _of_service(self, service: str) -> pa.Table:
        if service not in self._by_service:
            claims = _for(self._known["claims"], service)
            self._by_service[service] = unit_prices(self._known.replaced(claims=claims))
        return self._by_service[service]


def _for(claims: pa.Table, service: str | None) -> pa.Table:
    return claims.filter(pc.equal(claims["service_type"], pa.scalar(service, pa.string())))


def _touched(claims: pa.Table, filed: Mapping[str, pa.Table]) -> pa.ChunkedArray:
    """The claim filed, and those of an institution or of papers that were filed with it."""
    touched = pc.equal(claims["claim_id"], filed["claims"]["claim_id"][0])
    for name in PAPERS:
        if name in filed:
            contracts = filed[name]["contract_id"].combine_chunks().drop_null()
            touched = pc.or_(touched, pc.is_in(claims["contract_id"], value_set=contracts))
    if "institutions" not in filed:
        return touched
    institutions = filed["institutions"]["institution_id"].combine_chunks()
    return pc.or_(touched, pc.is_in(claims["institution_id"], value_set=institutions))
