"""The drawing in ARCHITECTURE.md holds every package of the tree, in the order of the import contract."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAWING = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("```")[1]


def drawn():
    """Package to line of the drawing; what stands after three spaces explains."""
    lines = [line.strip() for line in DRAWING.strip("\n").splitlines()]
    packages = {p.name for p in (ROOT / "fraud_pipeline").iterdir() if p.is_dir()}
    known = packages | {"flows", "pipeline", "errors"}
    return {
        word: number
        for number, line in enumerate(lines)
        for word in re.split(r" {2,}", line)
        if word in known
    }


def test_every_package_is_drawn():
    packages = {p.parent.name for p in (ROOT / "fraud_pipeline").glob("*/__init__.py")}
    assert packages - {"_shipped"} <= set(drawn())


def test_the_order_is_that_of_the_import_contract():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    places = drawn()
    heights = [
        {places[name.strip().removeprefix("fraud_pipeline.")] for name in layer.split("|")}
        for layer in layers
    ]
    assert all(len(height) == 1 for height in heights), "one line a layer"
    flat = [height.pop() for height in heights]
    assert flat == sorted(flat) and len(set(flat)) == len(flat)
