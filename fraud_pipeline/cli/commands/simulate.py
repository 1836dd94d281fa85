"""``fraud-pipeline simulate``: a made-up world on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import Packs
from fraud_pipeline.cli.output import show
from fraud_pipeline.cli.progress import progress
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.vocabulary.messages import t

PARQUET_FROM = 100_000  # claims: more than a spreadsheet would be used for


class Form(StrEnum):
    csv = "csv"
    parquet = "parquet"


@dataclass(frozen=True)
class Imitated:
    """The programme a world is made after."""

    programme: Annotated[str, typer.Option(help="Programme to imitate, or any pack.")] = "wuhan"
    packs: Packs = None


@dataclass(frozen=True)
class Planted:
    """The fraud of one world."""

    camouflage: Annotated[int, typer.Option(min=0, max=2, help="How well fraud hides.")] = 0
    also: Annotated[
        list[str] | None, typer.Option(help="Plant T03, T08, T09 or T25 too; repeatable.")
    ] = None


@dataclass(frozen=True)
class PriorWorlds:
    """Many worlds instead of one, every habit drawn anew."""

    prior: Annotated[
        int, typer.Option(min=0, help="So many worlds of the world prior instead of one world.")
    ] = 0
    honest: Annotated[bool, typer.Option(help="Worlds of the prior without any fraud.")] = False
    without: Annotated[
        str | None, typer.Option(help="Worlds of the prior without this typology.")
    ] = None


def simulate(
    to: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    planted: Planted,
    model: Imitated,
    prior_worlds: PriorWorlds,
    claims: Annotated[int | None, typer.Option(min=1, help="How many claims.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the world.")] = 1,
    form: Annotated[
        Form | None, typer.Option(help=f"Default: csv, from {PARQUET_FROM:,} claims on parquet.")
    ] = None,
    dirty: Annotated[bool, typer.Option(help="With the dirt of files exported by hand.")] = False,
) -> None:
    """A made-up world with planted fraud, honest look-alikes and its truth.

    Example: fraud-pipeline simulate --programme shanxi --claims 1200 --seed 5 --out world
    """
    if prior_worlds.prior:
        _of_prior(to, seed, prior_worlds)
        return
    if claims is None:
        raise SettingsError("--claims is needed: how many claims the world has")
    from fraud_pipeline.simulate import PROGRAMMES, margins_of, simulate_parts
    from fraud_pipeline.simulate import simulate as make
    from fraud_pipeline.simulate.dirt.hand_in import hand_in
    from fraud_pipeline.store.dirty_worlds import write_handed_in
    from fraud_pipeline.store.packs import load_packs
    from fraud_pipeline.store.worlds import answers_of, write_parts

    programme, packs = model.programme, model.packs
    known = {} if packs is None and programme in PROGRAMMES else load_packs(packs)
    of = (
        programme
        if programme in PROGRAMMES or programme not in known
        else margins_of(known[programme])
    )
    camouflage, also = planted.camouflage, tuple(planted.also or ())
    if dirty:
        world = make(of, claims, seed, camouflage=camouflage, also=also)
        files_handed_in = hand_in(world.tables, seed)
        write_handed_in(files_handed_in, world.truth, to, answers_of(world))
        n_written = world.tables["claims"].num_rows
    else:
        chosen = form or (Form.parquet if claims >= PARQUET_FROM else Form.csv)
        parts = simulate_parts(of, claims, seed, camouflage=camouflage, also=also)
        n_written = write_parts(parts, to, chosen.value)
    facts = {
        "folder": to,
        "claims": n_written,
        "programme": programme,
        "seed": seed,
        "dirty": dirty,
    }
    show(Report(t("simulate.made", **facts), facts))


def _of_prior(to: Path, seed: int, wanted: PriorWorlds) -> None:
    """Worlds in the layout that ``fraud-pipeline benchmark --worlds DIR`` reads."""
    from fraud_pipeline.benchmark.world_writer import write_prior_worlds

    with progress() as begins:
        n_written = write_prior_worlds(
            to, seed, wanted.prior, honest=wanted.honest, without=wanted.without, progress=begins
        )
    facts = {"folder": to, "claims": n_written, "worlds": wanted.prior, "seed": seed}
    show(Report(t("simulate.made", **facts), facts))
