"""Contract or report texts that are nearly the same for different firms.

The similarity is Jaccard's over character 5-grams, blanks aside. Candidates come from
one-permutation MinHash with banding (Li, Owen and Zhang 2012; Broder 1997), are then
compared exactly, so the sketch can miss a pair but never make one up. A text of more than
``text_hub_firms`` firms is a standard form and ties nobody; contracts, which are made of
customary clauses, must agree with those of ``text_contract_firms`` other firms, while one
copied report is enough.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.programmes import ngrams
from fraud_pipeline.programmes.check import Case, Check

_DOCUMENTS = """
SELECT kind, claim_id, enterprise_id, text FROM (
    SELECT 'report' AS kind, claim_id, enterprise_id, report_text AS text FROM claims
    UNION ALL
    SELECT 'contract', c.claim_id, c.enterprise_id, k.text
      FROM claims c JOIN contracts k USING (contract_id)
    UNION ALL
    SELECT 'deliverable', d.claim_id, c.enterprise_id, d.text
      FROM deliverables d JOIN claims c USING (claim_id)
) WHERE length(regexp_replace(text, '\\s', '', 'g')) >= $chars
 ORDER BY kind, claim_id, text
"""

# Firms are counted before pairing: a bucket of a standard form would pair everybody.
_CANDIDATES = """
WITH bucket AS (
    SELECT b.band, d.kind FROM bands b JOIN documents d USING (n) GROUP BY 1, 2
    HAVING count(DISTINCT d.enterprise_id) BETWEEN 2 AND $hub AND count(*) <= 4 * $hub
), kept AS (
    SELECT b.band, d.kind, d.n, d.enterprise_id FROM bands b JOIN documents d USING (n)
      SEMI JOIN bucket k ON k.band = b.band AND k.kind = d.kind
)
SELECT DISTINCT l.n AS a, r.n AS b FROM kept l JOIN kept r USING (band, kind)
 WHERE l.n < r.n AND l.enterprise_id != r.enterprise_id ORDER BY 1, 2
"""

_STATEMENT = """
WITH alike AS (
    SELECT a AS n, b AS other, similarity FROM pairs WHERE similarity >= $similarity
    UNION ALL
    SELECT b, a, similarity FROM pairs WHERE similarity >= $similarity
), counted AS (
    SELECT d.claim_id, d.kind, count(DISTINCT o.enterprise_id) AS n_firms,
           max(similarity) AS similarity, arg_max(o.claim_id, (similarity, o.claim_id)) AS nearest,
           string_agg(DISTINCT o.claim_id, '; ' ORDER BY o.claim_id) AS others
      FROM alike p JOIN documents d ON d.n = p.n JOIN documents o ON o.n = p.other
     WHERE o.claim_id != d.claim_id GROUP BY 1, 2
    HAVING d.kind != 'contract' OR n_firms >= $contract_firms
), best AS (
    SELECT claim_id, arg_max({'kind': kind, 'n': n_firms, 's': similarity, 'near': nearest,
                              'others': others}, (similarity, n_firms, kind)) AS b
      FROM counted GROUP BY claim_id
), read AS (SELECT DISTINCT claim_id FROM documents)
SELECT a.claim_id, coalesce(b.b.s, 0)::DOUBLE AS measured, $similarity AS lim,
       b.b IS NOT NULL AS hit, b.b.n AS n_firms, b.b.near AS nearest,
       CASE b.b.kind WHEN 'report' THEN '成果说明' WHEN 'contract' THEN '合同正文'
            ELSE '交付物' END AS kind_zh,
       b.b.kind AS kind_en,
       CASE WHEN b.b IS NOT NULL THEN concat(b.b.kind, ' texts of claims ', array_to_string(
            string_split(b.b.others, '; ')[:5], '; ')) END AS evidence,
       CASE WHEN r.claim_id IS NULL THEN 'no_text' END AS why
  FROM asked a LEFT JOIN best b USING (claim_id) LEFT JOIN read r USING (claim_id)
 ORDER BY a.claim_id
"""


def evaluate(case: Case) -> pa.Table:
    chars, hub = case.settings.text_min_chars, case.settings.text_hub_firms
    documents = case.query(_DOCUMENTS, {"chars": chars})
    texts = ngrams.encoded(documents["text"])
    documents = documents.drop_columns(["text"]).append_column(
        "n", pa.array(np.arange(documents.num_rows))
    )
    n, band = ngrams.bands(texts)
    candidates = case.query(
        _CANDIDATES, {"hub": hub}, documents=documents, bands=pa.table({"n": n, "band": band})
    )
    left, right = candidates["a"].to_numpy(), candidates["b"].to_numpy()
    pairs = candidates.append_column("similarity", pa.array(ngrams.similarity(texts, left, right)))
    return case.query(
        _STATEMENT,
        {
            "similarity": case.settings.text_similarity,
            "contract_firms": case.settings.text_contract_firms,
        },
        documents=documents,
        pairs=pairs,
    )


CHECK = Check(
    code="T01",
    severity="strong",
    typology="T01",
    title_zh="文本雷同",
    title_en="Text reuse",
    hit_zh="{kind_zh}与另外{n_firms}家企业的相似度达{measured:pct}（提示线{lim:pct}），最近的是申请{nearest}",
    hit_en="the {kind_en} text is {measured:pct} the same as that of {n_firms} other firms "
    "(line: {lim:pct}), nearest claim {nearest}",
    evaluate=evaluate,
)
