"""Proof by repetition: the published frame and seed give the published plan, or not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.audit.draw import frame_sha256
from fraud_pipeline.audit.plan import draw_order
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.schema.outputs import AUDIT_FRAME, AUDIT_PLAN


def verify_plan(frame: pa.Table, plan: pa.Table, seed: int, committed: str | None = None) -> None:
    """Draws again from ``frame`` with ``seed`` and compares with ``plan``.

    ``committed`` is the hash published before the seed was known. The hash of
    the frame is part of every ticket, so even without it a frame changed in one
    bit draws other claims, or the same in another order.

    Raises IntegrityError naming the first thing that differs.
    """
    frame = AUDIT_FRAME.conform(frame).sort_by("claim_id")
    plan = AUDIT_PLAN.conform(plan).sort_by("claim_id")
    root = frame_sha256(frame)
    if committed is not None and root != committed:
        raise IntegrityError(f"table audit_frame: its hash {root} is not the published {committed}")
    order = draw_order(frame, seed, root)
    selected = order > 0
    if not np.array_equal(selected, frame["drawn"].to_numpy(zero_copy_only=False)):
        raise IntegrityError(f"table audit_frame: seed {seed} draws other claims than are marked")
    redrawn = frame.filter(pa.array(selected))
    for name in ("claim_id", "enterprise_id", "inclusion_prob"):
        if redrawn[name].to_pylist() != plan[name].to_pylist():
            raise IntegrityError(f"table audit_plan, column {name}: seed {seed} draws otherwise")
    if not np.array_equal(order[selected], plan["draw"].to_numpy()):
        raise IntegrityError(f"table audit_plan, column draw: seed {seed} draws in another order")
    certain = pc.equal(plan["stratum"], "certainty").to_numpy(zero_copy_only=False)
    if not np.array_equal(certain, plan["inclusion_prob"].to_numpy() == 1.0):
        raise IntegrityError("table audit_plan: certainty is not the same as probability 1")
