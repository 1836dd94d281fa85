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
MIDDLE = ("average precision", "precision at 10 %", "money at 10 %", "rings found")
LOW, HIGH = 0.25, 0.85
OF_THE_SAMPLE = ("money held by the drawn list", "interval covers the rate")


def markdown(board: Leaderboard, command: str) -> str:
    """One table a level of camouflage, then typologies, look-alikes and the drawn list."""
    seeds = f"{board.seeds[0]}–{board.seeds[-1]}"
    parts = [
        f"# Leaderboard: {board.programme}, {board.n_claims} claims, seeds {seeds}",
        f"Made by `{command}`. Mean over the seeds, in brackets its 95 % bootstrap interval. "
        "Money: share of all truly lost money held by the first part of the list. Rings: Jaccard "
        'overlap of parties at least 0.5 among the first 20 groups shown. "Interval covers the rate" is '
        "the share of seeds in which the 95 % interval estimated from the drawn list held the truth.",
        _who(board),
    ]
    for level in board.figures:
        parts += [f"## Camouflage {level}", _table(board, level, MAIN)]
    if 1 in board.figures:
        parts += ["## Are the floors in the middle of the scale?", _middle(board)]
    for level in board.figures:
        parts += [f"## What the product finds, camouflage {level}", _detail(board, level)]
    return "\n\n".join(parts) + "\n"


def _who(board: Leaderboard) -> str:
    lines = ["| detector | kind | what it does |", "|---|---|---|"]
    return "\n".join(lines + [f"| {n} | {k} | {w} |" for n, k, w in board.detectors])


def _table(board: Leaderboard, level: int, measures: Sequence[str]) -> str:
    lines = ["| detector | " + " | ".join(measures) + " |", "|---" * (len(measures) + 1) + "|"]
    for name, _, _ in board.detectors:
        figures = board.figures[level][name]
        cells = [_cell(figures[m]) if m in figures else "" for m in measures]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _middle(board: Leaderboard) -> str:
    """Whether the scale has room at both ends at camouflage 1, worked out from the numbers.

    Compared with LOW and HIGH is the best floor, random left out: near 0 the task would be
    hopeless without the product, near 1 it would need none.
    """
    lines = [
        "| measure | random | median floor | best floor | in the middle |",
        "|---|---|---|---|---|",
    ]
    floors = [n for n, kind, _ in board.detectors if kind == "floor" and n != "random"]
    for measure in MIDDLE:
        figures = board.figures[1]
        reached = sorted(
            (interval(figures[n][measure])[0], n) for n in floors if measure in figures[n]
        )
        reached = [pair for pair in reached if not math.isnan(pair[0])]
        if not reached:
            continue
        best, name = reached[-1]
        luck = interval(figures.get("random", {}).get(measure, []))[0]
        by_chance = "" if math.isnan(luck) else f"{luck:.2f}"
        verdict = "yes" if LOW <= best <= HIGH else "NO"
        median = reached[len(reached) // 2][0]
        lines.append(
            f"| {measure} | {by_chance} | {median:.2f} | {best:.2f} ({name}) | {verdict} |"
        )
    head = (
        f"Camouflage 1, means over the seeds. In the middle: the best floor lies between {LOW} "
        f"and {HIGH}."
    )
    return head + "\n\n" + "\n".join(lines)


def _detail(board: Leaderboard, level: int) -> str:
    name = next((n for n, kind, _ in board.detectors if kind == "product"), board.detectors[0][0])
    figures = board.figures[level][name]
    wanted = [
        *OF_THE_SAMPLE,
        *sorted(m for m in figures if m.startswith(("recall of", "false alarms of"))),
    ]
    lines = ["| measure | mean (95 %) |", "|---|---|"]
    return "\n".join(lines + [f"| {m} | {_cell(figures[m])} |" for m in wanted if m in figures])


def _cell(values: Sequence[float]) -> str:
    mean, low, high = interval(values)
    return "" if math.isnan(mean) else f"{mean:.2f} ({low:.2f}–{high:.2f})"
