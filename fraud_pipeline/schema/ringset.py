"""The four tables that describe rings travel together."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from fraud_pipeline.schema import outputs


@dataclass(frozen=True)
class RingSet:
    """Rings, their members, their claims and the ties that convince."""

    rings: pa.Table
    members: pa.Table
    claims: pa.Table
    evidence: pa.Table

    @staticmethod
    def empty() -> RingSet:
        return RingSet(
            outputs.RINGS.empty(),
            outputs.RING_MEMBERS.empty(),
            outputs.RING_CLAIMS.empty(),
            outputs.RING_EVIDENCE.empty(),
        )
