"""The facts a claim's page shows, as plain values: the claim, its parties, evidence and reasons."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fraud_pipeline.core.currency import everywhere
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.explain import findings, shared_kinds
from fraud_pipeline.steps.ranking import explain_claims
from fraud_pipeline.store.runs import currency_of_run
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.vocabulary.documents import PAPERS
from fraud_pipeline.workbench.cases.claim_ties import strongest_ties
from fraud_pipeline.workbench.cases.masking import FREE_TEXT, mask_row, scrub
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.db.leads_layout import RECENT

_MAX_DOCUMENTS = 40  # invoices and payments of a contract
_MAX_TWINS = 3  # claims with the same text or document, shown side by side


def claim_facts(
    leads: Leads, workspace: Workspace, lead: dict[str, Any], *, on_demand: bool = True
) -> dict[str, Any]:
    """The facts of one claim. Fields still hold personal data; ``mask_facts`` masks it.

    ``lead``: the claim's row of the queue. ``on_demand``: compute the reasons when the run did
    not, which reads all features of the run.
    """
    key = ("claim_facts", lead["claim_id"], on_demand)
    facts = leads.cached(key, lambda: _collect_facts(leads, workspace, lead, on_demand))
    return {
        **facts,
        "lead": lead,
    }  # stratum and inclusion probability follow the signed plan, which may have changed


def _collect_facts(
    leads: Leads, workspace: Workspace, lead: dict[str, Any], on_demand: bool
) -> dict[str, Any]:
    claim_id = lead["claim_id"]
    claim = _require(leads, "claims", "claim_id", claim_id)
    rules = _rules(leads, claim_id)
    price = leads.lookup_one("price_results", "claim_id", claim_id)
    ring = leads.lookup_one("rings", "ring_id", lead["ring_id"])
    reasons = _reasons(leads, workspace, claim_id, on_demand)
    return {
        "lead": lead, "claim": claim,
        "enterprise": leads.lookup_one("enterprises", "enterprise_id", lead["enterprise_id"]),
        "institution": leads.lookup_one("institutions", "institution_id", lead["institution_id"]),
        "voucher": leads.lookup_one("vouchers", "voucher_id", claim["voucher_id"]),
        "contract": leads.lookup_one("contracts", "contract_id", claim["contract_id"]),
        "invoices": _of_contract(leads, "invoices", claim["contract_id"]),
        "payments": _of_contract(leads, "payments", claim["contract_id"]),
        "deliverables": sorted(leads.lookup("deliverables", "claim_id", [claim_id]),
                               key=lambda d: d["deliverable_id"]),
        "reasons": reasons, "rules": rules,
        "findings": claim_findings(leads, reasons, rules, price, ring),
        "price": price, "comparables": _comparables(leads, price),
        "twins": _twins(leads, claim, rules),
        **_histories(leads, claim),
        "ring": ring,
        "papers": _requested_documents(rules, price, lead), "ties": strongest_ties(leads, lead),
    }  # fmt: skip


def mask_facts(facts: dict[str, Any], shown: set[tuple[str, str]]) -> dict[str, Any]:
    """The same facts with personal data masked, except the (subject, field) pairs in ``shown``."""
    names = person_names(facts)

    def hide(value: Any, subject: str) -> Any:
        if isinstance(value, list):
            return [hide(item, subject) for item in value]
        if not isinstance(value, dict):
            return value
        keep = {field for owner, field in shown if owner == subject}
        return {
            k: scrub(v, names) if k in FREE_TEXT and isinstance(v, str) else hide(v, subject)
            for k, v in mask_row(value, keep).items()
        }

    return {key: hide(value, key) for key, value in facts.items()}


def person_names(facts: dict[str, Any]) -> list[str]:
    """Names of natural persons that occur in these facts."""
    owners = (facts.get("enterprise"), facts.get("institution"))
    names = [o["legal_representative"] for o in owners if o]
    return [n for n in [*names, facts["claim"]["confirmed_by"]] if n]


def timeline(facts: dict[str, Any]) -> list[tuple[str, str, str, Any]]:
    """(day, word in Chinese, in English, amount or None), in order; unknown days are left out."""
    claim, voucher, contract = facts["claim"], facts["voucher"], facts["contract"]
    events: list[tuple[Any, str, str, Any]] = [
        (claim["service_start_on"], "服务开始", "service begins", None),
        (claim["service_end_on"], "服务结束", "service ends", None),
        (claim["confirmed_at"], "机构确认", "institution confirms", None),
        (claim["submitted_on"], "提交兑付申请", "claim submitted", claim["claimed_amount"]),
        (claim["paid_on"], "兑付", "claim paid", claim["paid_amount"]),
    ]
    if voucher:
        events += [(voucher["issued_on"], "领券", "voucher issued", voucher["face_value"]),
                   (voucher["expires_on"], "券到期", "voucher expires", None)]  # fmt: skip
    if contract:
        events.append((contract["signed_on"], "签订合同", "contract signed", contract["amount"]))
    events += [(i["issued_on"], "开票", "invoice issued", i["amount"]) for i in facts["invoices"]]
    for p in facts["payments"]:
        back = p["payer_id"] == claim["institution_id"]
        zh, en = ("机构付款（回流）", "institution pays") if back else ("付款", "payment")
        events.append((p["paid_on"], zh, en, p["amount"]))
    events += [
        (d["issued_on"], "交付物签发", "deliverable issued", None) for d in facts["deliverables"]
    ]
    known = [(str(day)[:10], zh, en, amount) for day, zh, en, amount in events if day]
    return sorted(known, key=lambda event: event[0])


def _require(leads: Leads, table: str, key: str, value: str) -> dict[str, Any]:
    row = leads.lookup_one(table, key, value)
    if row is None:
        raise KeyError(value)
    return row


def _of_contract(leads: Leads, table: str, contract_id: str | None) -> list[dict[str, Any]]:
    if contract_id is None:
        return []
    rows = leads.lookup(table, "contract_id", [contract_id])
    return sorted(rows, key=lambda row: row["source_row"] or 0)[:_MAX_DOCUMENTS]


_FIRST = {"hit": 0, "error": 1, "not_applicable": 2}
_GRAVEST = {"hard": 0, "strong": 1, "weak": 2}


def _rules(leads: Leads, claim_id: str) -> list[dict[str, Any]]:
    """Every rule's outcome: hits first, then errors, then not applicable, then passes."""
    statement = "SELECT * EXCLUDE (claim_no) FROM rule_results WHERE claim_no = ?"
    results = leads.query(statement, [leads.claim_number(claim_id)])
    known = leads.rules
    rows = [{**row, **known[row["rule_code"]]} for row in results if row["rule_code"] in known]
    return sorted(
        rows,
        key=lambda r: (
            _FIRST.get(r["outcome"], 3), _GRAVEST.get(r["severity"], 3), r["rule_code"],
        ),
    )  # fmt: skip


def _reasons(
    leads: Leads, workspace: Workspace, claim_id: str, on_demand: bool
) -> list[dict[str, Any]]:
    """The contributions (log-odds) that add up to the score; computed when the run has none."""
    rows = sorted(leads.lookup("explanations", "claim_id", [claim_id]), key=lambda r: r["position"])
    if rows or not on_demand:
        return rows
    setup = setup_of_run(leads.run, workspace)
    explanations = explain_claims(leads.run, setup, pa.array([claim_id]))
    return explanations.sort_by("position").to_pylist()


def claim_findings(
    leads: Leads, reasons: list[dict[str, Any]], rules: list[dict[str, Any]],
    price: dict[str, Any] | None, ring: dict[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    """The reasons in words: ``raises``, ``lowers`` and ``folded`` as :mod:`explain.findings` has them."""
    hits = [row for row in rules if row["outcome"] == "hit"]
    if ring is not None:
        evidence = leads.query(
            "SELECT DISTINCT kind FROM ring_evidence WHERE ring_id = ?", [ring["ring_id"]]
        )
        ring = {**ring, "kinds": shared_kinds(row["kind"] for row in evidence)}
    words: dict[str, Any] = everywhere(
        findings(reasons, hits, price, ring).as_dict(), currency_of_run(leads.run)
    )
    return words


def _comparables(leads: Leads, price: dict[str, Any] | None) -> list[dict[str, Any]]:
    ids = (price or {}).get("comparables")
    if not ids:
        return []
    claim_ids = ids.split(";")
    prices = {r["claim_id"]: r["unit_price"]
              for r in leads.lookup("price_results", "claim_id", claim_ids, "claim_id, unit_price")}  # fmt: skip
    columns = "claim_id, submitted_on, service_title, institution_id"
    claims = {r["claim_id"]: r for r in leads.lookup("claims", "claim_id", claim_ids, columns)}
    institutions = {r["institution_id"]: r["name"] for r in leads.lookup(
        "institutions", "institution_id", [c["institution_id"] for c in claims.values()],
        "institution_id, name")}  # fmt: skip
    return [
        {"claim_id": one, "unit_price": prices[one], "submitted_on": claims[one]["submitted_on"],
         "service_title": claims[one]["service_title"],
         "institution": institutions.get(claims[one]["institution_id"])}
        for one in claim_ids if one in prices and one in claims
    ]  # fmt: skip


def _twins(
    leads: Leads, claim: dict[str, Any], rules: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Claims that a hit of T01 or T16 names as evidence, for side-by-side comparison."""
    evidence = " ".join(r["evidence"] or "" for r in rules
                    if r["outcome"] == "hit" and r["rule_code"] in ("T01", "T16"))  # fmt: skip
    words = evidence.replace(";", " ").replace(",", " ").split()
    claim_ids = list(dict.fromkeys(w for w in words if w != claim["claim_id"]))[:200]
    if not claim_ids:
        return []
    columns = "claim_id, service_title, report_text, submitted_on, enterprise_id"
    twins = leads.lookup("claims", "claim_id", claim_ids, columns)
    return sorted(twins, key=lambda row: row["claim_id"])[:_MAX_TWINS]


def _histories(leads: Leads, claim: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Both parties' other claims and their audit outcomes: enterprise_past, institution_past."""
    sides = ("enterprise", "institution")
    party = {f"{side}_id {claim[f'{side}_id']}": side for side in sides}
    last = sorted(leads.lookup("recent", "party", list(party)), key=lambda c: c["nth"])
    outcomes = {o["claim_id"]: o for o in leads.lookup(
        "last_outcomes", "claim_id", [claim["claim_id"], *(c["claim_id"] for c in last)])}  # fmt: skip
    ids = [claim[f"{side}_id"] for side in sides]
    sanctions = sorted(leads.lookup("sanctions", "party_id", ids), key=lambda s: s["starts_on"])
    own = outcomes.get(claim["claim_id"])
    histories = {}
    for party_name, side in party.items():
        rows = [c for c in last if c["party"] == party_name and c["claim_id"] != claim["claim_id"]]
        party_id = claim[f"{side}_id"]
        every = leads.lookup(f"{side}_past", f"{side}_id", [party_id])[0]
        histories[f"{side}_past"] = {
            "rows": [{**c, **{k: outcomes.get(c["claim_id"], {}).get(k) for k in ("verdict", "decided_on")}}
                     for c in rows[:RECENT]],
            "n": every["n"] - 1, "amount": every["amount"] - claim["claimed_amount"],
            "audited": every["audited"] - (own is not None),
            "improper": every["improper"] - bool(own and own["verdict"] in ("fraud", "irregular")),
            "sanctions": [s for s in sanctions if s["party_id"] == party_id],
        }  # fmt: skip
    return histories


def _requested_documents(
    rules: list[dict[str, Any]], price: dict[str, Any] | None, lead: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """(rule code or "price", document in Chinese, in English): what to request from the parties."""
    requested = [(r["rule_code"], *PAPERS[r["typology"]][:2]) for r in rules
                 if r["outcome"] == "hit" and r["typology"] in PAPERS]  # fmt: skip
    if price and price["outcome"] == "scored" and (price["p_value"] or 1.0) < 0.05:
        requested.append(("price", *PAPERS["price"][:2]))
    return requested
