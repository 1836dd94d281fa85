"""The leaderboard as a Markdown page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fraud_pipeline.benchmark.leaderboard import Leaderboard, interval

MAIN = (
    "average precision", "precision at 10 %", "money at 5 %", "money at 10 %", "money at 20 %",
    "calibration error", "rings found", "shown groups that are rings",
    "honest look-alikes in the first 10",
)  # fmt: skip
DRAWN = ("money held by the drawn list", "interval covers the rate")


def markdown(board: Leaderboard, command: str) -> str:
    """One table a level of camouflage, then typologies, look-alikes and the drawn list."""
    seeds = f"{board.seeds[0]}–{board.seeds[-1]}"
    parts = [
        f"# Leaderboard: {board.programme}, {board.n_claims} claims, seeds {seeds}",
        f"Made by `{command}`. Mean over the seeds, in brackets its 95 % bootstrap interval. "
        "Money: share of all truly lost money held by the first part of the list. Rings: Jaccard "
        "overlap of parties at least 0.5 among the first 20 groups shown.",
        _who(board),
    ]
    for level in board.figures:
        parts += [f"## Camouflage {level}", _table(board, level, MAIN)]
    for level in board.figures:
        parts += [f"## What the product finds, camouflage {level}", _detail(board, level)]
    return "\n\n".join(parts) + "\n"


def _who(board: Leaderboard) -> str:
    lines = ["| detector | kind | what it does |", "|---|---|---|"]
    return "\n".join(lines + [f"| {n} | {k} | {w} |" for n, k, w in board.detectors])


def _table(board: Leaderboard, level: int, measures: Sequence[str]) -> str:
    lines = ["| detector | " + " | ".join(measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for name, _, _ in board.detectors:
        found = board.figures[level][name]
        cells = [_cell(found[m]) if m in found else "" for m in measures]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _detail(board: Leaderboard, level: int) -> str:
    name = next((n for n, kind, _ in board.detectors if kind == "product"), board.detectors[0][0])
    found = board.figures[level][name]
    wanted = [*DRAWN, *sorted(m for m in found if m.startswith(("recall of", "false alarms of")))]
    lines = ["| measure | mean (95 %) |", "|---|---|"]
    return "\n".join(lines + [f"| {m} | {_cell(found[m])} |" for m in wanted if m in found])


def _cell(values: Sequence[float]) -> str:
    mean, low, high = interval(values)
    return "" if math.isnan(mean) else f"{mean:.2f} ({low:.2f}–{high:.2f})"
