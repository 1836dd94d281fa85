"""Fire rates by rule and programme, counted again the plain way."""

from collections import Counter

from fraud_pipeline import report
from fraud_pipeline.programmes import evaluate, fire_rates
from fraud_pipeline.schema import OUTPUT_TABLES, RingSet, Tables
from fraud_pipeline.settings import ProgrammeSettings, ReportSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

SETTINGS = ProgrammeSettings()


def run(claims):
    given = tables(claims=claims)
    results, rules = evaluate(given, load_packs(), AS_OF, SETTINGS)
    return results, rules, fire_rates(results, rules, given["claims"], SETTINGS)


def test_rates_agree_with_a_plain_count():
    claims = [
        {"claim_id": f"C{k}", "programme": p, "voucher_used": 1000 * k, "enterprise_id": f"E{k}",
         "redeemer": "enterprise"} for k, p in enumerate(["wuhan", "shanxi", "beijing"] * 7)
    ]  # fmt: skip
    results, rules, rates = run(claims)
    of = {c["claim_id"]: c["programme"] for c in claims}
    plain = Counter((r["rule_code"], of[r["claim_id"]], r["outcome"]) for r in results.to_pylist())
    for row in rates.to_pylist():
        for outcome in ("hit", "pass", "not_applicable", "error"):
            if row["programme"]:
                assert row[f"n_{outcome}"] == plain[row["rule_code"], row["programme"], outcome]
    total = {r["rule_code"]: r for r in rates.to_pylist() if r["programme"] is None}
    for rule in rules.to_pylist():
        same = total[rule["rule_code"]]
        assert (same["n_hit"], same["fire_share"], same["fires_often"]) == (
            rule["n_hit"], rule["fire_share"], rule["fires_often"],
        )  # fmt: skip


def test_a_rule_that_fires_on_everybody_in_one_programme_is_marked_there():
    claims = [{"claim_id": f"W{k}", "redeemer": "enterprise"} for k in range(3)]
    claims += [
        {"claim_id": f"S{k}", "programme": "shanxi", "redeemer": "enterprise"} for k in range(97)
    ]
    _, _, rates = run(claims)
    redeemer = {r["programme"]: r for r in rates.to_pylist() if r["rule_code"] == "L04"}
    assert redeemer["wuhan"]["fires_often"] and redeemer["wuhan"]["fire_share"] == 1.0
    assert not redeemer["shanxi"]["fires_often"] and not redeemer[None]["fires_often"]


def test_no_claims_no_rates_to_divide():
    _, _, rates = run([])
    assert set(rates["fire_share"].to_pylist()) == {None}


class Run:
    """A run of which only the rules are known."""

    def __init__(self, rules):
        self._rules = rules

    def table(self, name):
        return self._rules if name == "rules" else OUTPUT_TABLES[name].empty()

    def tables(self, stage):
        return Tables({})

    def json(self, name):
        return {"seed": 1}

    def hits(self):
        return self.table("rule_results")

    def rings(self):
        names = ("rings", "ring_members", "ring_claims", "ring_evidence")
        return RingSet(*(self.table(name) for name in names))


def test_the_runs_page_gives_every_rules_fire_rate_and_marks_one_that_fires_often():
    given = tables(claims=[
        {"claim_id": f"C{k}", "programme": "shanxi", "enterprise_id": f"E{k}",
         "redeemer": "institution" if k < 3 else "enterprise"} for k in range(20)
    ])  # fmt: skip
    _, rules = evaluate(given, load_packs(), AS_OF, ProgrammeSettings())
    about = {"run_id": "r", "as_of": "2018-12-31", "programmes": ["shanxi"], "notes": [], "inputs": {},
             "tables": {}, "model": {"name": "m", "sha256": "0" * 64}, "packs": {},
             "code": {"version": "0", "sha256": "0" * 64}, "libraries": {}}  # fmt: skip
    page = report.render(report.facts(Run(rules), about, ReportSettings()))
    lines = [line for line in page.split("<tr") if "<td>L04</td>" in line]
    assert len(lines) == 1 and 'class="often"' in lines[0] and "15.0%" in lines[0]
    assert "above 5%" in lines[0]
    assert all(f"<td>{code}</td>" in page for code in rules["rule_code"].to_pylist())
    passed = next(line for line in page.split("<tr") if "<td>T17</td>" in line)
    assert "often" not in passed
