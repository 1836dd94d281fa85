"""Document numbers as a person reads them: what is the same number, what is nearly the same.

Numbers are retyped from paper, so the same one comes with other separators, a prefix, a
letter for a digit or without its leading zeros; that is folded away (:func:`folded`). A number
with one character exchanged, or two neighbours changed round, is nearly the same. But an
honest institution counts on: its next number differs in one digit too. So nearly the same says
something only together with further agreement (:data:`NEAR`, ``agreed``), and not where the
number is where the institution's own counting would have it.
"""

from __future__ import annotations

from fraud_pipeline.programmes.standing import STANDS

# Letters of other alphabets and full-width signs that look like ours on paper.
_LOOKS = "ОІХАВЕКМНРСТΟΙΧ０１２３４５６７８９"
_LIKE = "OIXABEKMHPCTOIX0123456789"


def plain(column: str) -> str:
    """SQL: the number in capitals and digits only, as it is shown."""
    odd = f"translate(upper({column}), '{_LOOKS}', '{_LIKE}')"  # rare, and slow
    ours = f"CASE WHEN regexp_matches({column}, '[^ -~]') THEN {odd} ELSE upper({column}) END"
    return f"regexp_replace({ours}, '[^0-9A-Z]', '', 'g')"


def folded(column: str) -> str:
    """SQL: one spelling for all that are read alike: no ZL, CN or No. before digits, O as 0,
    I and L as 1. ``column`` is in :func:`plain` spelling already.
    """
    bare = f"regexp_replace({column}, '^(?:ZL|CN|NO)([0-9OIL]{{6,}}X?)$', '\\1')"
    alike = f"translate({bare}, 'OIL', '011')"
    return (
        f"CASE WHEN regexp_matches({column}, '^(?:ZL|CN|NO)|[OIL]') THEN {alike} ELSE {column} END"
    )


# Needs `claims`, `invoices`, `deliverables`, `contracts`, $chars, $text_chars and $unpaid. Gives `docs`, one row
# a number of a claim:
#   id, claim_id, submitted_on, work (contract, or the claim itself), kind, shown, whole (all that
#   makes it unique), mark (its hash), key (folded), code (of an invoice), institution (who counts), enterprise, amount,
#   written_on, text (hash of a long text, or null), contract_amount (of the claim)
# A register numbers patents and the like; whoever files them does not count them.
_REGISTERED = "('patent_application', 'trademark', 'certificate', 'copyright')"
DOCS = f"""
known AS MATERIALIZED (
    SELECT claim_id, submitted_on, enterprise_id, institution_id, contract_id, contract_amount,
           coalesce(contract_id, 'claim ' || claim_id) AS work,
           CASE WHEN length(report_text) >= $text_chars THEN md5_number_lower(report_text) END AS text,
           {STANDS} AS stands, hash(enterprise_id, institution_id, service_type, contract_amount) AS filing
      FROM claims
), written AS (
    SELECT k.claim_id, 'invoice' AS kind, concat(i.invoice_no, '/', coalesce(i.invoice_code,
             i.seller_id)) AS shown, {plain("i.invoice_no")} AS number,
           nullif(ltrim({plain("i.invoice_code")}, '0'), '') AS code,
           coalesce(i.seller_id, k.institution_id) AS institution, i.seller_id,
           coalesce(i.buyer_id, k.enterprise_id) AS enterprise, i.amount, i.issued_on AS written_on,
           NULL::UBIGINT AS text, k.submitted_on, k.work, k.contract_id, k.contract_amount
      FROM invoices i JOIN known k ON k.contract_id = i.contract_id
    UNION ALL
    SELECT k.claim_id, 'reference', {plain("d.reference_no")} AS number, number, NULL,
           CASE WHEN d.kind IN {_REGISTERED} THEN concat('register of ', d.kind)
                ELSE k.institution_id END, NULL, k.enterprise_id, k.contract_amount, d.issued_on,
           CASE WHEN length(d.text) >= $text_chars THEN md5_number_lower(d.text) ELSE k.text END,
           k.submitted_on, k.work, k.contract_id, k.contract_amount
      FROM deliverables d JOIN known k USING (claim_id) WHERE length(d.reference_no) >= $chars
    UNION ALL
    SELECT k.claim_id, 'registration', {plain("x.registration_no")} AS number, number, NULL, x.institution_id,
           NULL, x.enterprise_id, x.amount, x.signed_on, NULL,
           k.submitted_on, k.work, k.contract_id, k.contract_amount
      FROM contracts x JOIN known k ON k.contract_id = x.contract_id
     WHERE length(x.registration_no) >= $chars
    UNION ALL
    SELECT k.claim_id, 'contract', x.contract_id, {plain("x.contract_id")}, NULL, x.institution_id,
           NULL, x.enterprise_id, x.amount, x.signed_on, NULL,
           k.submitted_on, k.work, k.contract_id, k.contract_amount
      FROM contracts x JOIN known k ON k.contract_id = x.contract_id
     WHERE length(x.contract_id) >= $chars
), spelt AS (  -- Excel drops leading zeros; a patent number is cited with and without its check digit
    SELECT *, CASE
             WHEN kind = 'invoice' AND length(number) < 8 THEN lpad({folded("number")}, 8, '0')
             WHEN institution = 'register of patent_application'
               THEN regexp_replace({folded("number")}, '^([0-9]{{12}})[0-9X]$', '\\1')
             ELSE {folded("number")} END AS key
      FROM written WHERE kind != 'invoice' OR length(number) >= $chars - 2
), docs AS MATERIALIZED (
    SELECT row_number() OVER () AS id, claim_id, submitted_on, work, kind, shown,
           CASE kind WHEN 'contract' THEN contract_id WHEN 'invoice' THEN CASE
             WHEN length(key) = 20 THEN key  -- electronic: one series for the whole country
             ELSE concat(key, '/', coalesce(code, seller_id)) END
             ELSE key END AS whole, hash(kind, whole) AS mark,
           key, code, institution, enterprise, amount, written_on, text, contract_amount
      FROM spelt WHERE kind != 'invoice' OR code IS NOT NULL OR seller_id IS NOT NULL
        OR length(key) = 20
)
"""  # noqa: S608 - put together from the constants above

# Needs `docs` and $tail, $slack, $least, $share. Gives `near`: claim_id, kind, shown, earlier (claim), other
# (its number), agreed_zh, agreed_en.
# A key is looked up under each of its masks: one character blanked, or two neighbours put in
# order. That is linear in the number of documents, however many one enterprise has at one price.
NEAR = """
agreeing AS (
    SELECT id, hash(work) AS work, mark, unnest([
             CASE WHEN enterprise IS NOT NULL THEN hash(1, kind, institution, enterprise, amount) END,
             CASE WHEN enterprise IS NOT NULL AND written_on IS NOT NULL
                  THEN hash(2, kind, enterprise, amount, written_on) END,
             CASE WHEN kind IN ('invoice', 'reference') AND written_on IS NOT NULL
                  THEN hash(3, kind, institution, amount, written_on) END,
             CASE WHEN text IS NOT NULL AND enterprise IS NOT NULL
                  THEN hash(4, kind, institution, enterprise, text) END]) AS block
      FROM docs WHERE institution IS NOT NULL AND amount IS NOT NULL
), block AS (
    SELECT block FROM agreeing WHERE block IS NOT NULL
     GROUP BY block HAVING min(work) != max(work) AND min(mark) != max(mark)
), masked AS MATERIALIZED (
    SELECT id, d.mark, unnest(list_concat(
             list_transform(range(1, length(key) + 1),
               lambda i: hash(block, i, key[:i - 1], key[i + 1:])),
             list_transform(list_filter(range(1, length(key)), lambda i: key[i] != key[i + 1]),
               lambda i: hash(block, -i, key[:i - 1], least(key[i], key[i + 1]),
                              greatest(key[i], key[i + 1]), key[i + 2:])))) AS mask
      FROM agreeing JOIN block USING (block) JOIN docs d USING (id)
), met AS (
    SELECT mask FROM masked GROUP BY mask HAVING min(mark) != max(mark)
), first_seen AS (
    SELECT m.mask, m.mark, arg_min(m.id, (d.submitted_on, d.claim_id, d.id)) AS id
      FROM masked m SEMI JOIN met USING (mask) JOIN docs d USING (id) GROUP BY ALL
), pair AS MATERIALIZED (
    SELECT DISTINCT x.id, y.id AS other
      FROM masked m JOIN first_seen f ON f.mask = m.mask AND f.mark != m.mark
      JOIN docs x ON x.id = m.id JOIN docs y ON y.id = f.id
     WHERE x.work != y.work AND (y.submitted_on, y.claim_id) < (x.submitted_on, x.claim_id)
       AND CASE WHEN x.key = y.key THEN x.kind != 'invoice' OR (x.code IS NULL) != (y.code IS NULL)
                ELSE left(x.key, -$tail) != left(y.key, -$tail)
                 AND coalesce(x.code = y.code, true) END
), counted AS (
    SELECT id, kind, institution, length(key) AS size, written_on, work,
           lag(written_on, 1) OVER w AS before, lag(work, 1) OVER w AS work_before,
           lag(written_on, 2) OVER w AS before_that,
           lead(written_on, 1) OVER w AS after, lead(work, 1) OVER w AS work_after,
           lead(written_on, 2) OVER w AS after_that
      FROM docs WHERE hash(kind, institution, length(key)) IN (
        SELECT hash(kind, institution, length(key)) FROM docs SEMI JOIN pair USING (id))
    WINDOW w AS (PARTITION BY kind, institution, length(key)
                 ORDER BY key, written_on, claim_id, work)
), counts_on AS (  -- institutions whose numbers rise with time
    SELECT kind, institution, size FROM counted WHERE before IS NOT NULL GROUP BY ALL
    HAVING count(*) >= $least AND avg((before <= written_on + $slack)::INT) >= $share
), near AS (
    SELECT x.claim_id, x.kind, x.shown, y.claim_id AS earlier, y.shown AS other,
           concat_ws('、', CASE WHEN x.institution = y.institution THEN '机构' END,
             CASE WHEN x.enterprise = y.enterprise THEN '企业' END, CASE WHEN x.amount = y.amount THEN '金额' END,
             CASE WHEN x.written_on = y.written_on THEN '日期' END,
             CASE WHEN x.text = y.text THEN '文字' END) AS agreed_zh,
           concat_ws(', ', CASE WHEN x.institution = y.institution THEN 'institution' END,
             CASE WHEN x.enterprise = y.enterprise THEN 'enterprise' END,
             CASE WHEN x.amount = y.amount THEN 'amount' END,
             CASE WHEN x.written_on = y.written_on THEN 'date' END,
             CASE WHEN x.text = y.text THEN 'text' END) AS agreed_en
      FROM pair p JOIN docs x ON x.id = p.id JOIN docs y ON y.id = p.other
      LEFT JOIN counted c ON c.id = p.id
      LEFT JOIN counts_on o ON o.kind = c.kind AND o.institution = c.institution AND o.size = c.size
     WHERE x.key = y.key OR o.institution IS NULL OR x.written_on IS NULL OR NOT (
             coalesce(CASE WHEN c.work_before = y.work THEN c.before_that ELSE c.before END
                        <= x.written_on + $slack, true)
             AND coalesce(CASE WHEN c.work_after = y.work THEN c.after_that ELSE c.after END
                            >= x.written_on - $slack, true))
)
"""
