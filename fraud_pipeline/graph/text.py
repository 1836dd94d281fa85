"""Ties by text: passages of contracts and reports that stand in several firms' papers.

Character shingles, hashed, and joined by equal hash after a sort (the idea of Broder 1997,
with every shingle, or a hash-chosen share of them, in place of a fixed sketch). A passage
that many parties use is a template and ties nobody.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import pyarrow as pa

from fraud_pipeline.records import Tables
from fraud_pipeline.settings import GraphSettings
from fraud_pipeline.sql import query

_MIX = np.uint64(0x9E3779B97F4A7C15)

_DOCUMENTS = """
    SELECT firm, document, text, day FROM (
        SELECT enterprise_id AS firm, 'contracts ' || contract_id AS document,
               text, signed_on AS day FROM contracts
        UNION ALL
        SELECT enterprise_id, 'claims ' || claim_id, report_text, submitted_on FROM claims
    ) WHERE length(text) >= $min ORDER BY firm, document
"""

_PAIRS = """
    WITH shingle AS (
        SELECT s.hash, s.document, d.firm FROM shingles s JOIN documents d ON d.n = s.document
    ), rare AS (
        SELECT hash FROM shingle GROUP BY hash
        HAVING count(DISTINCT firm) BETWEEN 2 AND $cap AND count(*) <= 3 * $cap
    ), kept AS (SELECT * FROM shingle WHERE hash IN (SELECT hash FROM rare)
    ), sizes AS (SELECT document, count(*) AS n FROM shingles GROUP BY 1
    ), shared AS (
        SELECT l.document AS a, r.document AS b, count(*) AS n
          FROM kept l JOIN kept r ON l.hash = r.hash AND l.firm < r.firm GROUP BY 1, 2
    ), scored AS (
        SELECT a, b, shared.n / least(x.n, y.n)::DOUBLE AS overlap FROM shared
          JOIN sizes x ON x.document = a JOIN sizes y ON y.document = b
         WHERE shared.n / least(x.n, y.n)::DOUBLE >= $overlap
    )
    SELECT l.firm AS left_id, 'enterprise' AS left_kind, r.firm AS right_id,
           'enterprise' AS right_kind, 'text' AS kind, $weight * max(overlap) AS weight,
           count(*) AS n_claims, min(greatest(l.day, r.day)) AS known_on,
           printf('%.2f', max(overlap)) AS detail,
           min(l.document || ' + ' || r.document) AS source
      FROM scored JOIN documents l ON l.n = a JOIN documents r ON r.n = b
     GROUP BY 1, 2, 3, 4 ORDER BY ALL
"""


@nb.njit(cache=True)  # type: ignore[misc]
def _shingle_hashes(
    codes: np.ndarray, starts: np.ndarray, width: int, keep: np.uint64
) -> tuple[np.ndarray, np.ndarray]:
    """Hash of every window of ``width`` code points, those divisible by ``keep`` retained."""
    out_hash = np.empty(codes.size, np.uint64)
    out_doc = np.empty(codes.size, np.int64)
    n = 0
    for doc in range(starts.size - 1):
        for begin in range(starts[doc], starts[doc + 1] - width + 1):
            h = np.uint64(1469598103934665603)
            for i in range(begin, begin + width):
                h = (h ^ np.uint64(codes[i])) * np.uint64(1099511628211)
            h = (h ^ (h >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> np.uint64(32)
            if h % keep == 0:
                out_hash[n] = h
                out_doc[n] = doc
                n += 1
    return out_hash[:n], out_doc[:n]


def text_ties(tables: Tables, settings: GraphSettings) -> pa.Table:
    """Pairs of enterprises whose contracts or reports share most of a text no template explains.

    ``detail`` is the overlap in [0, 1], ``n_claims`` the pairs of documents.
    """
    documents = query(
        _DOCUMENTS,
        {"contracts": tables["contracts"], "claims": tables["claims"]},
        {"min": settings.text_min_chars},
    )
    documents = documents.append_column("n", pa.array(np.arange(documents.num_rows)))
    shingles = _shingles(documents["text"], settings)
    return query(
        _PAIRS,
        {"documents": documents.drop_columns(["text"]), "shingles": shingles},
        {
            "cap": settings.text_hub_cap,
            "overlap": settings.text_min_overlap,
            "weight": settings.text_weight,
        },
    )


def _shingles(texts: pa.ChunkedArray, settings: GraphSettings) -> pa.Table:
    strings = ["".join(t.split()) for t in texts.to_pylist()]
    lengths = np.array([len(s) for s in strings], np.int64)
    codes = np.frombuffer("".join(strings).encode("utf-32-le", "replace"), dtype="<u4")
    starts = np.concatenate([[0], np.cumsum(lengths)])
    keep = max(1, -(-codes.size // settings.text_max_shingles))
    hashes, docs = _shingle_hashes(codes, starts, settings.text_shingle_chars, np.uint64(keep))
    once = np.unique(np.rec.fromarrays([docs, hashes], names="document,hash"))
    return pa.table({"document": once["document"], "hash": once["hash"]})
