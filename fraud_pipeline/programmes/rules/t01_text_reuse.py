"""Contract or report texts that are nearly the same for different enterprises.

Similarity is Jaccard's over character 5-grams, blanks aside. Texts are put together from
customary clauses, so two enterprises can have the same one by chance: how many enterprises would is
estimated from how often each clause occurs in the texts outside the group, and the group
must be larger than chance allows (Poisson tail up to ``_CHANCE``). A clause seen
nowhere else counts as improbable as its length. A text of more than ``text_template_enterprises``
enterprises is a standard form and ties nobody.

The evidence names the claims and the passages in which the two texts differ;
:func:`fraud_pipeline.programmes.texts.side_by_side` lays them out whole.
"""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.texts import CORPUS_SCOPE, near_pairs, text_corpus
from fraud_pipeline.vocabulary.typologies import FLAG_TITLES

# Highest probability that customary clauses alone make as many equal texts; an assumption, whose
# false alarms `python -m benchmarks.flags` counts.
_MAX_CHANCE_PROBABILITY = 0.001

# Per text: enterprises of its group, and how many texts would have all its clauses by custom alone.
# Of a group that is not word for word the same only clauses that most versions have count: a
# title changed in a copy says nothing, the invented figure that stayed says all.
_GROUPS = """
WITH near AS (
    SELECT a AS n, b AS other FROM pairs UNION ALL SELECT b, a FROM pairs
), member AS (
    SELECT n, n AS other FROM texts WHERE n_enterprises > 1 OR n IN (SELECT n FROM near)
    UNION ALL FROM near
), grouped AS (
    SELECT m.n, count(DISTINCT h.enterprise) AS n_enterprises, count(*) AS n_documents,
           count(DISTINCT m.other) AS n_versions
      FROM member m JOIN holders h ON h.n = m.other GROUP BY m.n HAVING n_enterprises > 1
), clause AS (
    SELECT n, kind, n_documents, hash(clause) AS clause, length(clause) AS size FROM (
      SELECT n, kind, n_documents, unnest(list_distinct(list_filter(
               string_split(translate(text, '；;！？!?', '。。。。。。'), '。'), lambda c: c != ''))) AS clause
        FROM texts)
), common AS (
    SELECT kind, clause, sum(n_documents) AS n FROM clause GROUP BY 1, 2
), total AS (
    SELECT kind, sum(n_documents) AS n FROM texts GROUP BY 1
), kept AS (
    SELECT m.n, c.clause FROM member m JOIN clause c ON c.n = m.other JOIN grouped g ON g.n = m.n
     GROUP BY 1, 2 HAVING 2 * count(DISTINCT m.other) > any_value(g.n_versions)
), rarity AS (
    SELECT c.n, -ln(greatest(f.n - g.n_documents, 0) / o.n + exp(-0.5 * c.size)) AS s
      FROM clause c JOIN grouped g ON g.n = c.n JOIN kept k ON k.n = c.n AND k.clause = c.clause
      JOIN common f ON f.kind = c.kind AND f.clause = c.clause JOIN total o ON o.kind = c.kind
)
SELECT g.n, any_value(g.n_enterprises) AS n_enterprises,
       any_value(o.n)::DOUBLE * exp(-greatest(sum(s.s), 0)) AS expected
  FROM grouped g JOIN rarity s USING (n) JOIN texts t USING (n) JOIN total o USING (kind)
 GROUP BY g.n ORDER BY g.n
"""

_STATEMENT = """
WITH near AS (
    SELECT a AS n, b AS other, similarity FROM pairs SEMI JOIN leads ON leads.n = pairs.a
    UNION ALL
    SELECT b, a, similarity FROM pairs SEMI JOIN leads ON leads.n = pairs.b
    UNION ALL
    SELECT n, n, 1.0 FROM leads
), shared AS MATERIALIZED (
    SELECT h.nth, h.enterprise, h.kind, h.n, r.other, r.similarity FROM near r JOIN holders h USING (n)
), copy AS (
    SELECT d.nth, d.kind, d.n, max(d.similarity) AS similarity,
           count(DISTINCT o.enterprise) AS n_enterprises,
           arg_min({'nth': o.nth, 'n': o.n}, (-d.similarity, o.nth)) AS nearest,
           list_sort(list(DISTINCT o.nth))[:5] AS others
      FROM shared d JOIN holders o ON o.n = d.other AND o.enterprise != d.enterprise
     GROUP BY 1, 2, 3
), best AS (
    SELECT nth, arg_max({'kind': kind, 'n': n_enterprises, 's': similarity, 'near': nearest, 'own': n,
                         'others': others}, (similarity, n_enterprises, kind, n)) AS b
      FROM copy GROUP BY nth
), lead AS (
    SELECT b.nth, any_value(b.b) AS b, string_agg(a.claim_id, '; ' ORDER BY a.claim_id) AS others
      FROM (SELECT nth, b, unnest(b.others) AS other FROM best) b JOIN claims_to_judge a ON a.nth = b.other
     GROUP BY b.nth
), compared AS (
    SELECT l.*, a.claim_id AS nearest, x.text AS here, y.text AS there,
           string_split(translate(here, '，,；;！？!?', '。。。。。。。'), '。') AS here_parts,
           string_split(translate(there, '，,；;！？!?', '。。。。。。。'), '。') AS there_parts,
           list_filter(here_parts, lambda c: NOT list_contains(there_parts, c)) AS only_here,
           list_filter(there_parts, lambda c: NOT list_contains(here_parts, c)) AS only_there
      FROM lead l JOIN claims_to_judge a ON a.nth = l.b.near.nth JOIN texts x ON x.n = l.b.own
      JOIN texts y ON y.n = l.b.near.n
), read AS (SELECT DISTINCT nth FROM holders)
SELECT a.claim_id, coalesce(b.b.s, 0)::DOUBLE AS measured, $similarity AS lim,
       b.b IS NOT NULL AS hit, b.b.n AS n_enterprises, b.nearest,
       CASE b.b.kind WHEN 'report' THEN '成果说明' WHEN 'contract' THEN '合同正文'
            ELSE '交付物' END AS kind_zh,
       b.b.kind AS kind_en,
       CASE WHEN b.b IS NOT NULL THEN concat(b.b.kind, ' texts of claims ', b.others, CASE
            WHEN b.here = b.there THEN ' | word for word' ELSE concat(
            ' | here: ', left(array_to_string(b.only_here, ' … '), 60),
            ' | there: ', left(array_to_string(b.only_there, ' … '), 60)) END) END AS evidence,
       CASE WHEN r.nth IS NULL THEN 'no_text' END AS why
  FROM claims_to_judge a LEFT JOIN compared b USING (nth) LEFT JOIN read r USING (nth)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    from scipy import stats  # noqa: PLC0415 - slow to import, and every command imports the rules

    settings = context.settings
    corpus = text_corpus(context)
    pairs = near_pairs(
        corpus.texts, settings.text_similarity, 4 * settings.text_template_enterprises
    )
    tables = {"holders": corpus.holders, "texts": corpus.texts, "pairs": pairs}
    groups = context.query(_GROUPS, **tables)
    n, expected = groups["n_enterprises"].to_numpy(), groups["expected"].to_numpy()
    by_chance = stats.poisson.sf(n - 2, expected)  # as many other enterprises or more
    real = (by_chance <= _MAX_CHANCE_PROBABILITY) & (n <= settings.text_template_enterprises)
    leads = groups.filter(pa.array(real)).select(["n"])
    return context.query(
        _STATEMENT, {"similarity": settings.text_similarity}, leads=leads, **tables
    )


RULE = Rule(
    code="T01",
    severity="strong",
    typology="T01",
    title_zh=FLAG_TITLES["T01"].zh,
    title_en=FLAG_TITLES["T01"].en,
    hit_zh="{kind_zh}与另外{n_enterprises}家企业的相似度达{measured:pct}（预警阈值{lim:pct}），最近的是申请{nearest}",
    hit_en="the {kind_en} text is {measured:pct} the same as that of {n_enterprises} other enterprises "
    "(line: {lim:pct}), nearest claim {nearest}",
    scope=CORPUS_SCOPE,
    feature=True,
    evaluate=evaluate,
    long=True,
)
