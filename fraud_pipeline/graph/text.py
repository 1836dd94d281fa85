"""Ties by text: passages of contracts and reports that stand in several enterprises' papers.

Character shingles, hashed, and joined by equal hash after a sort (the idea of Broder 1997,
with every shingle, or a hash-chosen share of them, in place of a fixed sketch). A passage
that many parties use is a template and ties nobody.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.code_points import encoded
from fraud_pipeline.core.sql import query
from fraud_pipeline.graph import parameters
from fraud_pipeline.schema import Tables

_DOCUMENTS = """
    SELECT enterprise, document, text, day FROM (
        SELECT enterprise_id AS enterprise, 'contracts ' || contract_id AS document,
               text, signed_on AS day FROM contracts
        UNION ALL
        SELECT enterprise_id, 'claims ' || claim_id, report_text, submitted_on FROM claims
    ) WHERE length(text) >= $min ORDER BY enterprise, document
"""

_PAIRS = """
    WITH shared AS (
        SELECT l.document AS a, r.document AS b, count(*) AS n
          FROM shingles l JOIN shingles r ON l.passage = r.passage AND l.enterprise < r.enterprise
         GROUP BY 1, 2
    ), scored AS (
        SELECT a, b, n / greatest(x.own, y.own)::DOUBLE AS overlap FROM shared
          JOIN documents x ON x.n_doc = a JOIN documents y ON y.n_doc = b
         WHERE least(x.own, y.own) >= $least AND n / greatest(x.own, y.own)::DOUBLE >= $overlap
    )
    SELECT l.enterprise AS left_id, 'enterprise' AS left_kind, r.enterprise AS right_id,
           'enterprise' AS right_kind, 'text' AS kind, $weight * max(overlap) AS weight,
           count(*) AS n_claims, min(greatest(l.day, r.day)) AS known_on,
           printf('%.2f', max(overlap)) AS detail,
           min(l.document || ' + ' || r.document) AS source
      FROM scored JOIN documents l ON l.n_doc = a JOIN documents r ON r.n_doc = b
     GROUP BY 1, 2, 3, 4 ORDER BY ALL
"""


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


def text_ties(tables: Tables) -> pa.Table:
    """Pairs of enterprises whose papers share most of what no template explains.

    ``detail`` is the overlap in [0, 1]: shared passages by the passages of the fuller paper
    that at most ``TEXT_HUB_CAP`` enterprises use; ``n_claims`` counts pairs of papers.
    """
    documents = query(
        _DOCUMENTS,
        {"contracts": tables["contracts"], "claims": tables["claims"]},
        {"min": parameters.TEXT_MIN_CHARS},
    )
    n = documents.num_rows
    enterprise_codes = (
        documents["enterprise"].combine_chunks().dictionary_encode().indices.to_numpy()
    )
    shingles, own = _telling(documents["text"], enterprise_codes.astype(np.int64))
    documents = documents.drop_columns(["text"])
    documents = documents.append_column("n_doc", pa.array(np.arange(n)))
    documents = documents.append_column("own", pa.array(own))
    return query(
        _PAIRS,
        {"documents": documents, "shingles": shingles},
        {
            "overlap": parameters.TEXT_MIN_OVERLAP,
            "least": parameters.TEXT_MIN_PASSAGES,
            "weight": parameters.TEXT_WEIGHT,
        },
    )


def _telling(texts: pa.ChunkedArray, enterprise_codes: np.ndarray) -> tuple[pa.Table, np.ndarray]:
    """Passages in papers of two to ``TEXT_HUB_CAP`` enterprises, and each paper's count of its own.

    Documents come sorted by enterprise, so among equal hashes a new enterprise is a change of enterprise.
    """
    bare = pc.binary_join(pc.utf8_split_whitespace(texts.combine_chunks()), "")
    papers = encoded(pa.chunked_array([bare]))
    codes, starts = papers.codes, papers.starts
    keep = max(1, -(-codes.size // parameters.TEXT_MAX_SHINGLES))
    hashes, docs = _shingle_hashes(codes, starts, parameters.TEXT_SHINGLE_CHARS, np.uint64(keep))
    order = np.argsort(hashes, kind="stable")
    hub_cap = parameters.TEXT_HUB_CAP
    own, passage, document = _rare(
        hashes[order], docs[order], enterprise_codes, hub_cap, len(texts)
    )
    shared = {"passage": passage, "document": document, "enterprise": enterprise_codes[document]}
    return pa.table(shared), own


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _rare(
    hashes: np.ndarray, docs: np.ndarray, enterprise_codes: np.ndarray, hub_cap: int, n_docs: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rare passages: how many each paper has, and (passage, paper) of those in several enterprises' papers.

    Sorted by hash, then paper; papers are sorted by enterprise. Rare: in papers of at most ``hub_cap``
    enterprises and in at most three times as many papers.
    """
    own = np.zeros(n_docs, np.int64)
    passage, document = np.empty(docs.size, np.int64), np.empty(docs.size, np.int64)
    size, begin = 0, 0
    while begin < hashes.size:
        end, n_docs_in, n_enterprises_in = begin, 0, 0
        while end < hashes.size and hashes[end] == hashes[begin]:
            if end == begin or docs[end] != docs[end - 1]:
                n_docs_in += 1
                n_enterprises_in += (
                    end == begin or enterprise_codes[docs[end]] != enterprise_codes[docs[end - 1]]
                )
            end += 1
        if n_enterprises_in <= hub_cap and n_docs_in <= 3 * hub_cap:
            for at in range(begin, end):
                if at == begin or docs[at] != docs[at - 1]:
                    own[docs[at]] += 1
                    if n_enterprises_in >= 2:
                        passage[size], document[size] = begin, docs[at]
                        size += 1
        begin = end
    return own, passage[:size].copy(), document[:size].copy()
