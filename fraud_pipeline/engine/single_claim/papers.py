"""Which papers of the last run share rare passages with a new one.

Every eighth passage (by its hash) of every text is kept with the number of its text, sorted: a
new text is looked up in microseconds. Passages of very many texts are customary and say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.graph.text import _shingle_hashes  # the same passages as the ties of text
from fraud_pipeline.schema import Tables

_WIDTH, _KEEP = 8, np.uint64(8)
_CUSTOMARY = 90  # texts; a passage in more is a form's
_LEAST_SHARED = (
    2  # kept passages in common below which two texts have nothing to do with each other
)
COMPARED_ALL = 1_000  # claims up to which all texts are compared, as in a run
BACKGROUND = 200  # claims that show what is customary where there are more


@dataclass(frozen=True)
class PassageIndex:
    """Hashes (m,) of kept passages, sorted, and the row of the claim that holds each."""

    hashes: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, tables: Tables) -> PassageIndex:
        texts, rows = _texts(tables)
        hashes, docs = _passages(texts)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], rows[docs[order]])

    @classmethod
    def none(cls) -> PassageIndex:
        """For so few claims that all texts are compared anyway."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.int64))

    def alike(self, tables: Tables) -> np.ndarray:
        """Rows of the claims whose papers share rare passages with these, ascending."""
        texts, _ = _texts(tables)
        hashes = np.unique(_passages(texts)[0])
        low = np.searchsorted(self.hashes, hashes, "left")
        high = np.searchsorted(self.hashes, hashes, "right")
        rare = (high > low) & (high - low <= _CUSTOMARY)
        if not rare.any():
            return np.zeros(0, np.int64)
        spans = [self.rows[a:b] for a, b in zip(low[rare], high[rare], strict=True)]
        rows, shared = np.unique(np.concatenate(spans), return_counts=True)
        return np.asarray(rows[shared >= _LEAST_SHARED])


def _texts(tables: Tables) -> tuple[list[str], np.ndarray]:
    """Every text that came with a claim, and the claim's row in the claims table."""
    claims = tables["claims"]
    every = np.arange(claims.num_rows)
    contracts, deliverables = tables["contracts"], tables["deliverables"]
    at = pc.index_in(claims["contract_id"], value_set=contracts["contract_id"].combine_chunks())
    has = pc.and_(pc.is_valid(claims["contract_id"]), pc.is_valid(at)).to_numpy()
    bound = contracts["text"].take(pc.fill_null(at, 0)) if contracts.num_rows else None
    whose = pc.index_in(deliverables["claim_id"], value_set=claims["claim_id"].combine_chunks())
    columns = [(claims["report_text"], every), (deliverables["text"], _numbers(whose))]
    if bound is not None:
        columns.append((bound.filter(pa.array(has)), every[has]))
    texts: list[str] = []
    rows: list[np.ndarray] = []
    for column, row in columns:
        is_present = np.array(pc.is_valid(column)) & (row >= 0)
        texts += ["".join(t.split()) for t in column.filter(pa.array(is_present)).to_pylist()]
        rows.append(row[is_present])
    return texts, np.concatenate(rows)


def _numbers(indices: pa.ChunkedArray) -> np.ndarray:
    numbers: np.ndarray = pc.fill_null(indices, -1).to_numpy().astype(np.int64)
    return numbers


def _passages(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), dtype="<u4")
    starts = np.concatenate([[0], np.cumsum([len(t) for t in texts])]).astype(np.int64)
    hashes, docs = _shingle_hashes(codes, starts, _WIDTH, _KEEP)
    return np.asarray(hashes), np.asarray(docs)


def text_corpus_for(
    tables: Tables, papers: PassageIndex, claim_id: str, near: Tables
) -> Tables | None:
    """The claims whose texts are compared with the claim's; None where none is similar.

    Up to ``COMPARED_ALL`` claims that is all of them; beyond, those alike and some others that show
    what is customary.
    """
    claims = tables["claims"]
    if claims.num_rows <= COMPARED_ALL:
        return tables
    one_claim = near.replaced(
        claims=near["claims"].filter(pc.equal(near["claims"]["claim_id"], claim_id))
    )
    rows = papers.alike(one_claim)
    ids = claims["claim_id"].take(pa.array(rows))
    if len(rows) == 0 or (len(rows) == 1 and ids[0].as_py() == claim_id):
        return None
    some = np.linspace(0, claims.num_rows - 1, BACKGROUND).astype(np.int64)
    compared = claims.take(pa.array(np.union1d(rows, some)))
    own = near["claims"].filter(pc.equal(near["claims"]["claim_id"], claim_id))
    if not pc.any(pc.equal(compared["claim_id"], claim_id)).as_py():
        compared = pa.concat_tables([compared, own])
    contracts, deliverables = tables["contracts"], tables["deliverables"]
    wanted = compared["contract_id"].combine_chunks().drop_null()
    return tables.replaced(
        claims=compared,
        contracts=contracts.filter(pc.is_in(contracts["contract_id"], value_set=wanted)),
        deliverables=deliverables.filter(
            pc.is_in(deliverables["claim_id"], value_set=compared["claim_id"].combine_chunks())
        ),
        **{n: tables[n].slice(0, 0) for n in ("invoices", "payments", "vouchers", "relations")},
    )
