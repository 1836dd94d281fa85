"""A published run of 24 made-up claims in two regions, written out by hand: fast and known."""

import json
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import files

RUN, RING, N = "20170630-0123456789abcdef", "R-TEST000001", 24
HERE, THERE = "武昌", "江夏"
PHONE, NAME, ACCOUNT, EMAIL = "13812345678", "张三丰", "6222020200112233445", "zhang@example.cn"
EVIL = '=HYPERLINK("http://x","<script>alert(1)</script>")'


def claim(k):
    return f"C{k:07d}"


def enterprise(k):
    return f"91420100E{k:04d}"


def amount(k):
    return Decimal(200_000 - 8_000 * k).quantize(Decimal("0.01"))


def published(workspace: Path) -> Path:
    """The run, under ``workspace/runs`` and named by LATEST."""
    folder = workspace / "runs" / RUN
    for name, schema in INPUT_TABLES.items():
        rows = INPUTS.get(name, list)()
        table = pa.Table.from_pylist(rows, schema=schema.arrow)
        files.write_table(folder / "clean" / f"{name}.parquet", table)
    for name, schema in OUTPUT_TABLES.items():
        rows = OUTPUTS.get(name, list)()
        table = pa.Table.from_pylist(rows, schema=schema.arrow)
        files.write_table(folder / f"{name}.parquet", table)
    files.write_json(folder / "plan.json", PLAN)
    outputs = {p.relative_to(folder).as_posix(): files.sha256_of(p)
               for p in sorted(folder.rglob("*.*"))}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({**MANIFEST, "outputs": outputs}))
    (workspace / "runs" / "LATEST").write_text(RUN + "\n")
    return folder


PLAN = {"seed": 1, "budget": 12, "frame_sha256": sha256(b"frame").hexdigest(),
        "precision_zh": "精度", "precision_en": "precision"}  # fmt: skip
MANIFEST = {
    "run_id": RUN, "as_of": "2017-06-30", "published": "2017-07-01T00:00:00+00:00",
    "programmes": ["wuhan"], "supplied": sorted(INPUT_TABLES), "inputs": {"claims.csv": "ab" * 32},
    "model": {"name": "base-1", "sha256": "cd" * 32}, "code": {"version": "0", "sha256": "e" * 64},
    "packs": {}, "predecessor": None, "outcomes_until": None, "settings": Settings().as_tree(),
    "tables": {"claims": {"rows_in": N, "rows_clean": N, "rows_quarantined": 0}},
    "audit": {"budget": None, "seed": 1, "cover_enterprises": None}, "steps": {},
}  # fmt: skip


def _claims():
    return [
        {"claim_id": claim(k), "programme": "wuhan", "enterprise_id": enterprise(k),
         "institution_id": f"INST{k % 3}", "service_type": "testing", "contract_id": f"HT{k}",
         "contract_amount": amount(k) * 2, "claimed_amount": amount(k), "quantity": 1.0,
         "unit": "项", "submitted_on": date(2017, 6, 29) - timedelta(days=k), "voucher_id": f"V{k}",
         "service_title": "检测", "confirmed_by": NAME, "contact_phone": PHONE,
         "report_text": f"完成检测，联系{PHONE}", "source_file": "claims.csv", "source_row": k + 2}
        for k in range(N)
    ]  # fmt: skip


def _enterprises():
    return [
        {"enterprise_id": enterprise(k), "name": EVIL if k == 1 else f"企业{k}",
         "legal_representative": NAME, "region": HERE if k < N // 2 else THERE, "phone": PHONE,
         "email": EMAIL, "bank_account": ACCOUNT, "founded_on": date(2010, 1, 1)}
        for k in range(N)
    ]  # fmt: skip


def _institutions():
    return [{"institution_id": f"INST{k}", "name": f"机构{k}", "category": "university",
             "region": HERE, "phone": PHONE} for k in range(3)]  # fmt: skip


def _contracts():
    return [{"contract_id": f"HT{k}", "enterprise_id": enterprise(k), "institution_id": f"INST{k % 3}",
             "service_type": "testing", "amount": amount(k) * 2, "signed_on": date(2017, 5, 1)}
            for k in range(N)]  # fmt: skip


def _payments():
    return [{"payment_id": "P0", "contract_id": "HT0", "payer_id": enterprise(0), "payee_id": "INST0",
             "payer_account": ACCOUNT, "amount": Decimal("9.00"), "paid_on": date(2017, 5, 2)}]  # fmt: skip


def _outcomes():
    return [{"outcome_id": "H1", "claim_id": claim(23), "decided_on": date(2017, 6, 10),
             "verdict": "irregular", "selected_by": "random", "inclusion_prob": 0.1},
            {"outcome_id": "H2", "claim_id": claim(23), "decided_on": date(2017, 6, 20),
             "verdict": "clean"}]  # fmt: skip


def _ranked():
    return [
        {"claim_id": claim(k), "rank": k + 1, "risk": 0.9 - k / 40, "log_odds": 1.0 - k / 10,
         "expected_loss": amount(k) / 2, "rule_score": 0.1, "price_score": 0.1, "ring_score": 0.1,
         "behaviour_score": 0.1, "top_reason": "文本雷同", "top_reason_en": "Text reuse", "programme": "wuhan",
         "enterprise_id": enterprise(k), "institution_id": f"INST{k % 3}", "claimed_amount": amount(k)}
        for k in range(N)
    ]  # fmt: skip


def _rules():
    return [{"rule_code": code, "severity": "strong", "typology": code, "title_zh": "规则", "title_en": "rule",
             "n_hit": 1, "n_pass": 1, "n_not_applicable": 0, "n_error": 0, "fires_often": False}
            for code in ("T01", "T14")]  # fmt: skip


def _rule_results():
    return [
        {"claim_id": claim(k), "rule_code": code,
         "outcome": "hit" if (code == "T01") == (k % 2 == 0) else "pass", "measured": 0.97, "limit": 0.9,
         "sentence_zh": f"与{claim(k + 1)}雷同，电话{PHONE}，法人{NAME}", "sentence_en": f"same text, {PHONE}",
         "clause": "条款", "evidence": f"{claim((k + 2) % N)};{EMAIL}"}
        for k in range(N) for code in ("T01", "T14")
    ]  # fmt: skip


def _prices():
    return [{"claim_id": claim(k), "unit_price": Decimal(900 + k), "market_low": Decimal(400),
             "market_mid": Decimal(500), "market_high": Decimal(700), "price_ratio": 1.8,
             "p_value": 0.01, "q_value": 0.2, "excess_amount": Decimal(200),
             "comparables": ";".join(claim(j) for j in range(5, 10)), "basis": "comparables",
             "basis_zh": "同类", "basis_en": "same kind",
             "outcome": "scored"} for k in range(N)]  # fmt: skip


def _explanations():
    return [
        {"claim_id": claim(k), "position": at, "feature": feature, "contribution": value,
         "sentence_zh": f"理由{at} {PHONE}", "sentence_en": f"reason {at}"}
        for k in range(N) for at, (feature, value) in
        enumerate((("base", -1.0), ("strong_hits", 2.5 - k / 10), ("enterprise_age_days", -0.5)))
    ]  # fmt: skip


def _rings():
    return [{"ring_id": RING, "score": 0.9, "p_value": 0.005, "q_value": 0.01, "n_enterprises": 4,
             "n_institutions": 1, "n_claims": 4, "amount": sum(amount(k) for k in range(4)),
             "first_on": date(2017, 6, 1), "last_on": date(2017, 6, 29), "typologies": "T01;T14",
             "story_zh": f"四家企业共用{PHONE}", "story_en": "four firms", "lineage": "new"}]  # fmt: skip


def _members():
    firms = [{"ring_id": RING, "party_id": enterprise(k), "party_kind": "enterprise", "role": "member",
              "strength": 1.0} for k in range(4)]  # fmt: skip
    return [*firms, {"ring_id": RING, "party_id": "INST0", "party_kind": "institution",
                     "role": "complicit_institution", "strength": 1.0}]  # fmt: skip


def _evidence():
    return [
        {"ring_id": RING, "kind": kind, "left_id": enterprise(a), "right_id": enterprise(b),
         "weight": weight, "sentence_zh": f"{enterprise(a)}与{enterprise(b)}共用{PHONE}（{NAME}）",
         "sentence_en": "shared", "source": "claims"}
        for kind, a, b, weight in (("phone", 0, 1, 0.6), ("phone", 1, 2, 0.6), ("phone", 0, 2, 0.6),
                                   ("device", 2, 3, 0.5), ("device", 0, 3, 0.4))
    ]  # fmt: skip


def _plan():
    return [{"claim_id": claim(k), "enterprise_id": enterprise(k), "stratum": "certainty" if k < 4 else "random",
             "inclusion_prob": 1.0 if k < 4 else 0.25, "draw": k + 1, "reason_zh": "抽中", "reason_en": "drawn"}
            for k in range(12)]  # fmt: skip


def _ties():
    return [
        {"left_id": enterprise(a), "left_kind": "enterprise", "right_id": enterprise(b),
         "right_kind": "enterprise", "kind": kind, "weight": weight, "detail": f"{NAME} {PHONE}"}
        for a, b, kind, weight in ((0, 5, "phone", 0.6), (1, 5, "device", 0.5), (2, 5, "agent", 0.0),
                                   (0, 1, "phone", 0.6))
    ]  # fmt: skip


INPUTS = {"claims": _claims, "enterprises": _enterprises, "institutions": _institutions,
          "contracts": _contracts, "payments": _payments, "outcomes": _outcomes}  # fmt: skip
OUTPUTS = {
    "ranked_claims": _ranked, "rules": _rules, "rule_results": _rule_results, "price_results": _prices,
    "explanations": _explanations, "rings": _rings, "ring_members": _members,
    "ring_claims": lambda: [{"ring_id": RING, "claim_id": claim(k)} for k in range(4)],
    "ties": _ties, "ring_evidence": _evidence, "audit_plan": _plan,
}  # fmt: skip
