"""A bureau's own kinds of service and of institution in a column of cells."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from fraud_pipeline.ingest import cells as reading
from fraud_pipeline.ingest.coded import Coded


def with_parents(cells: Coded, meanings: Mapping[str, tuple[str, str]]) -> tuple[Coded, pa.Array]:
    """The cells with the parent's code where they name an own kind; and that kind of each row.

    ``meanings``: word in small letters -> (own kind, parent code). The second is null where a row
    names none.
    """
    words = cells.words.to_pylist()
    owns = [meanings.get(reading.plain(word).lower()) for word in words]
    parents = [word if own is None else own[1] for word, own in zip(words, owns, strict=True)]
    kinds = pa.array([own and own[0] for own in owns], pa.string())
    return cells.with_words(pa.array(parents, pa.string())), kinds.take(cells.at)
