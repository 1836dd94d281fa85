"""How often each rule fires, programme by programme: a rule that fires on everybody says nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.schema.outputs import RULE_OUTCOMES
from fraud_pipeline.settings import ProgrammeSettings

FIRE_RATES = pa.schema(
    [
        ("rule_code", pa.string()),
        ("title_zh", pa.string()),
        ("title_en", pa.string()),
        ("severity", pa.string()),
        ("programme", pa.string()),  # null = all programmes of the run together
        ("n_claims", pa.int64()),
        *((f"n_{outcome}", pa.int64()) for outcome in RULE_OUTCOMES),
        ("judged_share", pa.float64()),  # of the claims that could be judged
        ("fire_share", pa.float64()),  # hits among those judged; null where none was
        ("hit_share", pa.float64()),  # hits among all claims
        ("fires_often", pa.bool_()),
    ]
)


def fire_rates(
    results: pa.Table, rules: pa.Table, claims: pa.Table, settings: ProgrammeSettings
) -> pa.Table:
    """One row (FIRE_RATES) a rule, and one a rule and programme where a run has several.

    ``results`` and ``rules`` are what :func:`fraud_pipeline.programmes.evaluate` gave for
    ``claims``. Marked ``fires_often`` is a rule that hits more than ``fires_often_share``
    of what it judged: it describes the programme, or is wrong for it, and counts less.
    """
    claims = claims.take(pc.sort_indices(claims["claim_id"]))
    programme = claims["programme"].combine_chunks().dictionary_encode()
    names = programme.dictionary.to_pylist()
    of_claim = programme.indices.to_numpy()
    n, rows = claims.num_rows, []
    for place, rule in enumerate(rules.sort_by("rule_code").to_pylist()):
        outcome = results["outcome"].slice(place * n, n).combine_chunks()
        codes = pc.index_in(outcome, value_set=pa.array(RULE_OUTCOMES)).to_numpy()
        count = np.bincount(of_claim * 4 + codes, minlength=4 * len(names)).reshape(-1, 4)
        rows.append(_row(rule, None, count.sum(axis=0), settings))
        if len(names) > 1:
            rows += [_row(rule, names[k], count[k], settings) for k in np.argsort(names)]
    return pa.Table.from_pylist(rows, schema=FIRE_RATES)


def _row(
    rule: dict[str, Any], programme: str | None, count: np.ndarray, settings: ProgrammeSettings
) -> dict[str, object]:
    by_outcome = dict(zip(RULE_OUTCOMES, count.tolist(), strict=True))
    n, n_judged = int(count.sum()), by_outcome["hit"] + by_outcome["pass"]
    fire = by_outcome["hit"] / n_judged if n_judged else None
    return {
        **{name: rule[name] for name in ("rule_code", "title_zh", "title_en", "severity")},
        "programme": programme,
        "n_claims": n,
        **{f"n_{outcome}": k for outcome, k in by_outcome.items()},
        "judged_share": n_judged / n if n else None,
        "fire_share": fire,
        "hit_share": by_outcome["hit"] / n if n else None,
        "fires_often": fire is not None and fire > settings.fires_often_share,
    }
