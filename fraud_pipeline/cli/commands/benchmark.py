"""``fraud-pipeline benchmark``: run the detectors, print and write the leaderboard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.output import show
from fraud_pipeline.cli.progress import progress
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import SettingsError

# Claims a world: the published size where a run can afford it.
SIZES = {"wuhan": 1071, "shanxi": 1030, "changxing": 3000, "zhejiang": 3000, "national": 3000}
OTHER_SIZE = 1000


@dataclass(frozen=True)
class Simulated:
    """The worlds that are made for the comparison."""

    programme: Annotated[str, typer.Option(help="Simulated programme.")] = "wuhan"
    claims: Annotated[
        int | None, typer.Option(min=100, help="Claims a world; default by programme.")
    ] = None
    development: Annotated[bool, typer.Option(help="Development seeds, for tuning.")] = False

    def n_claims(self) -> int:
        """Claims a world: as asked, or as published for the programme."""
        return self.claims or SIZES.get(self.programme, OTHER_SIZE)


@dataclass(frozen=True)
class WorldFolder:
    """How the worlds of a folder are measured."""

    seed: Annotated[int | None, typer.Option(help="Of a folder: only worlds of this seed.")] = None
    day_one: Annotated[bool, typer.Option(help="Of a folder: withhold outcomes and sanctions.")] = (
        False
    )
    rescore: Annotated[
        bool, typer.Option(help="Of a folder: score the features of the last run kept again.")
    ] = False
    cache: Annotated[Path, typer.Option(help="Of a folder: where the runs are kept.")] = Path(
        "benchmark-runs"
    )
    compare_with: Annotated[
        Path | None, typer.Option(help="Of a folder: another one; the gap between them is shown.")
    ] = None


@dataclass(frozen=True)
class Compared:
    """The detectors that are compared."""

    detector: Annotated[list[Path] | None, typer.Option(help="A file with DETECTORS of yours.")] = (
        None
    )
    only: Annotated[list[str] | None, typer.Option(help="Only detectors of this name.")] = None
    join: Annotated[
        Path | None, typer.Option(help="A leaderboard .json: put the detectors beside its own.")
    ] = None


def benchmark(
    simulated: Simulated,
    folder: WorldFolder,
    compared: Compared,
    camouflage: Annotated[
        list[int] | None, typer.Option(help="Level 0, 1 or 2; repeatable.")
    ] = None,
    worlds: Annotated[
        str,
        typer.Option(
            help="How many seeds, 1 to 10; or a folder of worlds (NAME/data, NAME/truth)."
        ),
    ] = "10",
    out: Annotated[Path | None, typer.Option(help="Folder for leaderboard.md and .json.")] = None,
) -> None:
    """Compare detectors on simulated worlds with known fraud.

    Example: fraud-pipeline benchmark --programme wuhan --claims 300 --development --worlds 1 --camouflage 0
    """
    if Path(worlds).is_dir():
        _of_folders(Path(worlds), camouflage, folder)
        return
    from fraud_pipeline.benchmark.case import REPORT_SEEDS, TRIED_SEEDS, Tools
    from fraud_pipeline.benchmark.detectors import every
    from fraud_pipeline.benchmark.leaderboard import Leaderboard, run
    from fraud_pipeline.benchmark.page import markdown
    from fraud_pipeline.settings import Settings
    from fraud_pipeline.store import files
    from fraud_pipeline.store.models import shipped_model
    from fraud_pipeline.store.packs import load_packs

    only, join = compared.only, compared.join
    detectors = [d for d in every(compared.detector or ()) if not only or d.name in only]
    if not detectors:
        raise SettingsError(f"no detector is called {', '.join(only or ())}")
    seeds = (TRIED_SEEDS if simulated.development else REPORT_SEEDS)[: _count(worlds)]
    frozen = Leaderboard.from_json(files.read_json(join)) if join is not None else None
    programme, size = simulated.programme, simulated.n_claims()
    levels = tuple(camouflage or (0, 1, 2))
    tools = Tools(Settings(), load_packs(None), shipped_model())
    with progress() as begins:
        board = run(
            detectors, tools, programme=programme, n_claims=size, seeds=seeds,
            camouflage=levels, progress=begins,
        )  # fmt: skip
    if frozen is not None:
        board = frozen.joined(board)
    page = markdown(board, _command(simulated, len(seeds), levels))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        files.write_json(out / f"leaderboard-{programme}.json", board.as_json())
        files.write_bytes(out / f"leaderboard-{programme}.md", page.encode())
    show(Report(page, {**board.as_json(), "written": out}))


def _of_folders(first: Path, camouflage: list[int] | None, options: WorldFolder) -> None:
    """The worlds of one folder or two; the seed asked for is that of the first."""
    from fraud_pipeline.benchmark import world_folders, world_measures

    wanted = [(first, options.seed)]
    if options.compare_with is not None:
        wanted.append((options.compare_with, None))
    sets = []
    for folder, of_seed in wanted:
        worlds = world_folders.find(folder, of_seed, camouflage or (0, 1, 2))
        with progress() as begins:
            sets.append(
                world_folders.evaluate_worlds(
                    worlds,
                    options.cache,
                    day_one=options.day_one,
                    rescore=options.rescore,
                    progress=begins,
                )
            )
    parts = [world_measures.table(figures) for figures in sets]
    if len(sets) > 1:
        parts.append(world_measures.gap(*sets))
    show(Report("\n\n".join(parts), {"worlds": sets[0], "compared_with": sets[1:]}))


def _count(worlds: str) -> int:
    if not worlds.isdigit() or not 1 <= int(worlds) <= 10:
        raise SettingsError(f"--worlds {worlds}: neither 1 to 10 seeds nor a folder of worlds")
    return int(worlds)


def _command(simulated: Simulated, worlds: int, levels: tuple[int, ...]) -> str:
    more = " --development" if simulated.development else ""
    more += f" --worlds {worlds}" if worlds != 10 else ""
    more += "".join(f" --camouflage {k}" for k in levels) if levels != (0, 1, 2) else ""
    return f"fraud-pipeline benchmark --programme {simulated.programme} --claims {simulated.n_claims()}{more}"
