"""The notebooks of the docs and the example of the page on rings run and print what they say.

Without a kernel and without a network.
"""

import contextlib
import io
import json
import re
import socket
import textwrap
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("a notebook of the docs needs no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_stands_below_its_cells(path):
    names: dict[str, object] = {}
    for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"]):
        if cell["cell_type"] != "code":
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile("".join(cell["source"]), f"{path.name} cell {number}", "exec"), names)  # noqa: S102
        printed = "".join("".join(output["text"]) for output in cell["outputs"])
        assert out.getvalue() == printed, f"{path.name}, cell {number}"


@pytest.mark.usefixtures("no_network")
def test_the_example_of_the_page_finds_the_ring_and_nothing_of_its_background(capsys):
    page = (DOCS / "rings.md").read_text("utf-8")
    (example,) = re.findall(r"^(    import random\n(?:(?:    .*)?\n)+?)(?=\S)", page, re.MULTILINE)
    names: dict[str, object] = {}
    exec(compile(textwrap.dedent(example), "docs/rings.md", "exec"), names)  # noqa: S102
    found = names["found"]
    assert found.rings["n_enterprises"].to_pylist() == [10]
    assert not [p for p in found.members["party_id"].to_pylist() if p.startswith(("D", "S"))]
    assert capsys.readouterr().out.startswith("10 enterprises filed 40 claims")
