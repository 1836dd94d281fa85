"""A stamped flag is whole: it runs, its golden case holds, and every engine finds it by itself."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from fraud_pipeline.cli.commands.new_flag import stamp
from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing import check_rule, read_golden

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    for folder in ("fraud_pipeline/programmes/rules", "docs/flags", "tests/programmes/golden"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("code", ["T40", "L30"])
def test_a_stamped_flag_runs_its_golden_case(checkout, code):
    check, page, golden = stamp(checkout, code, "Large contracts", "大额合同")
    spec = importlib.util.spec_from_file_location("stamped", check)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    case = read_golden(golden)
    assert {"zh", "en"} <= set(case.expected["F1"])
    check_rule(module.RULE, case, load_packs())
    assert page.read_text("utf-8").startswith(f"# {code} Large contracts · 大额合同")


EVERYWHERE = """
import sys
sys.dont_write_bytecode = True
import pyarrow as pa
import fraud_pipeline.programmes.rules as package
package.__path__.append(sys.argv[1])
package.ALL_RULES = package.all_rules()

from fraud_pipeline.cli.check_report import switched_off
from fraud_pipeline.engine import scope
from fraud_pipeline.explain import reasons
from fraud_pipeline.features.catalogue import FEATURES, FLAGS
from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import ProgrammeSettings, Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs

rule = next(r for r in ALL_RULES if r.code == "T40")
assert [r.code for r in ALL_RULES] == sorted(r.code for r in ALL_RULES)
# a feature, with the words of the rule
feature = next(f for f in FEATURES if f.name == "flag_t40")
assert "T40" in FLAGS and rule.title_zh in feature.zh and rule.title_en.lower() in feature.en.lower()
# a cluster judges it by enterprise, where its claim lies
plan = scope.plan(ALL_RULES)
assert rule in plan.by_enterprise
# a load without a table it needs says so
assert any("T40" in line for lines in switched_off().values() for line in lines)

# a run, and one claim before payment
from datetime import timedelta
import pyarrow.compute as pc
from fraud_pipeline.engine import in_memory
from fraud_pipeline.engine.single_claim import ClaimScorer
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.store.models import shipped_model

tables = simulate("wuhan", 60, 4).tables
day = pc.max(tables["claims"]["submitted_on"]).as_py() + timedelta(days=1)
setup = Setup(day, None, Settings(), load_packs(None), shipped_model(), None, None, 1, None, {})
run = in_memory.run(tables, setup)
hits = run.table("features")["flag_t40"]
results = run.table("rule_results")
of_it = results.filter(pc.equal(results["rule_code"], "T40"))
assert of_it.num_rows == tables["claims"].num_rows and pc.sum(hits).as_py() > 0
claim_id = of_it.filter(pc.equal(of_it["outcome"], "hit"))["claim_id"][0]
claim = tables["claims"].filter(pc.equal(tables["claims"]["claim_id"], claim_id))
answer = ClaimScorer(run.tables("known"), run, setup).score({"claims": claim}, day)
assert answer.features["flag_t40"].to_pylist() == [1.0]
row = answer.rule_results.filter(pc.equal(answer.rule_results["rule_code"], "T40")).to_pylist()
assert row[0]["outcome"] == "hit"
"""


def test_a_new_flag_is_three_files_and_known_everywhere(checkout):
    """Another process looks for rules in the stamped folder too; nothing else tells it of the rule."""
    rule, _, _ = stamp(checkout, "T40", "Large contracts", "大额合同")
    text = rule.read_text("utf-8")
    for stamped, filled in (
        ('severity="info"', 'severity="weak"'), ("feature=False", "feature=True"),
        ("scope=Scope(Level.CLAIM)", 'scope=Scope(Level.CLAIM, ("contracts",)), needs=("contracts",)'),
        ("1_000_000.0", "20_000.0"),
    ):  # fmt: skip
        assert stamped in text
        text = text.replace(stamped, filled)
    rule.write_text(text, "utf-8")
    code = [sys.executable, "-c", EVERYWHERE, str(rule.parent)]
    done = subprocess.run(code, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", ["T1", "x27", "T40 ", "../T40"])
def test_a_malformed_code_writes_nothing(checkout, code):
    before = sorted(checkout.rglob("*"))
    with pytest.raises(ProgrammeError, match="no code of a flag"):
        stamp(checkout, code, "x", "x")
    assert sorted(checkout.rglob("*")) == before


def test_a_code_is_given_once(checkout):
    stamp(checkout, "T40", "One", "一")
    with pytest.raises(ProgrammeError, match="T40 is taken"):
        stamp(checkout, "T40", "Two", "二")
    with pytest.raises(ProgrammeError, match="checkout"):
        stamp(checkout / "docs", "T28", "Three", "三")
