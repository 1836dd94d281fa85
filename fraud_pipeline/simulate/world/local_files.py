"""What a bureau's files lack or write in words of its own: applied to the finished tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.random_streams import stream

_TOWNS = ("和平镇", "龙山街道", "南苑街道", "东屏镇", "新塘乡", "石桥街道", "清溪镇", "北固街道")
_OWN_WORDS = {"hightech_enterprise": "高企", "tech_sme": "科小", "incubated": "在孵",
              "advanced_service_enterprise": "技先"}  # fmt: skip


def localise(frames: dict[str, pd.DataFrame], margins: Margins, seed: int) -> None:
    """Towns in place of regions, own words of qualification, absent columns and tables; in place.

    With the default nuisance parameters nothing changes.
    """
    nuisance = margins.nuisance
    rng = stream(seed, "local files")
    for name in ("enterprises", "institutions"):
        _write_towns(frames[name], nuisance.town_names, rng)
    _write_qualifications(frames["enterprises"], nuisance.own_qualifications, rng)
    for table, column in nuisance.missing_columns:
        if column in frames[table]:
            frames[table][column] = None
    for table in nuisance.missing_tables:
        frames[table] = pd.DataFrame()


def _write_towns(parties: pd.DataFrame, share: float, rng: np.random.Generator) -> None:
    rows = np.flatnonzero(rng.random(len(parties)) < share)
    town = np.array(_TOWNS, dtype=object)[rng.integers(0, len(_TOWNS), len(rows))]
    street = rng.integers(1, 990, len(rows)).astype(str).astype(object)
    parties.loc[parties.index[rows], "region"] = town
    parties.loc[parties.index[rows], "address"] = town + "工业路" + street + "号"


def _write_qualifications(
    enterprises: pd.DataFrame, share: float, rng: np.random.Generator
) -> None:
    rows = rng.random(len(enterprises)) < share
    own = (
        enterprises["qualifications"]
        .str.split(";")
        .map(lambda codes: ";".join(_OWN_WORDS.get(code, code) for code in codes))
    )
    enterprises["qualifications"] = enterprises["qualifications"].where(~rows, own)
