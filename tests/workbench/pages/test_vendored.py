"""Libraries of others that the pages use: what they are, unchanged, with their licence, all of it here."""

import hashlib
import json
import re
from importlib import resources

STATIC = resources.files("fraud_pipeline.workbench") / "static"
VENDORED = json.loads((STATIC / "vendored.json").read_text())
OWN = {"workbench.js", "graph.js", "graph_files.js", "charts.js", "planner.js"}


def test_every_script_is_ours_or_a_known_release_with_its_licence():
    scripts = {item.name for item in STATIC.iterdir() if item.name.endswith(".js")}
    assert scripts <= OWN | set(VENDORED) and set(VENDORED) <= scripts
    for name, about in VENDORED.items():
        content = (STATIC / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == about["sha256"], name
        assert about["version"].encode() in content, name
        assert len((STATIC / about["licence"]).read_text()) > 500, name


def test_no_page_and_no_script_of_ours_names_an_address_elsewhere():
    templates = resources.files("fraud_pipeline.workbench") / "templates"
    sources = [*templates.iterdir(), *(STATIC / name for name in OWN if (STATIC / name).is_file())]
    for source in sources:
        found = set(re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", source.read_text()))
        assert found <= {"http://www.w3.org", "http://graphml.graphdrawing.org"}, source.name
