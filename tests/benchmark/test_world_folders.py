"""Worlds of other makers: the measures by hand, and one small world from end to end."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from fraud_pipeline.benchmark import world_folders, world_measures
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
    place = folder / name
    (place / "data").mkdir(parents=True)
    (place / "truth" / "hidden").mkdir(parents=True)
    for table, rows in world.tables.items():
        if rows.num_rows:
            pq.write_table(rows, place / "data" / f"{table}.parquet")
    truth = world.truth.to_pandas()
    truth.to_parquet(place / "truth" / "truth.parquet")
    known = set(world.tables["outcomes"]["claim_id"].to_pylist())
    hidden = pd.DataFrame({"claim_id": truth["claim_id"], "to_rank": ~truth["claim_id"].isin(known),
                           "group_mask": np.arange(len(truth)) % 2})  # fmt: skip
    hidden.to_parquet(place / "truth" / "hidden" / "claims.parquet")
    last = max(world.tables["claims"]["submitted_on"].to_pylist())
    about = {"seed": seed, "camouflage": level, "as_of": last.isoformat(), "groups": ["odd"]}
    (place / "truth" / "hidden" / "world.json").write_text(json.dumps(about))


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
    assert "mean, camouflage 0" in page and "floor: rules alone" in page and "odd" in page
