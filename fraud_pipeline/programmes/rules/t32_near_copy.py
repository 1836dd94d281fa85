"""A report of which most passages stand in the report of another enterprise's claim.

T01 finds texts that are nearly the same; a copier who rewrites sentences stays below it. Similarity is
Jaccard's over character 5-grams, blanks and the claim's own title aside, and only reports
and deliverables are compared: contracts are forms. Weak and without a feature of its own, because short reports of one laboratory on one kind of
test resemble one another honestly; so do an enterprise's own, which are not compared.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.programmes.rule import Rule, RuleContext
from fraud_pipeline.programmes.texts import CORPUS_SCOPE, near_pairs, text_corpus

# What resembles a text of more enterprises than a form has is a form itself, whoever else holds it: its
# holders are not paired, for their pairs would grow with the square of their number.
_STATEMENT = """
WITH near_any AS (
    SELECT a AS n, b AS other, similarity FROM pairs UNION ALL SELECT b, a, similarity FROM pairs
    UNION ALL SELECT n, n, 1.0 FROM texts WHERE n_enterprises > 1
), form AS (
    SELECT r.n, max(r.similarity) AS similarity FROM near_any r JOIN texts t ON t.n = r.other
     GROUP BY r.n HAVING max(t.n_enterprises) > $template + 1
), near AS (
    SELECT * FROM near_any ANTI JOIN form USING (n)
), resembling AS (
    SELECT h.nth, max(f.similarity) AS similarity FROM form f JOIN holders h USING (n) GROUP BY h.nth
), copy AS (
    SELECT h.nth, max(r.similarity) AS similarity, count(DISTINCT o.nth) AS n_claims,
           count(DISTINCT o.enterprise) AS n_enterprises,
           arg_min(o.nth, (-r.similarity, o.nth)) AS nearest
      FROM near r JOIN holders h USING (n) JOIN holders o ON o.n = r.other AND o.enterprise != h.enterprise
     GROUP BY h.nth
), answered AS (
    SELECT c.*, a.claim_id AS other FROM copy c JOIN claims_to_judge a ON a.nth = c.nearest
), read AS (SELECT DISTINCT nth FROM holders)
SELECT a.claim_id, coalesce(c.similarity, f.similarity, 0)::DOUBLE AS measured, $least AS lim,
       c.nth IS NOT NULL AND c.n_enterprises <= $template AS hit, c.n_claims, c.other,
       CASE WHEN c.nth IS NOT NULL THEN concat('claims ', c.other) END AS evidence,
       CASE WHEN r.nth IS NULL THEN 'no_text' END AS why
  FROM claims_to_judge a LEFT JOIN answered c USING (nth) LEFT JOIN resembling f USING (nth)
  LEFT JOIN read r USING (nth)
 ORDER BY a.nth
"""


def evaluate(context: RuleContext) -> pa.Table:
    least, template = (
        context.settings.near_text_similarity,
        context.settings.text_template_enterprises,
    )
    corpus = text_corpus(context)
    no_form = pc.not_equal(corpus.texts["kind"], "contract")
    texts = corpus.texts.filter(no_form)
    tables = {
        "texts": texts, "pairs": near_pairs(texts, least, 4 * template),
        "holders": corpus.holders.filter(pc.not_equal(corpus.holders["kind"], "contract")),
    }  # fmt: skip
    return context.query(_STATEMENT, {"least": least, "template": template}, **tables)


RULE = Rule(
    code="T32",
    severity="info",
    typology="T10",
    title_zh="成果说明与他企大段相同",
    title_en="Report modelled on another",
    hit_zh="成果说明或交付物与其他企业{n_claims:int}笔申请的大段相同，相似度{measured:pct}（预警阈值{lim:pct}），最近的是申请{other}",
    hit_en="report or deliverable shares most passages with those of {n_claims:int} claims of other enterprises: "
    "{measured:pct} (line: {lim:pct}), nearest claim {other}",
    scope=CORPUS_SCOPE,
    evaluate=evaluate,
    long=True,
)
