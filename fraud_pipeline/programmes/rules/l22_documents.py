"""Which of the documents the programme asks for are not among the claim's papers.

A document counts as missing only where its table was supplied: a bureau that exported no
invoices has not lost them. A list to send back, therefore weak and never a reason by itself.
"""

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.vocabulary.documents import DOCUMENTS

_STATEMENT = """
WITH demanded AS (
    SELECT regime, unnest(documents_required) AS document FROM law
), held AS (
    SELECT a.claim_id, a.regime,
           k.contract_id IS NOT NULL AS contract, v.contract_id IS NOT NULL AS invoice,
           p.contract_id IS NOT NULL AS payment,
           coalesce(trim(c.report_text), '') != '' OR d.claim_id IS NOT NULL AS report,
           d.claim_id IS NOT NULL AS deliverable
      FROM claims_to_judge a JOIN claims c USING (claim_id)
      LEFT JOIN (SELECT contract_id FROM contracts) k ON k.contract_id = a.contract_id
      LEFT JOIN (SELECT DISTINCT contract_id FROM invoices) v ON v.contract_id = a.contract_id
      LEFT JOIN (SELECT DISTINCT contract_id FROM payments) p ON p.contract_id = a.contract_id
      LEFT JOIN (SELECT DISTINCT claim_id FROM deliverables) d ON d.claim_id = a.claim_id
), lacking AS (
    SELECT h.claim_id, count(*) AS n, string_agg(w.zh, '、' ORDER BY w.zh) AS zh,
           string_agg(w.en, ', ' ORDER BY w.en) AS en
      FROM held h JOIN demanded m USING (regime) JOIN (
        SELECT unnest($documents) AS document, unnest($zh) AS zh, unnest($en) AS en) w
        USING (document)
     WHERE NOT CASE document WHEN 'contract' THEN contract WHEN 'invoice' THEN invoice
                WHEN 'payment' THEN payment WHEN 'report' THEN report ELSE deliverable END
     GROUP BY h.claim_id
)
SELECT a.claim_id, coalesce(k.n, 0)::DOUBLE AS measured, 0.0 AS lim, k.n IS NOT NULL AS hit,
       k.zh AS missing_zh, k.en AS missing_en, l.documents_required_clause AS clause,
       NULL::VARCHAR AS why
  FROM claims_to_judge a JOIN law l USING (regime) LEFT JOIN lacking k USING (claim_id)
 ORDER BY a.nth
"""

_TABLES = {  # where a document is found
    "contract": "contracts",
    "invoice": "invoices",
    "payment": "payments",
    "report": "claims",
    "deliverable": "deliverables",
}


def evaluate(context: RuleContext) -> pa.Table:
    known = [name for name, table in _TABLES.items() if context.tables.supplied(table)]
    return context.query(
        _STATEMENT,
        {
            "documents": known,
            "zh": [DOCUMENTS[name].zh for name in known],
            "en": [DOCUMENTS[name].en for name in known],
        },
    )


RULE = Rule(
    code="L22",
    severity="weak",
    feature=True,
    typology="T10",
    title_zh="兑付材料",
    title_en="Documents to hand in",
    law=("documents_required",),
    hit_zh="缺{missing_zh}，共{measured:int}项，允许缺{lim:int}项（{clause}）",
    hit_en="missing: {missing_en} ({measured:int}, {lim:int} allowed)",
    scope=Scope(
        Level.CLAIM,
        tables=("claims", "contracts", "invoices", "payments", "deliverables"),
        long_columns=("claims.report_text",),
    ),
    evaluate=evaluate,
)
