"""What is measured of one run on one world of :mod:`fraud_pipeline.benchmark.world_folders`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline.benchmark.measures import calibration_error
from fraud_pipeline.store import runs

SHOWN = 20  # rings whose claims are looked at
BINS = 15
FIRST = 0.10
_COMPARED = ["AP by risk", "times the best floor", "loss in the first tenth", "ECE"]
_PIECE, _UNIT_SLIP = "T17", 9  # a split contract is priced by its piece: neither right nor wrong


def average_precision(improper: np.ndarray, score: np.ndarray) -> float:
    """Claims of equal score share their precision, so a constant score has the base rate."""
    frame = pd.DataFrame({"s": score, "y": improper.astype(float), "n": 1.0})
    steps = frame.groupby("s")[["y", "n"]].sum().sort_index(ascending=False)
    hits, ranked = steps["y"].cumsum(), steps["n"].cumsum()
    total = float(steps["y"].sum())
    return float((steps["y"] * hits / ranked).sum() / total) if total else float("nan")


def measure(
    answer: pd.DataFrame, about: Mapping[str, Any], truth: Path, run: runs.Run, ranked: pa.Table,
    floors: Mapping[str, pd.Series],
) -> dict[str, Any]:  # fmt: skip
    """Figures by name; ``answer`` has a row a claim, those with ``to_rank`` are judged."""
    columns = ["claim_id", "rank", "risk", "risk_rank", "risk_kind"]
    rows = answer[answer["to_rank"].astype(bool)].merge(
        ranked.select(columns).to_pandas(), on="claim_id", how="left"
    )
    last = len(rows) + 1
    improper, loss = rows["improper"].to_numpy(bool), rows["true_loss"].to_numpy(float)
    place, by_risk = (rows[n].fillna(last).to_numpy(float) for n in ("rank", "risk_rank"))
    chosen = max(1, round(len(rows) * FIRST))
    top = np.argsort(np.argsort(place, kind="stable")) < chosen
    scores = {
        name: s.reindex(rows["claim_id"]).fillna(0.0).to_numpy() for name, s in floors.items()
    }
    stated_risk = rows["risk"].fillna(0.0).to_numpy(float)
    return {
        "claims": len(rows), "true rate": float(improper.mean()), "mean risk": float(stated_risk.mean()),
        "kind": str(rows["risk_kind"].dropna().iloc[0]) if rows["risk_kind"].notna().any() else "",
        "AP by risk": average_precision(improper, -by_risk),
        "AP by rank": average_precision(improper, -place),
        "loss in the first tenth": float(loss[top].sum() / loss.sum()) if loss.sum() else float("nan"),
        "ECE": calibration_error(stated_risk, improper.astype(float), BINS),
        **_against_floors(improper, -by_risk, scores),
        **_groups(rows, about, top, improper), **_rings(run, truth, answer), **_prices(run, answer),
    }  # fmt: skip


def _against_floors(
    improper: np.ndarray, by_risk: np.ndarray, floors: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """The average precision of each floor, and how many times that of the best the product has."""
    by_floor = {f"floor: {name}": average_precision(improper, s) for name, s in floors.items()}
    best = max(by_floor.values(), default=float("nan"))
    return {**by_floor, "times the best floor": average_precision(improper, by_risk) / best}


def _groups(
    rows: pd.DataFrame, about: Mapping[str, Any], top: np.ndarray, improper: np.ndarray
) -> dict[str, float]:
    """How much likelier than any honest claim one of each honest group is in the first tenth.

    ``expected X``: how many of group X would be there at the usual rate, the weight of its ratio where worlds are pooled.
    """
    if "group_mask" not in rows:
        return {}
    honest, mask = ~improper, rows["group_mask"].fillna(0).to_numpy(int)
    usual = max(float(top[honest].mean()), 1 / max(1, int(honest.sum())))
    members = {name: honest & ((mask >> k) & 1).astype(bool)
               for k, name in enumerate(about.get("groups", ()))}  # fmt: skip
    ratios = {f"honest {n}": float(top[m].mean()) / usual for n, m in members.items() if m.any()}
    return {
        **ratios,
        **{f"expected {n}": float(m.sum()) * usual for n, m in members.items() if m.any()},
    }


def _rings(run: runs.Run, truth: Path, answer: pd.DataFrame) -> dict[str, float]:
    path = truth / "hidden" / "rings.parquet"
    if not path.is_file():
        return {}
    planted = pd.read_parquet(path)
    enterprises = (
        planted[planted["party_kind"] == "enterprise"].groupby("ring_id")["party_id"].agg(set)
    )
    enterprises = enterprises[enterprises.map(len) >= 3]
    parties = (
        planted[planted["ring_id"].isin(enterprises.index)].groupby("ring_id")["party_id"].agg(set)
    )
    members = run.table("ring_members").to_pandas()
    shown = members.groupby("ring_id")["party_id"].agg(set)
    shown_enterprises = (
        members[members["party_kind"] == "enterprise"].groupby("ring_id")["party_id"].agg(set)
    )

    def overlap(a: set[str], b: set[str]) -> float:
        return len(a & b) / max(1, len(a | b))

    best = [max((max(overlap(parties[r], s), overlap(enterprises[r], shown_enterprises.get(k, set())))
                 for k, s in shown.items()), default=0.0) for r in enterprises.index]  # fmt: skip
    order = run.table("rings").to_pandas().sort_values("score", ascending=False, kind="stable")
    first = order["ring_id"].head(SHOWN)
    claims = (
        run.table("ring_claims").to_pandas().merge(answer[["claim_id", "is_fraud"]], on="claim_id")
    )
    share = claims.groupby("ring_id")["is_fraud"].mean().reindex(first).fillna(0.0)
    return {
        "rings found": float(np.mean([b >= 0.5 for b in best])) if best else float("nan"),
        "shown rings that are": float((share >= 0.5).mean()) if len(first) else float("nan"),
    }


def _prices(run: runs.Run, answer: pd.DataFrame) -> dict[str, float]:
    if "overpriced" not in answer:
        return {}
    prices = run.table("price_results").select(["claim_id", "q_value"]).to_pandas()
    rows = answer.merge(prices, on="claim_id")
    flagged = rows["q_value"].astype(float) <= 0.1
    over = rows["overpriced"].astype(bool)
    counted = rows["typology"].fillna("") != _PIECE
    if "error_kind" in rows:
        counted &= rows["error_kind"] != _UNIT_SLIP
    wrong = (~over[flagged & counted]).mean() if (flagged & counted).any() else float("nan")
    recall = flagged[over].mean() if over.any() else float("nan")
    return {"prices found": float(recall), "prices false": float(wrong)}


def table(figures: list[dict[str, Any]]) -> str:
    """A page of Markdown: a row a world, then the means of each level of camouflage."""
    shown = ["AP by risk", "times the best floor", "AP by rank", "loss in the first tenth", "ECE", "mean risk", "true rate",
             "rings found", "shown rings that are", "prices found", "prices false",
             *sorted({n for f in figures for n in f if n.startswith("floor: ")})]  # fmt: skip
    frame = pd.DataFrame(figures)
    shown = [n for n in shown if n in frame]
    groups = sorted(n for n in frame.columns if n.startswith("honest "))
    means = frame.groupby("camouflage")[[*shown, *groups]].mean()
    lines = ["| world | " + " | ".join(shown) + " |", "|---" * (len(shown) + 1) + "|"]
    lines += [_row(str(f["world"]), [f.get(n, float("nan")) for n in shown]) for f in figures]
    lines += [_row(f"mean, camouflage {k}", list(m[shown])) for k, m in means.iterrows()]
    if groups:
        worst = pd.Series({n.removeprefix("honest "): _pooled(frame, n) for n in groups})
        lines += ["", "Honest groups in the first tenth, times all honest claims, all worlds together (how many are expected): "
                  + ", ".join(f"{n} {v:.1f} ({frame[f'expected {n}'].sum():.0f})"
                              for n, v in worst.sort_values(ascending=False).items())]  # fmt: skip
    return "\n".join(lines)


def _pooled(frame: pd.DataFrame, group: str) -> float:
    """The ratio of all worlds together: a world with three claims of a group says little about it."""
    expected = frame[group.replace("honest ", "expected ", 1)]
    return float((frame[group] * expected).sum() / expected.sum())


def gap(figures: list[dict[str, Any]], compared: list[dict[str, Any]]) -> str:
    """A table: the means of two sets of worlds by level of camouflage, and the difference."""
    means = [pd.DataFrame(f).groupby("camouflage")[_COMPARED].mean() for f in (figures, compared)]
    lines = ["| gap between the two folders | " + " | ".join(_COMPARED) + " |",
             "|---" * (len(_COMPARED) + 1) + "|"]  # fmt: skip
    for level in means[0].index.intersection(means[1].index):
        first, second = means[0].loc[level], means[1].loc[level]
        rows = {"first": first, "second": second, "first less second": first - second}
        lines += [_row(f"{name}, camouflage {level}", list(m)) for name, m in rows.items()]
    return "\n".join(lines)


def _row(name: str, values: list[float]) -> str:
    return f"| {name} | " + " | ".join("–" if np.isnan(v) else f"{v:.3f}" for v in values) + " |"
