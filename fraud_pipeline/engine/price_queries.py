"""What ``price`` needs from a published run; everything judged here is judged by ``pricing``."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import ingest
from fraud_pipeline.core.report import Report
from fraud_pipeline.core.sql import query
from fraud_pipeline.engine import run_queries
from fraud_pipeline.errors import InputError, UnknownRecordError
from fraud_pipeline.pricing.catalogue_lint import Finding, lint
from fraud_pipeline.pricing.patterns import patterns
from fraud_pipeline.pricing.show import answer_text, claim_text
from fraud_pipeline.pricing.whatif import Question, what_if
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store import runs
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.vocabulary.messages import t

_CLAIMS = """
SELECT c.claim_id, c.service_type, c.unit, c.quantity, c.service_title, c.submitted_on,
       p.unit_price, i.region, i.category, c.enterprise_id, c.institution_id
FROM claims c JOIN wanted w USING (claim_id)
LEFT JOIN prices p ON p.claim_id = c.claim_id
LEFT JOIN (SELECT institution_id, min(region) AS region, min(category) AS category
           FROM institutions GROUP BY 1) i ON i.institution_id = c.institution_id
ORDER BY w.place
"""


def claim_page(workspace: Path, run_id: str | None, claim_id: str, language: str) -> Report:
    """The price of one claim of a run beside its market."""
    run = runs.find(workspace, run_id)
    prices = run.table("price_results")
    price_rows = prices.filter(pc.equal(prices["claim_id"], claim_id)).to_pylist()
    if not price_rows:
        raise UnknownRecordError(f"there is no claim {claim_id!r} in this run")
    ids = [claim_id, *(i for i in (price_rows[0]["comparables"] or "").split(";") if i)]
    claim, *others = _claims(run, prices, ids)
    sentences = _pattern_sentences(run, prices, claim, language)
    facts = {"run_id": run.run_id, "price": price_rows[0], "claim": claim, "comparables": others,
             "patterns": sentences}  # fmt: skip
    return Report(
        claim_text(price_rows[0], claim, others, sentences, language),
        facts,
        runs.currency_of_run(run),
    )


def _claims(run: runs.Run, prices: pa.Table, ids: list[str]) -> list[dict[str, Any]]:
    wanted = pa.table({"claim_id": pa.array(ids, pa.string()), "place": list(range(len(ids)))})
    tables = {name: run.table(f"clean/{name}") for name in ("claims", "institutions")}
    rows: list[dict[str, Any]] = query(
        _CLAIMS, {**tables, "prices": prices, "wanted": wanted}
    ).to_pylist()
    return rows


def _pattern_sentences(
    run: runs.Run, prices: pa.Table, claim: dict[str, Any], language: str
) -> list[str]:
    """Sentences of patterns of the claim itself, its pair or its institution."""
    settings = run_queries.settings_of(run).pricing
    pattern_rows = patterns(run_queries.known_to(run), prices, settings).to_pylist()
    subjects = {claim["claim_id"], claim["institution_id"]}
    return [
        p[f"sentence_{language}"]
        for p in pattern_rows
        if p["subject_id"] in subjects and p["other_id"] in (None, claim["enterprise_id"])
    ]


def price_patterns(workspace: Path, run_id: str | None, language: str) -> Report:
    """Every pattern of a run but the taxes, which are remarks on single claims."""
    run = runs.find(workspace, run_id)
    settings = run_queries.settings_of(run).pricing
    pattern_table = patterns(run_queries.known_to(run), run.table("price_results"), settings)
    shown = [p for p in pattern_table.to_pylist() if p["kind"] != "tax_added"]
    lines = [
        f"[{p['kind']} q={p['q_value']:.3f}] {p[f'sentence_{language}']}"
        + (f" ({p['claim_ids'].replace(';', ' ')})" if p["claim_ids"] else "")
        for p in shown
    ]
    text = "\n".join(lines or [t("price.no_patterns")])
    return Report(text, {"run_id": run.run_id, "patterns": shown}, runs.currency_of_run(run))


def answer_page(workspace: Path, run_id: str | None, question: Question, language: str) -> Report:
    """The market of a service thought of, from what a run knew."""
    run = runs.find(workspace, run_id)
    if question.on == date.min:
        question = dataclasses.replace(question, on=run_queries.as_of(run))
    settings = run_queries.settings_of(run).pricing
    known = run_queries.known_to(run)
    answer = what_if(known, question, settings, run.table("ring_claims"))
    ids = [i for i in (answer["comparables"] or "").split(";") if i]
    others = _claims(run, run.table("price_results"), ids) if ids else []
    prices = [float(c["unit_price"]) for c in others if c["unit_price"]]
    facts = {"run_id": run.run_id, **answer, "comparables": others}
    return Report(answer_text(answer, prices, language), facts, runs.currency_of_run(run))


def catalogue_findings(file: Path, on: date | None) -> list[Finding]:
    """What to mend in a catalogue file. Raises InputError when it cannot be read as one."""
    called = f"market_prices{file.suffix.lower()}"  # the loader knows tables by their names
    sources = [
        dataclasses.replace(source, name=called, stem="market_prices")
        for source in open_sources(str(file), frozenset())
    ]
    try:
        loaded = ingest.load([_one_claim(), *sources], IngestSettings())
    except InputError as error:
        raise InputError(str(error).replace(called, file.name)) from error
    table = loaded.tables["market_prices"]
    refused = loaded.quarantine.filter(pc.equal(loaded.quarantine["table"], "market_prices"))
    if table.num_rows == 0 and refused.num_rows == 0:
        raise InputError("no lines of a price catalogue found", file=file.name)
    findings = lint(table, on or _last_day(table))
    for row in refused.to_pylist():
        place = f"{row['column'] or ''} {row['value'] or ''}".strip()
        findings.append(Finding(row["row"], "error", row["reason_code"], f"无法读取：{place}",
                             f"cannot be read: {place}"))  # fmt: skip
    return sorted(findings, key=lambda f: (f.row or 0, f.code))


def _last_day(table: pa.Table) -> date:
    """The last day any line starts: a catalogue alone knows no today."""
    return pc.max(table["valid_from"]).as_py() or date.min


def _one_claim() -> Source:
    """The loader wants claims; a catalogue is read alone."""
    header = "claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,"
    data = f"{header}claimed_amount,submitted_on\nx,x,x,x,other,1,1,2018-01-01\n".encode()
    digest = hashlib.sha256(data).hexdigest()
    return Source("claims.csv", "claims", ".csv", digest, data=data)
