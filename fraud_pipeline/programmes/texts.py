"""The texts that came with claims, each once, and how two of them differ.

A report or contract stands with many claims; every text is kept once under a number, and
who holds it is a table of numbers. A million claims are grouped that way without sorting
or joining their texts again.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.sql import unblanked
from fraud_pipeline.programmes.rule import RuleContext
from fraud_pipeline.schema.scope import Level, Scope

# What a rule looks at that compares the texts of all claims.
CORPUS_SCOPE = Scope(
    Level.PROGRAMME,
    tables=("claims", "contracts", "deliverables"),
    long_columns=(
        "claims.report_text", "claims.service_title", "contracts.text", "deliverables.text",
    ),
    joint=True,
    texts_alike=True,
)  # fmt: skip
# A copier changes the title of the service and little else: where a report or deliverable names its
# own claim's title, a circle stands for it. Contracts keep theirs: institutions use forms, and a form
# with another title in it is no copy.
_DOCUMENTS = f"""
WITH titled AS (
    SELECT a.nth, a.claim_id, a.contract_id, c.report_text, c.service_title AS title
      FROM claims_to_judge a JOIN claims c USING (claim_id)
), document AS (
    SELECT 'report' AS kind, nth, title, report_text AS text FROM titled
    UNION ALL
    SELECT 'contract', nth, '', k.text FROM titled JOIN contracts k USING (contract_id)
    UNION ALL
    SELECT 'deliverable', nth, title, d.text FROM deliverables d JOIN titled USING (claim_id)
)
SELECT kind, nth, plain, hash(plain) AS mark FROM (
    SELECT kind, nth, {unblanked("named")} AS plain
      FROM (SELECT kind, nth, CASE WHEN length(title) >= $title THEN replace(text, title, '〇')
                   ELSE text END AS named FROM document WHERE length(text) >= $chars))
 WHERE length(plain) >= $chars
"""  # noqa: S608 - put together from constants
# Shorter texts say too little to be copied; an assumption, measured by `python -m benchmarks.flags`.
MIN_CHARS = 40
_TITLE = 4  # characters; what is shorter is an ordinary word


_KINDS = pa.array(["contract", "deliverable", "report"])


@dataclass(frozen=True)
class TextCorpus:
    """``texts``: n, kind, text (blanks aside), n_enterprises, n_documents; n counts from 0.

    ``holders``: n, kind, nth (of the claim), enterprise; one row a document.
    """

    texts: pa.Table
    holders: pa.Table


def text_corpus(context: RuleContext, min_chars: int = MIN_CHARS) -> TextCorpus:
    """The texts of at least ``min_chars`` characters that the asked claims came with."""
    documents = context.query(_DOCUMENTS, {"chars": min_chars, "title": _TITLE})
    kind = pc.index_in(documents["kind"].combine_chunks(), value_set=_KINDS).to_numpy()
    nth, plain = documents["nth"].to_numpy(), documents["plain"].combine_chunks()
    sort = _in_order(kind, nth, plain)
    kind, nth, mark = kind[sort], nth[sort], documents["mark"].to_numpy()[sort]
    first, n = _numbered(mark ^ kind.astype(np.uint64))
    again = np.flatnonzero(first[n] != np.arange(len(n)))
    if not plain.take(pa.array(sort[again])).equals(plain.take(pa.array(sort[first[n[again]]]))):
        # two texts with one hash
        code = plain.dictionary_encode().indices.to_numpy().astype(np.int64)[sort]
        first, n = _numbered(code * len(_KINDS) + kind)
    holders = _holders(context, n, kind, nth)
    texts = {
        "n": pa.array(np.arange(len(first))),
        "kind": _KINDS.take(pa.array(kind[first])),
        "text": plain.take(pa.array(sort[first])),
        **_counts(holders, len(first)),
    }
    return TextCorpus(pa.table(texts), holders)


def _in_order(kind: np.ndarray, nth: np.ndarray, plain: pa.Array) -> np.ndarray:
    """Row numbers by kind, claim, text. Few claims have two texts of a kind: only theirs are read."""
    order = np.lexsort((nth, kind))
    same = (np.diff(kind[order]) == 0) & (np.diff(nth[order]) == 0)
    several = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[several]
    theirs = pa.table({"kind": kind[rows], "nth": nth[rows], "text": plain.take(pa.array(rows))})
    by_text = pc.sort_indices(theirs, [(name, "ascending") for name in theirs.column_names])
    order[several] = rows[by_text.to_numpy()]
    return order


def _numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First place of each value, and every value's number; counted by first appearance."""
    _, first, n = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)  # so that no hash decides a number
    return first[order], np.argsort(order)[n]


def _holders(context: RuleContext, n: np.ndarray, kind: np.ndarray, nth: np.ndarray) -> pa.Table:
    enterprise = (
        context.claims_to_judge["enterprise_id"]
        .combine_chunks()
        .dictionary_encode()
        .indices.to_numpy()
    )
    order = np.full(int(pc.max(context.claims_to_judge["nth"]).as_py() or 0) + 1, -1)
    order[context.claims_to_judge["nth"].to_numpy()] = enterprise
    kinds = _KINDS.take(pa.array(kind))
    return pa.table({"n": n, "kind": kinds, "nth": nth, "enterprise": order[nth]})


def _counts(holders: pa.Table, size: int) -> dict[str, np.ndarray]:
    """How many enterprises and documents each text has."""
    n, enterprise = holders["n"].to_numpy(), holders["enterprise"].to_numpy()
    width = int(enterprise.max(initial=0)) + 1
    pair = np.sort(n * width + enterprise)  # sorting is faster than hashing
    first = np.concatenate([[True], pair[1:] != pair[:-1]])[: len(pair)]
    each = pair[first] // width
    return {
        "n_enterprises": np.bincount(each, minlength=size),
        "n_documents": np.bincount(n, minlength=size),
    }


def near_pairs(texts: pa.Table, least: float, crowd: int) -> pa.Table:
    """a, b (numbers ``n`` of texts of one kind) and their similarity >= ``least``; a stands first.

    ``crowd``: more texts with the same turn of phrase are not compared for it.
    """
    from fraud_pipeline.core.code_points import encoded  # noqa: PLC0415 - they import numba
    from fraud_pipeline.programmes import ngrams  # noqa: PLC0415

    kinds = texts["kind"].combine_chunks().dictionary_encode().indices
    left, right, share = ngrams.alike(
        encoded(texts["text"]), pc.fill_null(kinds, 0).to_numpy(), least, crowd
    )
    numbers = texts["n"].to_numpy()
    return pa.table({"a": numbers[left], "b": numbers[right], "similarity": share})


def side_by_side(left: str, right: str) -> list[tuple[str, str, str]]:
    """The passages of two texts beside each other: (same | changed, left, right), in order.

    Joined again the left sides are ``left`` and the right sides ``right``. For the page of
    one claim; pairs are found by sketches, not by this.

    >>> side_by_side("样品甲合格。", "样品乙合格。")
    [('same', '样品', '样品'), ('changed', '甲', '乙'), ('same', '合格。', '合格。')]
    """
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return [
        ("same" if tag == "equal" else "changed", left[a:b], right[c:d])
        for tag, a, b, c, d in matcher.get_opcodes()
    ]
