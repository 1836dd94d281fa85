"""A grave rule that hits, or cannot read, most claims is named to the bureau."""

import pyarrow as pa

from fraud_pipeline.programmes import evaluate, misread
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema.outputs import RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables


def counted(code, severity, hit, unread=0, n=100):
    return {
        "rule_code": code, "severity": severity, "title_zh": "甲", "title_en": "A", "n_hit": hit, "n_pass": n - hit - unread,
        "n_not_applicable": unread, "n_error": 0, "fires_often": False, "n_unread": unread,
    }  # fmt: skip


def test_the_line_names_rule_share_and_what_to_check_in_both_languages():
    rows = [
        counted("L08", "hard", 92), counted("L15", "hard", 3, unread=40), counted("T06", "weak", 80),
        counted("T14", "strong", 20), counted("T05", "strong", 21),
    ]  # fmt: skip
    lines = misread(pa.Table.from_pylist(rows, schema=RULES.arrow), 0.2)
    assert lines == [
        ("规则L08命中92 %的申请：请核对地名", "rule L08 hits 92 % of claims: check the place names"),
        ("规则L15无法判断40 %的申请：请核对地名", "rule L15 cannot judge 40 % of claims: check the place names"),
        ("规则T05命中21 %的申请：请核对登记数据与制度包",
         "rule T05 hits 21 % of claims: check the register and the programme pack"),
    ]  # fmt: skip


def test_what_the_pack_cannot_read_is_counted():
    given = tables(
        claims=[{"claim_id": f"C{k}", "enterprise_id": f"E{k}"} for k in range(4)],
        enterprises=[
            {"enterprise_id": f"E{k}", "region": place}
            for k, place in enumerate(["武汉市", "经开", "高新", "长沙市"])
        ],
    )
    rules = [rule for rule in ALL_RULES if rule.code == "L08"]
    _, counts = evaluate(given, load_packs(), AS_OF, ProgrammeSettings(), rules)
    row = counts.to_pylist()[0]
    assert (row["n_hit"], row["n_pass"], row["n_not_applicable"], row["n_unread"]) == (1, 1, 2, 2)
