"""A stamped flag is whole: it runs, its golden case holds, and it is registered in its place."""

import importlib.util
import shutil
import tomllib
from pathlib import Path

import pytest
from tiny_tables import AS_OF, tables

from fraud_pipeline.cli.commands.new_flag import stamp
from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes import evaluate
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    for folder in ("fraud_pipeline/programmes/rules", "docs/flags", "tests/programmes/golden"):
        (tmp_path / folder).mkdir(parents=True)
    registry = "fraud_pipeline/programmes/rules/__init__.py"
    shutil.copy(ROOT / registry, tmp_path / registry)
    return tmp_path


@pytest.mark.parametrize("code", ["T27", "L30"])
def test_a_stamped_flag_runs_its_golden_case(checkout, code):
    check, page, golden, registry = stamp(checkout, code, "Large contracts", "大额合同")
    spec = importlib.util.spec_from_file_location("stamped", check)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    case = tomllib.loads(golden.read_text("utf-8"))
    wanted = case.pop("expected")
    results, _ = evaluate(tables(**case), load_packs(), AS_OF, ProgrammeSettings(), [module.RULE])
    rows = {r["claim_id"]: r for r in results.to_pylist()}
    assert {c: r["outcome"] for c, r in rows.items()} == {"F1": "hit", "P2": "pass"}
    assert rows["F1"]["sentence_en"] == wanted["F1"]["en"]
    assert rows["F1"]["sentence_zh"] == wanted["F1"]["zh"]
    assert page.read_text("utf-8").startswith(f"# {code} Large contracts · 大额合同")
    names = [
        n.strip(" ,") for n in registry.read_text("utf-8").splitlines() if n.endswith(".RULE,")
    ]
    assert names == sorted(names) and f"{check.stem}.RULE" in names
    compile(registry.read_text("utf-8"), "registry", "exec")


@pytest.mark.parametrize("code", ["T1", "x27", "T27 ", "../T27"])
def test_a_malformed_code_writes_nothing(checkout, code):
    before = sorted(checkout.rglob("*"))
    with pytest.raises(ProgrammeError, match="no code of a flag"):
        stamp(checkout, code, "x", "x")
    assert sorted(checkout.rglob("*")) == before


def test_a_code_is_given_once(checkout):
    stamp(checkout, "T27", "One", "一")
    with pytest.raises(ProgrammeError, match="T27 is taken"):
        stamp(checkout, "T27", "Two", "二")
    with pytest.raises(ProgrammeError, match="checkout"):
        stamp(checkout / "docs", "T28", "Three", "三")
