"""The output of the demo that stands in the README is the one the demo prints.

FRAUD_UPDATE_SAMPLES=1 writes it there instead of comparing.
"""

import os
import re
import textwrap
from pathlib import Path

from flows.demonstration import compare_with_truth
from fraud_pipeline.cli.run_summary import of_run
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.vocabulary.messages import t, use_language

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"^    run 2017.*?(?=\n\n    to read and decide)", re.MULTILINE | re.DOTALL)


def test_the_readme_shows_what_the_demo_prints(wuhan_run, monkeypatch):
    monkeypatch.setenv("FRAUD_PIPELINE_LANG", "en")
    use_language(None)
    run = runs.find(wuhan_run)
    truth = files.read_table(data_samples() / "wuhan" / "truth.parquet")
    said = "\n\n".join([of_run(run).text, compare_with_truth(run, truth).text])
    said = said.replace(str(wuhan_run), "demo").replace(run.run_id, "20170630-…")
    block = textwrap.indent(said, "    ").rstrip()
    page = README.read_text("utf-8")
    if os.environ.get("FRAUD_UPDATE_SAMPLES"):
        README.write_text(_BLOCK.sub(lambda _: block, page, count=1), "utf-8")
    shown = _BLOCK.search(README.read_text("utf-8"))
    assert shown is not None and shown[0] == block, "run with FRAUD_UPDATE_SAMPLES=1"
    assert t("demo.next", workspace="demo") in page
