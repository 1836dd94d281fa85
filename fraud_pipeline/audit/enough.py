"""The precision wanted, answered with the budget it takes on a given list."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.audit.design import design
from fraud_pipeline.audit.population import population
from fraud_pipeline.errors import InputError
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import RANKED_CLAIMS
from fraud_pipeline.settings import AuditSettings


def audits_for_half_width(
    ranked: pa.Table, tables: Tables, settings: AuditSettings, half_width: float
) -> tuple[int, float]:
    """(least audits, half-width then planned) to know the improper share to ``half_width``.

    The half-width is of this list's share, in [0, 1], at the settings' confidence and with
    the money that the settings are willing to give up for it. To one part in five hundred.
    Raises InputError for a half-width that is not between 0 and 1.
    """
    if not 0.0 < half_width < 1.0:
        raise InputError(f"the half-width must be between 0 and 1, not {half_width:g}")
    wanted = settings.model_copy(update={"target_half_width": half_width, "rounds_per_year": 1})
    claims = population(RANKED_CLAIMS.conform(ranked), tables, wanted, None)
    low, high, width = 0, len(claims), 0.0
    while high - low > max(1, high // 500):
        middle = (low + high + 1) // 2
        precision = design(claims, wanted, middle, 0).precision
        if precision.met:
            high, width = middle, precision.widths.larger
        else:
            low = middle
    return high, width
