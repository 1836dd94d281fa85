"""Contract or report texts that are nearly the same for different firms.

Similarity is Jaccard's over character 5-grams, blanks aside. Texts are put together from
customary clauses, so two firms can have the same one by chance: how many firms would is
estimated from how often each clause occurs in the texts outside the group, and the group
must be larger than chance allows (Poisson tail up to ``text_chance_prob``). A clause seen
nowhere else counts as improbable as its length. A text of more than ``text_hub_firms``
firms is a standard form and ties nobody.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import stats

from fraud_pipeline.programmes import ngrams
from fraud_pipeline.programmes.check import Case, Check

_HOLDERS = """
WITH document AS (
    SELECT 'report' AS kind, claim_id, enterprise_id, report_text AS text FROM claims
    UNION ALL
    SELECT 'contract', c.claim_id, c.enterprise_id, k.text
      FROM claims c JOIN contracts k USING (contract_id)
    UNION ALL
    SELECT 'deliverable', d.claim_id, c.enterprise_id, d.text
      FROM deliverables d JOIN claims c USING (claim_id)
)
SELECT kind, claim_id, enterprise_id, regexp_replace(text, '\\s', '', 'g') AS text
  FROM document WHERE text IS NOT NULL AND length(text) >= $chars
 ORDER BY kind, text, claim_id
"""

_TEXTS = """
SELECT kind, text, count(DISTINCT enterprise_id) AS n_firms, count(*) AS n_documents
  FROM holders WHERE length(text) >= $chars GROUP BY kind, text ORDER BY kind, text
"""

# Per text: firms and documents of its group, and the chance that a text has all its clauses.
# A group that is not word for word the same may differ in one clause: the rarest is left out.
_GROUPS = """
WITH held AS (
    SELECT t.n, h.claim_id, h.enterprise_id FROM holders h JOIN texts t USING (kind, text)
), near AS (
    SELECT a AS n, b AS other FROM pairs UNION ALL SELECT b, a FROM pairs
), member AS (
    SELECT n, n AS other FROM texts WHERE n_firms > 1 OR n IN (SELECT n FROM near)
    UNION ALL FROM near
), grouped AS (
    SELECT m.n, count(DISTINCT h.enterprise_id) AS n_firms, count(*) AS n_documents,
           count(DISTINCT m.other) AS n_versions
      FROM member m JOIN held h ON h.n = m.other GROUP BY m.n HAVING n_firms > 1
), clause AS (
    SELECT n, kind, n_documents, unnest(list_distinct(list_filter(
               string_split_regex(text, '[。；;！？!?]'), lambda c: c != ''))) AS clause
      FROM texts
), common AS (
    SELECT kind, clause, sum(n_documents) AS n FROM clause GROUP BY 1, 2
), total AS (
    SELECT kind, sum(n_documents) AS n FROM texts GROUP BY 1
), surprise AS (
    SELECT c.n, -ln(greatest(f.n - g.n_documents, 0) / o.n + exp(-0.5 * length(c.clause))) AS s
      FROM clause c JOIN grouped g ON g.n = c.n JOIN common f USING (kind, clause)
      JOIN total o USING (kind)
)
SELECT g.n, any_value(g.n_firms) AS n_firms, any_value(o.n)::DOUBLE * exp(-greatest(
           sum(s.s) - CASE WHEN any_value(g.n_versions) > 1 THEN max(s.s) ELSE 0 END, 0)) AS chance
  FROM grouped g JOIN surprise s USING (n) JOIN texts t USING (n) JOIN total o USING (kind)
 GROUP BY g.n ORDER BY g.n
"""

_STATEMENT = """
WITH held AS MATERIALIZED (
    SELECT t.n, t.kind, h.claim_id, h.enterprise_id FROM holders h JOIN texts t USING (kind, text)
), near AS (
    SELECT a AS n, b AS other, similarity FROM pairs SEMI JOIN leads ON leads.n = pairs.a
    UNION ALL
    SELECT b, a, similarity FROM pairs SEMI JOIN leads ON leads.n = pairs.b
    UNION ALL
    SELECT n, n, 1.0 FROM leads
), mine AS MATERIALIZED (
    SELECT d.claim_id, d.enterprise_id, d.kind, d.n, r.other, r.similarity
      FROM near r JOIN held d USING (n)
), copy AS (
    SELECT d.claim_id, d.kind, d.n, max(d.similarity) AS similarity,
           count(DISTINCT o.enterprise_id) AS n_firms,
           arg_min(o.claim_id, (-d.similarity, o.claim_id)) AS nearest,
           list_sort(list(DISTINCT o.claim_id))[:5] AS others
      FROM mine d JOIN held o ON o.n = d.other AND o.enterprise_id != d.enterprise_id
     GROUP BY 1, 2, 3
), best AS (
    SELECT claim_id, arg_max({'kind': kind, 'n': n_firms, 's': similarity, 'near': nearest,
                              'others': others}, (similarity, n_firms, kind, n)) AS b
      FROM copy GROUP BY claim_id
), read AS (SELECT DISTINCT claim_id FROM held)
SELECT a.claim_id, coalesce(b.b.s, 0)::DOUBLE AS measured, $similarity AS lim,
       b.b IS NOT NULL AS hit, b.b.n AS n_firms, b.b.near AS nearest,
       CASE b.b.kind WHEN 'report' THEN '成果说明' WHEN 'contract' THEN '合同正文'
            ELSE '交付物' END AS kind_zh,
       b.b.kind AS kind_en,
       CASE WHEN b.b IS NOT NULL THEN concat(
            b.b.kind, ' texts of claims ', array_to_string(b.b.others, '; ')) END AS evidence,
       CASE WHEN r.claim_id IS NULL THEN 'no_text' END AS why
  FROM asked a LEFT JOIN best b USING (claim_id) LEFT JOIN read r USING (claim_id)
 ORDER BY a.claim_id
"""


def evaluate(case: Case) -> pa.Table:
    settings = case.settings
    least = settings.text_similarity
    holders = case.query(_HOLDERS, {"chars": settings.text_min_chars})
    texts = case.query(_TEXTS, {"chars": settings.text_min_chars}, holders=holders)
    texts = texts.append_column("n", pa.array(np.arange(texts.num_rows)))
    kinds = texts["kind"].combine_chunks().dictionary_encode().indices.to_numpy()
    left, right, share = ngrams.alike(
        ngrams.encoded(texts["text"]), kinds, least, 4 * settings.text_hub_firms
    )
    pairs = pa.table({"a": left, "b": right, "similarity": share})
    groups = case.query(_GROUPS, holders=holders, texts=texts, pairs=pairs)
    firms, chance = groups["n_firms"].to_numpy(), groups["chance"].to_numpy()
    by_chance = stats.poisson.sf(firms - 2, chance)  # as many other firms or more
    real = (by_chance <= settings.text_chance_prob) & (firms <= settings.text_hub_firms)
    return case.query(
        _STATEMENT,
        {"similarity": least},
        holders=holders,
        texts=texts,
        pairs=pairs,
        leads=groups.filter(pa.array(real)).select(["n"]),
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
