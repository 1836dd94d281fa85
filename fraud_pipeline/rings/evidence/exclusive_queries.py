"""Queries of :mod:`fraud_pipeline.rings.evidence.exclusive_values`, over node numbers."""

CARRIERS = """
    WITH pairs AS (
        SELECT t.kind, l.n AS a, r.n AS b,
               CASE t.kind WHEN 'text' THEN concat(l.n, '|', r.n)
                           WHEN 'person' THEN split_part(t.detail, ' ', 1)
                           ELSE t.detail END AS value
          FROM ties t JOIN enterprises l ON l.id = t.left_id JOIN enterprises r ON r.id = t.right_id
         WHERE t.left_kind = 'enterprise' AND t.right_kind = 'enterprise' AND t.weight > 0
           AND (t.kind = 'text' OR t.kind IN (SELECT unnest($identity)))
    ), carriers AS (
        SELECT kind, value, a AS enterprise FROM pairs
         UNION SELECT kind, value, b FROM pairs
    )
    SELECT dense_rank() OVER (ORDER BY kind, value) AS value, enterprise FROM carriers ORDER BY ALL
"""
TIED_EDGES = """
    SELECT DISTINCT CASE t.kind WHEN 'money_back' THEN 'money_back' ELSE 'related' END AS kind,
           e.enterprise, e.institution
      FROM ties t JOIN enterprises l ON l.id = t.left_id JOIN institutions r ON r.id = t.right_id
      JOIN edges e ON e.enterprise = l.n AND e.institution = r.n
     WHERE t.left_kind = 'enterprise' AND t.right_kind = 'institution' AND t.weight > 0
       AND t.kind NOT IN ('claim', 'payment', 'tenancy')
     ORDER BY ALL
"""
# Of each candidate and value that two of its dealing enterprises share: the edges of all carriers,
# those that fall on the candidate's institutions, how many would by their share of the regions'
# edges, and the carriers among the members. Edges are counted by value first: a value of a few enterprises
# with many thousand edges would else be counted again for every candidate.
SHARED = """
    WITH shared AS (
        SELECT i.candidate, c.value, count(DISTINCT i.enterprise) AS n_members
          FROM inside i JOIN carriers c USING (enterprise) GROUP BY ALL HAVING n_members > 1
    ), carried AS (
        SELECT c.value, e.institution, e.region, count(*) AS n
          FROM carriers c SEMI JOIN shared USING (value) JOIN edges e USING (enterprise) GROUP BY ALL
    ), regional AS (
        SELECT region, count(*) AS total FROM edges GROUP BY ALL
    ), held AS (
        SELECT s.candidate, e.region, count(*) / any_value(r.total) AS share
          FROM sellers s JOIN edges e USING (institution) JOIN regional r USING (region)
         GROUP BY ALL
    ), at_institution AS (
        SELECT value, institution, sum(n)::BIGINT AS n FROM carried GROUP BY ALL
    ), hits AS (
        SELECT s.candidate, s.value, sum(a.n)::BIGINT AS m
          FROM shared s JOIN sellers k USING (candidate)
          JOIN at_institution a ON a.value = s.value AND a.institution = k.institution GROUP BY ALL
    ), in_region AS (
        SELECT value, region, sum(n)::BIGINT AS n FROM carried GROUP BY ALL
    )
    SELECT s.candidate, s.value, any_value(s.n_members) AS n_members, sum(v.n)::BIGINT AS n,
           coalesce(any_value(x.m), 0) AS m,
           sum(v.n * coalesce(h.share, 0.0) ORDER BY v.region) AS expected
      FROM shared s JOIN in_region v USING (value)
      LEFT JOIN hits x ON x.candidate = s.candidate AND x.value = s.value
      LEFT JOIN held h ON h.candidate = s.candidate AND h.region = v.region
     GROUP BY s.candidate, s.value ORDER BY ALL
"""
# Of each value and institution that two of its carriers deal with: as SHARED, for that one.
STARS = """
    WITH carried AS (
        SELECT value, enterprise, institution, region FROM carriers JOIN edges USING (enterprise)
    ), regional AS (
        SELECT region, count(*) AS total FROM edges GROUP BY ALL
    ), held AS (
        SELECT institution, region, count(*) / any_value(total) AS share
          FROM edges JOIN regional USING (region) GROUP BY ALL
    ), hits AS (
        SELECT value, institution, count(*) AS m FROM carried GROUP BY ALL HAVING m > 1
    ), volume AS (
        SELECT value, region, count(*) AS n FROM carried GROUP BY ALL
    )
    SELECT h.value, h.institution, any_value(h.m) AS m, sum(v.n)::BIGINT AS n,
           sum(v.n * coalesce(d.share, 0.0) ORDER BY v.region) AS expected
      FROM hits h JOIN volume v USING (value)
      LEFT JOIN held d ON d.institution = h.institution AND d.region = v.region
     GROUP BY ALL ORDER BY ALL
"""
CLIENTS = """
    SELECT DISTINCT x.institution, c.enterprise FROM exclusive x JOIN carriers c USING (value)
      JOIN edges e ON e.enterprise = c.enterprise AND e.institution = x.institution
     ORDER BY ALL
"""
# Whoever deals with one of a set's several institutions, other than by an exclusive value: how many
# of its further edges stay among them. In a town or a sector that share is near one.
LOYAL = """
    WITH several AS (
        SELECT candidate FROM sellers GROUP BY ALL HAVING count(*) > 1
    ), wanted AS (
        SELECT DISTINCT candidate FROM exclusive SEMI JOIN several USING (candidate)
    ), carrying AS (
        SELECT DISTINCT x.candidate, c.enterprise FROM exclusive x JOIN carriers c USING (value)
    ), clients AS (
        SELECT s.candidate, e.enterprise, count(*) AS m
          FROM sellers s SEMI JOIN wanted USING (candidate) JOIN edges e USING (institution)
         GROUP BY ALL
    ), volume AS (
        SELECT enterprise, count(*) AS n FROM edges GROUP BY ALL
    )
    SELECT candidate, sum(m - 1)::BIGINT AS inside, sum(n - 1)::BIGINT AS further
      FROM clients JOIN volume USING (enterprise) ANTI JOIN carrying USING (candidate, enterprise)
     GROUP BY ALL ORDER BY ALL
"""
COVER = """
    SELECT e.candidate, count(DISTINCT i.enterprise) AS covered
      FROM exclusive e JOIN carriers c USING (value)
      JOIN inside i ON i.candidate = e.candidate AND i.enterprise = c.enterprise
     GROUP BY ALL ORDER BY ALL
"""
# Of each candidate and kind of tied edges: those inside, all of its institutions, and all their edges.
DIRECT = """
    WITH hits AS (
        SELECT i.candidate, t.kind, count(*) AS hits FROM inside i
          JOIN tied_edges t ON t.enterprise = i.enterprise AND t.institution = i.institution
         GROUP BY ALL
    ), volume AS (
        SELECT institution, count(*) AS n FROM edges GROUP BY ALL
    ), tied AS (
        SELECT institution, kind, count(*) AS n FROM tied_edges GROUP BY ALL
    )
    SELECT h.candidate, h.kind, any_value(h.hits) AS hits,
           coalesce(sum(t.n), 0)::BIGINT AS at_all, sum(v.n)::BIGINT AS clients
      FROM hits h JOIN sellers s USING (candidate) JOIN volume v USING (institution)
      LEFT JOIN tied t ON t.institution = s.institution AND t.kind = h.kind
     GROUP BY ALL ORDER BY ALL
"""
