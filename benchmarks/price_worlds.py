"""Prices of the audit list against the truth of simulated worlds; the table at the top of docs/pricing.md.

    python -m benchmarks.price_worlds FOLDER=CACHE [FOLDER=CACHE ...] [--seed N] [--each]

FOLDER holds worlds (`fraud-pipeline simulate --prior N --out FOLDER`, or others' in that layout), CACHE the
runs that `fraud-pipeline benchmark --worlds FOLDER --cache CACHE` left there: their clean tables and rings
are judged again by this code. One row a level of camouflage, or with --each a world:

- recall and false share at q <= 0.1, split contracts and slips of the unit counted neither way;
- visible: overpriced claims at least 1.25 times what honest claims for the same service and title pay in
  the middle. The others are dear only beside a worth of their own that no table shows; recall of these;
- p at .001, .01 and .05 over nominal, honest claims; the share of services with a hundred honest claims
  whose p at .01 is within a factor of 1.5 of nominal, and what that share would be on average if every
  p-value were exact (a hundred claims have one at .01, or none); honest claims of a niche at .01.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from scipy.stats import binom

from fraud_pipeline import pricing
from fraud_pipeline.benchmark.world_folders import WorldFolder, find
from fraud_pipeline.engine.run_queries import known_to
from fraud_pipeline.settings import PricingSettings
from fraud_pipeline.store import runs
from fraud_pipeline.store.workspace import Workspace

LEVEL, VISIBLE = 0.1, 1.25
NOMINAL = (0.001, 0.01, 0.05)
MANY = 100  # honest claims of a service
_PIECE, _UNIT_SLIP = "T17", 9


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    frames = []
    for pair in asked.folders:
        folder, cache = pair.split("=", 1)
        worlds = find(Path(folder), asked.seed, (0, 1, 2))
        figures = pd.DataFrame([_figures(w, Path(cache)) for w in worlds])
        figures.insert(0, "folder", Path(folder).name)
        frames.append(figures)
    table = pd.concat(frames, ignore_index=True)
    if not asked.each:
        table = _means(table)
    print(_markdown(table.round(2)))


def _markdown(table: pd.DataFrame) -> str:
    lines = [[str(c) for c in table.columns], ["---"] * table.shape[1]]
    lines += [["–" if pd.isna(v) else f"{v:g}" if isinstance(v, float) else str(v) for v in row]
              for row in table.itertuples(index=False)]  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _means(table: pd.DataFrame) -> pd.DataFrame:
    """One row a folder and level, recall and false share of all its claims together."""
    rows = []
    for (folder, level), some in table.groupby(["folder", "camouflage"]):
        counted = some[
            ["overpriced", "visible", "recalled", "visible recalled", "alerts", "wrong"]
        ].sum()
        rest = some.drop(columns=["folder", "world", "camouflage", *counted.index]).mean()
        rows.append({"folder": folder, "camouflage": level, "worlds": len(some), **_rates(counted),
                     "worst false share": _worst(some), **rest})  # fmt: skip
    return pd.DataFrame(rows)


def _rates(counted: pd.Series) -> dict[str, float]:
    return {
        "overpriced": int(counted["overpriced"]), "visible": int(counted["visible"]),
        "recall": counted["recalled"] / max(counted["overpriced"], 1),
        "recall of visible": counted["visible recalled"] / max(counted["visible"], 1),
        "alerts": int(counted["alerts"]), "false share": counted["wrong"] / max(counted["alerts"], 1),
    }  # fmt: skip


def _worst(some: pd.DataFrame) -> float:
    enough = some[some["alerts"] >= 5]
    return float((enough["wrong"] / enough["alerts"]).max()) if len(enough) else float("nan")


def _figures(world: WorldFolder, cache: Path) -> dict[str, Any]:
    run = runs.find(Workspace(cache / world.name).path, None)
    prices = pricing.judge(known_to(run), PricingSettings(), ring_claims=run.table("ring_claims"))
    claims = run.table("clean/claims").select(["claim_id", "service_type", "unit", "service_title"])
    columns = ["claim_id", "unit_price", "p_value", "q_value"]
    rows = (
        world.answer()
        .merge(prices.filter(pc.is_valid(prices["unit_price"])).select(columns).to_pandas(), on="claim_id")
        .merge(claims.to_pandas(), on="claim_id")
    )  # fmt: skip
    return {"world": world.name, "camouflage": world.camouflage, **_decisions(rows),
            **_honesty(rows, world)}  # fmt: skip


def _decisions(rows: pd.DataFrame) -> dict[str, int]:
    flagged = rows["q_value"].astype(float) <= LEVEL
    over = rows["overpriced"].astype(bool)
    counted = rows["typology"].fillna("") != _PIECE
    if "error_kind" in rows:
        counted &= rows["error_kind"] != _UNIT_SLIP
    visible = over & (_log_price(rows) - _honest_middle(rows) >= np.log(VISIBLE))
    return {
        "overpriced": int(over.sum()), "visible": int(visible.sum()),
        "recalled": int((flagged & over).sum()), "visible recalled": int((flagged & visible).sum()),
        "alerts": int((flagged & counted).sum()), "wrong": int((flagged & counted & ~over).sum()),
    }  # fmt: skip


def _log_price(rows: pd.DataFrame) -> pd.Series:
    return np.log(rows["unit_price"].astype(float))


def _honest_middle(rows: pd.DataFrame) -> pd.Series:
    """Median log price of proper claims for the same service, unit and title, else service and unit."""
    honest = _log_price(rows).where(~rows["improper"].astype(bool))
    service = [rows["service_type"], rows["unit"].fillna("")]
    by_title = honest.groupby([*service, rows["service_title"].fillna("")])
    middle = by_title.transform("median").where(by_title.transform("count") >= 3)
    return middle.fillna(honest.groupby(service).transform("median"))


def _honesty(rows: pd.DataFrame, world: WorldFolder) -> dict[str, float]:
    honest = rows[~rows["improper"].astype(bool) & rows["p_value"].notna()]
    p = honest["p_value"].astype(float)
    figures = {f"p at {a:g}": float((p <= a).mean() / a) for a in NOMINAL}
    by_service = (p <= 0.01).groupby(honest["service_type"]).agg(["mean", "size"])
    rates = by_service.loc[by_service["size"] >= MANY, "mean"] / 0.01
    within = ((rates >= 1 / 1.5) & (rates <= 1.5)).mean() if len(rates) else float("nan")
    figures |= {"services within 1.5": float(within), "if exact": _within_if_exact(by_service["size"]),
                "services above 1.5": float((rates > 1.5).mean()) if len(rates) else float("nan")}  # fmt: skip
    names = list(world.about.get("groups", ()))
    niche = np.zeros(len(honest), dtype=bool)
    if "niche_service" in names and "group_mask" in honest:
        mask = honest["group_mask"].fillna(0).to_numpy(int)
        niche = ((mask >> names.index("niche_service")) & 1).astype(bool)
    figures["niche at 0.01"] = (
        float((p[niche] <= 0.01).mean() / 0.01) if niche.any() else float("nan")
    )
    return figures


def _within_if_exact(sizes: pd.Series) -> float:
    """Expected share of services within a factor of 1.5 at .01 where p-values are uniform."""
    n = sizes[sizes >= MANY].to_numpy()
    if not len(n):
        return float("nan")
    low, high = np.ceil(0.01 * n / 1.5 - 1e-9), np.floor(0.01 * n * 1.5 + 1e-9)
    return float(np.mean(binom.cdf(high, n, 0.01) - binom.cdf(low - 1, n, 0.01)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.price_worlds", description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER=CACHE")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--each", action="store_true")
    return parser


if __name__ == "__main__":
    main()
