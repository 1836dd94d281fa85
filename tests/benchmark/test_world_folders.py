"""Worlds of other makers: the measures by hand, and one small world from end to end."""

import numpy as np
import pytest

from fraud_pipeline.benchmark import world_folders, world_measures
from fraud_pipeline.benchmark.world_writer import write_world_folder
from fraud_pipeline.errors import InputError
from fraud_pipeline.simulate import simulate


def test_claims_of_equal_score_share_their_precision():
    y = np.array([True, False, True, False])
    assert world_measures.average_precision(y, np.zeros(4)) == pytest.approx(0.5)
    assert world_measures.average_precision(y, np.array([3.0, 2, 1, 0])) == pytest.approx(
        (1 + 2 / 3) / 2
    )
    assert world_measures.average_precision(y, np.array([1.0, 1, 0, 0])) == pytest.approx(
        0.5 * 0.5 + 0.5 * 0.5
    )


def written(folder, name, seed, level):
    world = simulate("wuhan", 260, seed, camouflage=level)
    write_world_folder(world, folder / name, seed=seed, camouflage=level)


def test_a_folder_of_worlds_is_scored_and_compared_with_its_truth(tmp_path):
    written(tmp_path / "worlds", "a", 5, 0)
    worlds = world_folders.find(tmp_path / "worlds", 5, (0, 1))
    with pytest.raises(InputError, match="no world"):
        world_folders.find(tmp_path / "worlds", 6, (0,))

    def read_truth(**how):
        return world_folders.evaluate_worlds(
            worlds, tmp_path / "cache", progress=lambda _: None, **how
        )

    (whole,) = read_truth(day_one=False, rescore=False)
    assert whole["AP by risk"] > whole["true rate"] * 2 and 0 <= whole["ECE"] < 0.3
    (again,) = read_truth(day_one=False, rescore=True)
    assert again == pytest.approx(whole, nan_ok=True)
    page = world_measures.table([whole])
    assert (
        "mean, camouflage 0" in page and "floor: rules alone" in page and "innocent_error" in page
    )


def test_the_gap_between_two_folders_is_the_difference_of_their_means():
    def world(ap, level=1):
        return {"camouflage": level, "AP by risk": ap, "times the best floor": 2 * ap,
                "loss in the first tenth": 0.5, "ECE": 0.02}  # fmt: skip

    page = world_measures.gap([world(0.5), world(0.7), world(0.9, 2)], [world(0.8)])
    assert "| first less second, camouflage 1 | -0.200 | -0.400 | 0.000 | 0.000 |" in page
    assert "camouflage 2" not in page  # only one of the folders has it


def test_honest_groups_of_all_worlds_are_pooled_by_their_size():
    """Two of 20 claims and three of 180, where half a claim and 4.5 are expected: five of five."""

    def world(ratio, expected):
        return {"world": "w", "camouflage": 0, "AP by risk": 0.5, "times the best floor": 1.0,
                "honest cap": ratio, "expected cap": expected}  # fmt: skip

    page = world_measures.table([world(4.0, 0.5), world(3.0 / 4.5, 4.5)])
    assert page.endswith("(how many are expected): cap 1.0 (5)")
