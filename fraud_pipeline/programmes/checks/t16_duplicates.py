"""A document number that already stood in an earlier claim of another contract.

Compared are invoice number with its code (or its seller, where there is no code), the
reference of reports, patents and certificates, and the registration number of technology
contracts; letters and digits only. The later claim is the lead. Several claims on one
contract share their invoice honestly, and short numbers (under ``number_min_chars``) come
from too many counters to mean anything.
"""

from typing import Any

import pyarrow as pa

from fraud_pipeline.programmes.check import Case, Check
from fraud_pipeline.settings import ProgrammeSettings

_STATEMENT = """
WITH plain AS MATERIALIZED (
    SELECT c.claim_id, c.submitted_on, coalesce(c.contract_id, 'claim ' || c.claim_id) AS work,
           n.kind, n.number
      FROM claims c JOIN (
        SELECT k.claim_id, 'invoice' AS kind,
               concat(i.invoice_no, '/', coalesce(i.invoice_code, i.seller_id)) AS number
          FROM invoices i JOIN claims k ON k.contract_id = i.contract_id
         WHERE length(i.invoice_no) >= $chars
           AND (i.invoice_code IS NOT NULL OR i.seller_id IS NOT NULL)
        UNION ALL
        SELECT claim_id, 'reference', regexp_replace(upper(reference_no), '[^0-9A-Z]', '', 'g')
          FROM deliverables WHERE length(reference_no) >= $chars
        UNION ALL
        SELECT k.claim_id, 'registration', regexp_replace(upper(x.registration_no),
                                                           '[^0-9A-Z]', '', 'g')
          FROM contracts x JOIN claims k ON k.contract_id = x.contract_id
         WHERE length(x.registration_no) >= $chars
      ) n USING (claim_id)
), twice AS (  -- most numbers stand once: those are set aside by their hash, which is cheap
    SELECT hash(kind, number) AS mark FROM plain GROUP BY 1 HAVING min(work) != max(work)
), first AS (
    SELECT kind, number, count(DISTINCT claim_id) AS n_claims,
           arg_min(claim_id, (submitted_on, claim_id)) AS claim, 
           arg_min(work, (submitted_on, claim_id)) AS work
      FROM plain WHERE hash(kind, number) IN (SELECT mark FROM twice)
     GROUP BY 1, 2 HAVING min(work) != max(work)
), again AS (
    SELECT p.claim_id, count(*) AS n,
           arg_min({'kind': p.kind, 'number': p.number, 'earlier': f.claim, 'n': f.n_claims},
                   (p.kind, p.number)) AS d
      FROM plain p JOIN first f USING (kind, number)
     WHERE p.work != f.work GROUP BY p.claim_id
), numbered AS (SELECT DISTINCT claim_id FROM plain)
SELECT a.claim_id, coalesce(g.n, 0)::DOUBLE AS measured, 0.0 AS lim, g.n IS NOT NULL AS hit,
       CASE g.d.kind WHEN 'invoice' THEN '发票' WHEN 'reference' THEN '成果编号'
            ELSE '技术合同登记号' END AS kind_zh,
       CASE g.d.kind WHEN 'invoice' THEN 'invoice' WHEN 'reference' THEN 'deliverable'
            ELSE 'contract registration' END AS kind_en,
       g.d.number AS number, g.d.earlier AS earlier, g.d.n AS n_claims,
       CASE WHEN g.n IS NOT NULL THEN concat('claims ', g.d.earlier) END AS evidence,
       CASE WHEN m.claim_id IS NULL THEN 'no_numbers' END AS why
  FROM asked a LEFT JOIN again g USING (claim_id) LEFT JOIN numbered m USING (claim_id)
 ORDER BY a.nth
"""


def _parameters(settings: ProgrammeSettings) -> dict[str, Any]:
    return {"chars": settings.number_min_chars}


def evaluate(case: Case) -> pa.Table:
    return case.query(_STATEMENT, _parameters(case.settings))


CHECK = Check(
    code="T16",
    severity="strong",
    typology="T16",
    title_zh="重复使用凭证",
    title_en="Document used twice",
    hit_zh="{kind_zh}{number}已用于较早的申请{earlier}（共{n_claims}笔申请），重复{measured:int}处，"
    "允许{lim:int}处",
    hit_en="{kind_en} {number} already stood in the earlier claim {earlier} ({n_claims} claims in "
    "all); {measured:int} numbers used again, {lim:int} allowed",
    evaluate=evaluate,
)
