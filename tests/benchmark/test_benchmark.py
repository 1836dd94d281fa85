"""The benchmark judges as it says, and a stranger's file is all it takes to compete."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from fraud_pipeline.benchmark import REPORT_SEEDS, Detection, Detector, Leaderboard, measures
from fraud_pipeline.benchmark.detectors import every
from fraud_pipeline.benchmark.page import markdown
from fraud_pipeline.errors import SettingsError

FROZEN = Path(__file__).parents[2] / "benchmarks" / "frozen"
STRANGER = """
from fraud_pipeline.benchmark import Detection, Detector

def detect(case, _):
    return Detection(score=-case.claims["contract_amount"].astype(float).to_numpy())

DETECTORS = [Detector("smallest contracts", detect, words="a joke")]
"""


def case(n=40, bad=8):
    """``bad`` improper claims of 100 yuan lost each, the first ones; one ring among them."""
    improper = np.arange(n) < bad
    claims = pd.DataFrame({
        "claim_id": [f"c{k:02}" for k in range(n)],
        "enterprise_id": [f"e{k}" for k in range(n)],
        "institution_id": ["i0" if k < 4 else f"i{k}" for k in range(n)],
    })  # fmt: skip
    answer = pd.DataFrame({
        "claim_id": claims["claim_id"], "improper": improper, "true_loss": improper * 100.0,
        "typology": ["T01" if k < 4 else "T04" if k < bad else None for k in range(n)],
    })  # fmt: skip
    return SimpleNamespace(
        claims=claims, answer=answer, budget=n // 10, tools=None,
        planted={"r": frozenset({"i0", "e0", "e1", "e2", "e3"})},
        lookalikes={"tenant": np.arange(n) >= n - 20},
    )  # fmt: skip


def test_a_perfect_ranking_and_the_worst():
    world = case()
    best = measures.of_ranking(world, -np.arange(40.0), -np.arange(40.0))
    assert best["average precision"] == 1.0
    assert best["precision at 10 %"] == 1.0
    assert best["money at 10 %"] == 4 / 8 and best["money at 20 %"] == 1.0
    worst = measures.of_ranking(world, np.arange(40.0), np.arange(40.0))
    assert worst["money at 20 %"] == 0.0 and worst["average precision"] < 0.15


def test_recall_of_typologies_is_of_the_first_tenth():
    found = measures.of_typologies(case(), -np.arange(40.0))
    assert found == {"recall of T01": 1.0, "recall of T04": 0.0}


def test_false_alarms_of_a_lookalike_group_are_against_any_honest_claim():
    world = case()
    first_the_tenants = measures.of_lookalikes(world, np.arange(40.0))
    assert first_the_tenants["false alarms of tenant"] == pytest.approx((4 / 20) / (4 / 32))
    assert measures.of_lookalikes(world, -np.arange(40.0))["false alarms of tenant"] == 0.0


def test_a_ring_is_found_at_half_overlap_and_not_below():
    ring = [frozenset("abcdef")]
    assert measures.of_groups(ring, [frozenset("abc")])["rings found"] == 1.0
    assert measures.of_groups(ring, [frozenset("abcz")])["rings found"] == 0.0
    shown = measures.of_groups(ring, [frozenset("abcdef"), frozenset("xyz")])
    assert shown["shown groups that are rings"] == 0.5


def test_an_honest_group_shown_counts_and_one_with_a_wrong_claim_does_not():
    world = case()
    tenants = frozenset({"e38", "i38", "e39", "i39"})
    ring = frozenset({"i0", "e0", "e1"})
    assert measures.honest_groups(world, [tenants, ring]) == 1.0


def test_calibration_error_is_none_when_the_words_are_kept():
    happened = np.tile([0.0, 0.0, 0.0, 1.0], 100)
    assert measures.calibration_error(np.full(400, 0.25), happened) == pytest.approx(0.0, abs=0.05)
    assert measures.calibration_error(np.full(400, 0.9), happened) == pytest.approx(0.65, abs=0.01)


@pytest.mark.parametrize("score", [np.zeros(3), np.full(40, np.nan)])
def test_an_answer_of_the_wrong_shape_is_refused_by_name(score):
    odd = Detector("odd one", lambda world, _: Detection(score=score))
    with pytest.raises(SettingsError, match="odd one"):
        odd.checked(case(), None)


@pytest.fixture(scope="module")
def run_benchmark():
    from fraud_pipeline.cli.app import app
    from fraud_pipeline.cli.commands.benchmark import benchmark

    if not any(c.name == "benchmark" for c in app.registered_commands):
        app.command("benchmark")(benchmark)
    return lambda *words: CliRunner().invoke(app, ["benchmark", "--worlds", "1", *map(str, words)])


def test_the_page_of_instructions_is_all_a_stranger_needs(tmp_path, run_benchmark):
    """The code on the page is saved as one file, run as the page says, and is on the board."""
    page = (Path(__file__).parents[2] / "docs" / "benchmark.md").read_text("utf-8")
    block = page.split("## Add a detector")[1].split("## ")[0]
    code = "\n".join(line[4:] for line in block.splitlines() if line.startswith("    "))
    mine = tmp_path / "mine.py"
    mine.write_text(code, "utf-8")
    few = ("--claims", 150, "--camouflage", 1, "--only", "random", "--only", "dearest unit")
    done = run_benchmark(*few, "--detector", mine, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    board = (tmp_path / "out" / "leaderboard-wuhan.md").read_text("utf-8")
    assert "| dearest unit | floor | contract amount a unit |" in board
    assert "## Are the floors in the middle of the scale?" in board
    assert json.loads((tmp_path / "out" / "leaderboard-wuhan.json").read_text("utf-8"))


def test_a_detector_joins_a_frozen_board_of_the_same_worlds(tmp_path, run_benchmark):
    mine = tmp_path / "mine.py"
    mine.write_text(STRANGER, "utf-8")
    size = ("--claims", 150, "--camouflage", 0, "--only")
    assert run_benchmark(*size, "random", "--out", tmp_path).exit_code == 0
    board = tmp_path / "leaderboard-wuhan.json"
    frozen = json.loads(board.read_text("utf-8"))["figures"]["0"]["random"]
    joint = run_benchmark(*size, "smallest contracts", "--detector", mine, "--join", board,
                          "--out", tmp_path)  # fmt: skip
    assert joint.exit_code == 0, joint.output
    figures = json.loads(board.read_text("utf-8"))["figures"]["0"]
    assert set(figures) == {"random", "smallest contracts"}
    assert figures["random"] == frozen
    other = run_benchmark("--claims", 160, "--camouflage", 0, "--only", "random", "--join", board)
    assert isinstance(other.exception, SettingsError) and "claims" in str(other.exception)


@pytest.mark.parametrize("programme", ["shanxi", "changxing", "zhejiang", "national", "alberta"])
def test_every_programme_and_pack_has_a_benchmark(tmp_path, run_benchmark, programme):
    done = run_benchmark("--programme", programme, "--claims", 150, "--camouflage", 1,
                         "--only", "random", "--out", tmp_path)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert f"Leaderboard: {programme}" in (tmp_path / f"leaderboard-{programme}.md").read_text()


def test_the_middle_of_the_scale_is_worked_out_from_the_numbers():
    def board(best):
        figures = {"random": {"money at 10 %": [0.1]}, "strong": {"money at 10 %": [best]},
                   "weak": {"money at 10 %": [0.2]}}  # fmt: skip
        rows = tuple((name, "floor", "") for name in figures)
        return Leaderboard("wuhan", 10, (1,), rows, {1: figures})

    assert "| 0.10 | 0.60 | 0.60 (strong) | yes |" in markdown(board(0.6), "x")
    assert "(strong) | NO |" in markdown(board(0.95), "x")
    assert "(weak) | NO |" in markdown(board(0.15), "x")


@pytest.mark.parametrize("path", sorted(FROZEN.glob("*.json")), ids=lambda p: p.stem)
def test_the_frozen_boards_hold_their_floors_in_the_middle(path):
    board = Leaderboard.from_json(json.loads(path.read_text("utf-8")))
    assert tuple(board.seeds) == REPORT_SEEDS[: len(board.seeds)]
    verdicts = markdown(board, "").split("## Are the floors")[1].split("\n## ")[0]
    assert verdicts.count("| yes |") == 4 and "NO |" not in verdicts


def test_two_detectors_of_one_name_are_refused(tmp_path):
    twin = tmp_path / "twin.py"
    twin.write_text(STRANGER.replace("smallest contracts", "random"), "utf-8")
    with pytest.raises(SettingsError, match="random"):
        every([twin])


def test_a_file_without_detectors_is_refused(tmp_path):
    (tmp_path / "empty.py").write_text("x = 1", "utf-8")
    with pytest.raises(SettingsError, match="DETECTORS"):
        every([tmp_path / "empty.py"])
