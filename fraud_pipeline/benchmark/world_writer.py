"""Writes simulated worlds in the layout that :mod:`fraud_pipeline.benchmark.world_folders` reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.simulate import World, draw_world, simulate
from fraud_pipeline.store import files

OVERPRICED = 1.25  # times the true market price, of a claim that is improper
_DECIDED = ("fraud", "irregular", "clean")


def write_prior_worlds(
    folder: Path, seed: int, n_worlds: int, *, honest: bool = False, without: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> int:  # fmt: skip
    """``n_worlds`` worlds of the world prior, ``prior-<seed>-<number>`` each; returns their claims.

    ``honest`` plants nothing; ``without`` leaves one typology out. Raises WorkspaceError when a
    world's folder exists.
    """
    claims = 0
    for number in range(n_worlds):
        name = f"prior-{seed}-{number:03d}"
        progress(name)
        own = seed * 10_000 + number
        world_draw = draw_world(own, honest=honest, without=without)
        world = simulate(world_draw.margins, world_draw.n_claims, own,
                         camouflage=world_draw.camouflage, fraud=world_draw.fraud)  # fmt: skip
        write_world_folder(world, folder / name, seed=seed, camouflage=world_draw.camouflage)
        claims += world_draw.n_claims
    return claims


def write_world_folder(world: World, to: Path, *, seed: int, camouflage: int) -> None:
    """``data`` and ``truth`` of one world; claims without a verdict are to be ranked."""
    if to.exists():
        raise WorkspaceError(f"{to}: the folder exists; nothing was written")
    (to / "data").mkdir(parents=True)
    hidden = to / "truth" / "hidden"
    hidden.mkdir(parents=True)
    for table, rows in world.tables.items():
        if rows.num_rows:
            pq.write_table(rows, to / "data" / f"{table}.parquet")
    pq.write_table(world.truth, to / "truth" / "truth.parquet")
    answer, groups = _hidden_claims(world)
    pq.write_table(pa.Table.from_pandas(answer, preserve_index=False), hidden / "claims.parquet")
    pq.write_table(_rings(world), hidden / "rings.parquet")
    last = pc.max(world.tables["claims"]["submitted_on"]).as_py() + timedelta(days=1)
    about: dict[str, Any] = {"seed": seed, "camouflage": camouflage, "groups": groups,
                             "as_of": last.isoformat()}  # fmt: skip
    files.write_json(hidden / "world.json", about)


def _hidden_claims(world: World) -> tuple[pd.DataFrame, list[str]]:
    claims, truth = world.tables["claims"].to_pandas(), world.truth.to_pandas()
    outcomes = world.tables["outcomes"].to_pandas()
    decided = outcomes.loc[outcomes["verdict"].isin(_DECIDED), "claim_id"]
    groups = world.groups.to_pandas()
    names = sorted(groups["group"].unique())
    mask = groups["group"].map({name: 1 << k for k, name in enumerate(names)})
    by_claim = mask.groupby(groups["claim_id"]).sum()
    unit = claims["contract_amount"].astype(float) / claims["quantity"].astype(float)
    ratio = unit / truth["true_market_price"].astype(float)
    improper = truth["is_fraud"] | truth["is_irregular"]
    frame = pd.DataFrame(
        {
            "claim_id": claims["claim_id"],
            "to_rank": ~claims["claim_id"].isin(decided),
            "group_mask": by_claim.reindex(claims["claim_id"]).fillna(0).to_numpy(int),
            "overpriced": np.asarray(improper & (ratio >= OVERPRICED)),
        }
    )
    return frame, names


def _rings(world: World) -> pa.Table:
    """Parties of each ring, without agents and reviewers: those are not nodes of the graph."""
    roles = world.roles
    parties = pc.is_in(roles["party_kind"], pa.array(["enterprise", "institution"]))
    return roles.filter(parties).select(["ring_id", "party_kind", "party_id"])
