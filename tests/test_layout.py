"""The package root and the table of contents stay small enough to read first."""

from pathlib import Path

import fraud_pipeline
from fraud_pipeline.pipeline import STEPS, concurrent_groups

ROOT = Path(fraud_pipeline.__file__).parent


def test_the_package_root_holds_what_every_layer_reads():
    allowed = {"__init__.py", "__main__.py", "errors.py", "pipeline.py", "settings.py"}
    assert {path.name for path in ROOT.glob("*.py")} <= allowed


def test_the_pipeline_is_a_table_of_contents():
    text = (ROOT / "pipeline.py").read_text("utf-8")
    assert len(text.splitlines()) < 150
    table = [line.split()[0] for line in text.splitlines() if "->" in line and line[:4] == "    "]
    assert [name for name in table if name != "step"] == ["ingest", *(s.name for s in STEPS)]


def test_groups_hold_every_step_once_in_order():
    assert [step for group in concurrent_groups() for step in group] == list(STEPS)
    assert all(not group[0].concurrent_with_previous for group in concurrent_groups())
