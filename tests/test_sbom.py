"""The bill of materials names every package of the lock, and nothing installed is missing from it."""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from fraud_pipeline import __version__
from tools import sbom

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def made(tmp_path):
    out = tmp_path / "sbom.json"
    subprocess.run([sys.executable, ROOT / "tools/sbom.py", "--out", out], check=True)
    return out.read_bytes()


def test_every_pin_is_a_component_with_its_hashes(tmp_path):
    document = json.loads(made(tmp_path))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == __version__
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK, re.MULTILINE)
    found = [(c["name"], c["version"]) for c in document["components"]]
    assert found == [(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in pins]
    n_hashes = sum(p["name"] == "sha256" for c in document["components"] for p in c["properties"])
    assert n_hashes == LOCK.count("--hash=sha256:") > len(pins) > 100
    references = [c["bom-ref"] for c in document["components"]]
    assert len(references) == len(set(references))
    assert made(tmp_path) == made(tmp_path)


def test_every_library_that_the_product_names_is_in_it():
    names = {c["name"] for c in sbom.components(LOCK)}
    wanted = {re.split(r"[<>=\[; ]", text)[0].lower() for text in metadata.requires("fraud-pipeline")
              if "extra" not in text}  # fmt: skip
    assert wanted and {re.sub(r"[-_.]+", "-", name) for name in wanted} <= names


@pytest.mark.parametrize("line", ["numpy", "numpy>=2", "-e .", "git+https://example.org/x"])
def test_a_line_that_pins_nothing_is_refused(line):
    with pytest.raises(ValueError, match="not a pin"):
        list(sbom.components(f"a==1 --hash=sha256:{'0' * 64}\n{line}\n"))
