"""Makes the shipped samples again: ``python -m data_samples.make``.

The same seeds give the same bytes, and a test compares them with what is committed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from fraud_pipeline.simulate import simulate, tiny_world
from fraud_pipeline.simulate.dirt.hand_in import hand_in
from fraud_pipeline.store.dirty_worlds import write_handed_in
from fraud_pipeline.store.worlds import write_world

HERE = Path(__file__).parent
WUHAN_CLAIMS = 1071  # the services redeemed in Wuhan's trial, 2015-2017
WUHAN_SEED = 2018  # never used for tuning anything
DIRTY_SEED = 2019


def make(into: Path) -> None:
    """Writes every sample world below ``into``."""
    worlds = {
        "wuhan": simulate("wuhan", n_claims=WUHAN_CLAIMS, seed=WUHAN_SEED),
        "tiny": tiny_world(),
    }
    for name, world in worlds.items():
        write_world(world, into / name)
    small = worlds["tiny"]
    write_handed_in(hand_in(small.tables, DIRTY_SEED), small.truth, into / "dirty")


def main() -> None:
    with tempfile.TemporaryDirectory(dir=HERE) as scratch:
        make(Path(scratch))
        for made in sorted(Path(scratch).iterdir()):
            place = HERE / made.name
            place.mkdir(exist_ok=True)
            for old in place.iterdir():
                if old.suffix != ".md":  # a file of another name would be read as one more table
                    old.unlink()
            for file in made.iterdir():
                shutil.move(file, place / file.name)


if __name__ == "__main__":
    main()
