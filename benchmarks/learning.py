"""What years of audits teach: day one against learned, on claims not yet seen.

    python -m benchmarks.learning [--quick] [--development] [--programme NAME,NAME]
                                  [--level N] [--worlds N] [--claims N]

A simulated programme is audited quarter by quarter: the product's own plan draws a tenth,
verdicts come 60 to 200 days later and miss 15 % of what is improper. At the end of each of two
years everything is trained on the verdicts known by then, and the claims that follow (until the
next training, or the programme's end) are ranked by each model in the same run. A programme
shorter than two years and a half is cut at 45 % and 85 % of its time instead. Report seeds
101-110; median (least - most) over the worlds, and in how many worlds a year fell below the rules.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import date, timedelta

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import average_precision_score

from fraud_pipeline import audit, risk
from fraud_pipeline.benchmark import DEVELOPMENT_SEEDS, REPORT_SEEDS
from fraud_pipeline.benchmark.case import Case, Evidence, Tools
from fraud_pipeline.benchmark.detectors.claim_features import columns
from fraud_pipeline.benchmark.measures import calibration_error
from fraud_pipeline.risk.labels import labels_of
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.schema.inputs import OUTCOMES
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

N_CLAIMS = 3200
MISSED = 0.15
LIGHTGBM = "LightGBM, claim columns"
DELAY = (60, 200)


@dataclass(frozen=True)
class Past:
    """A world with the verdicts that audits up to a day have brought."""

    tables: Tables
    truth: pd.DataFrame
    outcomes: pa.Table


def main() -> None:
    tools = Tools(Settings(), load_packs(None), shipped_model())
    seeds = DEVELOPMENT_SEEDS[5:] if "--development" in sys.argv else REPORT_SEEDS
    seeds = seeds[: int(_option("--worlds", "3" if "--quick" in sys.argv else "10"))]
    claims = int(_option("--claims", str(N_CLAIMS)))
    levels = (int(_option("--level", "0")),) if "--level" in sys.argv else (0, 1, 2)
    for programme in _option("--programme", "wuhan").split(","):
        for level in levels:
            worlds = [one_world(programme, claims, seed, level, tools) for seed in seeds]
            _print(programme, level, worlds)


def _option(name: str, otherwise: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


def _print(programme: str, level: int, worlds: list[list[dict[str, float]]]) -> None:
    for year, rows in enumerate(zip(*worlds, strict=True), start=1):
        print(
            f"\n{programme}, camouflage {level}, after year {year}, {len(rows)} worlds", flush=True
        )
        for name in rows[0]:
            values = [row[name] for row in rows]
            print(f"  {name:52} {np.median(values):6.3f}  ({min(values):.3f} - {max(values):.3f})")
        below = sum(r["learned / rules alone"] < 1 for r in rows)
        print(
            f"  {'worlds in which the learned model is below the rules':52} {below} of {len(rows)}"
        )


def one_world(
    programme: str, claims: int, seed: int, level: int, tools: Tools
) -> list[dict[str, float]]:
    """The figures after each year of audits."""
    world = simulate(programme, claims, seed, camouflage=level)
    tables = Tables({**world.tables, "outcomes": OUTCOMES.empty()})
    days = tables["claims"]["submitted_on"]
    first, last = pc.min(days).as_py(), pc.max(days).as_py() + timedelta(days=1)
    cuts = _cuts(first, last)
    truth = world.truth.to_pandas().set_index("claim_id")
    past = audited(Past(tables, truth, OUTCOMES.empty()), first, cuts[-1], seed, tools)
    told = []
    for since, until in zip(cuts, (*cuts[1:], last), strict=True):
        figures = judged(past, _learned(past, since, tools), since, until, tools)
        ap = {n: figures[f"average precision: {n}"] for n in ("learned", "rules alone", LIGHTGBM)}
        figures["learned / LightGBM"] = ap["learned"] / ap[LIGHTGBM]
        figures["learned / rules alone"] = ap["learned"] / ap["rules alone"]
        told.append(figures)
    return told


def _cuts(first: date, last: date) -> tuple[date, date]:
    year = timedelta(days=365)
    if first + 2.5 * year <= last:
        return first + year, first + 2 * year
    span = last - first
    return first + span * 9 // 20, first + span * 17 // 20


def audited(past: Past, first: date, until: date, seed: int, tools: Tools) -> Past:
    """Quarter after quarter a tenth of the new claims is drawn by plan and audited."""
    known = known_by(past.tables, until)
    evidence = Evidence.of(known, until, tools)
    ranked = evidence.ranked(known, tools)
    rng = np.random.default_rng(seed)
    day = dict(zip(known["claims"]["claim_id"].to_pylist(),
                   known["claims"]["submitted_on"].to_pylist(), strict=True))  # fmt: skip
    submitted = pd.Series([day[c] for c in ranked["claim_id"].to_pylist()])
    rounds = []
    start = first
    while start < until:
        end = start + timedelta(days=91)
        new = pa.array(((submitted >= start) & (submitted < end)).to_numpy())
        quarter = ranked.filter(new)
        if quarter.num_rows >= 20:
            quarter = quarter.set_column(
                quarter.column_names.index("rank"),
                "rank",
                pa.array(np.arange(1, quarter.num_rows + 1)),
            )
            plan = audit.make_plan(
                quarter,
                known,
                tools.settings.audit,
                budget=quarter.num_rows // 10,
                seed=seed,
                as_of=end,
            )
            rounds.append(_verdicts(plan.plan, past.truth, end, rng))
        start = end
    return replace(past, outcomes=OUTCOMES.conform(pa.concat_tables(rounds)))


def _verdicts(plan: pa.Table, truth: pd.DataFrame, day: date, rng: np.random.Generator) -> pa.Table:
    rows = truth.loc[plan["claim_id"].to_pylist()]
    improper = (rows["is_fraud"] | rows["is_irregular"]).to_numpy()
    seen = improper & (rng.random(len(rows)) >= MISSED)
    kind = np.where(rows["is_fraud"], "fraud", "irregular")
    decided = [day + timedelta(days=int(d)) for d in rng.integers(*DELAY, len(rows))]
    return OUTCOMES.conform(pa.table({
        "outcome_id": [f"{day:%y%m%d}-{c}" for c in rows.index], "claim_id": plan["claim_id"],
        "decided_on": decided, "verdict": np.where(seen, kind, "clean").tolist(),
        "selected_by": plan["stratum"], "inclusion_prob": plan["inclusion_prob"],
    }))  # fmt: skip


def _learned(past: Past, day: date, tools: Tools) -> tuple[risk.Model, lightgbm.LGBMClassifier]:
    """The product's model and LightGBM on claim columns, from the same verdicts."""
    tables = known_by(Tables({**past.tables, "outcomes": past.outcomes}), day)
    evidence = Evidence.of(tables, day, tools)
    features = evidence.features
    answer = risk.train(
        features, evidence.rules, tables, tools.model, tools.model, tools.settings.risk
    )
    model = tools.model
    if isinstance(answer, risk.Learned) and answer.gate.passed:
        model = answer.model
    known = tables["outcomes"].to_pandas().drop_duplicates("claim_id", keep="last")
    claims = tables["claims"].to_pandas().set_index("claim_id").loc[known["claim_id"]].reset_index()
    weight = labels_of(features, tables).weight
    plain = lightgbm.LGBMClassifier(
        n_estimators=120, learning_rate=0.05, num_leaves=7, min_child_samples=15, subsample=0.8,
        subsample_freq=1, colsample_bytree=0.7, reg_lambda=5.0, random_state=7, verbose=-1,
    )  # fmt: skip
    order = np.argsort(known["claim_id"].to_numpy())
    y = known["verdict"].isin(["fraud", "irregular"]).to_numpy()
    plain.fit(_columns(tables, claims).iloc[order], y[order], sample_weight=weight)
    return model, plain


def _columns(tables: Tables, claims: pd.DataFrame) -> pd.DataFrame:
    case = Case("", 0, 0, date.max, tables, claims, claims, {}, {}, None)  # type: ignore[arg-type]
    return columns(case)


def judged(
    past: Past, learned: tuple[risk.Model, lightgbm.LGBMClassifier], since: date, until: date,
    tools: Tools,
) -> dict[str, float]:  # fmt: skip
    """Every ranking of the claims submitted from ``since`` on, none of them audited."""
    tables = known_by(Tables({**past.tables, "outcomes": past.outcomes}), until)
    evidence = Evidence.of(tables, until, tools)
    filed = tables["claims"]["submitted_on"]
    theirs = pc.and_(pc.greater_equal(filed, since), pc.less(filed, until))
    claims = tables["claims"].filter(theirs)
    claims = claims.sort_by("claim_id").to_pandas()
    truth = past.truth.loc[claims["claim_id"]]
    improper = (truth["is_fraud"] | truth["is_irregular"]).to_numpy()
    loss = truth["true_loss"].astype(float).to_numpy()
    amount = claims["claimed_amount"].astype(float).to_numpy()
    mine = risk.rows_of(evidence.features, pa.array(claims["claim_id"])).sort_by("claim_id")
    x = risk.matrix(mine)
    model, plain = learned
    outcomes = tables["outcomes"]
    then = outcomes.filter(pc.less_equal(outcomes["decided_on"], pa.scalar(since)))
    first, taught = (
        evidence.fitted(tables.replaced(outcomes=told), tools, m)
        for told, m in ((outcomes.slice(0, 0), tools.model), (then, model))
    )
    p = {
        "day one": first.probability(first.log_odds(x)),
        "learned": taught.probability(taught.log_odds(x)),
        "rules alone": np.nan_to_num(mine["rule_score"].to_numpy()),
        LIGHTGBM: plain.predict_proba(_columns(tables, claims))[:, 1],
    }
    figures = {
        f"average precision: {n}": float(average_precision_score(improper, v)) for n, v in p.items()
    }
    for name, values in p.items():
        top = np.argsort(-values * amount, kind="stable")[: len(amount) // 10]
        figures[f"money at 10 %: {name}"] = float(loss[top].sum() / loss.sum())
    for name in ("day one", "learned"):
        figures[f"calibration error: {name}"] = calibration_error(p[name], improper.astype(float))
    figures["share of trust in the learned layer"] = next(
        (layer.share for layer in model.layers if layer.name == "local"), 0.0
    )
    figures["verdicts known"] = float(
        pc.sum(pc.less_equal(past.outcomes["decided_on"], pa.scalar(since))).as_py()
    )
    return figures


if __name__ == "__main__":
    main()
